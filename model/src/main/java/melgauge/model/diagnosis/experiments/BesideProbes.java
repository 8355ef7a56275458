package melgauge.model.diagnosis.experiments;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.score;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import melgauge.model.diagnosis.measure.Signal;
import melgauge.model.scores.TargetScores;

/**
 * Is there signal that the network missed? Its scores on held-out tracks beside the probes, which need no network.
 *
 * @param known whether there were tracks and groups enough to probe
 * @param targets in their order
 */
record BesideProbes(boolean known, List<OfTarget> targets) {
    /** By so much r must be higher to count. */
    private static final double CLEARLY = 0.1;

    BesideProbes {
        targets = List.copyOf(targets);
    }

    /**
     * One target.
     *
     * @param linear of ridge regression on the mean and deviation of each band, cross-validated over all tracks
     * @param kernel of kernel ridge regression
     * @param beyondChance whether one of them is better than with labels dealt at random
     * @param networkR Pearson's correlation of the network on held-out tracks
     * @param networkR2 its R²
     */
    record OfTarget(
            String target,
            Signal.Strength linear,
            Signal.Strength kernel,
            boolean beyondChance,
            double networkR,
            double networkR2) {
        boolean missed() {
            double best = Math.max(linear.r(), kernel.r());
            return beyondChance && !(networkR >= best - CLEARLY);
        }
    }

    static BesideProbes of(Subject subject) {
        Signal signal = subject.measurements().signal();
        List<OfTarget> targets = new ArrayList<>();
        for (Signal.OfTarget probed : signal.targets()) {
            TargetScores scores =
                    Objects.requireNonNull(subject.scores().targets().get(probed.target()));
            targets.add(new OfTarget(
                    probed.target(),
                    probed.linear(),
                    probed.kernel(),
                    probed.linear().beyondChance() || probed.kernel().beyondChance(),
                    scores.pearson(),
                    scores.r2()));
        }
        return new BesideProbes(signal.known(), targets);
    }

    /** Targets that simple regression predicts clearly better than the network does. */
    List<String> missed() {
        return targets.stream().filter(OfTarget::missed).map(OfTarget::target).toList();
    }

    /** Whether there is anything to learn that is beyond chance. */
    boolean anySignal() {
        return targets.stream().anyMatch(OfTarget::beyondChance);
    }

    Experiment inWords() {
        String numbers = targets.stream()
                .filter(target -> target.linear().known())
                .map(target -> format(
                        "%s %s and %s (network %s)",
                        target.target(),
                        score(target.linear().r()),
                        score(target.kernel().r()),
                        score(target.networkR())))
                .collect(Collectors.joining(", "));
        return Experiments.told(
                Experiments.PROBES,
                "Is there signal that the network missed?",
                !known
                        ? "There are too few labelled tracks or groups to tell: 20 tracks of two groups are needed."
                        : format(
                                        "From each band's mean and deviation alone, ridge and kernel ridge regression reach in"
                                                + " cross-validation these correlations: %s. ",
                                        numbers)
                                + (!anySignal()
                                        ? "None is better than with labels dealt at random: in the average spectrum there"
                                                + " is nothing to learn, and if there is nothing elsewhere either, no"
                                                + " network will find any."
                                        : missed().isEmpty()
                                                ? "The network is as good: it has not missed what is plainly there."
                                                : "The network has missed signal that is plainly there in "
                                                        + String.join(", ", missed()) + "."),
                this);
    }
}
