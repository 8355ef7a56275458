package melgauge.features;

/** IEEE 754 binary16, as its 16 bits in a short. Stateless but for a table that is never written after start. */
final class Half {
    private static final float[] VALUES = new float[1 << 16];

    static {
        for (int bits = 0; bits < VALUES.length; bits++) {
            VALUES[bits] = decode(bits);
        }
    }

    private Half() {}

    /** The exact value. */
    static float toFloat(short half) {
        return VALUES[half & 0xFFFF];
    }

    /**
     * The nearest half float; of two equally near, the one whose last bit is 0. From 65,520 on it is infinite; NaN stays
     * NaN.
     */
    static short fromFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7FFF_FFFF;
        if (magnitude > 0x7F80_0000) {
            return (short) (sign | 0x7E00 | magnitude >> 13 & 0x1FF);
        }
        if (magnitude >= 0x4780_0000) { // 65,536 and more
            return (short) (sign | 0x7C00);
        }
        if (magnitude < 0x3880_0000) { // below 2^-14: subnormal, counted in steps of 2^-24
            // Adding 0.5 leaves a float with exactly that step, and the addition rounds as wanted.
            float steps = Float.intBitsToFloat(magnitude) + 0.5f;
            return (short) (sign | (Float.floatToRawIntBits(steps) - 0x3F00_0000));
        }
        int rebased = magnitude - (127 - 15 << 23);
        int rounded = rebased + 0xFFF + (rebased >> 13 & 1); // a carry moves on into the exponent, up to infinity
        return (short) (sign | rounded >> 13);
    }

    private static float decode(int bits) {
        int exponent = bits >> 10 & 0x1F;
        int mantissa = bits & 0x3FF;
        float magnitude =
                switch (exponent) {
                    case 0 -> mantissa * 0x1p-24f;
                    case 31 -> Float.intBitsToFloat(0x7F80_0000 | mantissa << 13);
                    default -> (1024 + mantissa) * (float) StrictMath.pow(2, exponent - 25.0);
                };
        return (bits & 0x8000) == 0 ? magnitude : -magnitude;
    }
}
