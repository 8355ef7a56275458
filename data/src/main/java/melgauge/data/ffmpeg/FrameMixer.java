package melgauge.data.ffmpeg;

import java.util.Arrays;
import melgauge.data.Downmix;
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
 * Makes one channel of those of decoded frames, and measures all of them before: their peak, their share of samples at
 * full scale, how much of them is lost in the mix, and samples that are not finite, which would spoil all that is computed
 * from them.
 *
 * <p>Mixing comes before resampling, which costs so much more that libswresample, which resamples each channel and mixes
 * then, takes nearly twice as long for stereo.
 */
final class FrameMixer {
    /** Beyond 240 dB over full scale, sums in single precision would soon overflow. */
    private static final float LARGEST = 1e12f;

    private final Downmix downmix;
    private float[] values = new float[0];
    private float[] mix = new float[0];
    private byte[] bytes = new byte[0];
    private short[] shorts = new short[0];
    private int[] ints = new int[0];
    private long[] longs = new long[0];
    private double[] doubles = new double[0];

    private double peak;
    private long clipped;
    private long seen;
    private long notFinite;
    /** Energy of the channels' mean, and what it would be if they were unrelated. */
    private double mixed;

    private double unrelated;

    FrameMixer(Downmix downmix) {
        this.downmix = downmix;
    }

    /**
     * Mixes {@code samples} samples of a frame from {@code firstSample} on; what is no number counts as 0.
     *
     * @return an array that begins with the mix, valid until the next call
     */
    float[] mix(AVFrame frame, int firstSample, int samples) {
        int channels = frame.ch_layout().nb_channels();
        boolean planar = avutil.av_sample_fmt_is_planar(frame.format()) == 1;
        int together = planar ? 1 : channels;
        int first = firstSample * together;
        int count = samples * together;
        if (values.length < count) {
            values = new float[count];
        }
        if (mix.length < samples) {
            mix = new float[samples];
        }
        boolean mean = downmix == Downmix.MEAN && channels > 1;
        int chosen = mean ? -1 : chosen(frame, channels);
        double energy = 0;
        for (int plane = 0; plane < (planar ? channels : 1); plane++) {
            read(frame.extended_data(plane), frame.format(), first, count);
            measure(count);
            energy += mean ? energy(values, count) : 0;
            if (together > 1 && mean) {
                mixInterleaved(channels, samples);
            } else if (together > 1) {
                for (int i = 0; i < samples; i++) {
                    mix[i] = values[i * channels + chosen];
                }
            } else if (plane == (mean ? 0 : chosen)) {
                System.arraycopy(values, 0, mix, 0, samples);
            } else if (mean) {
                for (int i = 0; i < samples; i++) {
                    mix[i] += values[i];
                }
            }
        }
        if (mean) {
            float weight = 1f / channels;
            for (int i = 0; i < samples; i++) {
                mix[i] *= weight;
            }
            mixed += energy(mix, samples);
            unrelated += energy / ((double) channels * channels);
        }
        return mix;
    }

    /** The one channel that is used. */
    private int chosen(AVFrame frame, int channels) {
        boolean left = downmix != Downmix.RIGHT;
        int named = avutil.av_channel_layout_index_from_channel(
                frame.ch_layout(), left ? avutil.AV_CHAN_FRONT_LEFT : avutil.AV_CHAN_FRONT_RIGHT);
        return Math.min(named >= 0 ? named : left ? 0 : 1, channels - 1);
    }

    private static double energy(float[] samples, int count) {
        double energy = 0;
        for (int i = 0; i < count; i++) {
            energy += (double) samples[i] * samples[i];
        }
        return energy;
    }

    private void mixInterleaved(int channels, int samples) {
        for (int i = 0; i < samples; i++) {
            float sum = 0;
            for (int channel = 0; channel < channels; channel++) {
                sum += values[i * channels + channel];
            }
            mix[i] = sum;
        }
    }

    private void measure(int count) {
        float loudest = loudest(count);
        if (!(loudest <= LARGEST)) {
            for (int i = 0; i < count; i++) {
                if (!(Math.abs(values[i]) <= LARGEST)) {
                    values[i] = 0;
                    notFinite++;
                }
            }
            loudest = loudest(count);
        }
        peak = Math.max(peak, loudest);
        if (loudest >= SourceInfo.FULL_SCALE) {
            clipped += countFullScale(count);
        }
        seen += count;
    }

    private void read(BytePointer data, int format, int first, int count) {
        switch (format) {
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

    /** The largest absolute sample of any channel; full scale is 1. */
    double peak() {
        return peak;
    }

    /** Samples at full scale, as a share of all. */
    double clippedShare() {
        return seen == 0 ? 0 : clipped / (double) seen;
    }

    /** See {@link SourceInfo#mixRatio}. */
    double mixRatio() {
        return unrelated == 0 ? 1 : mixed / unrelated;
    }

    /** Samples that were infinite, absurdly large or not a number, and were set to 0. */
    long notFinite() {
        return notFinite;
    }
}
