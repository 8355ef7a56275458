package melgauge.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import melgauge.model.engine.Small;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BalanceTest {
    private static final List<float[]> LABELS = new ArrayList<>();

    static {
        float[] values = Small.uniform(4, 200);
        for (int i = 0; i < 200; i++) {
            // Most near 0, and some unlabelled.
            LABELS.add(new float[] {values[i] * values[i] * values[i], i % 5 == 0 ? Float.NaN : 0.3f});
        }
    }

    @ParameterizedTest
    @EnumSource
    void weighsOneOnAverageAndNothingWhereUnlabelled(Balance balance) {
        List<float[]> weights = balance.weights(LABELS);
        for (int t = 0; t < 2; t++) {
            double sum = 0;
            int labelled = 0;
            for (int i = 0; i < LABELS.size(); i++) {
                if (Float.isNaN(LABELS.get(i)[t])) {
                    assertThat(weights.get(i)[t]).isZero();
                } else {
                    sum += weights.get(i)[t];
                    labelled++;
                }
            }
            assertThat(sum / labelled).isCloseTo(1, within(1e-5));
        }
    }

    /** The density of the paper, as the sum of a Gaussian about every label's bin. */
    private static double density(float label) {
        double sum = 0;
        for (float[] other : LABELS) {
            double distance = (Math.floor(label * 50) - Math.floor(other[0] * 50)) / 2;
            sum += Math.exp(-distance * distance / 2);
        }
        return sum;
    }

    @Test
    void weighsByTheSmoothedDensity() {
        List<float[]> inverse = Balance.INVERSE.weights(LABELS);
        List<float[]> root = Balance.SQRT.weights(LABELS);
        float[] first = LABELS.get(0);
        for (int i = 1; i < LABELS.size(); i++) {
            double ratio = density(first[0]) / density(LABELS.get(i)[0]);
            assertThat((double) inverse.get(i)[0] / inverse.get(0)[0]).isCloseTo(ratio, within(1e-4 * ratio));
            assertThat((double) root.get(i)[0] / root.get(0)[0])
                    .isCloseTo(Math.sqrt(ratio), within(1e-4 * Math.sqrt(ratio)));
        }
    }

    @Test
    void takesTheEndsOfTheInterval() {
        List<float[]> weights = Balance.INVERSE.weights(List.of(new float[] {0}, new float[] {1}));
        assertThat(weights.get(0)[0]).isCloseTo(1, within(1e-6f));
        assertThat(weights.get(1)[0]).isCloseTo(1, within(1e-6f));
    }
}
