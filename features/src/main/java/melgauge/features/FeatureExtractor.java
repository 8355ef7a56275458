package melgauge.features;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import melgauge.data.Audio;
import melgauge.data.AudioException;
import melgauge.data.AudioStream;

/**
 * Computes a spectrogram from audio, in one pass and in memory that does not depend on the track's length. One instance
 * serves all threads; equal settings and audio give equal bytes.
 */
public interface FeatureExtractor {
    /** Begins a track, whose frames, {@code [bands]} each and before normalisation, go to the sink. */
    Extraction begin(FrameSink sink);

    /** Bands per frame. */
    int bands();

    /** The sampling rate in Hz that {@link #begin} expects. */
    int sampleRate();

    /** What the user should know of the settings, each in a sentence with its remedy; empty if nothing. */
    default List<String> warnings() {
        return List.of();
    }

    /**
     * The spectrogram of samples in memory, {@code [frames, bands]}.
     *
     * @throws IllegalArgumentException if the audio is not at {@link #sampleRate()}, or so long that the result would
     *     pass 2³¹ − 1 values
     */
    default Spectrogram extract(Audio audio) {
        try (AudioStream stream = AudioStream.of(audio)) {
            return extract(stream, (samples, offset, count) -> {});
        } catch (AudioException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The spectrogram of what is left of a stream, {@code [frames, bands]}, in memory; a listener hears the samples.
     *
     * @throws AudioException if the stream throws it
     * @throws IllegalArgumentException as {@link #extract(Audio)}
     */
    default Spectrogram extract(AudioStream audio, Listener listener) throws AudioException {
        Collector collector = new Collector(bands());
        try {
            feed(audio, collector, listener);
        } catch (AudioException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return collector.spectrogram();
    }

    /** Hears the samples on their way to an extractor. */
    @FunctionalInterface
    interface Listener {
        void add(float[] samples, int offset, int count);
    }

    /**
     * Passes what is left of a stream through this extractor into a sink, and by a listener.
     *
     * @throws AudioException if the stream throws it
     * @throws IOException if the sink throws it
     * @throws IllegalArgumentException if the audio is not at {@link #sampleRate()}
     */
    default void feed(AudioStream audio, FrameSink sink, Listener listener) throws IOException {
        if (audio.sampleRate() != sampleRate()) {
            throw new IllegalArgumentException("audio is sampled at " + audio.sampleRate() + " Hz, the spec asks for "
                    + sampleRate() + " Hz; resample while decoding");
        }
        float[] block = new float[1 << 13];
        try (Extraction extraction = begin(sink)) {
            for (int count = audio.read(block, 0, block.length); count >= 0; ) {
                listener.add(block, 0, count);
                extraction.add(block, 0, count);
                count = audio.read(block, 0, block.length);
            }
            extraction.finish();
        }
    }

    /** Keeps frames in memory. */
    final class Collector implements FrameSink {
        private final int bands;
        private float[] values = new float[0];
        private int length;

        private Collector(int bands) {
            this.bands = bands;
        }

        @Override
        public void accept(float[] frame) {
            if (length + (long) bands > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException("a spectrogram of more than " + length / bands + " frames of "
                        + bands + " bands does not fit into memory; raise hopLength or cut the audio");
            }
            if (length + bands > values.length) {
                values = Arrays.copyOf(
                        values, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(256L * bands, 2L * values.length)));
            }
            System.arraycopy(frame, 0, values, length, bands);
            length += bands;
        }

        private Spectrogram spectrogram() {
            return new Spectrogram(Arrays.copyOf(values, length), length / bands, bands);
        }
    }
}
