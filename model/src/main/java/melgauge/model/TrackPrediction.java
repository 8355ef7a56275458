package melgauge.model;

/**
 * What the network says of a whole track.
 *
 * @param mean of the patches' predictions, one per output, in [0,1]
 * @param spread their standard deviation
 * @param patches how many there were
 * @param isShort whether the track was shorter than a patch and had to be repeated
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TrackPrediction(double[] mean, double[] spread, int patches, boolean isShort) {}
