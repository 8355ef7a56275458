package melgauge.features;

import java.util.Objects;

/**
 * The frames of one track, {@code [frames, bands]}, in memory or on disk. Reading changes nothing, so that threads may
 * share a source.
 */
public interface FrameSource {
    /** Frames in the track, at least 0. */
    int frames();

    /** Bands per frame, at least 1. */
    int bands();

    /**
     * Copies {@code count} frames, row by row, to {@code into}, from {@code offset}.
     *
     * @throws IndexOutOfBoundsException if the frames are not all there, or do not fit
     */
    void read(int firstFrame, int count, float[] into, int offset);

    /** A view of a spectrogram, which is not copied. */
    static FrameSource of(Spectrogram spectrogram) {
        return new FrameSource() {
            @Override
            public int frames() {
                return spectrogram.frames();
            }

            @Override
            public int bands() {
                return spectrogram.bands();
            }

            @Override
            public void read(int firstFrame, int count, float[] into, int offset) {
                Objects.checkFromIndexSize(firstFrame, count, spectrogram.frames());
                int bands = spectrogram.bands();
                System.arraycopy(spectrogram.values(), firstFrame * bands, into, offset, count * bands);
            }
        };
    }
}
