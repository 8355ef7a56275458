package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import melgauge.model.diagnosis.measure.Examination;

/** A gradient that does not reach the first layers. */
public final class VanishingGradient implements Rule {
    /** Below this the first layer gets next to nothing of what the last one gets (Glorot and Bengio 2010). */
    public static final double LEAST_GRADIENT = 1e-4;

    /** Labels have a standard deviation of 0.1 to 0.3; with sound weights the gradient's norm is of that size, too. */
    private static final double NO_GRADIENT = 1e-6;

    @Override
    public Code code() {
        return Code.VANISHING_GRADIENT;
    }

    @Override
    public String subject() {
        return "a vanishing gradient";
    }

    @Override
    public List<Fault> faults() {
        return List.of(Fault.curable(
                "small-weights",
                "weights start so small that each layer weakens the gradient thirtyfold",
                "network.initGain=0.03",
                "network.batchNorm=false"));
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
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
}
