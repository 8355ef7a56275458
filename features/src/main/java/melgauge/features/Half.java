package melgauge.features;

import java.nio.ShortBuffer;

/**
 * IEEE 754 binary16 ("half precision", NumPy's float16): 1 sign, 5 exponent and 10 fraction bits. Largest finite number
 * 65,504; smallest positive one 2⁻²⁴. Thread-safe.
 */
public final class Half {
    /** The largest finite number. */
    public static final float MAX_VALUE = 65504f;

    /** Numbers that are copied out of a buffer at once, which is faster than one by one. */
    private static final int CHUNK = 4096;

    private static final int INFINITY = 0x7c00;
    private static final int QUIET_NAN = 0x7e00;
    private static final int FLOAT_INFINITY = 0x7f800000;

    /** Bits of 2¹⁶ and of 2⁻¹⁴ as float: from here on too large, and from here on normal, in half precision. */
    private static final int FLOAT_TOO_LARGE = 0x47800000;

    private static final int FLOAT_MIN_NORMAL = 0x38800000;
    private static final int BIAS_DIFFERENCE = (127 - 15) << 23;
    private static final int DROPPED_BITS = 13;
    private static final float SUBNORMAL_MAGIC = 0.5f;

    private static final float[] VALUES = new float[1 << 16];

    static {
        for (int bits = 0; bits < VALUES.length; bits++) {
            VALUES[bits] = decode(bits);
        }
    }

    private Half() {}

    /** The number that half-precision bits stand for; exact. */
    public static float toFloat(short half) {
        return VALUES[half & 0xffff];
    }

    /** Converts {@code count} numbers, from index {@code first} of the buffer on, to {@code into}, from {@code offset}. */
    static void toFloats(ShortBuffer halves, int first, int count, float[] into, int offset) {
        short[] chunk = new short[Math.min(CHUNK, count)];
        for (int done = 0; done < count; done += chunk.length) {
            int some = Math.min(chunk.length, count - done);
            halves.get(first + done, chunk, 0, some);
            for (int i = 0; i < some; i++) {
                into[offset + done + i] = toFloat(chunk[i]);
            }
        }
    }

    /**
     * The nearest half-precision number, as bits; of two equally near ones the even. Magnitudes from 65,520 become
     * infinite; NaN stays NaN.
     */
    public static short fromFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude >= FLOAT_TOO_LARGE) {
            return (short) (sign | (magnitude > FLOAT_INFINITY ? QUIET_NAN : INFINITY));
        }
        if (magnitude >= FLOAT_MIN_NORMAL) {
            // Adding just under half of the last kept place, or exactly half where that place is odd, rounds to
            // even; a carry runs into the exponent, up to infinity, as it should.
            int rebiased = magnitude - BIAS_DIFFERENCE;
            int odd = (rebiased >>> DROPPED_BITS) & 1;
            return (short) (sign | ((rebiased + (1 << (DROPPED_BITS - 1)) - 1 + odd) >>> DROPPED_BITS));
        }
        // Floats from 0.5 to 1 are 2^-24 apart, as half-precision subnormals are: the addition does the rounding.
        float rounded = Float.intBitsToFloat(magnitude) + SUBNORMAL_MAGIC;
        return (short) (sign | (Float.floatToRawIntBits(rounded) - Float.floatToRawIntBits(SUBNORMAL_MAGIC)));
    }

    private static float decode(int bits) {
        int exponent = (bits >>> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        float magnitude;
        if (exponent == 0x1f) {
            magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else if (exponent == 0) {
            magnitude = Math.scalb((float) fraction, -24);
        } else {
            magnitude = Math.scalb((float) (fraction | 0x400), exponent - 25);
        }
        return (bits & 0x8000) == 0 ? magnitude : -magnitude;
    }
}
