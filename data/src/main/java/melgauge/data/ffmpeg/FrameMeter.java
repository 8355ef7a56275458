package melgauge.data.ffmpeg;

import java.util.Arrays;
import melgauge.data.SourceInfo;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.ShortPointer;

/**
 * Looks at decoded frames before anything is done to them: how loud they are, how much of them is at full scale, and
 * whether they hold what is no number, which would spoil all that the resampler computes from it.
 */
final class FrameMeter {
    /** Beyond 240 dB over full scale, sums in single precision would soon overflow. */
    private static final float LARGEST = 1e12f;

    private float[] values = new float[0];
    private byte[] bytes = new byte[0];
    private short[] shorts = new short[0];
    private int[] ints = new int[0];
    private long[] longs = new long[0];
    private double[] doubles = new double[0];

    private double peak;
    private long clipped;
    private long seen;
    private long notFinite;

    /** Measures {@code samples} samples of each channel of a frame. What is no number becomes 0 in it. */
    void measure(AVFrame frame, int firstSample, int samples) {
        int channels = frame.ch_layout().nb_channels();
        boolean planar = avutil.av_sample_fmt_is_planar(frame.format()) == 1;
        int planes = planar ? channels : 1;
        int together = planar ? 1 : channels;
        int first = firstSample * together;
        int count = samples * together;
        if (values.length < count) {
            values = new float[count];
        }
        for (int plane = 0; plane < planes; plane++) {
            read(frame, plane, first, count);
            float loudest = loudest(count);
            if (!(loudest <= LARGEST)) {
                repair(frame, plane, first, count);
                loudest = loudest(count);
            }
            peak = Math.max(peak, loudest);
            if (loudest >= SourceInfo.FULL_SCALE) {
                clipped += countFullScale(count);
            }
        }
        seen += (long) count * planes;
    }

    private void read(AVFrame frame, int plane, int first, int count) {
        BytePointer data = frame.extended_data(plane);
        switch (frame.format()) {
            case avutil.AV_SAMPLE_FMT_FLT, avutil.AV_SAMPLE_FMT_FLTP ->
                new FloatPointer(data).position(first).get(values, 0, count);
            case avutil.AV_SAMPLE_FMT_S16, avutil.AV_SAMPLE_FMT_S16P -> {
                shorts = shorts.length < count ? new short[count] : shorts;
                new ShortPointer(data).position(first).get(shorts, 0, count);
                for (int i = 0; i < count; i++) {
                    values[i] = shorts[i] * 0x1p-15f;
                }
            }
            case avutil.AV_SAMPLE_FMT_S32, avutil.AV_SAMPLE_FMT_S32P -> {
                ints = ints.length < count ? new int[count] : ints;
                new IntPointer(data).position(first).get(ints, 0, count);
                for (int i = 0; i < count; i++) {
                    values[i] = ints[i] * 0x1p-31f;
                }
            }
            case avutil.AV_SAMPLE_FMT_U8, avutil.AV_SAMPLE_FMT_U8P -> {
                bytes = bytes.length < count ? new byte[count] : bytes;
                new BytePointer(data).position(first).get(bytes, 0, count);
                for (int i = 0; i < count; i++) {
                    values[i] = ((bytes[i] & 0xff) - 128) * 0x1p-7f;
                }
            }
            case avutil.AV_SAMPLE_FMT_DBL, avutil.AV_SAMPLE_FMT_DBLP -> {
                doubles = doubles.length < count ? new double[count] : doubles;
                new DoublePointer(data).position(first).get(doubles, 0, count);
                for (int i = 0; i < count; i++) {
                    values[i] = (float) doubles[i];
                }
            }
            case avutil.AV_SAMPLE_FMT_S64, avutil.AV_SAMPLE_FMT_S64P -> {
                longs = longs.length < count ? new long[count] : longs;
                new LongPointer(data).position(first).get(longs, 0, count);
                for (int i = 0; i < count; i++) {
                    values[i] = longs[i] * 0x1p-63f;
                }
            }
            default -> Arrays.fill(values, 0, count, 0f);
        }
    }

    /** NaN if there is one. */
    private float loudest(int count) {
        float loudest = 0;
        for (int i = 0; i < count; i++) {
            loudest = Math.max(loudest, Math.abs(values[i]));
        }
        return loudest;
    }

    private long countFullScale(int count) {
        long full = 0;
        for (int i = 0; i < count; i++) {
            full += Math.abs(values[i]) >= SourceInfo.FULL_SCALE ? 1 : 0;
        }
        return full;
    }

    /** Only formats of floating point can hold what is no number. */
    private void repair(AVFrame frame, int plane, int first, int count) {
        for (int i = 0; i < count; i++) {
            if (!(Math.abs(values[i]) <= LARGEST)) {
                values[i] = 0;
                notFinite++;
            }
        }
        avutil.av_frame_make_writable(frame);
        BytePointer data = frame.extended_data(plane);
        if (frame.format() == avutil.AV_SAMPLE_FMT_DBL || frame.format() == avutil.AV_SAMPLE_FMT_DBLP) {
            DoublePointer target = new DoublePointer(data);
            for (int i = 0; i < count; i++) {
                if (values[i] == 0) {
                    target.put(first + i, 0);
                }
            }
        } else {
            new FloatPointer(data).position(first).put(values, 0, count);
        }
    }

    /** The largest absolute sample of any channel; full scale is 1. */
    double peak() {
        return peak;
    }

    /** Samples at full scale, as a share of all. */
    double clippedShare() {
        return seen == 0 ? 0 : clipped / (double) seen;
    }

    /** Samples that were infinite, absurdly large or not a number, and were set to 0. */
    long notFinite() {
        return notFinite;
    }
}
