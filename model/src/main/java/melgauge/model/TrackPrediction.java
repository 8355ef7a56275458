package melgauge.model;

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
    /**
     * The prediction from sums over patches.
     *
     * @param sum of the patches' predictions, one per output
     * @param sumOfSquares likewise
     */
    public static TrackPrediction of(double[] sum, double[] sumOfSquares, int patches, boolean isShort) {
        double[] mean = new double[sum.length];
        double[] spread = new double[sum.length];
        for (int i = 0; i < sum.length; i++) {
            mean[i] = sum[i] / patches;
            spread[i] = Math.sqrt(Math.max(0, sumOfSquares[i] / patches - mean[i] * mean[i]));
        }
        return new TrackPrediction(mean, spread, patches, isShort);
    }

    /**
     * The same with a share of what a regression says of the whole track in the answer to each patch, so that patches spread
     * by that much less.
     *
     * @param share 0 to 1
     */
    public TrackPrediction blended(double share, double[] regression) {
        return new TrackPrediction(
                Blend.of(share, mean, regression),
                Blend.of(share, spread, new double[spread.length]),
                patches,
                isShort);
    }
}
