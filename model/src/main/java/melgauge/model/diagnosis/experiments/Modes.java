package melgauge.model.diagnosis.experiments;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.score;

import melgauge.model.diagnosis.measure.Examination;
import melgauge.model.engine.Network;
import melgauge.model.spec.BatchNormStatistics;
import melgauge.model.training.PreciseStatistics;
import org.jspecify.annotations.Nullable;

/**
 * Does the network answer in predictions as it does in training? There batch normalisation goes by the statistics of the
 * batch, here by those that were kept; these are also measured anew, with the weights as they are.
 *
 * @param batchNorm whether it has any
 * @param precise whether the statistics that were kept were measured
 * @param kept the weights that were kept, on training patches; null if they were not measured
 * @param last the weights after the last step, likewise
 * @param side of the tracks that were scored with both kinds of running statistics
 * @param r2 on these, with the running statistics that were kept
 * @param r2Recomputed with those measured anew; NaN without batch normalisation
 */
record Modes(
        boolean batchNorm,
        boolean precise,
        @Nullable Gap kept,
        @Nullable Gap last,
        String side,
        double r2,
        double r2Recomputed) {
    /** By so much of the labels' standard deviation the answers of both modes may differ. */
    private static final double GAP = 0.5;

    private static final double CLEARLY = 0.1;

    /**
     * Both modes at a moment, on training patches.
     *
     * @param r2 in inference
     * @param r2AsInTraining with the batch's statistics
     * @param gap root of the mean squared difference as a share of the labels' standard deviation
     */
    record Gap(double r2, double r2AsInTraining, double gap) {}

    static long work(Subject subject) {
        return subject.network().batchNorm() ? 1 : 0;
    }

    static Modes of(Subject subject, Patches scored, Tally tally) {
        double r2;
        try (Network trained = subject.trained()) {
            r2 = scored.r2(trained::predict);
        }
        Examination examination = subject.measurements().examination();
        return new Modes(
                subject.network().batchNorm(),
                subject.training().batchNormStatistics() == BatchNormStatistics.PRECISE,
                gap(examination, Examination.Moment.KEPT),
                gap(examination, Examination.Moment.LAST),
                subject.scoredSideInWords(),
                r2,
                subject.network().batchNorm() ? recomputed(subject, scored, tally) : Double.NaN);
    }

    private static @Nullable Gap gap(Examination examination, Examination.Moment moment) {
        return examination
                .at(moment)
                .map(state -> new Gap(state.r2(), state.r2AsInTraining(), state.gap()))
                .orElse(null);
    }

    private static double recomputed(Subject subject, Patches scored, Tally tally) {
        try (Network network = subject.trained();
                PreciseStatistics statistics = new PreciseStatistics(
                        subject.train(), subject.training(), subject.patch(), subject.normalizer(), subject.seed())) {
            statistics.measure(network);
            tally.add(1);
            return scored.r2(network::predict);
        }
    }

    /** Whether other running statistics would have made the predictions clearly better. */
    boolean statisticsAreWrong() {
        return r2Recomputed >= r2 + CLEARLY && r2Recomputed > 0;
    }

    Experiment inWords() {
        String moments = (kept == null ? "" : inWords("kept weights", kept))
                + (last == null ? "" : inWords("weights after the last step", last));
        return Experiments.told(
                Experiments.MODES,
                "Does the network answer in predictions as it does in training?",
                !batchNorm
                        ? moments + "The network has no batch normalisation: but for dropout it answers the same."
                        : moments
                                + format(
                                        "With running statistics measured anew on training patches, unvaried, the R² on the %s"
                                                + " tracks is %s; with those that were kept it is %s. ",
                                        side, score(r2Recomputed), score(r2))
                                + (statisticsAreWrong()
                                        ? "So the weights are better than their predictions: the running statistics are the"
                                                + " cause. "
                                                + (precise
                                                        ? "If there are tracks for it, set training.batchSize"
                                                                + " higher, so that batches are more like one another."
                                                        : "Set training.batchNormStatistics to precise.")
                                        : kept != null && kept.gap() > GAP
                                                ? "The two modes differ, but other statistics would not make predictions"
                                                        + " better."
                                                : "So the running statistics are not what keeps scores down."),
                this);
    }

    private static String inWords(String weights, Gap gap) {
        return format(
                "With the %s the R² on training patches is %s in predictions and %s as in training; answers differ by %s of"
                        + " the labels' standard deviation. ",
                weights, score(gap.r2()), score(gap.r2AsInTraining()), score(gap.gap()));
    }
}
