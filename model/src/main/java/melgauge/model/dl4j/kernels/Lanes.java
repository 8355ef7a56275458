package melgauge.model.dl4j.kernels;

/**
 * Loops over float arrays, lane by lane, in the form in which the JVM's compiler makes vector instructions of them: every
 * array is read or written at the loop's own index, nothing branches, no loop sums into a scalar, and none does much: the
 * compiler leaves loops of more than about a dozen operations as they are, which then take ten times as long. Comparisons
 * are written as arithmetic: a difference times {@link #HUGE} twice is 0, or at least 1 even for the smallest float.
 */
final class Lanes {
    private static final float HUGE = 1e30f;

    private Lanes() {}

    /** y = max(z, 0) + α·min(z, 0) of z = scale·x + offset; odd = (1 + α)/2, even = (1 − α)/2. */
    static void bend(float[] x, float[] scale, float[] offset, float[] odd, float[] even, float[] y, int count) {
        for (int i = 0; i < count; i++) {
            float z = scale[i] * x[i] + offset[i];
            y[i] = odd[i] * z + even[i] * Math.abs(z);
        }
    }

    /** The same of one channel, in which z is given. */
    static void bend(float[] z, float odd, float even, float[] y, int count) {
        for (int i = 0; i < count; i++) {
            y[i] = odd * z[i] + even * Math.abs(z[i]);
        }
    }

    static void max(float[] a, float[] b, float[] max, int count) {
        for (int i = 0; i < count; i++) {
            max[i] = Math.max(a[i], b[i]);
        }
    }

    static void max(float[] a, float[] b, float[] c, float[] d, float[] max, int count) {
        for (int i = 0; i < count; i++) {
            max[i] = Math.max(Math.max(a[i], b[i]), Math.max(c[i], d[i]));
        }
    }

    /** 0 where a is the largest value, else 1. */
    static void isLess(float[] a, float[] max, float[] less, int count) {
        for (int i = 0; i < count; i++) {
            less[i] = Math.min(1f, (max[i] - a[i]) * HUGE * HUGE);
        }
    }

    /** With the third of four as the last one that need be looked at, the number of the first that is not less. */
    static void number(float[] lessA, float[] lessB, float[] lessC, float[] number, int count) {
        for (int i = 0; i < count; i++) {
            number[i] = lessA[i] * (1 + lessB[i] * (1 + lessC[i]));
        }
    }

    /** a where the switch is 0, b where it is 1. */
    static void select(float[] which, float[] a, float[] b, float[] selected, int count) {
        for (int i = 0; i < count; i++) {
            selected[i] = (1 - which[i]) * a[i] + which[i] * b[i];
        }
    }

    /** Adds x − shift and its square to sums. */
    static void addMoments(float[] x, float[] shift, float[] sums, float[] squares, int count) {
        for (int i = 0; i < count; i++) {
            float d = x[i] - shift[i];
            sums[i] += d;
            squares[i] += d * d;
        }
    }

    static void add(float[] a, float[] sums, int count) {
        for (int i = 0; i < count; i++) {
            sums[i] += a[i];
        }
    }

    static void addProduct(float[] a, float[] b, float[] sums, int count) {
        for (int i = 0; i < count; i++) {
            sums[i] += a[i] * b[i];
        }
    }

    /** Adds e·min(z, 0). */
    static void addBelowZero(float[] e, float[] z, float[] sums, int count) {
        for (int i = 0; i < count; i++) {
            sums[i] += e[i] * Math.min(z[i], 0f);
        }
    }

    /** a·x + b. */
    static void line(float[] x, float[] a, float[] b, float[] out, int count) {
        for (int i = 0; i < count; i++) {
            out[i] = a[i] * x[i] + b[i];
        }
    }

    static void multiply(float[] a, float[] b, float[] product, int count) {
        for (int i = 0; i < count; i++) {
            product[i] = a[i] * b[i];
        }
    }

    /** e·y′(z): e where z is positive, α·e elsewhere; rest = 1 − α. */
    static void slope(float[] e, float[] z, float[] alpha, float[] rest, float[] slope, int count) {
        for (int i = 0; i < count; i++) {
            slope[i] = e[i] * (alpha[i] + rest[i] * Math.min(1f, Math.max(0f, z[i]) * HUGE * HUGE));
        }
    }

    /** The same of one channel. */
    static void slope(float[] e, float[] z, float alpha, float[] slope, int count) {
        float rest = 1 - alpha;
        for (int i = 0; i < count; i++) {
            slope[i] = e[i] * (alpha + rest * Math.min(1f, Math.max(0f, z[i]) * HUGE * HUGE));
        }
    }

    /** Adds what was chosen where the number is this one. */
    static void addChosen(float[] number, float which, float[] chosen, float[] sums, int count) {
        for (int i = 0; i < count; i++) {
            sums[i] += Math.max(0f, 1f - Math.abs(number[i] - which)) * chosen[i];
        }
    }

    /** A 3×3 convolution of one channel whose nine inputs lie in arrays of their own, from {@code first} on. */
    static void convolve(
            float[] out, float bias, float[] weights, int at, float[][] in, int first, int pitch, int count) {
        begin(out, bias, weights[at], weights[at + 1], weights[at + 2], in[first], in[first + 1], in[first + 2], count);
        for (int row = 1; row < 3; row++) {
            int place = first + row * pitch;
            int weight = at + 3 * row;
            goOn(
                    out,
                    weights[weight],
                    weights[weight + 1],
                    weights[weight + 2],
                    in[place],
                    in[place + 1],
                    in[place + 2],
                    count);
        }
    }

    private static void begin(
            float[] out, float bias, float w0, float w1, float w2, float[] x0, float[] x1, float[] x2, int count) {
        for (int i = 0; i < count; i++) {
            out[i] = bias + w0 * x0[i] + w1 * x1[i] + w2 * x2[i];
        }
    }

    private static void goOn(float[] out, float w0, float w1, float w2, float[] x0, float[] x1, float[] x2, int count) {
        for (int i = 0; i < count; i++) {
            out[i] += w0 * x0[i] + w1 * x1[i] + w2 * x2[i];
        }
    }
}
