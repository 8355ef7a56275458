package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.percent;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import melgauge.model.diagnosis.measure.Examination;
import melgauge.model.spec.TrainSpec;

/** A penalty that has more to say than the labels. */
final class StrongPenalty implements Rule {
    /** What a penalty may leave of the weights. */
    private static final double LEAST_WEIGHTS = 0.2;

    /** The same where its gradient is so many times as large as the labels' in the middle layer, at the start. */
    private static final double LEAST_WEIGHTS_PULLED = 0.5;

    private static final double MOST_PULL = 10;

    /** With more than so many of a layer's outputs dropped, hardly anything gets through (Srivastava et al. 2014: 0.5). */
    private static final double MOST_DROPOUT = 0.8;

    @Override
    public Code code() {
        return Code.OVER_REGULARISED;
    }

    @Override
    public String subject() {
        return "too strong a penalty";
    }

    @Override
    public List<Fault> faults() {
        return List.of(
                Fault.curable(
                        "strong-l2",
                        "an L2 penalty of 10 on weights that no batch normalisation scales",
                        "network.l2=10",
                        "network.batchNorm=false"),
                Fault.curable(
                        "strong-weight-decay",
                        "weights decay 20,000 times as fast as usual",
                        "training.weightDecay=1000"),
                Fault.curable("strong-dropout", "97 of 100 units are dropped", "network.dropout=0.97"));
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
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
}
