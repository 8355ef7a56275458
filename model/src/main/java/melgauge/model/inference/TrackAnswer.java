package melgauge.model.inference;

import java.util.List;

/**
 * An ensemble's answer for a track.
 *
 * @param prediction of all members together, in [0,1]
 * @param ofNetworks of the networks alone
 * @param ofRegressions of each regression, one value per output
 * @param series the prediction of all members for each patch, {@code [patches, outputs]}; empty unless asked for
 * @param vector the last hidden layers, averaged over patches; empty unless asked for
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
public record TrackAnswer(
        TrackPrediction prediction,
        TrackPrediction ofNetworks,
        List<double[]> ofRegressions,
        float[] series,
        float[] vector) {
    public TrackAnswer {
        ofRegressions = List.copyOf(ofRegressions);
    }
}
