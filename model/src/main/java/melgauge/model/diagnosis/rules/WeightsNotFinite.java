package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import java.util.stream.Stream;
import melgauge.model.diagnosis.measure.Examination;

/** Weights that have become NaN or infinite. */
final class WeightsNotFinite implements Rule {
    @Override
    public Code code() {
        return Code.NOT_FINITE;
    }

    @Override
    public String subject() {
        return "weights that are not finite";
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
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
