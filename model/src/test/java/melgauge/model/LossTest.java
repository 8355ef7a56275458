package melgauge.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LossTest {
    @ParameterizedTest(name = "{0} of {1} against {2} is {3}")
    @CsvSource({
        "MSE, 0.7, 0.4, 0.09",
        "MSE, 0.4, 0.7, 0.09",
        "MAE, 0.7, 0.4, 0.3",
        "MAE, 0.4, 0.7, 0.3",
        // ½ · 0.05²; at the knee ½ · 0.1²; beyond it 0.1 · (0.3 − 0.05).
        "HUBER, 0.45, 0.4, 0.00125",
        "HUBER, 0.5, 0.4, 0.005",
        "HUBER, 0.7, 0.4, 0.025",
        "HUBER, 0.4, 0.7, 0.025",
        // ln 2 whatever the label; −ln 0.8; −0.25 ln 0.8 − 0.75 ln 0.2.
        "BCE, 0.5, 0.3, 0.69314718056",
        "BCE, 0.8, 1, 0.22314355131",
        "BCE, 0.8, 0.25, 1.26286432204",
        // −ln 1e-7.
        "BCE, 0, 1, 16.1180956510"
    })
    void hasTheValueOfItsFormula(Loss loss, double prediction, double label, double expected) {
        assertThat(loss.value(prediction, label)).isCloseTo(expected, within(1e-9));
    }

    @ParameterizedTest
    @EnumSource
    void hasTheSlopeOfItsFiniteDifferences(Loss loss) {
        double step = 1e-6;
        for (double prediction = 0.0305; prediction < 1; prediction += 0.047) {
            for (double label = 0; label <= 1; label += 0.125) {
                double difference =
                        (loss.value(prediction + step, label) - loss.value(prediction - step, label)) / (2 * step);
                assertThat(loss.slope(prediction, label))
                        .as("%s of %s against %s", loss, prediction, label)
                        .isCloseTo(difference, within(1e-6 * (1 + Math.abs(difference))));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void isSmallestAtTheLabel(Loss loss) {
        for (double label : new double[] {0.1, 0.5, 0.8}) {
            assertThat(loss.slope(label, label)).isCloseTo(0, within(1e-12));
            assertThat(loss.value(label - 0.05, label)).isGreaterThan(loss.value(label, label));
            assertThat(loss.value(label + 0.05, label)).isGreaterThan(loss.value(label, label));
        }
    }

    @Test
    void staysFiniteAtTheEndsOfTheInterval() {
        for (Loss loss : Loss.values()) {
            for (double prediction : new double[] {0, 1}) {
                for (double label : new double[] {0, 1}) {
                    assertThat(loss.value(prediction, label)).isFinite().isGreaterThanOrEqualTo(0);
                    assertThat(loss.slope(prediction, label)).isFinite();
                }
            }
        }
    }
}
