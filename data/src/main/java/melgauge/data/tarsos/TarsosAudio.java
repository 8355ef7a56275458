package melgauge.data.tarsos;

import be.tarsos.dsp.AudioDispatcher;
import be.tarsos.dsp.AudioProcessor;
import be.tarsos.dsp.io.TarsosDSPAudioFormat;
import be.tarsos.dsp.io.TarsosDSPAudioInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import melgauge.data.Audio;

/**
 * Our audio as TarsosDSP's input stream: mono, signed 32 bits, little-endian, the finest that TarsosDSP reads. Samples
 * are exact to 1e-9 of full scale; those beyond full scale are clipped to it.
 *
 * <pre>{@code
 * Audio audio = Decoder.standard().decode(file, 44_100).audio();
 * TarsosAudio.process(audio, 2048, 1024, new PitchProcessor(YIN, 44_100, 2048, handler));
 * }</pre>
 */
public final class TarsosAudio implements TarsosDSPAudioInputStream {
    private final Audio audio;
    private final TarsosDSPAudioFormat format;
    private int position;

    /** A stream from the first sample on. */
    public TarsosAudio(Audio audio) {
        this.audio = audio;
        this.format = new TarsosDSPAudioFormat(audio.sampleRate(), Integer.SIZE, 1, true, false);
    }

    /**
     * Runs processors over the whole of some audio, on this thread.
     *
     * @param bufferSize samples per block
     * @param overlap samples that a block shares with the one before, below {@code bufferSize}
     */
    public static void process(Audio audio, int bufferSize, int overlap, AudioProcessor... processors) {
        AudioDispatcher dispatcher = new AudioDispatcher(new TarsosAudio(audio), bufferSize, overlap);
        for (AudioProcessor processor : processors) {
            dispatcher.addAudioProcessor(processor);
        }
        dispatcher.run();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        int count = Math.min(length / Integer.BYTES, audio.samples().length - position);
        if (count <= 0) {
            return -1;
        }
        ByteBuffer out = ByteBuffer.wrap(bytes, offset, count * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            double sample = Math.max(-1, Math.min(1, audio.samples()[position + i]));
            out.putInt((int) Math.rint(sample * Integer.MAX_VALUE));
        }
        position += count;
        return count * Integer.BYTES;
    }

    @Override
    public long skip(long bytes) {
        int count = (int) Math.min(Math.max(0, bytes / Integer.BYTES), audio.samples().length - position);
        position += count;
        return (long) count * Integer.BYTES;
    }

    @Override
    public void close() {}

    @Override
    public TarsosDSPAudioFormat getFormat() {
        return format;
    }

    @Override
    public long getFrameLength() {
        return audio.samples().length;
    }
}
