package melgauge.model.diagnosis;

import static melgauge.model.diagnosis.Words.format;
import static melgauge.model.diagnosis.Words.number;
import static melgauge.model.diagnosis.Words.percent;
import static melgauge.model.diagnosis.Words.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import melgauge.model.Optimizer;
import melgauge.model.TrainSpec;
import melgauge.model.TrainingLog;

/** What can be wrong with how the weights move. */
final class StepRules {
    /** A hundred times the rule of thumb of 1e-3 (Karpathy, CS231n, "Ratio of weights:updates"). */
    private static final double MOST_UPDATE = 0.1;

    /** A twentieth of it. */
    private static final double LEAST_UPDATE = 5e-5;

    /** Weights that have moved by less than this share of their size are those that they started as. */
    private static final double LEAST_MOVED = 0.1;

    /** What a penalty may leave of the weights. */
    private static final double LEAST_WEIGHTS = 0.2;

    /** The same where its gradient is so many times as large as the labels' in the middle layer, at the start. */
    private static final double LEAST_WEIGHTS_PULLED = 0.5;

    private static final double MOST_PULL = 10;

    /** With more than so many of a layer's outputs dropped, hardly anything gets through (Srivastava et al. 2014: 0.5). */
    private static final double MOST_DROPOUT = 0.8;

    private StepRules() {}

    /** The middle layer's mean update ratio in an epoch. */
    private static double update(Evidence evidence, TrainingLog.Epoch epoch) {
        List<Integer> weights = IntStream.range(0, evidence.log().layers().size())
                .filter(i -> evidence.log().layers().get(i).hasWeights())
                .boxed()
                .toList();
        return Evidence.median(
                weights.stream().mapToDouble(i -> epoch.movement().get(i).updateRatio()));
    }

    /** That of the epoch where it is largest. */
    private static double liveliest(Evidence evidence) {
        return evidence.log().epochs().stream()
                .mapToDouble(epoch -> update(evidence, epoch))
                .filter(Double::isFinite)
                .max()
                .orElse(Double.NaN);
    }

    private static double usualRate(TrainSpec training) {
        return training.optimizer() == Optimizer.SGD ? 0.01 : 0.001;
    }

    private static Map<String, JsonNode> usual(Evidence evidence, double measured, double wanted) {
        double usual = usualRate(evidence.training());
        double rate = evidence.training().learningRate();
        // Where the usual rate is what failed, as much nearer as the steps were too far.
        double better = measured > wanted == rate > usual ? usual : rate * wanted / measured;
        return settings("training.learningRate", Double.parseDouble(format("%.1e", better)));
    }

    static Stream<Finding> tooHigh(Evidence evidence) {
        double most = liveliest(evidence);
        if (!(most > MOST_UPDATE)) {
            return Stream.of();
        }
        Map<String, JsonNode> change = usual(evidence, most, 0.01);
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
                "Set training.learningRate to " + value(change) + ".",
                change));
    }

    private static String value(Map<String, JsonNode> change) {
        return change.values().iterator().next().asText();
    }

    static Stream<Finding> tooLow(Evidence evidence) {
        double most = liveliest(evidence);
        double moved = evidence.last()
                .map(last -> Evidence.median(last.layers().stream().mapToDouble(Examination.LayerState::moved)))
                .orElse(Double.NaN);
        if (!(most < LEAST_UPDATE && moved < LEAST_MOVED) || most == 0) {
            return Stream.of();
        }
        Map<String, JsonNode> change = usual(evidence, most, 0.001);
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
                "Set training.learningRate to " + value(change) + ".",
                change));
    }

    static Stream<Finding> overRegularised(Evidence evidence) {
        if (evidence.network().dropout() > MOST_DROPOUT) {
            return Stream.of(new Finding(
                    Code.OVER_REGULARISED,
                    evidence.blame(),
                    "network.dropout",
                    evidence.network().dropout(),
                    MOST_DROPOUT,
                    "network.dropout as set; 0.5 is what Srivastava et al. 2014 propose for dense layers.",
                    "So many outputs of the dense layers are dropped in training that a step hardly sees the input: what is"
                            + " left to learn is the mean.",
                    "Set network.dropout to 0.3, or to 0.",
                    settings("network.dropout", 0.3)));
        }
        Examination.State start = evidence.untrained();
        Examination.State end = evidence.last().orElse(evidence.trained());
        double left = Evidence.median(IntStream.range(0, start.layers().size())
                .filter(i -> !start.layers().get(i).layer().equals("output"))
                .mapToDouble(i ->
                        end.layers().get(i).weightNorm() / start.layers().get(i).weightNorm()));
        double l2 = evidence.network().l2();
        TrainSpec training = evidence.training();
        double pull = Evidence.median(start.layers().stream()
                .filter(layer -> !layer.layer().equals("output"))
                .mapToDouble(layer -> 2 * l2 * layer.weightNorm() / layer.gradientNorm()));
        double limit = pull > MOST_PULL ? LEAST_WEIGHTS_PULLED : LEAST_WEIGHTS;
        if (!(left < limit) || (l2 == 0 && training.weightDecay() == 0)) {
            return Stream.of();
        }
        double penalty = l2
                * start.layers().stream()
                        .filter(layer -> !layer.layer().equals("output"))
                        .mapToDouble(layer -> layer.weightNorm() * layer.weightNorm())
                        .sum();
        double variance = evidence.examination().labels().stream()
                .mapToDouble(labels -> labels.std() * labels.std())
                .average()
                .orElse(Double.NaN);
        boolean byL2 = l2 > 0;
        String setting = byL2 ? "network.l2" : "training.weightDecay";
        double value = byL2 ? l2 : training.weightDecay();
        double better = byL2 ? 0 : 0.05;
        return Stream.of(new Finding(
                Code.OVER_REGULARISED,
                evidence.blame(),
                setting,
                left,
                limit,
                format(
                        "After %d steps the weights of the middle hidden layer have %s of the size that they started with;"
                                + " a network that learns keeps most of it. %s",
                        evidence.steps(),
                        percent(left),
                        byL2
                                ? format(
                                        "At the start the penalty was %s, and the whole variance of the labels is %s%s.",
                                        number(penalty),
                                        number(variance),
                                        Double.isFinite(pull)
                                                ? format(
                                                        "; the penalty pulled %s times as hard as the labels",
                                                        number(pull))
                                                : "")
                                : format(
                                        "Steps shrink weights by learning rate · decay = %s each.",
                                        number(training.learningRate() * training.weightDecay()))),
                format(
                        "%s=%s pulls the weights to 0 faster than the labels can hold them. With weights near 0 every track"
                                + " gives the same output, and the bias alone is fitted: it learns the mean of each"
                                + " target, which is all that is left to learn.",
                        setting, number(value)),
                byL2
                        ? "Set network.l2 to 0; if the network then learns its training tracks by heart, try 1e-5."
                        : "Set training.weightDecay to 0.05, or to 0.",
                settings(setting, better)));
    }

    static Stream<Finding> notFinite(Evidence evidence) {
        int broken = evidence.last().map(Examination.State::notFinite).orElse(0);
        if (broken == 0 && !evidence.log().diverged()) {
            return Stream.of();
        }
        String epoch = evidence.log().epochs().stream()
                .filter(one -> !Double.isFinite(one.trainLoss()))
                .findFirst()
                .map(one -> "in epoch " + one.number())
                .orElse("at the end");
        return Stream.of(new Finding(
                Code.NOT_FINITE,
                Severity.ERROR,
                "weights",
                broken,
                0,
                format(
                        "The loss stopped being a number %s; %d parameters are none. All inputs are numbers.",
                        epoch, broken),
                "A sum outgrew single precision: steps were too large, or values grew from layer to layer.",
                "Set training.learningRate to a tenth, and training.clipNorm to 1.",
                settings("training.learningRate", evidence.training().learningRate() / 10, "training.clipNorm", 1)));
    }
}
