package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.percent;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import melgauge.data.Subset;
import melgauge.model.diagnosis.measure.Examination;
import melgauge.model.scores.Evaluation;
import melgauge.model.spec.BatchNormStatistics;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.TrainSpec;

/** Batch normalisation that does something else in predictions than it did in training. */
final class BatchNormGap implements Rule {
    /** As a share of the labels' standard deviation. */
    private static final double MOST_GAP = 0.5;

    private static final double MOST_R2_GAP = 0.2;

    /** Wu and He, Group Normalization, 2018: below 8 the error of batch normalisation rises fast. */
    private static final int LEAST_BATCH = 8;

    @Override
    public Code code() {
        return Code.BATCHNORM_GAP;
    }

    @Override
    public String subject() {
        return "batch normalisation that differs between training and prediction";
    }

    @Override
    public List<Fault> faults() {
        return List.of(
                Fault.curable("batch-of-one", "batch normalisation over a single patch", "training.batchSize=1"),
                Fault.curable(
                        "batch-norm-never-moves",
                        "the running statistics of batch normalisation stay where they start",
                        "network.batchNormDecay=1",
                        "training.batchNormStatistics=running"),
                Fault.curable(
                        "batch-norm-lags",
                        "the running statistics of batch normalisation keep 0.999 of themselves, over fewer than 500 steps",
                        "network.batchNormDecay=0.999",
                        "training.batchNormStatistics=running"));
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        NetworkSpec network = evidence.network();
        TrainSpec training = evidence.training();
        Examination.State state = evidence.trained();
        if (!network.batchNorm()) {
            return Stream.of();
        }
        int batchSize = evidence.examination().batchSize();
        boolean small = batchSize < LEAST_BATCH / 2 && evidence.verdict() != Verdict.HEALTHY;
        boolean gap = state.gap() > MOST_GAP && state.r2AsInTraining() - state.r2() > MOST_R2_GAP;
        if (!gap && !small) {
            return Stream.of();
        }
        boolean running = training.batchNormStatistics() == BatchNormStatistics.RUNNING;
        double kept = Math.pow(network.batchNormDecay(), (double) evidence.steps());
        boolean lags = running && kept > 0.05;
        int better = largerBatch(evidence, batchSize);
        Map<String, JsonNode> change = lags
                ? settings("network.batchNormDecay", 0.9)
                : batchSize < LEAST_BATCH
                        ? better > 0 ? settings("training.batchSize", better) : settings("network.batchNorm", false)
                        : running ? settings("training.batchNormStatistics", "precise") : Map.of();
        return Stream.of(new Finding(
                Code.BATCHNORM_GAP,
                evidence.blame(),
                lags
                        ? "network.batchNormDecay"
                        : batchSize < LEAST_BATCH ? "training.batchSize" : "batch normalisation",
                gap ? state.gap() : batchSize,
                gap ? MOST_GAP : LEAST_BATCH,
                format(
                        "The same network with the same weights has R² %s on %d training patches when it normalises by each"
                                + " batch, as in training, and R² %s by fixed statistics, as in predictions; the two"
                                + " answers differ by %s of the labels' standard deviation.",
                        number(state.r2AsInTraining()),
                        evidence.examination().patches(),
                        number(state.r2()),
                        percent(state.gap())),
                lags
                        ? format(
                                "With network.batchNormDecay=%s the running statistics still are to %s what they started"
                                        + " as, mean 0 and variance 1: the network that predicts is another one than the one"
                                        + " that was trained.",
                                network.batchNormDecay(), percent(kept))
                        : batchSize < LEAST_BATCH
                                ? format(
                                        "With training.batchSize=%d the dense layers normalise each patch by %d patches: what"
                                                + " makes a track different is what is subtracted. Below 8 the error rises fast"
                                                + " (Wu and He 2018).",
                                        training.batchSize(), batchSize)
                                : "The statistics that predictions are normalised by do not fit the weights they are used"
                                        + " with.",
                lags
                        ? "Set network.batchNormDecay to 0.9."
                        : batchSize < LEAST_BATCH
                                ? better > 0
                                        ? "Set training.batchSize to " + better + ", or network.batchNorm to false."
                                        : "Set network.batchNorm to false: there are too few training tracks for a larger"
                                                + " batch."
                                : running
                                        ? "Set training.batchNormStatistics to precise."
                                        : better > 0
                                                ? "Set training.batchSize to " + better
                                                        + ", so that batches are more like one another."
                                                : "Add tracks: a batch larger than the " + trainingTracks(evidence)
                                                        + " training tracks cannot be had. Or set network.batchNorm to false.",
                change));
    }

    private static int trainingTracks(Evidence evidence) {
        Evaluation train = evidence.evaluations().get(Subset.TRAIN);
        return train == null ? Integer.MAX_VALUE : train.tracks();
    }

    /** A batch that is clearly larger, 16 at least, but has no track twice; 0 if the corpus is too small for one. */
    private static int largerBatch(Evidence evidence, int batchSize) {
        int better = Math.min(Math.max(16, 2 * batchSize), trainingTracks(evidence));
        return better >= Math.max(LEAST_BATCH, 1.5 * batchSize) ? better : 0;
    }
}
