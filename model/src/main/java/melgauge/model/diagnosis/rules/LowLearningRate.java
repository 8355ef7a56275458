package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.percent;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import melgauge.model.diagnosis.measure.Examination;

/** Weights that have hardly left where they started. */
final class LowLearningRate implements Rule {
    /** A twentieth of it. */
    private static final double LEAST_UPDATE = 5e-5;

    /** Weights that have moved by less than this share of their size are those that they started as. */
    private static final double LEAST_MOVED = 0.1;

    @Override
    public Code code() {
        return Code.LEARNING_RATE_TOO_LOW;
    }

    @Override
    public String subject() {
        return "too low a learning rate";
    }

    @Override
    public List<Fault> faults() {
        return List.of(Fault.curable(
                "learning-rate-by-10000",
                "the learning rate is a ten-thousandth of the usual one",
                "training.learningRate=1e-7"));
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        double most = LearningRates.liveliest(evidence);
        double moved = evidence.last()
                .map(last -> Evidence.median(last.layers().stream().mapToDouble(Examination.LayerState::moved)))
                .orElse(Double.NaN);
        if (!(most < LEAST_UPDATE && moved < LEAST_MOVED) || most == 0) {
            return Stream.of();
        }
        Map<String, JsonNode> change = LearningRates.usual(evidence, most, 0.001);
        return Stream.of(new Finding(
                Code.LEARNING_RATE_TOO_LOW,
                evidence.blame(),
                "training.learningRate",
                most,
                LEAST_UPDATE,
                format(
                        "Even in its liveliest epoch a step changed the weights of the middle layer by only %s of their"
                                + " size; about 0.1 %% is usual (Karpathy, CS231n). After %d steps they are %s of their"
                                + " size away from where they started.",
                        percent(most), evidence.steps(), percent(moved)),
                format(
                        "With training.learningRate=%s the network is still what it was drawn at random; what it answers"
                                + " is chance.",
                        number(evidence.training().learningRate())),
                "Set training.learningRate to " + LearningRates.value(change) + ".",
                change));
    }
}
