package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.settings;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import melgauge.model.diagnosis.measure.Examination;

/** Weights that are all 0 before the first step. */
final class ZeroWeights implements Rule {
    @Override
    public Code code() {
        return Code.VANISHING_GRADIENT;
    }

    @Override
    public String subject() {
        return "weights that start at 0";
    }

    @Override
    public List<Fault> faults() {
        return List.of(new Fault(
                "zero-weights",
                "all weights start at 0",
                Set.of(Code.DEAD_UNITS),
                true,
                List.of("network.initGain=0"),
                Fault.Damage.NONE));
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
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
                VanishingGradient.LEAST_GRADIENT,
                "All weights of " + zero + " were 0 before the first step, and the gradient behind them is exactly 0.",
                "Weights that are all 0 make every unit the same and pass nothing on, neither data nor gradient: only the"
                        + " output bias learns, and what it learns is the mean.",
                "Set network.initGain to 1, which starts weights as He et al. 2015 propose.",
                settings("network.initGain", 1)));
    }
}
