package melgauge.data.ffmpeg;

import java.util.Arrays;
import melgauge.data.AudioException;
import org.bytedeco.ffmpeg.avutil.AVChannelLayout;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swresample;
import org.bytedeco.ffmpeg.swresample.SwrContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * Mixes frames to mono, with equal weights for all channels, and resamples them with libswresample. When the frames'
 * rate, format or channels change, what is under way is brought to its end and a new filter begins. What comes out is
 * held until it is {@linkplain #take taken}.
 *
 * <p>The filter is twice as long as the library's default, which loses 0.4 dB at 7/8 of the new half rate and lets
 * through 62 dB less at 9/8 of it: this one is flat to 0.01 dB up to 7/8, and lets through at least 90 dB less from
 * 17/16 on. {@code docs/performance.md} has the figures.
 */
final class Resampler implements AutoCloseable {
    private static final long FILTER_TAPS = 64;

    private final int sampleRate;
    private @Nullable SwrContext context;
    private int inputRate;
    private int inputFormat;
    private int inputChannels;
    private boolean planar;
    private int sampleBytes;

    private FloatPointer out = new FloatPointer(1 << 14);
    private PointerPointer<FloatPointer> outPlanes = new PointerPointer<FloatPointer>(1).put(0, out);
    private PointerPointer<BytePointer> inPlanes = new PointerPointer<>(1);
    /** Samples that wait in {@code out}, and how many of them were taken. */
    private int ready;

    private int taken;
    /** Samples put into the current filter, and taken out of it. */
    private long consumed;

    private long produced;

    Resampler(int sampleRate) {
        this.sampleRate = sampleRate;
    }

    /**
     * Adds samples of a decoded frame, once all that came out before is taken.
     *
     * @param first the first sample to add
     * @param count how many
     */
    void add(AVFrame frame, int first, int count) throws AudioException {
        SwrContext current = context;
        if (current == null || !continues(frame)) {
            current = open(frame);
        }
        if (first == 0) {
            convert(current, frame.extended_data(), count);
        } else {
            convert(current, from(frame, first), count);
        }
        consumed += count;
    }

    /** Whether a frame goes through the current filter; if not, {@link #drain} comes first. */
    boolean continues(AVFrame frame) {
        return context == null
                || (frame.sample_rate() == inputRate
                        && frame.format() == inputFormat
                        && frame.ch_layout().nb_channels() == inputChannels);
    }

    private PointerPointer<BytePointer> from(AVFrame frame, int first) {
        int planes = planar ? inputChannels : 1;
        if (inPlanes.capacity() < planes) {
            inPlanes.close();
            inPlanes = new PointerPointer<>(planes);
        }
        for (int plane = 0; plane < planes; plane++) {
            inPlanes.put(
                    plane,
                    new BytePointer(frame.extended_data(plane))
                            .position((long) first * sampleBytes * (planar ? 1 : inputChannels)));
        }
        return inPlanes;
    }

    private SwrContext open(AVFrame frame) throws AudioException {
        inputRate = frame.sample_rate();
        inputFormat = frame.format();
        inputChannels = frame.ch_layout().nb_channels();
        planar = avutil.av_sample_fmt_is_planar(inputFormat) == 1;
        sampleBytes = avutil.av_get_bytes_per_sample(inputFormat);
        consumed = 0;
        produced = 0;
        try (AVChannelLayout mono = new AVChannelLayout();
                AVChannelLayout input = new AVChannelLayout()) {
            avutil.av_channel_layout_default(mono, 1);
            avutil.av_channel_layout_default(input, inputChannels);
            SwrContext opened = new SwrContext(null);
            int result = swresample.swr_alloc_set_opts2(
                    opened, mono, avutil.AV_SAMPLE_FMT_FLT, sampleRate, input, inputFormat, inputRate, 0, null);
            context = opened;
            double[] weights = new double[inputChannels];
            Arrays.fill(weights, 1.0 / inputChannels);
            if (result < 0
                    || avutil.av_opt_set_int(opened, "filter_size", FILTER_TAPS, 0) < 0
                    || swresample.swr_set_matrix(opened, weights, inputChannels) < 0
                    || swresample.swr_init(opened) < 0) {
                throw new AudioException("its audio (" + inputChannels + " channels at " + inputRate
                        + " Hz) cannot be converted to mono at " + sampleRate + " Hz");
            }
            return opened;
        }
    }

    /** Ends the current filter: what it still holds comes out. */
    void drain() throws AudioException {
        SwrContext current = context;
        if (current != null) {
            if (produced == 0 && consumed > 0) {
                drainShort(current);
            } else {
                convert(current, null, 0);
            }
            swresample.swr_free(current);
            context = null;
        }
    }

    /** An input shorter than the filter comes out only if something follows it: silence, which is then cut off. */
    private void drainShort(SwrContext current) throws AudioException {
        int silence = (int) (2 * FILTER_TAPS) * (1 + inputRate / sampleRate);
        int result = swresample.swr_inject_silence(current, silence);
        if (result < 0) {
            throw new AudioException("cannot be resampled: " + FfmpegDecoder.reason(result));
        }
        convert(current, null, 0);
        ready = (int) Math.min(ready, (consumed * sampleRate + inputRate - 1) / inputRate);
    }

    private void convert(SwrContext current, @Nullable PointerPointer<?> planes, int count) throws AudioException {
        if (available() > 0) {
            throw new IllegalStateException("take what is there before adding more");
        }
        int room = swresample.swr_get_out_samples(current, count);
        if (room > out.capacity()) {
            outPlanes.close();
            out.close();
            out = new FloatPointer(room);
            outPlanes = new PointerPointer<FloatPointer>(1).put(0, out);
        }
        int written = swresample.swr_convert(current, outPlanes, (int) out.capacity(), planes, count);
        if (written < 0) {
            throw new AudioException("cannot be resampled: " + FfmpegDecoder.reason(written));
        }
        ready = written;
        taken = 0;
        produced += written;
    }

    /** Samples that can be taken now. */
    int available() {
        return ready - taken;
    }

    /** Moves up to {@code length} samples out. */
    int take(float[] into, int offset, int length) {
        int count = Math.min(length, available());
        out.position(taken).get(into, offset, count);
        out.position(0);
        taken += count;
        return count;
    }

    @Override
    public void close() {
        if (context != null) {
            swresample.swr_free(context);
        }
        inPlanes.close();
        outPlanes.close();
        out.close();
    }
}
