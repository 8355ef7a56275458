package melgauge.features;

/** A logarithm for spectrograms, several times as fast as {@link Math#log10}. Pure arithmetic, equal everywhere. */
final class FastLog {
    private static final double LOG10_OF_2 = 0.30102999566398119521;
    private static final double TWO_OVER_LN_10 = 0.86858896380650365530;

    private FastLog() {}

    /**
     * log10(x) within 2e-9 before it is rounded to float.
     *
     * <p>x = 2^e·m with m in [√½, √2); ln m = 2·artanh((m−1)/(m+1)), whose series is cut after s⁹: |s| ≤ 0.1716, so the
     * first term left out is below 7e-10.
     *
     * @param x at least {@link Float#MIN_NORMAL}, or infinite, or NaN; the latter two are returned
     */
    static float log10(float x) {
        if (!(x < Float.POSITIVE_INFINITY)) {
            return x;
        }
        int bits = Float.floatToRawIntBits(x);
        int exponent = (bits - 0x3F3504F3) >> 23; // 0x3F3504F3 is √½
        double m = Float.intBitsToFloat(bits - (exponent << 23));
        double s = (m - 1) / (m + 1);
        double s2 = s * s;
        double series = 1 + s2 * (1 / 3.0 + s2 * (1 / 5.0 + s2 * (1 / 7.0 + s2 * (1 / 9.0))));
        return (float) (exponent * LOG10_OF_2 + TWO_OVER_LN_10 * s * series);
    }
}
