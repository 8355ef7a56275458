package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Over all 65,536 bit patterns, against the definition in double precision. */
class HalfTest {
    /** Sign, exponent and fraction put together as the standard says. */
    private static double definition(int bits) {
        int exponent = bits >> 10 & 31;
        double fraction = (bits & 1023) / 1024.0;
        double magnitude;
        if (exponent == 31) {
            magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        } else {
            magnitude = exponent == 0 ? fraction * Math.pow(2, -14) : (1 + fraction) * Math.pow(2, exponent - 15);
        }
        return bits < 0x8000 ? magnitude : -magnitude;
    }

    @Test
    void readsEveryPattern() {
        for (int bits = 0; bits < 65536; bits++) {
            // Boxed, so that NaN equals NaN and -0 differs from 0.
            assertThat(Double.valueOf(Half.toFloat((short) bits))).isEqualTo(Double.valueOf(definition(bits)));
        }
    }

    @Test
    void writesEveryNumberBackToItsPattern() {
        for (int bits = 0; bits < 65536; bits++) {
            float value = Half.toFloat((short) bits);
            if (Float.isNaN(value)) {
                assertThat(Half.toFloat(Half.fromFloat(value))).isNaN();
            } else {
                assertThat(Half.fromFloat(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void roundsToTheNearestAndTiesToEven() {
        for (int bits = 0; bits < 0x7bff; bits++) { // every finite neighbour pair, positive and negative
            float middle = (float) ((definition(bits) + definition(bits + 1)) / 2);
            int even = bits % 2 == 0 ? bits : bits + 1;
            assertRounds(middle, even);
            assertRounds(Math.nextDown(middle), bits);
            assertRounds(Math.nextUp(middle), bits + 1);
        }
    }

    private static void assertRounds(float value, int bits) {
        assertThat(Half.fromFloat(value)).as("%s", value).isEqualTo((short) bits);
        assertThat(Half.fromFloat(-value)).as("%s", -value).isEqualTo((short) (bits | 0x8000));
    }

    @Test
    void overflowsToInfinityFromHalfAStepBeyondTheLargest() {
        assertRounds(Math.nextDown(65520f), 0x7bff);
        assertRounds(65520f, 0x7c00);
        assertRounds(Float.MAX_VALUE, 0x7c00);
        assertRounds(Float.POSITIVE_INFINITY, 0x7c00);
        assertRounds(Float.MIN_VALUE, 0);
    }
}
