package melgauge.model.diagnosis.measure;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import melgauge.model.regression.Ridge;

/**
 * Predictions of each track by ridge regressions that have not seen its fold.
 *
 * @param predicted {@code [columns][tracks]}, kept in [0,1] as the baseline's are
 * @param trainingMeans {@code [columns][tracks]}, the mean label of the tracks that the prediction was learnt from
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record HeldOut(double[][] predicted, double[][] trainingMeans) {
    /**
     * Predicts columns of labels.
     *
     * @param rows {@code [tracks][features]}
     * @param folds {@code [tracks]}
     * @param columns {@code [columns][tracks]}, NaN where unlabelled. Columns that are labelled on the same tracks share
     *     all but little of the work.
     * @param completed how many of the first columns learn from all tracks of the other folds, those without a label
     *     taken for their mean: less exact, but all of these share their work
     */
    static HeldOut of(double[][] rows, int[] folds, double[][] columns, int completed, double[] penalties) {
        double[][] predicted = new double[columns.length][rows.length];
        double[][] means = new double[columns.length][rows.length];
        for (int fold : Arrays.stream(folds).distinct().toArray()) {
            int[] others = IntStream.range(0, rows.length)
                    .filter(i -> folds[i] != fold)
                    .toArray();
            int[] tested = IntStream.range(0, rows.length)
                    .filter(i -> folds[i] == fold)
                    .toArray();
            Map<List<Integer>, List<Integer>> byLabelled = IntStream.range(0, columns.length)
                    .boxed()
                    .collect(Collectors.groupingBy(c -> Arrays.stream(others)
                            .filter(i -> c < completed || !Double.isNaN(columns[c][i]))
                            .boxed()
                            .toList()));
            byLabelled.forEach((labelled, together) -> {
                Ridge.Fit fit = Ridge.of(labelled.stream().map(i -> rows[i]).toArray(double[][]::new))
                        .fit(
                                together.stream()
                                        .map(c -> complete(labelled.stream()
                                                .mapToDouble(i -> columns[c][i])
                                                .toArray()))
                                        .toArray(double[][]::new),
                                penalties);
                for (int at = 0; at < together.size(); at++) {
                    int column = together.get(at);
                    for (int i : tested) {
                        predicted[column][i] = Math.max(0, Math.min(1, fit.predict(at, rows[i])));
                        means[column][i] = fit.means()[at];
                    }
                }
            });
        }
        return new HeldOut(predicted, means);
    }

    private static double[] complete(double[] labels) {
        double mean = Arrays.stream(labels)
                .filter(label -> !Double.isNaN(label))
                .average()
                .orElse(Double.NaN);
        return Arrays.stream(labels)
                .map(label -> Double.isNaN(label) ? mean : label)
                .toArray();
    }
}
