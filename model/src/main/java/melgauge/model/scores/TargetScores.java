package melgauge.model.scores;

/**
 * How good the predictions of one target are, over tracks. NaN where a score is not defined: no labels, or labels or
 * predictions that do not vary.
 *
 * @param tracks labelled tracks that were scored
 * @param r2 1 − SSE/SST, SST about the mean of the training labels, so that the mean predictor scores 0 or below
 * @param pearson Pearson's correlation
 * @param ccc Lin's concordance correlation coefficient (Lin 1989), 2·cov / (var + var + squared difference of means)
 * @param rmse root of the mean squared error
 * @param mae mean absolute error
 * @param predictedStd standard deviation of the predictions, divisor n
 * @param targetStd standard deviation of the labels, divisor n
 */
public record TargetScores(
        int tracks,
        double r2,
        double pearson,
        double ccc,
        double rmse,
        double mae,
        double predictedStd,
        double targetStd) {
    /** Of no tracks. */
    public static final TargetScores UNDEFINED =
            new TargetScores(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

    /**
     * Scores predictions against labels of the same length; a label of NaN leaves its track out.
     *
     * @param trainingMean mean of the training labels
     */
    public static TargetScores of(double[] predictions, double[] labels, double trainingMean) {
        if (predictions.length != labels.length) {
            throw new IllegalArgumentException(
                    predictions.length + " predictions against " + labels.length + " labels");
        }
        int n = 0;
        double predictionSum = 0;
        double labelSum = 0;
        for (int i = 0; i < labels.length; i++) {
            if (!Double.isNaN(labels[i])) {
                n++;
                predictionSum += predictions[i];
                labelSum += labels[i];
            }
        }
        double predictionMean = predictionSum / n;
        double labelMean = labelSum / n;
        double squaredError = 0;
        double absoluteError = 0;
        double total = 0;
        double predictionVariance = n == 0 ? Double.NaN : 0;
        double labelVariance = n == 0 ? Double.NaN : 0;
        double covariance = 0;
        for (int i = 0; i < labels.length; i++) {
            if (!Double.isNaN(labels[i])) {
                double error = predictions[i] - labels[i];
                double p = predictions[i] - predictionMean;
                double y = labels[i] - labelMean;
                squaredError += error * error;
                absoluteError += Math.abs(error);
                total += (labels[i] - trainingMean) * (labels[i] - trainingMean);
                predictionVariance += p * p / n;
                labelVariance += y * y / n;
                covariance += p * y / n;
            }
        }
        double shift = predictionMean - labelMean;
        return new TargetScores(
                n,
                total > 0 ? 1 - squaredError / total : Double.NaN,
                varies(predictionVariance, predictionMean) && varies(labelVariance, labelMean)
                        ? covariance / Math.sqrt(predictionVariance * labelVariance)
                        : Double.NaN,
                predictionVariance + labelVariance + shift * shift > 0
                        ? 2 * covariance / (predictionVariance + labelVariance + shift * shift)
                        : Double.NaN,
                Math.sqrt(squaredError / n),
                absoluteError / n,
                Math.sqrt(predictionVariance),
                Math.sqrt(labelVariance));
    }

    /** Whether a variance is more than what rounding leaves of a constant. */
    private static boolean varies(double variance, double mean) {
        return variance > 1e-20 * (1 + mean * mean);
    }

    /** The standard deviation of the predictions as a share of that of the labels; NaN if the labels do not vary. */
    public double spreadRatio() {
        return targetStd > 0 ? predictedStd / targetStd : Double.NaN;
    }
}
