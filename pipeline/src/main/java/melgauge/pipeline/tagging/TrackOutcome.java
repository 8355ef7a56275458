package melgauge.pipeline.tagging;

import melgauge.data.Failure;
import melgauge.data.Subset;
import melgauge.model.TrackPrediction;
import melgauge.pipeline.decoding.Reading;
import org.jspecify.annotations.Nullable;

/** What became of a file that was to be predicted. */
sealed interface TrackOutcome {
    /**
     * It could be decoded.
     *
     * @param reading what was heard
     * @param frames of its spectrogram
     * @param statistics mean and standard deviation of each band
     * @param modulation energies of {@link melgauge.features.Modulation}; empty unless the model has a use for them
     * @param prediction of the whole track, in [0,1]
     * @param series the prediction of each patch, {@code [patches, outputs]}; empty unless asked for
     * @param vector what the last hidden layer said, averaged over patches; empty unless asked for
     * @param seen the side that the file trained or validated the model on; null if it did neither
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    record Predicted(
            Reading reading,
            int frames,
            float[] statistics,
            float[] modulation,
            TrackPrediction prediction,
            float[] series,
            float[] vector,
            @Nullable Subset seen)
            implements TrackOutcome {}

    /**
     * It could not.
     *
     * @param failure why
     */
    record Failed(Failure failure) implements TrackOutcome {}
}
