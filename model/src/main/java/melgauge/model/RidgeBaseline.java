package melgauge.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * The classical baseline: ridge regression from the mean and standard deviation of each band over a track. Every
 * network is shown beside it. Inputs are standardised on the training tracks; the intercept is not penalised; the
 * penalty of each target is the one with the smallest leave-one-out error on the training tracks, which ridge
 * regression has in closed form: e / (1 − h), with e the residual and h the leverage of a track (Golub, Heath and Wahba
 * 1979; Allen's PRESS). Predictions are kept in [0,1]. Immutable and thread-safe.
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
     * @param inputs one array per training track, all of one length
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
            for (float[] row : inputs) {
                mean[j] += (double) row[j] / inputs.size();
            }
            for (float[] row : inputs) {
                scale[j] += (row[j] - mean[j]) * (row[j] - mean[j]) / inputs.size();
            }
            scale[j] = scale[j] > 1e-20 * (1 + mean[j] * mean[j]) ? Math.sqrt(scale[j]) : 1;
        }
        double[][] standardised =
                inputs.stream().map(row -> standardise(row, mean, scale)).toArray(double[][]::new);

        double[][] weights = new double[targets][];
        double[] intercepts = new double[targets];
        double[] penalties = new double[targets];
        // Targets that are labelled on the same tracks share the decomposition.
        Map<List<Integer>, Rows> decomposed = new HashMap<>();
        for (int t = 0; t < targets; t++) {
            int target = t;
            List<Integer> labelled = IntStream.range(0, labels.size())
                    .filter(i -> !Float.isNaN(labels.get(i)[target]))
                    .boxed()
                    .toList();
            if (labelled.size() < 2) {
                weights[t] = new double[features];
                intercepts[t] = labelled.isEmpty() ? 0.5 : labels.get(labelled.get(0))[t];
                continue;
            }
            Rows rows = decomposed.computeIfAbsent(labelled, chosen -> new Rows(standardised, chosen));
            double[] y =
                    labelled.stream().mapToDouble(i -> labels.get(i)[target]).toArray();
            penalties[t] = rows.bestPenalty(y);
            weights[t] = rows.weights(y, penalties[t]);
            intercepts[t] = rows.intercept(y, weights[t]);
        }
        return new RidgeBaseline(mean, scale, weights, intercepts, penalties);
    }

    private static double[] standardise(float[] row, double[] mean, double[] scale) {
        double[] result = new double[row.length];
        for (int j = 0; j < row.length; j++) {
            result[j] = (row[j] - mean[j]) / scale[j];
        }
        return result;
    }

    /** Some rows, centred, and the eigenvectors of XᵀX that make every penalty cheap. */
    private static final class Rows {
        private final double[] centre;
        private final double[] eigenvalues;
        private final double[][] eigenvectors;
        /** Rows in coordinates of the eigenvectors. */
        private final double[][] rotated;

        Rows(double[][] all, List<Integer> chosen) {
            int n = chosen.size();
            int features = all[0].length;
            centre = new double[features];
            for (int i : chosen) {
                for (int j = 0; j < features; j++) {
                    centre[j] += all[i][j] / n;
                }
            }
            double[][] x = new double[n][features];
            double[][] gram = new double[features][features];
            for (int i = 0; i < n; i++) {
                double[] row = x[i];
                for (int j = 0; j < features; j++) {
                    row[j] = all[chosen.get(i)][j] - centre[j];
                }
                for (int j = 0; j < features; j++) {
                    double left = row[j];
                    double[] into = gram[j];
                    for (int k = 0; k < features; k++) {
                        into[k] += left * row[k];
                    }
                }
            }
            EigenDecomposition decomposition = new EigenDecomposition(new Array2DRowRealMatrix(gram, false));
            eigenvalues = decomposition.getRealEigenvalues();
            eigenvectors = decomposition.getVT().getData();
            rotated = new double[n][features];
            for (int i = 0; i < n; i++) {
                for (int k = 0; k < features; k++) {
                    rotated[i][k] = dot(x[i], eigenvectors[k]);
                }
            }
        }

        double bestPenalty(double[] y) {
            double[] centred = centred(y);
            double[] projected = project(centred);
            double best = PENALTIES[0];
            double bestError = Double.POSITIVE_INFINITY;
            for (double penalty : PENALTIES) {
                double error = leaveOneOutError(centred, projected, penalty);
                if (error < bestError) {
                    bestError = error;
                    best = penalty;
                }
            }
            return best;
        }

        private double leaveOneOutError(double[] y, double[] projected, double penalty) {
            double sum = 0;
            for (int i = 0; i < y.length; i++) {
                double fitted = 0;
                double leverage = 1.0 / y.length;
                for (int k = 0; k < eigenvalues.length; k++) {
                    double shrunk = rotated[i][k] / (Math.max(0, eigenvalues[k]) + penalty);
                    fitted += shrunk * projected[k];
                    leverage += shrunk * rotated[i][k];
                }
                double error = (y[i] - fitted) / (1 - leverage);
                sum += error * error;
            }
            return sum;
        }

        double[] weights(double[] y, double penalty) {
            double[] projected = project(centred(y));
            double[] weights = new double[centre.length];
            for (int k = 0; k < eigenvalues.length; k++) {
                double coefficient = projected[k] / (Math.max(0, eigenvalues[k]) + penalty);
                for (int j = 0; j < weights.length; j++) {
                    weights[j] += coefficient * eigenvectors[k][j];
                }
            }
            return weights;
        }

        double intercept(double[] y, double[] weights) {
            return Arrays.stream(y).average().orElseThrow() - dot(centre, weights);
        }

        private double[] project(double[] y) {
            double[] projected = new double[eigenvalues.length];
            for (int i = 0; i < y.length; i++) {
                for (int k = 0; k < projected.length; k++) {
                    projected[k] += rotated[i][k] * y[i];
                }
            }
            return projected;
        }

        private static double[] centred(double[] y) {
            double average = Arrays.stream(y).average().orElseThrow();
            return Arrays.stream(y).map(value -> value - average).toArray();
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** Predicts one track, one number in [0,1] per target. */
    public double[] predict(float[] inputs) {
        if (inputs.length != mean.length) {
            throw new IllegalArgumentException(inputs.length + " inputs against " + mean.length + " of the baseline");
        }
        double[] row = standardise(inputs, mean, scale);
        double[] result = new double[weights.length];
        for (int t = 0; t < result.length; t++) {
            result[t] = Math.max(0, Math.min(1, intercepts[t] + dot(row, weights[t])));
        }
        return result;
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

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws IOException if the parts do not fit together
     */
    public static RidgeBaseline fromJson(JsonNode json) throws IOException {
        double[] mean = numbers(json.path("mean"));
        double[] scale = numbers(json.path("scale"));
        double[] intercepts = numbers(json.path("intercepts"));
        double[] penalties = numbers(json.path("penalties"));
        double[][] weights = new double[json.path("weights").size()][];
        for (int t = 0; t < weights.length; t++) {
            weights[t] = numbers(json.path("weights").path(t));
            if (weights[t].length != mean.length) {
                throw new IOException("the baseline's weights do not fit its inputs");
            }
        }
        if (scale.length != mean.length || intercepts.length != weights.length || penalties.length != weights.length) {
            throw new IOException("the baseline's parts do not fit together");
        }
        return new RidgeBaseline(mean, scale, weights, intercepts, penalties);
    }

    private static void write(ArrayNode array, double[] values) {
        for (double value : values) {
            array.add(value);
        }
    }

    private static double[] numbers(JsonNode array) {
        double[] values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.path(i).asDouble(Double.NaN);
        }
        return values;
    }
}
