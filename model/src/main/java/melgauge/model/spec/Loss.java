package melgauge.model.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What training makes small: how far the predictions p of one target are from its labels y, both in [0,1], over the
 * examples of a batch. The loss of a batch is the mean over its outputs.
 */
public enum Loss {
    /** Mean of (p − y)². */
    @JsonProperty("mse")
    MSE {
        @Override
        double value(double p, double y) {
            return (p - y) * (p - y);
        }

        @Override
        double slope(double p, double y) {
            return 2 * (p - y);
        }
    },
    /** Mean of |p − y|. */
    @JsonProperty("mae")
    MAE {
        @Override
        double value(double p, double y) {
            return Math.abs(p - y);
        }

        @Override
        double slope(double p, double y) {
            return Math.signum(p - y);
        }
    },
    /** Mean of ½·(p − y)² up to an error of δ = 0.1, δ·(|p − y| − ½·δ) beyond (Huber 1964). */
    @JsonProperty("huber")
    HUBER {
        @Override
        double value(double p, double y) {
            double error = Math.abs(p - y);
            return error <= HUBER_DELTA ? 0.5 * error * error : HUBER_DELTA * (error - 0.5 * HUBER_DELTA);
        }

        @Override
        double slope(double p, double y) {
            return Math.max(-HUBER_DELTA, Math.min(HUBER_DELTA, p - y));
        }
    },
    /** Mean of −y·ln p − (1 − y)·ln(1 − p), p kept within [1e-7, 1 − 1e-7]. */
    @JsonProperty("bce")
    BCE {
        @Override
        double value(double p, double y) {
            double q = clamp(p);
            return -y * Math.log(q) - (1 - y) * Math.log(1 - q);
        }

        @Override
        double slope(double p, double y) {
            double q = clamp(p);
            return (q - y) / (q * (1 - q));
        }
    },
    /**
     * 1 − Lin's concordance correlation coefficient over the batch (Lin 1989): 1 − 2·cov / (var p + var y + (mean p − mean
     * y)² + 1e-8). It rewards predictions that spread as the labels do. Noisy in small batches: 16 examples or more.
     */
    @JsonProperty("ccc")
    CCC {
        @Override
        public double of(
                double[] predictions, double[] labels, double @Nullable [] weights, double @Nullable [] slopes) {
            double total = 0;
            double meanP = 0;
            double meanY = 0;
            int labelled = 0;
            for (int i = 0; i < labels.length; i++) {
                if (!Double.isNaN(labels[i])) {
                    double weight = weights == null ? 1 : weights[i];
                    total += weight;
                    meanP += weight * predictions[i];
                    meanY += weight * labels[i];
                    labelled++;
                }
            }
            if (labelled < 2 || total == 0) {
                return 0;
            }
            meanP /= total;
            meanY /= total;
            double covariance = 0;
            double spread = CCC_EPSILON + (meanP - meanY) * (meanP - meanY);
            for (int i = 0; i < labels.length; i++) {
                if (!Double.isNaN(labels[i])) {
                    double share = (weights == null ? 1 : weights[i]) / total;
                    double p = predictions[i] - meanP;
                    double y = labels[i] - meanY;
                    covariance += share * p * y;
                    spread += share * (p * p + y * y);
                }
            }
            double ccc = 2 * covariance / spread;
            double scale = labelled / (double) labels.length;
            for (int i = 0; slopes != null && i < labels.length; i++) {
                if (!Double.isNaN(labels[i])) {
                    double share = (weights == null ? 1 : weights[i]) / total;
                    slopes[i] = -scale * 2 * share * ((labels[i] - meanY) - ccc * (predictions[i] - meanY)) / spread;
                }
            }
            return scale * (1 - ccc);
        }

        @Override
        double value(double p, double y) {
            throw new IllegalStateException("has no value for a single example");
        }

        @Override
        double slope(double p, double y) {
            throw new IllegalStateException("has no slope for a single example");
        }
    };

    private static final double HUBER_DELTA = 0.1;
    private static final double EDGE = 1e-7;
    private static final double CCC_EPSILON = 1e-8;

    /**
     * The loss of one target over the examples of a batch. An unlabelled example counts as 0, and as an example.
     *
     * @param predictions in [0,1]
     * @param labels in [0,1], NaN where unlabelled
     * @param weights how much each example counts; null: 1
     * @param slopes receives the derivative by each prediction, 0 where unlabelled; null if nobody asks; all 0 before
     */
    public double of(double[] predictions, double[] labels, double @Nullable [] weights, double @Nullable [] slopes) {
        double sum = 0;
        int n = labels.length;
        for (int i = 0; i < n; i++) {
            if (!Double.isNaN(labels[i])) {
                double weight = weights == null ? 1 : weights[i];
                sum += weight * value(predictions[i], labels[i]);
                if (slopes != null) {
                    slopes[i] = weight * slope(predictions[i], labels[i]) / n;
                }
            }
        }
        return sum / n;
    }

    /** The loss of one prediction. */
    abstract double value(double p, double y);

    /** Its derivative by the prediction. */
    abstract double slope(double p, double y);

    private static double clamp(double p) {
        return Math.max(EDGE, Math.min(1 - EDGE, p));
    }
}
