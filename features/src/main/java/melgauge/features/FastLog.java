package melgauge.features;

/** A base-10 logarithm in single precision, several times faster than {@link Math#log10}. */
final class FastLog {
    private static final double LOG10_2 = Math.log10(2);
    private static final double LOG10_E = 1 / Math.log(10);
    private static final int MANTISSA_BITS = 23;
    private static final int INDEX_BITS = 7;
    private static final int MANTISSA_MASK = (1 << MANTISSA_BITS) - 1;
    private static final int ONE_BITS = Float.floatToRawIntBits(1f);

    /** For the beginning c of each 128th of [1, 2), so that the logarithm of 1 is exactly 0: 1/c, and the logarithm of c. */
    private static final double[] INVERSE = new double[1 << INDEX_BITS];

    private static final double[] LOGARITHM = new double[1 << INDEX_BITS];

    static {
        for (int i = 0; i < INVERSE.length; i++) {
            double begin = 1 + i / (double) INVERSE.length;
            INVERSE[i] = 1 / begin;
            LOGARITHM[i] = Math.log10(begin);
        }
    }

    private FastLog() {}

    /**
     * The base-10 logarithm of a positive normal number, within {@code 3e-7·max(1, |log10 x|)} of {@link Math#log10};
     * infinity and NaN are returned as they are. Zero, negative and subnormal numbers are the caller's to exclude.
     *
     * <p>{@code x = m·2^e} with {@code m} in [1, 2), and {@code ln m = ln c + ln(1 + r)} with a tabled {@code c} and
     * {@code r} in [0, 1/128): four terms of the series leave out less than 6e-12.
     */
    static float log10(float x) {
        if (!(x < Float.POSITIVE_INFINITY)) {
            return x;
        }
        int bits = Float.floatToRawIntBits(x);
        int mantissa = bits & MANTISSA_MASK;
        int index = mantissa >> (MANTISSA_BITS - INDEX_BITS);
        double m = Float.intBitsToFloat(mantissa | ONE_BITS);
        double r = m * INVERSE[index] - 1;
        double series = r * (1 + r * (-1.0 / 2 + r * (1.0 / 3 - r * (1.0 / 4))));
        int exponent = (bits >> MANTISSA_BITS) - 127;
        return (float) (exponent * LOG10_2 + (LOGARITHM[index] + LOG10_E * series));
    }
}
