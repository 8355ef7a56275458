package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.percent;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import java.util.List;
import java.util.stream.Stream;
import melgauge.model.diagnosis.measure.Examination;
import melgauge.model.diagnosis.measure.Phrases;
import melgauge.model.spec.NetworkSpec;

/** Outputs at 0 or 1, where the sigmoid has no slope. */
final class SaturatedOutputs implements Rule {
    private static final double MOST_SATURATED = 0.5;

    private final boolean fromTheStart;

    /** @param fromTheStart whether to look at the network before its first step, or at the one that was kept */
    SaturatedOutputs(boolean fromTheStart) {
        this.fromTheStart = fromTheStart;
    }

    @Override
    public Code code() {
        return Code.SATURATED_OUTPUT;
    }

    @Override
    public String subject() {
        return fromTheStart ? "outputs that are saturated from the start" : "saturated outputs";
    }

    @Override
    public List<Fault> faults() {
        return fromTheStart
                ? List.of(Fault.curable(
                        "saturated-output",
                        "weights start 30 times too large",
                        "network.initGain=30",
                        "network.batchNorm=false"))
                : List.of();
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        if (!fromTheStart) {
            return saturated(evidence.trained()) > MOST_SATURATED
                    ? Stream.of(finding(evidence, evidence.trained(), "with the weights that were kept"))
                    : Stream.of();
        }
        // A network that comes back from there has no such fault.
        double later = saturated(evidence.last().orElse(evidence.trained()));
        return saturated(evidence.untrained()) > MOST_SATURATED && later > MOST_SATURATED / 2
                ? Stream.of(finding(evidence, evidence.untrained(), "before the first step"))
                : Stream.of();
    }

    private static double saturated(Examination.State state) {
        return state.outputs().stream()
                .mapToDouble(Examination.Output::saturated)
                .average()
                .orElse(0);
    }

    private static Finding finding(Evidence evidence, Examination.State state, String when) {
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
                        Phrases.capital(when),
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
}
