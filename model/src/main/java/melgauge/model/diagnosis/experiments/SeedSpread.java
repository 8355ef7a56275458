package melgauge.model.diagnosis.experiments;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import melgauge.model.diagnosis.measure.Phrases;

/**
 * How much of a score is luck: the same short training with other seeds, which draw other weights and other batches.
 *
 * @param side that was scored
 * @param seeds the run's own first
 * @param r2 the highest of each
 */
record SeedSpread(String side, List<Long> seeds, List<Double> r2) {
    static final int OTHERS = 2;

    static SeedSpread of(Subject subject, int steps, Patches scored, Curve own, Tally tally) {
        List<Long> seeds = new ArrayList<>(List.of(subject.seed()));
        List<Double> r2 = new ArrayList<>(List.of(own.best()));
        for (int i = 1; i <= OTHERS; i++) {
            // Far from the seeds that somebody would try next.
            seeds.add(subject.seed() + 1_000_003L * i);
            r2.add(LabelControl.training(subject, subject.train(), seeds.get(i), steps, scored, tally)
                    .best());
        }
        return new SeedSpread(subject.scoredSideInWords(), seeds, r2);
    }

    /** The difference between the best and the worst; NaN if one has no R². */
    double range() {
        double[] values = r2.stream().mapToDouble(Double::doubleValue).toArray();
        return Arrays.stream(values).max().orElse(Double.NaN)
                - Arrays.stream(values).min().orElse(Double.NaN);
    }

    Experiment inWords() {
        return Experiments.told(
                Experiments.SEEDS,
                "How much of the score is luck of the seed?",
                format(
                        "After the same steps, networks that differ in nothing but their seed reached R² %s on the %s"
                                + " tracks. %s",
                        String.join(", ", r2.stream().map(Phrases::score).toList()),
                        side,
                        Double.isNaN(range())
                                ? "One of them has none, so that they cannot be compared."
                                : format(
                                        "They are %s apart: two settings whose scores differ by less than that cannot"
                                                + " be told apart by one run each.",
                                        score(range()))),
                this);
    }
}
