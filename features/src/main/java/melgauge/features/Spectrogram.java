package melgauge.features;

import java.io.IOException;

/**
 * A time-frequency matrix, {@code [frames, bands]}, row by row: the bands of a frame lie side by side.
 *
 * @param values {@code frames × bands} numbers; owned by whoever holds the record, which does not copy them
 * @param frames at least 0
 * @param bands at least 1
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; copying would double the cost of every track
public record Spectrogram(float[] values, int frames, int bands) {
    public Spectrogram {
        if (frames < 0 || bands < 1 || values.length != (long) frames * bands) {
            throw new IllegalArgumentException(
                    values.length + " values do not make a spectrogram of [" + frames + ", " + bands + "]");
        }
    }

    /** The value of one band in one frame. */
    public float at(int frame, int band) {
        return values[frame * bands + band];
    }

    /** Hands all frames on, in order. */
    void forEach(FrameSink sink) throws IOException {
        float[] frame = new float[bands];
        for (int i = 0; i < frames; i++) {
            System.arraycopy(values, i * bands, frame, 0, bands);
            sink.accept(frame);
        }
    }
}
