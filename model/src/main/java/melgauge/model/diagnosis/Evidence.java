package melgauge.model.diagnosis;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import melgauge.data.Subset;
import melgauge.features.MelSpec;
import melgauge.features.NormalizerKind;
import melgauge.model.Evaluation;
import melgauge.model.Intervals;
import melgauge.model.NetworkSpec;
import melgauge.model.Score;
import melgauge.model.Target;
import melgauge.model.TargetScores;
import melgauge.model.TrainSpec;
import melgauge.model.Trainer;
import melgauge.model.TrainingLog;

/**
 * All that is known of a run when it is judged: its settings, its history, its scores, and what was measured.
 *
 * @param features how audio became spectrograms
 * @param normalizer what brought them to the network's scale
 * @param network its layers
 * @param training how it was trained
 * @param targets what was predicted
 * @param log of the training
 * @param evaluations of the kept network, by side of the split; a side without tracks is missing
 * @param intervals of the scores of {@link #heldOut}
 * @param measurements of data and network
 */
public record Evidence(
        MelSpec features,
        NormalizerKind normalizer,
        NetworkSpec network,
        TrainSpec training,
        List<Target> targets,
        TrainingLog log,
        Map<Subset, Evaluation> evaluations,
        Intervals intervals,
        Measurements measurements) {

    Examination examination() {
        return measurements.examination();
    }

    /** Below this share of the labels' standard deviation, predictions count as all the same. */
    static final double COLLAPSED_SPREAD = 0.1;

    /** Training ended collapsed if so many epochs were. */
    private static final int LAST_EPOCHS = 3;

    /** Below this R², predictions that hardly vary count as no better than the mean. */
    static final double COLLAPSED_R2 = 0.05;

    /** The scores that tell most about new tracks. */
    Evaluation heldOut() {
        return heldOut(evaluations);
    }

    /** Those of the test tracks, else the validation tracks, else what there is. */
    static Evaluation heldOut(Map<Subset, Evaluation> evaluations) {
        for (Subset subset : List.of(Subset.TEST, Subset.VALIDATION, Subset.TRAIN)) {
            Evaluation evaluation = evaluations.get(subset);
            if (evaluation != null) {
                return evaluation;
            }
        }
        throw new IllegalArgumentException("nothing was evaluated");
    }

    /** What became of the training. */
    Verdict verdict() {
        return verdict(log, heldOut(), intervals.ofMean(Score.R2));
    }

    /**
     * Whether the network has skill on held-out tracks, and if not, how it fails: it is healthy if the mean R² over targets
     * is above 0, that of the mean predictor, with the confidence of its interval; collapsed if it is not and the
     * predictions hardly vary, and also if those on the validation tracks hardly varied any more when training ended: the
     * kept weights are then what was left of an early epoch.
     *
     * @param skill interval of the mean R²; of NaN where it is unknown, and the R² itself decides
     */
    static Verdict verdict(TrainingLog log, Evaluation heldOut, Intervals.Interval skill) {
        if (log.diverged()) {
            return Verdict.DIVERGED;
        }
        if (endedCollapsed(log)) {
            return Verdict.COLLAPSED;
        }
        double r2 = heldOut.mean(TargetScores::r2);
        double spread = heldOut.mean(TargetScores::spreadRatio);
        double least = Double.isNaN(skill.low()) ? r2 : skill.low();
        if (least > 0 && (r2 >= COLLAPSED_R2 || spread >= COLLAPSED_SPREAD)) {
            return Verdict.HEALTHY;
        }
        return spread >= COLLAPSED_SPREAD ? Verdict.WEAK : Verdict.COLLAPSED;
    }

    private static boolean endedCollapsed(TrainingLog log) {
        List<TrainingLog.Epoch> epochs = log.epochs();
        return epochs.size() > LAST_EPOCHS
                && epochs.subList(epochs.size() - LAST_EPOCHS, epochs.size()).stream()
                        .allMatch(epoch -> epoch.meanValidationSpread() < Trainer.COLLAPSED_SPREAD);
    }

    /** How bad it is if something that can keep a network from learning is found: an error only if it did. */
    Severity blame() {
        return verdict() == Verdict.HEALTHY ? Severity.WARNING : Severity.ERROR;
    }

    /** Mean R² over targets on a side; NaN if it has no tracks. */
    double r2(Subset side) {
        Evaluation evaluation = evaluations.get(side);
        return evaluation == null ? Double.NaN : evaluation.mean(TargetScores::r2);
    }

    /** The network as it was kept, or if that is no number, after its last step. */
    Examination.State trained() {
        return examination()
                .at(Examination.Moment.KEPT)
                .or(() -> examination().at(Examination.Moment.LAST))
                .orElseThrow(() -> new IllegalStateException("the trained network was not examined"));
    }

    /** The network as it began. */
    Examination.State untrained() {
        return examination()
                .at(Examination.Moment.UNTRAINED)
                .orElseThrow(() -> new IllegalStateException("the untrained network was not examined"));
    }

    /** The network after its last step. */
    Optional<Examination.State> last() {
        return examination().at(Examination.Moment.LAST);
    }

    /** Steps of all epochs. */
    long steps() {
        return log.epochs().stream().mapToLong(TrainingLog.Epoch::steps).sum();
    }

    /** The middle one of the finite values; NaN if there are none. */
    static double median(DoubleStream values) {
        double[] sorted = values.filter(Double::isFinite).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : 0.5 * (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]);
    }
}
