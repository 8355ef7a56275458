package melgauge.model.diagnosis.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import melgauge.model.regression.RadialKernel;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;

/** Held-out predictions and kernel coordinates, against kernel ridge regression solved without any trick. */
class HeldOutTest {
    private static final double[] PENALTIES = {0.01, 0.1, 1, 10};
    private static final double WIDTH = 1.7;

    private static double[][] gauss(long seed, int rows, int columns) {
        Random random = new Random(seed);
        return IntStream.range(0, rows)
                .mapToObj(i -> random.doubles(columns)
                        .map(ignored -> random.nextGaussian())
                        .toArray())
                .toArray(double[][]::new);
    }

    private static double squaredDistance(double[] a, double[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(j -> Math.pow(a[j] - b[j], 2))
                .sum();
    }

    private static double radial(double[] a, double[] b) {
        return Math.exp(-squaredDistance(a, b) / (2 * WIDTH * WIDTH));
    }

    private static double product(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(j -> a[j] * b[j]).sum();
    }

    /** Solves (K + λI)α + b = y with Σα = 0, which leaves the intercept b without a penalty. */
    private static double predict(
            double[][] rows,
            double[] labels,
            int[] learnt,
            int asked,
            double penalty,
            ToDoubleBiFunction<double[], double[]> kernel) {
        int n = learnt.length;
        RealMatrix system = MatrixUtils.createRealMatrix(n + 1, n + 1);
        ArrayRealVector right = new ArrayRealVector(n + 1);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                system.setEntry(i, j, kernel.applyAsDouble(rows[learnt[i]], rows[learnt[j]]) + (i == j ? penalty : 0));
            }
            system.setEntry(i, n, 1);
            system.setEntry(n, i, 1);
            right.setEntry(i, labels[learnt[i]]);
        }
        double[] solution = new LUDecomposition(system).getSolver().solve(right).toArray();
        return solution[n]
                + IntStream.range(0, n)
                        .mapToDouble(i -> solution[i] * kernel.applyAsDouble(rows[learnt[i]], rows[asked]))
                        .sum();
    }

    /** The penalty with the smallest error on tracks that are really left out. */
    private static double bestPenalty(
            double[][] rows, double[] labels, int[] learnt, ToDoubleBiFunction<double[], double[]> kernel) {
        double best = Double.NaN;
        double least = Double.POSITIVE_INFINITY;
        for (double penalty : PENALTIES) {
            double error = 0;
            for (int left : learnt) {
                int[] others = Arrays.stream(learnt).filter(i -> i != left).toArray();
                error += Math.pow(labels[left] - predict(rows, labels, others, left, penalty, kernel), 2);
            }
            if (error < least) {
                least = error;
                best = penalty;
            }
        }
        return best;
    }

    /** Two columns, one with a gap at every fourth track; a mild curve and noise, so that no extreme penalty is best. */
    private static double[][] labels(double[][] rows) {
        Random random = new Random(99);
        double[][] labels = new double[2][rows.length];
        for (int i = 0; i < rows.length; i++) {
            labels[0][i] = 0.5 + 0.1 * Math.sin(2 * rows[i][0]) + 0.03 * random.nextGaussian();
            labels[1][i] = i % 4 == 1 ? Double.NaN : 0.4 + 0.1 * rows[i][1] + 0.1 * random.nextGaussian();
        }
        return labels;
    }

    private static void agrees(double[][] coordinates, double[][] rows, ToDoubleBiFunction<double[], double[]> kernel) {
        double[][] labels = labels(rows);
        int[] folds = IntStream.range(0, rows.length).map(i -> i * i % 3).toArray();
        HeldOut heldOut = HeldOut.of(coordinates, folds, labels, 0, PENALTIES);
        Set<Double> chosen = new HashSet<>();
        for (int c = 0; c < labels.length; c++) {
            double[] column = labels[c];
            for (int fold : new int[] {0, 1}) {
                int[] learnt = IntStream.range(0, rows.length)
                        .filter(i -> folds[i] != fold && !Double.isNaN(column[i]))
                        .toArray();
                double penalty = bestPenalty(rows, column, learnt, kernel);
                chosen.add(penalty);
                double mean = Arrays.stream(learnt)
                        .mapToDouble(i -> column[i])
                        .average()
                        .orElseThrow();
                for (int i = 0; i < rows.length; i++) {
                    if (folds[i] == fold) {
                        double direct = predict(rows, column, learnt, i, penalty, kernel);
                        assertThat(heldOut.predicted()[c][i]).isCloseTo(Math.max(0, Math.min(1, direct)), within(1e-6));
                        assertThat(heldOut.trainingMeans()[c][i]).isCloseTo(mean, within(1e-12));
                    }
                }
            }
        }
        // Or the test would hold for any rule that runs to an end of the list.
        assertThat(chosen).hasSizeGreaterThan(1).containsAnyOf(0.1, 1.0);
    }

    @Test
    void isRidgeRegressionThatHasNotSeenTheFold() {
        double[][] rows = gauss(1, 24, 3);
        agrees(rows, rows, HeldOutTest::product);
    }

    @Test
    void isKernelRidgeRegressionFromTheKernelsCoordinates() {
        double[][] rows = gauss(2, 24, 3);
        agrees(RadialKernel.of(rows, WIDTH, 24).coordinates(), rows, HeldOutTest::radial);
    }

    @Test
    void takesMissingLabelsForTheMeanOfTheLearntOnesWhereAsked() {
        double[][] rows = gauss(3, 24, 3);
        double[] gaps = labels(rows)[1];
        int[] folds = IntStream.range(0, 24).map(i -> i % 2).toArray();
        double[] filled = gaps.clone();
        double mean = IntStream.range(0, 24)
                .filter(i -> folds[i] == 0 && !Double.isNaN(gaps[i]))
                .mapToDouble(i -> gaps[i])
                .average()
                .orElseThrow();
        for (int i = 0; i < 24; i += 2) {
            filled[i] = Double.isNaN(filled[i]) ? mean : filled[i];
        }
        double[][] expected =
                HeldOut.of(rows, folds, new double[][] {filled}, 0, PENALTIES).predicted();
        double[][] actual =
                HeldOut.of(rows, folds, new double[][] {gaps}, 1, PENALTIES).predicted();
        for (int i = 1; i < 24; i += 2) {
            assertThat(actual[0][i]).isCloseTo(expected[0][i], within(1e-12));
        }
    }

    @Test
    void explainsTheTakenRowsWhereThereAreFewerCoordinatesThanRows() {
        double[][] rows = gauss(4, 40, 3);
        double[][] coordinates = RadialKernel.of(rows, WIDTH, 12).coordinates();
        assertThat(coordinates[0]).hasSize(12);
        int[] taken = IntStream.range(0, 40)
                .filter(i -> product(coordinates[i], coordinates[i]) > 1 - 1e-12)
                .toArray();
        assertThat(taken).hasSize(12);
        for (int i : taken) {
            for (int j = 0; j < 40; j++) {
                assertThat(product(coordinates[i], coordinates[j])).isCloseTo(radial(rows[i], rows[j]), within(1e-9));
            }
        }
    }

    @Test
    void needsOneCoordinateForRowsThatAreAllEqual() {
        assertThat(RadialKernel.of(new double[5][2], 1, 5).coordinates()).hasDimensions(5, 1);
        assertThat(RadialKernel.medianDistance(new double[5][2])).isEqualTo(1);
    }

    @Test
    void isAsWideAsTheMedianDistance() {
        // Distances 1, 1, 1, 2, 2 and 3; 3, 4 and 7; 3 three times, and pairs that do not count.
        assertThat(RadialKernel.medianDistance(new double[][] {{0}, {1}, {2}, {3}}))
                .isCloseTo(1.5, within(1e-12));
        assertThat(RadialKernel.medianDistance(new double[][] {{0}, {3}, {7}})).isCloseTo(4, within(1e-12));
        assertThat(RadialKernel.medianDistance(new double[][] {{0}, {0}, {0}, {3}}))
                .isCloseTo(3, within(1e-12));
    }
}
