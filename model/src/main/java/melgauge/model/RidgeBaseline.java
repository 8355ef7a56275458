package melgauge.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The classical baseline: ridge regression from the mean and standard deviation of each band over a track. Every
 * network is shown beside it. Inputs are standardised on the training tracks; the penalty of each target is the one
 * with the smallest leave-one-out error on them, as {@link Ridge} finds it. Predictions are kept in [0,1]. Immutable and
 * thread-safe.
 */
public final class RidgeBaseline {
    private static final double[] PENALTIES = new double[33];

    static {
        for (int i = 0; i < PENALTIES.length; i++) {
            PENALTIES[i] = Math.pow(10, -2 + 0.25 * i);
        }
    }

    private final double[] mean;
    private final double[] scale;
    private final double[][] weights;
    private final double[] intercepts;
    private final double[] penalties;

    private RidgeBaseline(double[] mean, double[] scale, double[][] weights, double[] intercepts, double[] penalties) {
        this.mean = mean;
        this.scale = scale;
        this.weights = weights;
        this.intercepts = intercepts;
        this.penalties = penalties;
    }

    /**
     * Fits one regression per target.
     *
     * @param inputs one array per training track, all of one length; what is not finite counts as the mean of the others
     * @param labels one array per track, in [0,1], NaN where unlabelled; a target with fewer than two labels is
     *     predicted as their mean, or 0.5
     */
    public static RidgeBaseline fit(List<float[]> inputs, List<float[]> labels) {
        if (inputs.isEmpty() || inputs.size() != labels.size()) {
            throw new IllegalArgumentException(inputs.size() + " inputs and " + labels.size() + " labels");
        }
        int features = inputs.get(0).length;
        int targets = labels.get(0).length;
        double[] mean = new double[features];
        double[] scale = new double[features];
        for (int j = 0; j < features; j++) {
            int input = j;
            double[] known = inputs.stream()
                    .mapToDouble(row -> row[input])
                    .filter(Double::isFinite)
                    .toArray();
            for (double value : known) {
                mean[j] += value / known.length;
            }
            for (double value : known) {
                scale[j] += (value - mean[j]) * (value - mean[j]) / known.length;
            }
            scale[j] = scale[j] > 1e-20 * (1 + mean[j] * mean[j]) ? Math.sqrt(scale[j]) : 1;
        }
        double[][] standardised =
                inputs.stream().map(row -> standardise(row, mean, scale)).toArray(double[][]::new);

        double[][] weights = new double[targets][features];
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
            Ridge.Fit fit = Ridge.of(labelled.stream().map(i -> standardised[i]).toArray(double[][]::new))
                    .fit(columns, PENALTIES);
            for (int column = 0; column < columns.length; column++) {
                int t = together.get(column);
                weights[t] = fit.weights()[column];
                intercepts[t] = fit.intercepts()[column];
                penalties[t] = fit.penalties()[column];
            }
        });
        return new RidgeBaseline(mean, scale, weights, intercepts, penalties);
    }

    private static double[] standardise(float[] row, double[] mean, double[] scale) {
        double[] result = new double[row.length];
        for (int j = 0; j < row.length; j++) {
            // What is no number, as in a damaged track, counts as the mean: it must not spoil the others.
            result[j] = Float.isFinite(row[j]) ? (row[j] - mean[j]) / scale[j] : 0;
        }
        return result;
    }

    /** Predicts one track, one number in [0,1] per target. */
    public double[] predict(float[] inputs) {
        if (inputs.length != mean.length) {
            throw new IllegalArgumentException(inputs.length + " inputs against " + mean.length + " of the baseline");
        }
        double[] row = standardise(inputs, mean, scale);
        double[] result = new double[weights.length];
        for (int t = 0; t < result.length; t++) {
            result[t] = Math.max(0, Math.min(1, intercepts[t] + Ridge.dot(row, weights[t])));
        }
        return result;
    }

    /**
     * How far a track lies from the training tracks: the root mean square, over all inputs, of its distance from their mean
     * in their standard deviations. Training tracks have 1 on average; what is not finite counts as the mean.
     */
    public double distance(float[] inputs) {
        double sum = 0;
        for (double value : standardise(inputs, mean, scale)) {
            sum += value * value;
        }
        return Math.sqrt(sum / mean.length);
    }

    /** The penalty that leave-one-out chose for each target; 0 for a target without enough labels. */
    public double[] penalties() {
        return penalties.clone();
    }

    /** For a model file. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        write(json.putArray("mean"), mean);
        write(json.putArray("scale"), scale);
        write(json.putArray("intercepts"), intercepts);
        write(json.putArray("penalties"), penalties);
        ArrayNode rows = json.putArray("weights");
        for (double[] row : weights) {
            write(rows.addArray(), row);
        }
        return json;
    }

    /** Numbers that it predicts from. */
    public int inputs() {
        return mean.length;
    }

    /** Numbers that it predicts. */
    public int outputs() {
        return weights.length;
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws IOException if the parts do not fit together, or hold something else than numbers
     */
    public static RidgeBaseline fromJson(JsonNode json) throws IOException {
        double[] mean = numbers(json.path("mean"), "mean");
        double[] scale = numbers(json.path("scale"), "scale", mean.length);
        for (double value : scale) {
            if (value <= 0) {
                throw new IOException("the baseline's scale holds " + value + ", which must be above 0");
            }
        }
        double[] intercepts = numbers(json.path("intercepts"), "intercepts");
        double[] penalties = numbers(json.path("penalties"), "penalties", intercepts.length);
        JsonNode rows = json.path("weights");
        if (!rows.isArray() || rows.size() != intercepts.length) {
            throw new IOException("the baseline has weights for " + rows.size() + " targets, it must have them for "
                    + intercepts.length);
        }
        double[][] weights = new double[rows.size()][];
        for (int t = 0; t < weights.length; t++) {
            weights[t] = numbers(rows.path(t), "weights[" + t + "]", mean.length);
        }
        return new RidgeBaseline(mean, scale, weights, intercepts, penalties);
    }

    private static void write(ArrayNode array, double[] values) {
        for (double value : values) {
            array.add(value);
        }
    }

    private static double[] numbers(JsonNode array, String name) throws IOException {
        double[] values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode value = array.path(i);
            if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
                throw new IOException("the baseline's " + name + " holds something that is no number (at " + i + ")");
            }
            values[i] = value.doubleValue();
        }
        return values;
    }

    private static double[] numbers(JsonNode array, String name, int count) throws IOException {
        if (!array.isArray() || array.size() != count) {
            throw new IOException(
                    "the baseline's " + name + " holds " + array.size() + " numbers, it must hold " + count);
        }
        return numbers(array, name);
    }
}
