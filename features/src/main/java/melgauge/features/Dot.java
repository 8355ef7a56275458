package melgauge.features;

/** Sums of products in single precision. */
final class Dot {
    private Dot() {}

    /** Σ a[i]·b[j] over {@code length} values. Four running sums: one alone would wait for each addition to end. */
    static float product(float[] a, int aStart, float[] b, int bStart, int length) {
        float s0 = 0f;
        float s1 = 0f;
        float s2 = 0f;
        float s3 = 0f;
        int i = 0;
        for (; i + 3 < length; i += 4) {
            s0 += a[aStart + i] * b[bStart + i];
            s1 += a[aStart + i + 1] * b[bStart + i + 1];
            s2 += a[aStart + i + 2] * b[bStart + i + 2];
            s3 += a[aStart + i + 3] * b[bStart + i + 3];
        }
        for (; i < length; i++) {
            s0 += a[aStart + i] * b[bStart + i];
        }
        return (s0 + s1) + (s2 + s3);
    }
}
