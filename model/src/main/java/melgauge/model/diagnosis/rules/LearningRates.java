package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.TrainSpec;
import melgauge.model.training.TrainingLog;

/** How fast weights move, and which learning rate would be better. */
final class LearningRates {
    private LearningRates() {}

    /** The middle layer's mean update ratio in an epoch. */
    private static double update(Evidence evidence, TrainingLog.Epoch epoch) {
        List<Integer> weights = IntStream.range(0, evidence.log().layers().size())
                .filter(i -> evidence.log().layers().get(i).hasWeights())
                .boxed()
                .toList();
        return Evidence.median(
                weights.stream().mapToDouble(i -> epoch.movement().get(i).updateRatio()));
    }

    /** The middle layer's mean update ratio in the epoch where it is largest. */
    static double liveliest(Evidence evidence) {
        return evidence.log().epochs().stream()
                .mapToDouble(epoch -> update(evidence, epoch))
                .filter(Double::isFinite)
                .max()
                .orElse(Double.NaN);
    }

    private static double usualRate(TrainSpec training) {
        return training.optimizer() == Optimizer.SGD ? 0.01 : 0.001;
    }

    /** The learning rate that brings the update ratio from what was measured to what is wanted. */
    static Map<String, JsonNode> usual(Evidence evidence, double measured, double wanted) {
        double usual = usualRate(evidence.training());
        double rate = evidence.training().learningRate();
        // Where the usual rate is what failed, as much nearer as the steps were too far.
        double better = measured > wanted == rate > usual ? usual : rate * wanted / measured;
        return settings("training.learningRate", Double.parseDouble(format("%.1e", better)));
    }

    /** The value of the one setting. */
    static String value(Map<String, JsonNode> change) {
        return change.values().iterator().next().asText();
    }
}
