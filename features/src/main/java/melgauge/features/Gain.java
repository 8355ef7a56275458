package melgauge.features;

import melgauge.data.UsageException;

/**
 * What a feature would have been, had the audio been some decibels louder or softer. A gain multiplies energies by 10^(dB
 * · power/20), which this carries through the compression: decibels are shifted, {@code log10} is undone and done again.
 * Immutable and thread-safe.
 */
public final class Gain {
    private static final float DECIBEL_FLOOR = -100f;

    /** Knots of the curve from old to new values; between them it is a line, at most 2e-5 off for gains up to 6 dB. */
    private static final int KNOTS = 4097;

    private final double power;
    private final Loudness.Compression compression;

    private Gain(double power, Loudness.Compression compression) {
        this.power = power;
        this.compression = compression;
    }

    /**
     * The gain of features of a spec.
     *
     * @throws UsageException if their values do not tell how loud the audio was, or do not change with it
     */
    public static Gain of(FeatureSpec spec) {
        if (!spec.hasFrequencyBands()) {
            throw new UsageException("gainDb must be 0 with features of another kind than mel or constantq");
        }
        if (spec.isRelativeToLoudest()) {
            throw new UsageException(
                    "gainDb must be 0 with features.ref=max, which takes the loudness of a track away");
        }
        return new Gain(spec.power(), spec.compressed().orElseThrow().compression());
    }

    /**
     * Makes values louder in place, as far as their floor lets them: what was cut off at the floor stays there.
     *
     * @param values of the feature, not normalised
     * @param offset of the first
     * @param count how many
     * @param decibels above 0 for louder; finite
     */
    public void apply(float[] values, int offset, int count, double decibels) {
        double factor = Math.pow(10, decibels * power / 20);
        switch (compression) {
            case LOG10 -> bend(values, offset, count, factor);
            case DECIBEL -> {
                float shift = (float) (10 * Math.log10(factor));
                for (int i = offset; i < offset + count; i++) {
                    values[i] = Math.max(DECIBEL_FLOOR, values[i] + shift);
                }
            }
            case NONE -> {
                float scale = (float) factor;
                for (int i = offset; i < offset + count; i++) {
                    values[i] *= scale;
                }
            }
        }
    }

    /** log10(1 + p) becomes log10(1 + factor · p), by a table over the values that occur. */
    private static void bend(float[] values, int offset, int count, double factor) {
        float largest = 0;
        for (int i = offset; i < offset + count; i++) {
            largest = Math.max(largest, values[i]);
        }
        if (!(largest > 0) || Float.isInfinite(largest)) {
            return;
        }
        float[] curve = new float[KNOTS + 1];
        for (int k = 0; k < KNOTS; k++) {
            curve[k] = (float) Math.log10(1 + factor * (Math.pow(10, largest * (double) k / (KNOTS - 1)) - 1));
        }
        curve[KNOTS] = curve[KNOTS - 1];
        float scale = (KNOTS - 1) / largest;
        for (int i = offset; i < offset + count; i++) {
            float position = Math.max(0, values[i]) * scale;
            int knot = (int) position;
            values[i] = curve[knot] + (position - knot) * (curve[knot + 1] - curve[knot]);
        }
    }
}
