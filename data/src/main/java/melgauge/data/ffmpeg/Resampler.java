package melgauge.data.ffmpeg;

import java.util.Arrays;
import melgauge.data.AudioException;
import melgauge.data.Failure;
import org.bytedeco.ffmpeg.avutil.AVChannelLayout;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swresample;
import org.bytedeco.ffmpeg.swresample.SwrContext;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * Resamples mono samples with libswresample. When their rate changes, what is under way is brought to its end and a new
 * filter begins; samples that have the right rate pass as they are. What comes out is held until it is
 * {@linkplain #take taken}.
 *
 * <p>The filter is twice as long as the library's default, which loses 0.4 dB at 7/8 of the new half rate and lets
 * through 62 dB less at 9/8 of it: this one is flat to 0.01 dB up to 7/8, and lets through at least 90 dB less from
 * 17/16 on. {@code docs/performance.md} has the figures.
 */
final class Resampler implements AutoCloseable {
    private static final long FILTER_TAPS = 64;

    private final int sampleRate;
    /** Null before the first filter. */
    private @Nullable SwrContext context;

    /** Whether the filter is in use; if not, it waits to be used again, because its tables take long to build. */
    private boolean open;

    private int inputRate;

    private FloatPointer in = new FloatPointer(1 << 12);
    private PointerPointer<FloatPointer> inPlanes = planes(in);
    private FloatPointer out = new FloatPointer(1 << 14);
    private PointerPointer<FloatPointer> outPlanes = planes(out);
    /** Samples that wait to be taken. */
    private float[] samples = new float[1 << 14];

    private int ready;
    private int taken;
    /** Samples put into the current filter, and taken out of it. */
    private long consumed;

    private long produced;

    Resampler(int sampleRate) {
        this.sampleRate = sampleRate;
    }

    private static PointerPointer<FloatPointer> planes(FloatPointer plane) {
        return new PointerPointer<FloatPointer>(1).put(0, plane);
    }

    /**
     * Adds samples, once all that came out before is taken.
     *
     * @param rate of these samples, in Hz, at least 1; where it is another than before, {@link #drain} comes first
     */
    void add(float[] mono, int count, int rate) throws AudioException {
        if (rate == sampleRate) {
            hold(count);
            System.arraycopy(mono, 0, samples, 0, count);
            return;
        }
        SwrContext current = context == null || !open ? open(rate) : context;
        if (in.capacity() < count) {
            inPlanes.close();
            in.close();
            in = new FloatPointer(count);
            inPlanes = planes(in);
        }
        in.put(mono, 0, count);
        convert(current, inPlanes, count);
        consumed += count;
    }

    /** Whether samples of a rate go through the current filter; if not, {@link #drain} comes first. */
    boolean continues(int rate) {
        return !open || rate == inputRate;
    }

    private SwrContext open(int rate) throws AudioException {
        consumed = 0;
        produced = 0;
        SwrContext opened = context;
        if (opened == null || rate != inputRate) {
            free();
            opened = allocate(rate);
            context = opened;
            inputRate = rate;
        }
        // Empties a filter that was used before, and keeps its tables.
        if (swresample.swr_init(opened) < 0) {
            throw new AudioException(
                    Failure.Code.UNSUPPORTED,
                    "its audio at " + rate + " Hz cannot be resampled to " + sampleRate + " Hz");
        }
        open = true;
        return opened;
    }

    private SwrContext allocate(int rate) throws AudioException {
        try (AVChannelLayout mono = new AVChannelLayout()) {
            avutil.av_channel_layout_default(mono, 1);
            SwrContext allocated = new SwrContext(null);
            int result = swresample.swr_alloc_set_opts2(
                    allocated,
                    mono,
                    avutil.AV_SAMPLE_FMT_FLT,
                    sampleRate,
                    mono,
                    avutil.AV_SAMPLE_FMT_FLT,
                    rate,
                    0,
                    null);
            if (result < 0 || avutil.av_opt_set_int(allocated, "filter_size", FILTER_TAPS, 0) < 0) {
                throw new AudioException(
                        Failure.Code.UNSUPPORTED,
                        "its audio at " + rate + " Hz cannot be resampled to " + sampleRate + " Hz");
            }
            return allocated;
        }
    }

    private void free() {
        if (context != null) {
            swresample.swr_free(context);
            context = null;
        }
        open = false;
    }

    /** Forgets what is under way, for the next track. */
    void reset() {
        open = false;
        ready = 0;
        taken = 0;
    }

    int sampleRate() {
        return sampleRate;
    }

    /** Ends the current filter: what it still holds comes out. */
    void drain() throws AudioException {
        SwrContext current = context;
        if (current != null && open) {
            if (produced == 0 && consumed > 0) {
                drainShort(current);
            } else {
                convert(current, null, 0);
            }
            open = false;
        }
    }

    /** An input shorter than the filter comes out only if something follows it: silence, which is then cut off. */
    private void drainShort(SwrContext current) throws AudioException {
        int silence = (int) (2 * FILTER_TAPS) * (1 + inputRate / sampleRate);
        int result = swresample.swr_inject_silence(current, silence);
        if (result < 0) {
            throw new AudioException(Failure.Code.UNSUPPORTED, "cannot be resampled: " + FfmpegDecoder.reason(result));
        }
        convert(current, null, 0);
        ready = (int) Math.min(ready, (consumed * sampleRate + inputRate - 1) / inputRate);
    }

    private void convert(SwrContext current, @Nullable PointerPointer<?> planes, int count) throws AudioException {
        int room = swresample.swr_get_out_samples(current, count);
        if (room > out.capacity()) {
            outPlanes.close();
            out.close();
            out = new FloatPointer(room);
            outPlanes = planes(out);
        }
        int written = swresample.swr_convert(current, outPlanes, (int) out.capacity(), planes, count);
        if (written < 0) {
            throw new AudioException(Failure.Code.UNSUPPORTED, "cannot be resampled: " + FfmpegDecoder.reason(written));
        }
        hold(written);
        out.get(samples, 0, written);
        produced += written;
    }

    private void hold(int count) {
        if (available() > 0) {
            throw new IllegalStateException("take what is there before adding more");
        }
        if (samples.length < count) {
            samples = Arrays.copyOf(samples, count);
        }
        ready = count;
        taken = 0;
    }

    /** Samples that can be taken now. */
    int available() {
        return ready - taken;
    }

    /** Moves up to {@code length} samples out. */
    int take(float[] into, int offset, int length) {
        int count = Math.min(length, available());
        System.arraycopy(samples, taken, into, offset, count);
        taken += count;
        return count;
    }

    @Override
    public void close() {
        free();
        inPlanes.close();
        in.close();
        outPlanes.close();
        out.close();
    }
}
