package melgauge.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

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

    private final Standardizer standardizer;
    private final LinearRegressions regressions;

    private RidgeBaseline(Standardizer standardizer, LinearRegressions regressions) {
        this.standardizer = standardizer;
        this.regressions = regressions;
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
        Standardizer standardizer = Standardizer.of(inputs);
        return new RidgeBaseline(
                standardizer,
                LinearRegressions.fit(
                        inputs.stream().map(standardizer::apply).toArray(double[][]::new), labels, PENALTIES));
    }

    /** Predicts one track, one number in [0,1] per target. */
    public double[] predict(float[] inputs) {
        if (inputs.length != inputs()) {
            throw new IllegalArgumentException(inputs.length + " inputs against " + inputs() + " of the baseline");
        }
        return regressions.predict(standardizer.apply(inputs));
    }

    /**
     * How far a track lies from the training tracks: the root mean square, over all inputs, of its distance from their mean
     * in their standard deviations. Training tracks have 1 on average; what is not finite counts as the mean.
     */
    public double distance(float[] inputs) {
        double sum = 0;
        for (double value : standardizer.apply(inputs)) {
            sum += value * value;
        }
        return Math.sqrt(sum / inputs());
    }

    /** The penalty that leave-one-out chose for each target; 0 for a target without enough labels. */
    public double[] penalties() {
        return regressions.penalties().clone();
    }

    /** For a model file. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        write(json.putArray("mean"), standardizer.mean());
        write(json.putArray("scale"), standardizer.scale());
        write(json.putArray("intercepts"), regressions.intercepts());
        write(json.putArray("penalties"), regressions.penalties());
        ArrayNode rows = json.putArray("weights");
        for (double[] row : regressions.weights()) {
            write(rows.addArray(), row);
        }
        return json;
    }

    /** Numbers that it predicts from. */
    public int inputs() {
        return standardizer.mean().length;
    }

    /** Numbers that it predicts. */
    public int outputs() {
        return regressions.intercepts().length;
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
        return new RidgeBaseline(new Standardizer(mean, scale), new LinearRegressions(weights, intercepts, penalties));
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
