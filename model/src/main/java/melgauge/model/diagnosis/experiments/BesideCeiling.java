package melgauge.model.diagnosis.experiments;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.score;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What the network reached on held-out tracks beside the ceiling that noise in the labels sets.
 *
 * @param targets in their order
 */
record BesideCeiling(List<OfTarget> targets) {
    /** From this share of the ceiling on there is little left to gain. */
    private static final double NEAR = 0.9;

    BesideCeiling {
        targets = List.copyOf(targets);
    }

    /**
     * One target.
     *
     * @param ceiling the highest R² that the labels' noise allows; NaN where it is unknown
     * @param r2 of the network on held-out tracks
     */
    record OfTarget(String target, double ceiling, double r2) {}

    static BesideCeiling of(Subject subject) {
        return new BesideCeiling(subject.measurements().ceilings().stream()
                .map(ceiling -> new OfTarget(
                        ceiling.target(),
                        ceiling.r2(),
                        Objects.requireNonNull(subject.scores().targets().get(ceiling.target()))
                                .r2()))
                .toList());
    }

    private List<OfTarget> known() {
        return targets.stream()
                .filter(target -> !Double.isNaN(target.ceiling()))
                .toList();
    }

    /** Targets that are predicted about as well as their labels allow. */
    List<String> reached() {
        return known().stream()
                .filter(target -> target.r2() >= NEAR * target.ceiling())
                .map(OfTarget::target)
                .toList();
    }

    Experiment inWords() {
        String numbers = known().stream()
                .map(target -> format("%s %s of %s", target.target(), score(target.r2()), score(target.ceiling())))
                .collect(Collectors.joining(", "));
        return Experiments.told(
                Experiments.CEILING,
                "How good can predictions of such labels get?",
                known().isEmpty()
                        ? "The manifest does not say how uncertain its labels are (columns ratings and NAME_std), so no"
                                + " limit below R² 1 is known."
                        : format(
                                        "Labels that are means of few people's answers are noisy, and that limits R². Reached"
                                                + " of what is possible: %s. ",
                                        numbers)
                                + (reached().isEmpty()
                                        ? "There is room above the network's scores."
                                        : "Only more raters would let these be predicted better: "
                                                + String.join(", ", reached()) + "."),
                this);
    }
}
