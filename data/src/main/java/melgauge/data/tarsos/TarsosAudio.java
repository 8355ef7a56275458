package melgauge.data.tarsos;

import be.tarsos.dsp.AudioDispatcher;
import be.tarsos.dsp.AudioProcessor;
import be.tarsos.dsp.io.TarsosDSPAudioFormat;
import be.tarsos.dsp.io.TarsosDSPAudioInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import melgauge.data.AudioException;
import melgauge.data.AudioStream;
import melgauge.data.Decoder;
import melgauge.data.Excerpt;

/**
 * Our audio as TarsosDSP's input stream: mono, signed 32 bits, little-endian, the finest that TarsosDSP reads. Samples
 * are exact to 1e-9 of full scale; those beyond full scale are clipped to it. A file is decoded as it is read, so one of
 * any length takes little memory.
 *
 * <pre>{@code
 * List<Float> hertz = new ArrayList<>();
 * TarsosAudio.process(file, 22_050, 2048, 1024,
 *         new PitchProcessor(YIN, 22_050, 2048, (pitch, event) -> hertz.add(pitch.getPitch())));
 * }</pre>
 */
public final class TarsosAudio implements TarsosDSPAudioInputStream {
    private static final int UNKNOWN_LENGTH = -1;

    private final AudioStream audio;
    private final TarsosDSPAudioFormat format;
    private float[] samples = new float[0];

    /** Reads on from where {@code audio} is; closing this closes it. */
    public TarsosAudio(AudioStream audio) {
        this.audio = audio;
        this.format = new TarsosDSPAudioFormat(audio.sampleRate(), Integer.SIZE, 1, true, false);
    }

    /**
     * Runs processors over a whole file of any format that Melgauge decodes, on this thread.
     *
     * @param sampleRate in Hz, to which the file is resampled
     * @param bufferSize samples per block
     * @param overlap samples that a block shares with the one before, below {@code bufferSize}
     * @throws AudioException if the file cannot be decoded
     */
    public static void process(Path file, int sampleRate, int bufferSize, int overlap, AudioProcessor... processors)
            throws AudioException {
        try (AudioStream audio = Decoder.standard().open(file, sampleRate, Excerpt.WHOLE)) {
            process(audio, bufferSize, overlap, processors);
        }
    }

    /** Runs processors over what is left of some audio, on this thread; see the other method. */
    public static void process(AudioStream audio, int bufferSize, int overlap, AudioProcessor... processors) {
        AudioDispatcher dispatcher = new AudioDispatcher(new TarsosAudio(audio), bufferSize, overlap);
        for (AudioProcessor processor : processors) {
            dispatcher.addAudioProcessor(processor);
        }
        dispatcher.run();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = take(length / Integer.BYTES);
        ByteBuffer out = ByteBuffer.wrap(bytes, offset, length).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            double sample = Math.max(-1, Math.min(1, samples[i]));
            out.putInt((int) Math.rint(sample * Integer.MAX_VALUE));
        }
        return count == 0 ? -1 : count * Integer.BYTES;
    }

    /** Fills the samples as far as the audio goes: TarsosDSP takes a short block for the last one. */
    private int take(int wanted) throws AudioException {
        if (samples.length < wanted) {
            samples = new float[wanted];
        }
        int filled = 0;
        while (filled < wanted) {
            int count = audio.read(samples, filled, wanted - filled);
            if (count < 0) {
                break;
            }
            filled += count;
        }
        return filled;
    }

    @Override
    public long skip(long bytes) throws IOException {
        long skipped = 0;
        while (skipped < bytes / Integer.BYTES) {
            int count = take((int) Math.min(1 << 14, bytes / Integer.BYTES - skipped));
            if (count == 0) {
                break;
            }
            skipped += count;
        }
        return skipped * Integer.BYTES;
    }

    @Override
    public void close() {
        audio.close();
    }

    @Override
    public TarsosDSPAudioFormat getFormat() {
        return format;
    }

    /** Not known before the end. */
    @Override
    public long getFrameLength() {
        return UNKNOWN_LENGTH;
    }
}
