package melgauge.model.regression;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import melgauge.data.io.NamedArrays;

/**
 * A ridge regression per target, each on the tracks that have its label, with the penalty that {@link Ridge} finds.
 * Predictions are kept in [0,1]. Immutable and thread-safe.
 *
 * @param weights {@code [targets][inputs]}
 * @param intercepts one per target
 * @param penalties that leave-one-out chose; 0 for a target without enough labels
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record LinearRegressions(double[][] weights, double[] intercepts, double[] penalties) {
    /**
     * Fits them.
     *
     * @param rows the inputs of each track, without NaN
     * @param labels one array per track, in [0,1], NaN where unlabelled; a target with fewer than two labels is predicted as
     *     their mean, or 0.5
     * @param choice penalties to choose from
     */
    static LinearRegressions fit(double[][] rows, List<float[]> labels, double[] choice) {
        int targets = labels.get(0).length;
        double[][] weights = new double[targets][rows[0].length];
        double[] intercepts = new double[targets];
        double[] penalties = new double[targets];
        // Targets that are labelled on the same tracks share the decomposition.
        Map<List<Integer>, List<Integer>> byLabelled = IntStream.range(0, targets)
                .boxed()
                .collect(Collectors.groupingBy(target -> IntStream.range(0, labels.size())
                        .filter(i -> !Float.isNaN(labels.get(i)[target]))
                        .boxed()
                        .toList()));
        byLabelled.forEach((labelled, together) -> {
            if (labelled.size() < 2) {
                together.forEach(t -> intercepts[t] = labelled.isEmpty() ? 0.5 : labels.get(labelled.get(0))[t]);
                return;
            }
            double[][] columns = together.stream()
                    .map(t ->
                            labelled.stream().mapToDouble(i -> labels.get(i)[t]).toArray())
                    .toArray(double[][]::new);
            Ridge.Fit fit = Ridge.of(labelled.stream().map(i -> rows[i]).toArray(double[][]::new))
                    .fit(columns, choice);
            for (int column = 0; column < columns.length; column++) {
                int t = together.get(column);
                weights[t] = fit.weights()[column];
                intercepts[t] = fit.intercepts()[column];
                penalties[t] = fit.penalties()[column];
            }
        });
        return new LinearRegressions(weights, intercepts, penalties);
    }

    /** Predicts one track, one number in [0,1] per target. */
    double[] predict(double[] row) {
        double[] result = new double[weights.length];
        for (int t = 0; t < result.length; t++) {
            result[t] = Math.max(0, Math.min(1, intercepts[t] + Ridge.dot(row, weights[t])));
        }
        return result;
    }

    void write(NamedArrays.Builder arrays, String prefix) {
        arrays.rows(prefix + "weight", weights, weights[0].length);
        arrays.doubles(prefix + "intercept", intercepts, intercepts.length);
        arrays.doubles(prefix + "penalty", penalties, penalties.length);
    }

    static LinearRegressions read(NamedArrays arrays, String prefix, int inputs, int targets) throws IOException {
        return new LinearRegressions(
                StoredNumbers.finite(arrays, prefix + "weight", targets, inputs),
                StoredNumbers.finite(arrays, prefix + "intercept", targets),
                StoredNumbers.finite(arrays, prefix + "penalty", targets));
    }
}
