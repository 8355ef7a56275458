package melgauge.pipeline;

import melgauge.data.Failure;
import melgauge.features.Spectrogram;

/**
 * What became of a file: its spectrogram, or the reason why there is none.
 *
 * @param <I> what names the file
 */
public sealed interface TrackOutcome<I> {
    /** Which file. */
    I item();

    /**
     * It could be decoded.
     *
     * @param item which file
     * @param spectrogram of the whole track, at least one frame, not normalised
     * @param seconds of audio
     */
    record Extracted<I>(I item, Spectrogram spectrogram, double seconds) implements TrackOutcome<I> {}

    /**
     * It could not.
     *
     * @param item which file
     * @param failure why
     */
    record Failed<I>(I item, Failure failure) implements TrackOutcome<I> {}
}
