package melgauge.features;

/** A base-10 logarithm in single precision, several times faster than {@link Math#log10}. */
final class FastLog {
    private static final float LOG10_2 = (float) Math.log10(2);
    private static final float TWO_OVER_LN10 = (float) (2 / Math.log(10));
    private static final int MANTISSA_BITS = 23;
    private static final int SQRT_HALF_BITS = Float.floatToRawIntBits((float) Math.sqrt(0.5));

    private FastLog() {}

    /**
     * The base-10 logarithm of a positive normal number, within {@code 3e-7·max(1, |log10 x|)} of {@link Math#log10};
     * infinity and NaN are returned as they are. Zero, negative and subnormal numbers are the caller's to exclude.
     *
     * <p>{@code x = m·2^e} with {@code m} in [√½, √2), and {@code ln m = 2·atanh(s)} with {@code s = (m−1)/(m+1)}, at
     * most 0.172: five terms of the series of atanh leave out less than 2e-9 of the sum.
     */
    static float log10(float x) {
        if (!(x < Float.POSITIVE_INFINITY)) {
            return x;
        }
        int fromSqrtHalf = Float.floatToRawIntBits(x) - SQRT_HALF_BITS;
        int exponent = fromSqrtHalf >> MANTISSA_BITS;
        float m = Float.intBitsToFloat(Float.floatToRawIntBits(x) - (exponent << MANTISSA_BITS));
        float s = (m - 1f) / (m + 1f);
        float z = s * s;
        float atanh = s * (1f + z * (1f / 3 + z * (1f / 5 + z * (1f / 7 + z * (1f / 9)))));
        return exponent * LOG10_2 + TWO_OVER_LN10 * atanh;
    }
}
