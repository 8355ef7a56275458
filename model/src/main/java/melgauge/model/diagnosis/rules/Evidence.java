package melgauge.model.diagnosis.rules;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import melgauge.data.Subset;
import melgauge.features.FeatureSpec;
import melgauge.features.NormalizerKind;
import melgauge.model.diagnosis.measure.Examination;
import melgauge.model.diagnosis.measure.Measurements;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.Intervals;
import melgauge.model.scores.TargetScores;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Target;
import melgauge.model.training.TrainingLog;

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
 * @param intervals of the scores of {@link #scoredSide}
 * @param testWithheld whether test tracks are left out on purpose, so that the validation tracks decide the verdict
 * @param ensemble the model's scores beside those of its regression
 * @param measurements of data and network
 */
public record Evidence(
        FeatureSpec features,
        NormalizerKind normalizer,
        NetworkSpec network,
        TrainSpec training,
        List<Target> targets,
        TrainingLog log,
        Map<Subset, Evaluation> evaluations,
        Intervals intervals,
        boolean testWithheld,
        EnsembleScores ensemble,
        Measurements measurements) {

    Examination examination() {
        return measurements.examination();
    }

    /** The side whose scores are shown: the test tracks, else the validation tracks, else the training tracks. */
    Subset scoredSide() {
        return scoredSide(evaluations);
    }

    /** The side of some evaluations whose scores are shown. */
    public static Subset scoredSide(Map<Subset, Evaluation> evaluations) {
        return Stream.of(Subset.TEST, Subset.VALIDATION, Subset.TRAIN)
                .filter(evaluations::containsKey)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("nothing was evaluated"));
    }

    /** The scores of {@link #scoredSide}. */
    Evaluation scored() {
        return Objects.requireNonNull(evaluations.get(scoredSide()));
    }

    /** The verdict. */
    Verdict verdict() {
        return Ruling.of(this).verdict();
    }

    /** The severity of something that can keep a network from learning: an error only if the run surely failed. */
    public Severity blame() {
        return switch (verdict()) {
            case WEAK, COLLAPSED, DIVERGED -> Severity.ERROR;
            case HEALTHY, NOTHING_TO_LEARN, NONE -> Severity.WARNING;
        };
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
