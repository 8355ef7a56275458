package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.percent;

import java.util.Map;
import java.util.stream.Stream;
import melgauge.data.LabelNoise;

/** Labels so uncertain that no model could score well. */
final class NoisyLabels implements Rule {
    /** Where half of what labels tell is chance. */
    private static final double LEAST_CEILING = 0.5;

    @Override
    public Code code() {
        return Code.LABEL_NOISE;
    }

    @Override
    public String subject() {
        return "label noise";
    }

    @Override
    public String unmeasured(Evidence evidence) {
        return evidence.measurements().ceilings().stream().allMatch(ceiling -> Double.isNaN(ceiling.r2()))
                ? "it takes the columns ratings and NAME_std"
                : "";
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        return evidence.measurements().ceilings().stream()
                .filter(ceiling -> ceiling.r2() < LEAST_CEILING)
                .map(ceiling -> new Finding(
                        Code.LABEL_NOISE,
                        Severity.WARNING,
                        ceiling.target(),
                        ceiling.r2(),
                        LEAST_CEILING,
                        format(
                                "By the numbers of ratings in the manifest, %s of the variance of the labels of %s over %d tracks"
                                        + " is what the raters agree on%s; the rest is who happened to be asked (Spearman"
                                        + " 1904).",
                                percent(ceiling.reliability()),
                                ceiling.target(),
                                ceiling.tracks(),
                                ceiling.noise() == LabelNoise.AT_MOST
                                        ? ", or more if raters did not answer yes or no"
                                        : ""),
                        format(
                                "No model can have a higher R² than %s or a higher r than %s on such labels, other than by luck.",
                                number(ceiling.r2()), number(ceiling.r())),
                        "Judge the scores of this target by that ceiling; more raters for each track raise it, settings do"
                                + " not.",
                        Map.of()));
    }
}
