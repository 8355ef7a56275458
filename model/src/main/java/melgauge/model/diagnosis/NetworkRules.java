package melgauge.model.diagnosis;

import static melgauge.model.diagnosis.Words.format;
import static melgauge.model.diagnosis.Words.number;
import static melgauge.model.diagnosis.Words.percent;
import static melgauge.model.diagnosis.Words.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import melgauge.data.Subset;
import melgauge.model.Activation;
import melgauge.model.BatchNormStatistics;
import melgauge.model.Evaluation;
import melgauge.model.Network;
import melgauge.model.NetworkSpec;
import melgauge.model.TrainSpec;

/** What can be wrong with the network itself. */
final class NetworkRules {
    private static final double MOST_STILL = 0.5;
    private static final double MOST_SATURATED = 0.5;

    /** Below this the first layer gets next to nothing of what the last one gets (Glorot and Bengio 2010). */
    static final double LEAST_GRADIENT = 1e-4;

    /** Labels have a standard deviation of 0.1 to 0.3; with sound weights the gradient's norm is of that size, too. */
    private static final double NO_GRADIENT = 1e-6;

    /** As a share of the labels' standard deviation. */
    private static final double MOST_GAP = 0.5;

    private static final double MOST_R2_GAP = 0.2;

    /** Wu and He, Group Normalization, 2018: below 8 the error of batch normalisation rises fast. */
    private static final int LEAST_BATCH = 8;

    private NetworkRules() {}

    static Stream<Finding> zeroWeights(Evidence evidence) {
        String zero = evidence.untrained().layers().stream()
                .filter(layer -> layer.weightNorm() == 0)
                .map(Examination.LayerState::layer)
                .collect(Collectors.joining(", "));
        if (zero.isEmpty()) {
            return Stream.of();
        }
        return Stream.of(new Finding(
                Code.VANISHING_GRADIENT,
                evidence.blame(),
                zero,
                0,
                LEAST_GRADIENT,
                "All weights of " + zero + " were 0 before the first step, and the gradient behind them is exactly 0.",
                "Weights that are all 0 make every unit the same and pass nothing on, neither data nor gradient: only the"
                        + " output bias learns, and what it learns is the mean.",
                "Set network.initGain to 1, which starts weights as He et al. 2015 propose.",
                settings("network.initGain", 1)));
    }

    private static Optional<Network.Activity> mostStill(Examination.State state) {
        return state.activity().stream()
                .filter(layer -> layer.stillShare() > MOST_STILL)
                .max(Comparator.comparingDouble(Network.Activity::stillShare));
    }

    static Stream<Finding> deadFromTheStart(Evidence evidence) {
        return mostStill(evidence.untrained()).stream().map(layer -> dead(evidence, layer, "before the first step"));
    }

    static Stream<Finding> dead(Evidence evidence) {
        return mostStill(evidence.trained()).stream()
                .map(layer -> dead(evidence, layer, "with the weights that were kept"));
    }

    private static Finding dead(Evidence evidence, Network.Activity layer, String when) {
        NetworkSpec network = evidence.network();
        Map<String, JsonNode> change = network.initBias() < 0
                ? settings("network.initBias", 0)
                : network.activation() == Activation.RELU
                        ? settings("network.activation", "prelu", "network.batchNorm", true)
                        : network.batchNorm() ? Map.of() : settings("network.batchNorm", true);
        return new Finding(
                Code.DEAD_UNITS,
                evidence.blame(),
                layer.layer(),
                layer.stillShare(),
                MOST_STILL,
                format(
                        "%s, %d of the %d units of %s answer the same to every place of %d patches. Some idle units are"
                                + " usual; more than half of a layer is the limit.",
                        capital(when),
                        layer.still(),
                        layer.units(),
                        layer.layer(),
                        evidence.examination().patches()),
                network.activation() == Activation.RELU
                        ? format(
                                "A ReLU whose input is below 0 for every patch answers 0 and has no gradient: it can never"
                                        + " come back.%s",
                                network.initBias() < 0
                                        ? format(
                                                " network.initBias=%s starts all of them there.",
                                                number(network.initBias()))
                                        : "")
                        : "What reaches these units does not differ from patch to patch any more.",
                network.initBias() < 0
                        ? "Set network.initBias to 0."
                        : network.activation() == Activation.RELU
                                ? "Set network.activation to prelu, which has a slope below 0, and network.batchNorm to true."
                                : network.batchNorm()
                                        ? "No setting of the network cures this; see the other findings, and the input."
                                        : "Set network.batchNorm to true, and see the other findings.",
                change);
    }

    private static double saturated(Examination.State state) {
        return state.outputs().stream()
                .mapToDouble(Examination.Output::saturated)
                .average()
                .orElse(0);
    }

    static Stream<Finding> saturatedFromTheStart(Evidence evidence) {
        // A network that comes back from there has no such fault.
        double later = saturated(evidence.last().orElse(evidence.trained()));
        return saturated(evidence.untrained()) > MOST_SATURATED && later > MOST_SATURATED / 2
                ? Stream.of(saturated(evidence, evidence.untrained(), "before the first step"))
                : Stream.of();
    }

    static Stream<Finding> saturated(Evidence evidence) {
        return saturated(evidence.trained()) > MOST_SATURATED
                ? Stream.of(saturated(evidence, evidence.trained(), "with the weights that were kept"))
                : Stream.of();
    }

    private static Finding saturated(Evidence evidence, Examination.State state, String when) {
        NetworkSpec network = evidence.network();
        boolean gain = network.initGain() > 2;
        return new Finding(
                Code.SATURATED_OUTPUT,
                evidence.blame(),
                "output",
                saturated(state),
                MOST_SATURATED,
                format(
                        "%s, %s of the outputs are below 0.01 or above 0.99 where the label is not, on %d training"
                                + " patches.",
                        capital(when),
                        percent(saturated(state)),
                        evidence.examination().patches()),
                gain
                        ? format(
                                "network.initGain=%s makes values grow from layer to layer, so that they reach the sigmoid far"
                                        + " outside the few units where it has a slope.",
                                number(network.initGain()))
                        : "What reaches the sigmoid is far outside the few units where it has a slope: the loss is large and"
                                + " its gradient is next to 0.",
                gain
                        ? "Set network.initGain to 1."
                        : "Set network.batchNorm to true and training.clipNorm to 1, and see the findings above this one.",
                gain ? settings("network.initGain", 1) : settings("network.batchNorm", true, "training.clipNorm", 1));
    }

    static Stream<Finding> vanishingGradient(Evidence evidence) {
        boolean sound = evidence.network().batchNorm() && evidence.network().initGain() == 1;
        double first = evidence.untrained().layers().get(0).gradientNorm();
        double most = evidence.untrained().layers().stream()
                .mapToDouble(Examination.LayerState::gradientNorm)
                .max()
                .orElse(Double.NaN);
        if (!(first < LEAST_GRADIENT * most || most < NO_GRADIENT)) {
            return Stream.of();
        }
        return Stream.of(new Finding(
                Code.VANISHING_GRADIENT,
                evidence.blame(),
                evidence.untrained().layers().get(0).layer(),
                most < NO_GRADIENT ? most : first / most,
                most < NO_GRADIENT ? NO_GRADIENT : LEAST_GRADIENT,
                format(
                        "Before the first step the gradient of the loss is %s in the first layer and %s where it is largest.",
                        number(first), number(most)),
                "What the loss asks for is lost on its way back through the layers, so that the first ones cannot learn.",
                sound
                        ? "Use fewer blocks in network.conv, and see the other findings and the input."
                        : "Set network.batchNorm to true and network.initGain to 1, or use fewer blocks in network.conv.",
                sound ? Map.of() : settings("network.batchNorm", true, "network.initGain", 1)));
    }

    static Stream<Finding> batchNormGap(Evidence evidence) {
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

    private static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
