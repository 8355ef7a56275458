package melgauge.model.diagnosis.rules;

import melgauge.model.scores.Intervals;

/**
 * The scores of a model's predictions beside those of its modulation regression alone, mean R² over targets on the scored
 * tracks.
 *
 * @param share of the regression in the predictions, from 0 to 1
 * @param r2 of the model
 * @param regressionR2 of the regression alone
 * @param lead interval of the difference, the regression's R² minus the model's, by resampling the same tracks for both
 */
public record EnsembleScores(double share, double r2, double regressionR2, Intervals.Interval lead) {
    /** Scores of a run without a regression. */
    public static final EnsembleScores UNKNOWN =
            new EnsembleScores(0, Double.NaN, Double.NaN, Intervals.Interval.UNKNOWN);
}
