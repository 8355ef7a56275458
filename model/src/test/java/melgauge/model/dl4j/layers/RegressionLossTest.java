package melgauge.model.dl4j.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import melgauge.model.spec.Loss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RegressionLossTest {
    private static final double NAN = Double.NaN;
    private static final double[][] LABELS = {{0.2, NAN, 0.9}, {NAN, NAN, NAN}, {0, 1, 0.45}};
    private static final double[][] BEFORE_SIGMOID = {{0.3, -0.8, 1.7}, {2, 0.1, -1}, {-1.2, 0.4, -0.3}};

    private final IActivation sigmoid = new ActivationSigmoid();

    private double score(Loss loss, double[][] beforeSigmoid, boolean average) {
        return new RegressionLoss(loss)
                .computeScore(
                        Nd4j.createFromArray(LABELS), Nd4j.createFromArray(beforeSigmoid), sigmoid, null, average);
    }

    private INDArray gradient(Loss loss) {
        return new RegressionLoss(loss)
                .computeGradient(Nd4j.createFromArray(LABELS), Nd4j.createFromArray(BEFORE_SIGMOID), sigmoid, null);
    }

    private static double[][] with(int row, int column, double value) {
        double[][] copy = new double[BEFORE_SIGMOID.length][];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = BEFORE_SIGMOID[i].clone();
        }
        copy[row][column] = value;
        return copy;
    }

    @ParameterizedTest
    @EnumSource
    void averagesOverOutputsAndExamplesAnUnlabelledOutputCountingAsZero(Loss loss) {
        double expected = 0;
        for (int j = 0; j < 3; j++) {
            double[] predictions = new double[3];
            double[] labels = new double[3];
            for (int i = 0; i < 3; i++) {
                predictions[i] = 1 / (1 + Math.exp(-BEFORE_SIGMOID[i][j]));
                labels[i] = LABELS[i][j];
            }
            expected += loss.of(predictions, labels, null, null);
        }
        assertThat(score(loss, BEFORE_SIGMOID, false)).isCloseTo(expected, within(1e-12));
        assertThat(score(loss, BEFORE_SIGMOID, true)).isCloseTo(expected / 3, within(1e-12));
    }

    @ParameterizedTest
    @EnumSource
    void hasTheGradientOfItsFiniteDifferences(Loss loss) {
        INDArray gradient = gradient(loss);
        double step = 1e-5;
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                double difference = (score(loss, with(i, j, BEFORE_SIGMOID[i][j] + step), false)
                                - score(loss, with(i, j, BEFORE_SIGMOID[i][j] - step), false))
                        / (2 * step);
                assertThat(gradient.getDouble(i, j)).as("%d, %d", i, j).isCloseTo(difference, within(1e-8));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void givesUnlabelledOutputsNoLossAndNoGradient(Loss loss) {
        INDArray gradient = gradient(loss);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                if (Double.isNaN(LABELS[i][j])) {
                    assertThat(gradient.getDouble(i, j)).isZero();
                    assertThat(score(loss, with(i, j, 5), false)).isEqualTo(score(loss, BEFORE_SIGMOID, false));
                } else if (loss != Loss.CCC || j == 2 || j == 0) {
                    // Of the middle output one example alone is labelled, which has no concordance.
                    assertThat(gradient.getDouble(i, j)).isNotZero();
                    assertThat(score(loss, with(i, j, 5), false)).isNotEqualTo(score(loss, BEFORE_SIGMOID, false));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void countsLabelsByTheirWeights(Loss loss) {
        // A weight of 2 is the example twice, with half the share of each in the mean.
        double[][] once = {{0.2}, {0.9}, {0.4}};
        double[][] twice = {{0.2}, {0.2}, {0.9}, {0.4}};
        double[][] before = {{0.3}, {1.7}, {-0.6}};
        double[][] beforeTwice = {{0.3}, {0.3}, {1.7}, {-0.6}};
        RegressionLoss regression = new RegressionLoss(loss);
        RegressionLoss weighted = new RegressionLoss(loss);
        weighted.weigh(new float[] {2, 1, 1});
        double scale = loss == Loss.CCC ? 1 : 4.0 / 3;
        assertThat(weighted.computeScore(Nd4j.createFromArray(once), Nd4j.createFromArray(before), sigmoid, null, true))
                .isCloseTo(
                        scale
                                * regression.computeScore(
                                        Nd4j.createFromArray(twice),
                                        Nd4j.createFromArray(beforeTwice),
                                        sigmoid,
                                        null,
                                        true),
                        within(1e-12));
        INDArray gradient =
                weighted.computeGradient(Nd4j.createFromArray(once), Nd4j.createFromArray(before), sigmoid, null);
        INDArray gradientTwice = regression.computeGradient(
                Nd4j.createFromArray(twice), Nd4j.createFromArray(beforeTwice), sigmoid, null);
        // Both are of sums over examples, 3 and 4 of them.
        double perExample = loss == Loss.CCC ? 3.0 / 4 : 1;
        assertThat(gradient.getDouble(0, 0)).isCloseTo(2 * perExample * gradientTwice.getDouble(0, 0), within(1e-12));
        assertThat(gradient.getDouble(1, 0)).isCloseTo(perExample * gradientTwice.getDouble(2, 0), within(1e-12));
    }

    /** The gradient may be written over the values before the activation, as Deeplearning4j's own losses do. */
    @Test
    void scoresWithoutChangingItsArguments() {
        INDArray labels = Nd4j.createFromArray(LABELS);
        INDArray beforeSigmoid = Nd4j.createFromArray(BEFORE_SIGMOID);
        new RegressionLoss(Loss.MSE).computeScore(labels, beforeSigmoid, sigmoid, null, true);
        for (int i = 0; i < 3; i++) {
            assertThat(beforeSigmoid.getRow(i).toDoubleVector()).containsExactly(BEFORE_SIGMOID[i]);
            assertThat(labels.getRow(i).toDoubleVector()).containsExactly(LABELS[i]);
        }
    }
}
