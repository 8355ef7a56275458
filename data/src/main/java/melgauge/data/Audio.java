package melgauge.data;

/**
 * Mono audio.
 *
 * @param samples full scale is [-1, 1]; owned by whoever holds the record, which does not copy it
 * @param sampleRate in Hz, at least 1
 */
@SuppressWarnings(
        "ArrayRecordComponent") // compared by nobody; a copy of minutes of samples would cost more than it gives
public record Audio(float[] samples, int sampleRate) {
    public Audio {
        if (sampleRate < 1) {
            throw new IllegalArgumentException("sampleRate=" + sampleRate + " must be at least 1 Hz");
        }
    }

    /** Length in seconds. */
    public double seconds() {
        return samples.length / (double) sampleRate;
    }
}
