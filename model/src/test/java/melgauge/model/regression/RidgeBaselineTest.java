package melgauge.model.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import melgauge.data.io.NamedArrays;
import melgauge.model.engine.Small;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RidgeBaselineTest {
    private static final float NAN = Float.NaN;

    /** A regression solved without any trick: weights and, last, the intercept. */
    private static double[] solve(List<double[]> rows, List<Double> labels, double penalty) {
        int features = rows.get(0).length;
        // Normal equations of the rows with a 1 appended; the column of ones is not penalised.
        double[][] system = new double[features + 1][features + 2];
        for (int i = 0; i < rows.size(); i++) {
            for (int j = 0; j <= features; j++) {
                double left = j < features ? rows.get(i)[j] : 1;
                for (int k = 0; k <= features; k++) {
                    system[j][k] += left * (k < features ? rows.get(i)[k] : 1);
                }
                system[j][features + 1] += left * labels.get(i);
            }
        }
        for (int j = 0; j < features; j++) {
            system[j][j] += penalty;
        }
        return eliminate(system);
    }

    /** Gaussian elimination with pivots. */
    private static double[] eliminate(double[][] system) {
        int n = system.length;
        for (int column = 0; column < n; column++) {
            int pivot = column;
            for (int row = column + 1; row < n; row++) {
                if (Math.abs(system[row][column]) > Math.abs(system[pivot][column])) {
                    pivot = row;
                }
            }
            double[] swapped = system[column];
            system[column] = system[pivot];
            system[pivot] = swapped;
            for (int row = 0; row < n; row++) {
                if (row != column) {
                    double factor = system[row][column] / system[column][column];
                    for (int k = column; k <= n; k++) {
                        system[row][k] -= factor * system[column][k];
                    }
                }
            }
        }
        double[] solution = new double[n];
        for (int i = 0; i < n; i++) {
            solution[i] = system[i][n] / system[i][i];
        }
        return solution;
    }

    private static double apply(double[] solution, double[] row) {
        double sum = solution[row.length];
        for (int j = 0; j < row.length; j++) {
            sum += solution[j] * row[j];
        }
        return sum;
    }

    /** The squared errors of really leaving each row out. */
    private static double leaveOneOut(List<double[]> rows, List<Double> labels, double penalty) {
        double sum = 0;
        for (int left = 0; left < rows.size(); left++) {
            List<double[]> otherRows = new ArrayList<>(rows);
            List<Double> otherLabels = new ArrayList<>(labels);
            double[] row = otherRows.remove(left);
            double label = otherLabels.remove(left);
            double error = label - apply(solve(otherRows, otherLabels, penalty), row);
            sum += error * error;
        }
        return sum;
    }

    private static double bestPenalty(List<double[]> rows, List<Double> labels) {
        double best = Double.NaN;
        double smallest = Double.POSITIVE_INFINITY;
        for (int i = 0; i <= 32; i++) {
            double penalty = Math.pow(10, -2 + 0.25 * i);
            double error = leaveOneOut(rows, labels, penalty);
            if (error < smallest) {
                smallest = error;
                best = penalty;
            }
        }
        return best;
    }

    private static List<double[]> standardised(List<float[]> inputs) {
        List<double[]> rows = new ArrayList<>();
        inputs.forEach(input -> rows.add(new double[input.length]));
        for (int j = 0; j < inputs.get(0).length; j++) {
            int column = j;
            double mean =
                    inputs.stream().mapToDouble(row -> row[column]).average().orElseThrow();
            double variance = inputs.stream()
                    .mapToDouble(row -> Math.pow(row[column] - mean, 2))
                    .average()
                    .orElseThrow();
            for (int i = 0; i < inputs.size(); i++) {
                rows.get(i)[j] = (inputs.get(i)[j] - mean) / Math.sqrt(variance);
            }
        }
        return rows;
    }

    /** Correlated inputs of different sizes, as band statistics are. */
    private static List<float[]> inputs(long seed, int rows, int features) {
        List<float[]> inputs = new ArrayList<>();
        float[] noise = Small.noise(seed, rows * (features + 1));
        for (int i = 0; i < rows; i++) {
            float[] row = new float[features];
            for (int j = 0; j < features; j++) {
                float shared = noise[i * (features + 1) + features];
                row[j] = (j + 1) * (noise[i * (features + 1) + j] + shared) + 10 * j;
            }
            inputs.add(row);
        }
        return inputs;
    }

    /** Labels that follow the first input, with noise. */
    private static float label(float[] input, float noise) {
        return Math.max(0, Math.min(1, 0.5f + 0.08f * input[0] + 0.08f * noise));
    }

    @ParameterizedTest(name = "{0} tracks of {1} numbers")
    @CsvSource({"25, 4, 1", "40, 6, 2", "8, 12, 13", "15, 3, 4"})
    void choosesThePenaltyWhoseErrorOnRowsReallyLeftOutIsSmallest(int rows, int features, long seed)
            throws IOException {
        List<float[]> inputs = inputs(seed, rows, features);
        float[] noise = Small.noise(seed + 100, rows);
        List<float[]> labels = new ArrayList<>();
        List<Double> column = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            float label = label(inputs.get(i), noise[i]);
            labels.add(new float[] {label});
            column.add((double) label);
        }
        RidgeBaseline baseline = RidgeBaseline.fit(inputs, labels);
        double penalty = bestPenalty(standardised(inputs), column);
        assertThat(baseline.penalties()).containsExactly(penalty);
        // A minimum inside the grid, or the test would hold for any rule that runs to an end of it.
        assertThat(penalty).isBetween(0.011, 9.9e5);

        double[] expected = solve(standardised(inputs), column, penalty);
        NamedArrays stored = stored(baseline);
        double[] weights = stored.doubles("weight", 1, features);
        for (int j = 0; j < features; j++) {
            assertThat(weights[j]).isCloseTo(expected[j], within(1e-9));
        }
        assertThat(stored.doubles("intercept", 1)[0]).isCloseTo(expected[features], within(1e-9));
    }

    @Test
    void fitsEachTargetToItsOwnLabelledTracks() throws IOException {
        List<float[]> inputs = inputs(7, 30, 4);
        List<double[]> rows = standardised(inputs);
        float[] noise = Small.noise(8, 60);
        List<float[]> labels = new ArrayList<>();
        List<double[]> labelledRows = new ArrayList<>();
        List<Double> column = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            float second = i % 3 == 0 ? NAN : label(inputs.get(i), noise[30 + i]);
            labels.add(new float[] {label(inputs.get(i), noise[i]), second, NAN, i == 4 ? 0.3f : NAN});
            if (i % 3 != 0) {
                labelledRows.add(rows.get(i));
                column.add((double) second);
            }
        }
        RidgeBaseline baseline = RidgeBaseline.fit(inputs, labels);
        double penalty = bestPenalty(labelledRows, column);
        assertThat(baseline.penalties()[1]).isEqualTo(penalty);
        double[] expected = solve(labelledRows, column, penalty);
        for (int i = 0; i < 30; i++) {
            double[] predicted = baseline.predict(inputs.get(i));
            double rule = apply(expected, rows.get(i));
            assertThat(predicted[1]).isCloseTo(Math.max(0, Math.min(1, rule)), within(1e-9));
            // No label, one label.
            assertThat(predicted[2]).isEqualTo(0.5);
            assertThat(predicted[3]).isCloseTo(0.3, within(1e-7));
        }
    }

    @Test
    void recoversALinearRule() {
        List<float[]> inputs = inputs(5, 200, 3);
        List<float[]> labels =
                inputs.stream().map(row -> new float[] {(float) rule(row)}).toList();
        RidgeBaseline baseline = RidgeBaseline.fit(inputs, labels);
        for (float[] unseen : inputs(6, 50, 3)) {
            assertThat(baseline.predict(unseen)[0]).isCloseTo(rule(unseen), within(1e-3));
        }
    }

    private static double rule(float[] row) {
        return 0.5 + 0.03 * row[0] - 0.01 * (row[1] - 10) + 0.01 * (row[2] - 20);
    }

    @Test
    void keepsPredictionsInTheUnitInterval() {
        List<float[]> inputs = inputs(5, 200, 3);
        List<float[]> labels =
                inputs.stream().map(row -> new float[] {(float) rule(row)}).toList();
        RidgeBaseline baseline = RidgeBaseline.fit(inputs, labels);
        assertThat(baseline.predict(new float[] {100, 10, 20})).containsExactly(1);
        assertThat(baseline.predict(new float[] {-100, 10, 20})).containsExactly(0);
    }

    @Test
    void takesAnInputThatNeverVariesAsNoInformation() throws IOException {
        List<float[]> inputs = new ArrayList<>();
        List<float[]> labels = new ArrayList<>();
        float[] noise = Small.noise(3, 40);
        for (int i = 0; i < 40; i++) {
            inputs.add(new float[] {noise[i], 0.1f});
            labels.add(new float[] {0.5f + 0.1f * noise[i]});
        }
        RidgeBaseline baseline = RidgeBaseline.fit(inputs, labels);
        assertThat(baseline.predict(new float[] {1, 0.1f})[0]).isCloseTo(0.6, within(1e-3));
        assertThat(stored(baseline).doubles("weight", 1, 2)[1]).isCloseTo(0, within(1e-9));
    }

    @Test
    void predictsTheSameFromAFile() throws IOException {
        List<float[]> inputs = inputs(9, 20, 5);
        float[] noise = Small.noise(10, 20);
        List<float[]> labels = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            labels.add(new float[] {label(inputs.get(i), noise[i]), label(inputs.get(i), -noise[i])});
        }
        RidgeBaseline baseline = RidgeBaseline.fit(inputs, labels);
        RidgeBaseline read = RidgeBaseline.read(stored(baseline), "", 5, 2);
        for (float[] input : inputs) {
            assertThat(read.predict(input)).containsExactly(baseline.predict(input));
        }
        assertThat(read.penalties()).containsExactly(baseline.penalties());
    }

    private static NamedArrays stored(RidgeBaseline baseline) {
        NamedArrays.Builder arrays = NamedArrays.builder();
        baseline.write(arrays, "");
        return arrays.build();
    }

    @Test
    void refusesPartsThatDoNotFitTogether() {
        NamedArrays stored = stored(RidgeBaseline.fit(
                List.of(new float[] {1, 2}, new float[] {2, 1}), List.of(new float[] {0}, new float[] {1})));
        assertThatThrownBy(() -> RidgeBaseline.read(stored, "", 3, 1))
                .isInstanceOf(IOException.class)
                .hasMessage("its array mean is F64 [2], it must be F64 [3]");
        assertThatThrownBy(() -> RidgeBaseline.read(stored, "", 2, 2))
                .isInstanceOf(IOException.class)
                .hasMessage("its array weight is F64 [1, 2], it must be F64 [2, 2]");
        for (double wrong : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            NamedArrays damaged = NamedArrays.builder()
                    .doubles("mean", new double[1], 1)
                    .doubles("scale", new double[] {wrong}, 1)
                    .build();
            assertThatThrownBy(() -> RidgeBaseline.read(damaged, "", 1, 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("its array scale holds a value that is");
        }
    }

    @Test
    void refusesInputsOfAnotherLength() {
        RidgeBaseline baseline = RidgeBaseline.fit(
                List.of(new float[] {1, 2}, new float[] {2, 1}), List.of(new float[] {0}, new float[] {1}));
        assertThatThrownBy(() -> baseline.predict(new float[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 inputs against 2");
        assertThatThrownBy(() -> RidgeBaseline.fit(List.of(), List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isNotSpoiltByATrackOfNoNumbers() {
        List<float[]> inputs = new ArrayList<>();
        List<float[]> labels = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            inputs.add(new float[] {i, i % 7});
            labels.add(new float[] {0.1f + 0.02f * i});
        }
        inputs.set(5, new float[] {Float.NaN, Float.POSITIVE_INFINITY});
        RidgeBaseline fitted = RidgeBaseline.fit(inputs, labels);
        assertThat(fitted.predict(new float[] {30, 2})[0]).isCloseTo(0.7, within(0.05));
        // The mean of the labels, where nothing is known.
        assertThat(fitted.predict(new float[] {Float.NaN, Float.NaN})[0]).isCloseTo(0.49, within(0.05));
    }
}
