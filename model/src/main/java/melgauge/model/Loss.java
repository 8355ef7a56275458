package melgauge.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The loss of one prediction p against one label y, both in [0,1]. The loss of an example is the mean over its outputs,
 * an unlabelled output counting as 0; the loss of a batch is the mean over its examples.
 */
public enum Loss {
    /** (p − y)². */
    @JsonProperty("mse")
    MSE {
        @Override
        public double value(double p, double y) {
            return (p - y) * (p - y);
        }

        @Override
        public double slope(double p, double y) {
            return 2 * (p - y);
        }
    },
    /** |p − y|. */
    @JsonProperty("mae")
    MAE {
        @Override
        public double value(double p, double y) {
            return Math.abs(p - y);
        }

        @Override
        public double slope(double p, double y) {
            return Math.signum(p - y);
        }
    },
    /** ½·(p − y)² up to an error of δ = 0.1, δ·(|p − y| − ½·δ) beyond (Huber 1964). */
    @JsonProperty("huber")
    HUBER {
        @Override
        public double value(double p, double y) {
            double error = Math.abs(p - y);
            return error <= HUBER_DELTA ? 0.5 * error * error : HUBER_DELTA * (error - 0.5 * HUBER_DELTA);
        }

        @Override
        public double slope(double p, double y) {
            return Math.max(-HUBER_DELTA, Math.min(HUBER_DELTA, p - y));
        }
    },
    /** −y·ln p − (1 − y)·ln(1 − p), p kept within [1e-7, 1 − 1e-7]. */
    @JsonProperty("bce")
    BCE {
        @Override
        public double value(double p, double y) {
            double q = clamp(p);
            return -y * Math.log(q) - (1 - y) * Math.log(1 - q);
        }

        @Override
        public double slope(double p, double y) {
            double q = clamp(p);
            return (q - y) / (q * (1 - q));
        }
    };

    private static final double HUBER_DELTA = 0.1;
    private static final double EDGE = 1e-7;

    /** The loss. */
    public abstract double value(double p, double y);

    /** Its derivative by the prediction. */
    public abstract double slope(double p, double y);

    private static double clamp(double p) {
        return Math.max(EDGE, Math.min(1 - EDGE, p));
    }
}
