package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import melgauge.model.diagnosis.measure.Examination;
import melgauge.model.diagnosis.measure.Phrases;
import melgauge.model.engine.Network;
import melgauge.model.spec.Activation;
import melgauge.model.spec.NetworkSpec;

/** Units that answer the same to everything. */
final class IdleUnits implements Rule {
    private static final double MOST_STILL = 0.5;

    private final boolean fromTheStart;

    /** @param fromTheStart whether to look at the network before its first step, or at the one that was kept */
    IdleUnits(boolean fromTheStart) {
        this.fromTheStart = fromTheStart;
    }

    @Override
    public Code code() {
        return Code.DEAD_UNITS;
    }

    @Override
    public String subject() {
        return fromTheStart ? "units that are idle from the start" : "idle units";
    }

    @Override
    public List<Fault> faults() {
        return fromTheStart
                ? List.of(Fault.curable(
                        "dead-relu",
                        "biases start so low that no ReLU ever answers",
                        "network.activation=relu",
                        "network.initBias=-20",
                        "network.batchNorm=false"))
                : List.of();
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        return fromTheStart
                ? mostStill(evidence.untrained()).stream()
                        .map(layer -> finding(evidence, layer, "before the first step"))
                : mostStill(evidence.trained()).stream()
                        .map(layer -> finding(evidence, layer, "with the weights that were kept"));
    }

    private static Optional<Network.Activity> mostStill(Examination.State state) {
        return state.activity().stream()
                .filter(layer -> layer.stillShare() > MOST_STILL)
                .max(Comparator.comparingDouble(Network.Activity::stillShare));
    }

    private static Finding finding(Evidence evidence, Network.Activity layer, String when) {
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
                        Phrases.capital(when),
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
}
