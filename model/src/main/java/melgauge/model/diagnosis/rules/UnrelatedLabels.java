package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import melgauge.data.Words;
import melgauge.model.diagnosis.measure.Signal;
import melgauge.model.scores.Score;

/** Labels that nothing in the sound goes with, or that stand beside the wrong tracks. */
final class UnrelatedLabels implements Rule {
    /** How much better r must be with moved labels: neighbouring rows are often alike, so a little is no sign. */
    private static final double SLIPPED = 0.1;

    /** The normal deviate that is exceeded once in 2,000 draws. */
    private static final double ONE_IN_2000 = 3.29;

    /** With fewer, probes overlook what is there: a correlation of 0.3 is found in two of three corpora of 60 tracks. */
    private static final int FEW_TRACKS = 60;

    @Override
    public Code code() {
        return Code.LABELS_UNRELATED;
    }

    @Override
    public String subject() {
        return "labels that have nothing to do with the sound";
    }

    @Override
    public String unmeasured(Evidence evidence) {
        return evidence.measurements().signal().known() ? "" : "it takes 20 labelled tracks of two groups";
    }

    @Override
    public List<Fault> faults() {
        return List.of(
                Fault.ofData("shuffled-labels", "the rows of labels are permuted", Fault.Damage.SHUFFLED_LABELS),
                Fault.ofData(
                        "shifted-labels",
                        "the tracks are in no order, and the labels stand five rows below their tracks",
                        Fault.Damage.SHIFTED_LABELS),
                Fault.ofData("random-labels", "the labels are random numbers", Fault.Damage.RANDOM_LABELS));
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        Signal signal = evidence.measurements().signal();
        // Where there is nothing to hear, probes find nothing, whatever the labels are.
        if (!signal.known() || ConstantInput.isConstant(evidence)) {
            return Stream.of();
        }
        Signal.Alignment alignment = signal.alignment();
        boolean slipped = alignment.bestShift() != 0
                && alignment.bestR() > alignment.highestByChance()
                && alignment.bestR() > luckiest(signal.tracks())
                && alignment.bestR() - alignment.unshiftedR() > SLIPPED;
        if (slipped) {
            return Stream.of(slipped(evidence, alignment));
        }
        if (evidence.verdict() == Verdict.HEALTHY) {
            return unrelatedTargets(evidence, signal);
        }
        return signal.linear().beyondChance() || signal.kernel().beyondChance()
                ? Stream.of()
                : Stream.of(unrelated(
                        "corpus.manifest", evidence.blame(), signal, signal.linear(), signal.kernel(), "the labels"));
    }

    /**
     * The correlation that the best of ten wrong shifts exceeds once in 200 corpora where there is nothing to find: by
     * Fisher's z-transformation (1915), whose standard deviation is 1/√(n − 3), and Bonferroni's correction.
     */
    private static double luckiest(int tracks) {
        return Math.tanh(ONE_IN_2000 / Math.sqrt(Math.max(1, tracks - 3)));
    }

    /** Targets that nothing can be said about, in a run that has learned others. */
    private static Stream<Finding> unrelatedTargets(Evidence evidence, Signal signal) {
        List<Signal.OfTarget> found = signal.targets().stream()
                .filter(target -> target.linear().known()
                        && !target.linear().beyondChance()
                        && !target.kernel().beyondChance()
                        && !(evidence.intervals().of(target.target(), Score.R2).low() > 0))
                .toList();
        if (found.isEmpty()) {
            return Stream.of();
        }
        // The target that comes nearest to what chance reaches stands for all.
        Signal.OfTarget nearest = found.stream()
                .max(Comparator.comparingDouble(
                        target -> target.kernel().r() - target.kernel().highestByChance()))
                .orElseThrow();
        String names = Words.some(found.stream().map(Signal.OfTarget::target).toList());
        return Stream.of(
                unrelated(names, Severity.INFO, signal, nearest.linear(), nearest.kernel(), "the labels of " + names));
    }

    private static Finding unrelated(
            String where,
            Severity severity,
            Signal signal,
            Signal.Strength linear,
            Signal.Strength kernel,
            String labels) {
        double best = Math.max(linear.r(), kernel.r());
        double chance = Math.max(linear.highestByChance(), kernel.highestByChance());
        return new Finding(
                Code.LABELS_UNRELATED,
                severity,
                where,
                best,
                chance,
                format(
                        "Ridge regression from each band's mean and deviation reaches r %s on held-out tracks, kernel ridge"
                                + " regression %s (%d tracks, %d folds that keep groups together). Of %d random dealings of"
                                + " the same labels the luckiest reached %s and %s.",
                        number(linear.r()),
                        number(kernel.r()),
                        signal.tracks(),
                        signal.folds(),
                        signal.permutations(),
                        number(linear.highestByChance()),
                        number(kernel.highestByChance())),
                "Neither the network nor the probes find anything in the sound that goes with " + labels
                        + ": labels that belong to other tracks, labels that are noise, or a quality that this sound does not"
                        + " carry."
                        + (signal.tracks() >= FEW_TRACKS
                                ? ""
                                : format(
                                        " Or there are too few tracks to tell: with %d, a true correlation below about %s is"
                                                + " easily lost.",
                                        signal.tracks(), number(2 / Math.sqrt(Math.max(4, signal.tracks() - 3)))))
                        + " A network that is shown such labels learns their mean, or single tracks by heart.",
                "Check in the manifest that each label stands beside its own path: listen to the tracks with the highest and"
                        + " the lowest labels. No setting cures this.",
                Map.of());
    }

    private static Finding slipped(Evidence evidence, Signal.Alignment alignment) {
        int rows = Math.abs(alignment.bestShift());
        return new Finding(
                Code.LABELS_UNRELATED,
                evidence.blame(),
                "corpus.manifest",
                alignment.unshiftedR(),
                alignment.bestR(),
                format(
                        "Ridge regression from each band's mean and deviation reaches r %s with the labels as they stand, and r"
                                + " %s with those that stand %d row%s further %s in the manifest; random dealings reach %s.",
                        number(alignment.unshiftedR()),
                        number(alignment.bestR()),
                        rows,
                        rows == 1 ? "" : "s",
                        alignment.bestShift() > 0 ? "down" : "up",
                        number(alignment.highestByChance())),
                format(
                        "The labels have slipped against the paths: a track's label stands %d row%s too far %s.",
                        rows, rows == 1 ? "" : "s", alignment.bestShift() > 0 ? "down" : "up"),
                format(
                        "Move the columns of labels %d row%s %s in the manifest; look where it begins, often a row that was"
                                + " deleted or sorted in one column only. No setting cures this.",
                        rows, rows == 1 ? "" : "s", alignment.bestShift() > 0 ? "up" : "down"),
                Map.of());
    }
}
