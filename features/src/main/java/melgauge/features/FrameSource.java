package melgauge.features;

import java.util.Objects;

/** Frames to read from, {@code [frames, bands]}, wherever they lie. Implementations can be read by several threads. */
public interface FrameSource {
    /** At least 0. */
    int frames();

    /** Numbers per frame, at least 1. */
    int bands();

    /**
     * Copies frames, one after the other.
     *
     * @param firstFrame the first one, at least 0
     * @param count how many; firstFrame + count is at most {@link #frames()}
     * @param into receives count × bands numbers from {@code offset} on
     * @throws IndexOutOfBoundsException if there are no such frames, or no room
     */
    void read(int firstFrame, int count, float[] into, int offset);

    /** The frames of a spectrogram in memory. */
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
                Objects.checkFromIndexSize(firstFrame, count, frames());
                System.arraycopy(spectrogram.values(), firstFrame * bands(), into, offset, count * bands());
            }
        };
    }
}
