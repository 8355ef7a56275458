package melgauge.pipeline.tagging;

import melgauge.data.Failure;
import melgauge.data.Subset;
import melgauge.model.inference.TrackAnswer;
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
     * @param answer of the model
     * @param seen the side that the file trained or validated the model on; null if it did neither
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    record Predicted(
            Reading reading,
            int frames,
            float[] statistics,
            TrackAnswer answer,
            @Nullable Subset seen) implements TrackOutcome {}

    /**
     * It could not.
     *
     * @param failure why
     */
    record Failed(Failure failure) implements TrackOutcome {}
}
