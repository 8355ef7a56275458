package melgauge.data.ffmpeg;

import java.util.Arrays;
import melgauge.data.AudioException;
import org.bytedeco.ffmpeg.avutil.AVChannelLayout;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swresample;
import org.bytedeco.ffmpeg.swresample.SwrContext;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * Mixes frames to mono, with equal weights for all channels, and resamples them with libswresample's default filter.
 * When the frames' rate, format or channels change, what is under way is brought to its end and a new filter begins.
 */
final class Resampler implements AutoCloseable {
    private static final int MOST_SAMPLES = Integer.MAX_VALUE - 16;

    private final int sampleRate;
    private @Nullable SwrContext context;
    private int inputRate;
    private int inputFormat;
    private int inputChannels;

    private FloatPointer out = new FloatPointer(1 << 14);
    private PointerPointer<FloatPointer> outPlanes = new PointerPointer<FloatPointer>(1).put(0, out);
    private float[] samples = new float[1 << 16];
    private int length;
    /** Samples put into the current filter. */
    private long taken;
    /** The length at which the current filter began. */
    private int begin;

    private long notFinite;

    Resampler(int sampleRate) {
        this.sampleRate = sampleRate;
    }

    /** Adds a decoded frame. */
    void add(AVFrame frame) throws AudioException {
        int channels = frame.ch_layout().nb_channels();
        if (frame.sample_rate() < 1 || channels < 1) {
            return;
        }
        SwrContext current = context;
        if (current == null
                || frame.sample_rate() != inputRate
                || frame.format() != inputFormat
                || channels != inputChannels) {
            drain();
            current = open(frame, channels);
        }
        convert(current, frame.extended_data(), frame.nb_samples());
        taken += frame.nb_samples();
    }

    private SwrContext open(AVFrame frame, int channels) throws AudioException {
        inputRate = frame.sample_rate();
        inputFormat = frame.format();
        inputChannels = channels;
        taken = 0;
        begin = length;
        try (AVChannelLayout mono = new AVChannelLayout();
                AVChannelLayout input = new AVChannelLayout()) {
            avutil.av_channel_layout_default(mono, 1);
            avutil.av_channel_layout_default(input, channels);
            SwrContext opened = new SwrContext(null);
            int result = swresample.swr_alloc_set_opts2(
                    opened, mono, avutil.AV_SAMPLE_FMT_FLT, sampleRate, input, inputFormat, inputRate, 0, null);
            context = opened;
            double[] weights = new double[channels];
            Arrays.fill(weights, 1.0 / channels);
            if (result < 0
                    || swresample.swr_set_matrix(opened, weights, channels) < 0
                    || swresample.swr_init(opened) < 0) {
                throw new AudioException("its audio (" + channels + " channels at " + inputRate
                        + " Hz) cannot be converted to mono at " + sampleRate + " Hz");
            }
            return opened;
        }
    }

    /** Takes what the current filter still holds, and frees it. */
    private void drain() throws AudioException {
        SwrContext current = context;
        if (current != null) {
            if (length == begin && taken > 0) {
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
        int silence = 64 * (1 + inputRate / sampleRate);
        int result = swresample.swr_inject_silence(current, silence);
        if (result < 0) {
            throw new AudioException("cannot be resampled: " + FfmpegDecoder.reason(result));
        }
        convert(current, null, 0);
        length = (int) Math.min(length, begin + (taken * sampleRate + inputRate - 1) / inputRate);
    }

    private void convert(SwrContext current, @Nullable PointerPointer<?> planes, int count) throws AudioException {
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
        if (written > MOST_SAMPLES - length) {
            throw new AudioException("is longer than " + MOST_SAMPLES / sampleRate
                    + " s, the most that fits one track at " + sampleRate + " Hz; cut it into parts");
        }
        if (length + written > samples.length) {
            samples = resized((int) Math.min(MOST_SAMPLES, Math.max(length + (long) written, samples.length * 2L)));
        }
        out.get(samples, length, written);
        for (int i = length; i < length + written; i++) {
            if (!Float.isFinite(samples[i])) {
                samples[i] = 0;
                notFinite++;
            }
        }
        length += written;
    }

    /** All samples, once no frame is to come. */
    float[] finish() throws AudioException {
        drain();
        return resized(length);
    }

    /** A file that is too long for this machine must not end the work on all others. */
    private float[] resized(int size) throws AudioException {
        try {
            return Arrays.copyOf(samples, size);
        } catch (OutOfMemoryError e) {
            throw new AudioException(
                    "is too long for Java's memory: it has at least " + length / sampleRate
                            + " s; cut it into parts or allow more memory with -Xmx",
                    e);
        }
    }

    /** Samples that were infinite or not a number, and were set to 0. */
    long notFinite() {
        return notFinite;
    }

    @Override
    public void close() {
        if (context != null) {
            swresample.swr_free(context);
        }
        outPlanes.close();
        out.close();
    }
}
