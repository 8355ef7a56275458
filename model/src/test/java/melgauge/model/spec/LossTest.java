package melgauge.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import melgauge.model.scores.TargetScores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class LossTest {
    private static double value(Loss loss, double prediction, double label) {
        return loss.of(new double[] {prediction}, new double[] {label}, null, null);
    }

    private static double slope(Loss loss, double prediction, double label) {
        double[] slopes = new double[1];
        loss.of(new double[] {prediction}, new double[] {label}, null, slopes);
        return slopes[0];
    }

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
        assertThat(value(loss, prediction, label)).isCloseTo(expected, within(1e-9));
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CCC")
    void hasTheSlopeOfItsFiniteDifferences(Loss loss) {
        double step = 1e-6;
        for (double prediction = 0.0305; prediction < 1; prediction += 0.047) {
            for (double label = 0; label <= 1; label += 0.125) {
                double difference =
                        (value(loss, prediction + step, label) - value(loss, prediction - step, label)) / (2 * step);
                assertThat(slope(loss, prediction, label))
                        .as("%s of %s against %s", loss, prediction, label)
                        .isCloseTo(difference, within(1e-6 * (1 + Math.abs(difference))));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CCC")
    void isSmallestAtTheLabel(Loss loss) {
        for (double label : new double[] {0.1, 0.5, 0.8}) {
            assertThat(slope(loss, label, label)).isCloseTo(0, within(1e-12));
            assertThat(value(loss, label - 0.05, label)).isGreaterThan(value(loss, label, label));
            assertThat(value(loss, label + 0.05, label)).isGreaterThan(value(loss, label, label));
        }
    }

    @Test
    void staysFiniteAtTheEndsOfTheInterval() {
        for (Loss loss : Loss.values()) {
            for (double prediction : new double[] {0, 1}) {
                for (double label : new double[] {0, 1}) {
                    assertThat(value(loss, prediction, label)).isFinite().isGreaterThanOrEqualTo(0);
                    assertThat(slope(loss, prediction, label)).isFinite();
                }
            }
        }
    }

    private static final double[] PREDICTIONS = {0.13, 0.42, 0.35, 0.83, 0.66, 0.5};
    private static final double[] LABELS = {0.2, 0.3, Double.NaN, 0.9, 0.5, 0.55};
    private static final double[] WEIGHTS = {1, 2, 1, 0.5, 3, 1.5};

    @Test
    void isOneMinusTheConcordanceThatTargetsAreScoredBy() {
        double concordance = TargetScores.of(PREDICTIONS, LABELS, 0.5).ccc();
        // Five of six examples are labelled, and the sixth counts as 0.
        assertThat(Loss.CCC.of(PREDICTIONS, LABELS, null, null)).isCloseTo(5 / 6.0 * (1 - concordance), within(1e-6));
    }

    @ParameterizedTest
    @EnumSource
    void hasTheSlopesOfItsFiniteDifferencesOverABatch(Loss loss) {
        for (double[] weights : new double[][] {null, WEIGHTS}) {
            double[] slopes = new double[PREDICTIONS.length];
            loss.of(PREDICTIONS, LABELS, weights, slopes);
            for (int i = 0; i < PREDICTIONS.length; i++) {
                double[] more = PREDICTIONS.clone();
                double[] less = PREDICTIONS.clone();
                more[i] += 1e-6;
                less[i] -= 1e-6;
                double difference =
                        (loss.of(more, LABELS, weights, null) - loss.of(less, LABELS, weights, null)) / 2e-6;
                assertThat(slopes[i]).as("%s, example %d", loss, i).isCloseTo(difference, within(1e-8));
            }
        }
    }

    @Test
    void hasNoConcordanceWithoutTwoLabels() {
        double[] slopes = new double[2];
        assertThat(Loss.CCC.of(new double[] {0.2, 0.4}, new double[] {0.3, Double.NaN}, null, slopes))
                .isZero();
        assertThat(slopes).containsOnly(0);
    }
}
