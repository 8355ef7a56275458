package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.percent;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import java.util.stream.Stream;

/** A model that predicts worse than the regression in it would alone. */
final class BehindRegression implements Rule {
    /** A lead in R² below this is not worth another setting. */
    private static final double LEAST_LEAD = 0.05;

    @Override
    public Code code() {
        return Code.BEHIND_REGRESSION;
    }

    @Override
    public String subject() {
        return "a network that makes the model worse";
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        EnsembleScores scores = evidence.ensemble();
        double lead = scores.regressionR2() - scores.r2();
        if (!(lead > LEAST_LEAD && scores.lead().low() > 0)) {
            return Stream.of();
        }
        return Stream.of(new Finding(
                Code.BEHIND_REGRESSION,
                Severity.WARNING,
                "modulationShare",
                lead,
                LEAST_LEAD,
                format(
                        "On the %s tracks the modulation regression alone has R² %s; the model, in which it has a share of %s,"
                                + " has R² %s. The 95 %% interval of the difference is %.2f to %.2f.",
                        evidence.scoredSide().inWords(),
                        number(scores.regressionR2()),
                        percent(scores.share()),
                        number(scores.r2()),
                        scores.lead().low(),
                        scores.lead().high()),
                "The network makes the predictions worse than the regression alone: there are too few tracks for it, or one of"
                        + " the other findings keeps it from learning.",
                "Set modulationShare to 1 until the network is better: the regression then predicts alone.",
                settings("modulationShare", 1)));
    }
}
