package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.percent;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Steps that change the weights by too much of their size. */
final class HighLearningRate implements Rule {
    /** A hundred times the rule of thumb of 1e-3 (Karpathy, CS231n, "Ratio of weights:updates"). */
    private static final double MOST_UPDATE = 0.1;

    @Override
    public Code code() {
        return Code.LEARNING_RATE_TOO_HIGH;
    }

    @Override
    public String subject() {
        return "too high a learning rate";
    }

    @Override
    public List<Fault> faults() {
        return List.of(Fault.curable(
                "learning-rate-times-1000",
                "the learning rate is 1000 times the usual one",
                "training.learningRate=1"));
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        double most = LearningRates.liveliest(evidence);
        if (!(most > MOST_UPDATE)) {
            return Stream.of();
        }
        Map<String, JsonNode> change = LearningRates.usual(evidence, most, 0.01);
        return Stream.of(new Finding(
                Code.LEARNING_RATE_TOO_HIGH,
                evidence.blame(),
                "training.learningRate",
                most,
                MOST_UPDATE,
                format(
                        "In its wildest epoch a step changed the weights of the middle layer by %s of their size on average"
                                + " (‖Δw‖/‖w‖). About 0.1 %% is usual (Karpathy, CS231n); the limit is a hundred times that.",
                        percent(most)),
                format(
                        "With training.learningRate=%s a few steps replace all that the weights hold: they jump over what"
                                + " they should find, outputs run to 0 or 1, and there the sigmoid has no slope to come"
                                + " back by.",
                        number(evidence.training().learningRate())),
                "Set training.learningRate to " + LearningRates.value(change) + ".",
                change));
    }
}
