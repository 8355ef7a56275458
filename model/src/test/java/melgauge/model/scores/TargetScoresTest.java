package melgauge.model.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class TargetScoresTest {
    private static final Offset<Double> EXACT = within(1e-12);

    /*
     * By hand: errors 0.2, 0, 0.2, 0, 0.1, so SSE 0.09 and SAE 0.5. About the training mean 0.4, SST = 0.09 + 0.01 +
     * 0.01 + 0.25 + 0.01 = 0.37. Means 0.6 and 0.5, deviations −0.3, −0.1, 0.1, 0.3, 0 and −0.4, 0, 0, 0.4, 0, so
     * variances 0.04 and 0.064, covariance 0.24 / 5 = 0.048.
     */
    private static final double[] PREDICTIONS = {0.3, 0.5, 0.7, 0.9, 0.6};
    private static final double[] LABELS = {0.1, 0.5, 0.5, 0.9, 0.5};
    private static final double TRAINING_MEAN = 0.4;

    @Test
    void agreesWithScoresByHand() {
        TargetScores scores = TargetScores.of(PREDICTIONS, LABELS, TRAINING_MEAN);
        assertThat(scores.tracks()).isEqualTo(5);
        assertThat(scores.r2()).isCloseTo(28.0 / 37, EXACT);
        assertThat(scores.pearson()).isCloseTo(0.3 * Math.sqrt(10), EXACT);
        assertThat(scores.ccc()).isCloseTo(0.096 / 0.114, EXACT);
        assertThat(scores.rmse()).isCloseTo(Math.sqrt(0.018), EXACT);
        assertThat(scores.mae()).isCloseTo(0.1, EXACT);
        assertThat(scores.predictedStd()).isCloseTo(0.2, EXACT);
        assertThat(scores.targetStd()).isCloseTo(Math.sqrt(0.064), EXACT);
        assertThat(scores.spreadRatio()).isCloseTo(0.2 / Math.sqrt(0.064), EXACT);
    }

    @Test
    void leavesUnlabelledTracksOut() {
        double nan = Double.NaN;
        TargetScores scores = TargetScores.of(
                new double[] {0.0, 0.3, 0.5, 1.0, 0.7, 0.9, 0.6},
                new double[] {nan, 0.1, 0.5, nan, 0.5, 0.9, 0.5},
                TRAINING_MEAN);
        assertThat(scores).isEqualTo(TargetScores.of(PREDICTIONS, LABELS, TRAINING_MEAN));
    }

    @Test
    void givesTheMeanPredictorZeroAndWorseConstantsLess() {
        double[] mean = {0.4, 0.4, 0.4, 0.4, 0.4};
        double[] half = {0.1, 0.1, 0.1, 0.1, 0.1};
        assertThat(TargetScores.of(mean, LABELS, TRAINING_MEAN).r2()).isCloseTo(0, EXACT);
        assertThat(TargetScores.of(half, LABELS, TRAINING_MEAN).r2()).isLessThan(-0.5);
    }

    @Test
    void definesNoCorrelationOfConstants() {
        // 0.1 has no exact binary form, so the variance of such predictions is rounding, not 0.
        TargetScores constantPredictions =
                TargetScores.of(new double[] {0.1, 0.1, 0.1, 0.1, 0.1}, LABELS, TRAINING_MEAN);
        assertThat(constantPredictions.pearson()).isNaN();
        assertThat(constantPredictions.ccc()).isCloseTo(0, EXACT);
        assertThat(constantPredictions.predictedStd()).isCloseTo(0, EXACT);
        TargetScores constantLabels =
                TargetScores.of(PREDICTIONS, new double[] {0.7, 0.7, 0.7, 0.7, 0.7}, TRAINING_MEAN);
        assertThat(constantLabels.pearson()).isNaN();
    }

    @Test
    void definesNothingWithoutLabels() {
        TargetScores scores = TargetScores.of(new double[] {0.2}, new double[] {Double.NaN}, TRAINING_MEAN);
        assertThat(scores.tracks()).isZero();
        assertThat(new double[] {
                    scores.r2(),
                    scores.pearson(),
                    scores.ccc(),
                    scores.rmse(),
                    scores.mae(),
                    scores.predictedStd(),
                    scores.targetStd()
                })
                .containsOnly(Double.NaN);
    }

    @Test
    void refusesPredictionsThatDoNotMatchTheLabels() {
        assertThatThrownBy(() -> TargetScores.of(new double[2], new double[3], 0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 predictions against 3 labels");
    }
}
