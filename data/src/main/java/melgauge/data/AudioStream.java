package melgauge.data;

import java.util.Arrays;

/**
 * Mono samples of one track, in order, as they are decoded. What was read is not kept, so a track of any length takes
 * the same memory. For one thread; to be closed.
 */
public interface AudioStream extends AutoCloseable {
    /** Samples a second, in Hz. */
    int sampleRate();

    /**
     * Reads samples; full scale is [-1, 1].
     *
     * @param length the most to read, at least 1
     * @return how many were read, at least 1; −1 at the end
     * @throws AudioException if the file turns out to be unusable
     */
    int read(float[] into, int offset, int length) throws AudioException;

    /**
     * What is known of the source. Counts, levels and the warning cover what was read so far: ask at the end.
     */
    SourceInfo info();

    @Override
    void close();

    /** Reads all that is left into memory. */
    default Audio readAll() throws AudioException {
        float[] samples = new float[1 << 16];
        int length = 0;
        try {
            for (int count = 0; count >= 0; count = read(samples, length, samples.length - length)) {
                length += count;
                if (length == samples.length) {
                    samples = Arrays.copyOf(samples, (int) Math.min(Integer.MAX_VALUE - 16L, 2L * length));
                    if (length == samples.length) {
                        throw new OutOfMemoryError("an array holds at most " + length + " samples");
                    }
                }
            }
            return new Audio(Arrays.copyOf(samples, length), sampleRate());
        } catch (OutOfMemoryError e) {
            // A file that is too long for this machine must not end the work on all others.
            throw new AudioException(
                    Failure.Code.MEMORY,
                    "is too long for Java's memory: it has at least " + length / sampleRate()
                            + " s; cut it into parts or allow more memory with -Xmx",
                    e);
        }
    }

    /** Samples that are in memory already. */
    static AudioStream of(Audio audio) {
        return new AudioStream() {
            private int position;

            @Override
            public int sampleRate() {
                return audio.sampleRate();
            }

            @Override
            public int read(float[] into, int offset, int length) {
                int count = Math.min(length, audio.samples().length - position);
                if (count <= 0) {
                    return -1;
                }
                System.arraycopy(audio.samples(), position, into, offset, count);
                position += count;
                return count;
            }

            @Override
            public SourceInfo info() {
                return SourceInfo.of(audio);
            }

            @Override
            public void close() {}
        };
    }
}
