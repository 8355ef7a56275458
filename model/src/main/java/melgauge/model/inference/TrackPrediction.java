package melgauge.model.inference;

import java.util.stream.DoubleStream;

/**
 * What a model says of a whole track.
 *
 * @param mean of the patches' predictions, one per output, in [0,1]
 * @param spread their standard deviation
 * @param patches how many there were
 * @param isShort whether the track was shorter than a patch and had to be repeated
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TrackPrediction(double[] mean, double[] spread, int patches, boolean isShort) {
    /** Whether every mean is finite; weights that are too large may give others. */
    public boolean isFinite() {
        return DoubleStream.of(mean).allMatch(Double::isFinite);
    }

    /** Gathers the predictions of a track's patches. For one thread. */
    public static final class Builder {
        private final double[] sum;
        private final double[] sumOfSquares;
        private int patches;

        /** @param outputs numbers per patch */
        public Builder(int outputs) {
            this.sum = new double[outputs];
            this.sumOfSquares = new double[outputs];
        }

        /**
         * Adds a patch.
         *
         * @param predictions {@code [rows, outputs]}
         * @param row whose patch it is
         */
        public void add(float[] predictions, int row) {
            for (int i = 0; i < sum.length; i++) {
                double value = predictions[row * sum.length + i];
                sum[i] += value;
                sumOfSquares[i] += value * value;
            }
            patches++;
        }

        /** Patches so far. */
        public int patches() {
            return patches;
        }

        /** The prediction from all patches so far. */
        public TrackPrediction finish(boolean isShort) {
            double[] mean = new double[sum.length];
            double[] spread = new double[sum.length];
            for (int i = 0; i < sum.length; i++) {
                mean[i] = sum[i] / patches;
                spread[i] = Math.sqrt(Math.max(0, sumOfSquares[i] / patches - mean[i] * mean[i]));
            }
            return new TrackPrediction(mean, spread, patches, isShort);
        }
    }

    /**
     * The same with a share of what a regression says of the whole track in the answer to each patch, so that patches spread
     * by that much less.
     *
     * @param share 0 to 1
     */
    public TrackPrediction blended(double share, double[] regression) {
        return new TrackPrediction(
                blended(share, mean, regression), blended(share, spread, new double[spread.length]), patches, isShort);
    }

    /** (1 − share) · network + share · regression. */
    public static double[] blended(double share, double[] network, double[] regression) {
        double[] both = new double[network.length];
        for (int t = 0; t < both.length; t++) {
            both[t] = (1 - share) * network[t] + share * regression[t];
        }
        return both;
    }
}
