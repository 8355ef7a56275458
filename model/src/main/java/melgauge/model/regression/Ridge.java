package melgauge.model.regression;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * Ridge regression of any number of label columns on the same rows. The intercept is not penalised.
 *
 * <p>The rows are centred and turned into the coordinates of the eigenvectors of XᵀX, once. There a penalty λ only
 * divides by eigenvalue + λ, so that trying penalties, and further columns, costs little. Each column gets the penalty
 * with the smallest leave-one-out error, which ridge regression has in closed form: e / (1 − h), with e the residual and
 * h the leverage of a row (Golub, Heath and Wahba 1979; Allen's PRESS). Immutable and thread-safe.
 */
public final class Ridge {
    private final double[] centre;
    /** None below 0. */
    private final double[] eigenvalues;

    private final double[][] eigenvectors;
    /** The centred rows in coordinates of the eigenvectors. */
    private final double[][] rotated;

    private Ridge(double[] centre, double[] eigenvalues, double[][] eigenvectors, double[][] rotated) {
        this.centre = centre;
        this.eigenvalues = eigenvalues;
        this.eigenvectors = eigenvectors;
        this.rotated = rotated;
    }

    /**
     * Prepares rows for any number of fits.
     *
     * @param rows {@code [n][features]}, at least one
     */
    public static Ridge of(double[][] rows) {
        int n = rows.length;
        int features = rows[0].length;
        double[] centre = new double[features];
        for (double[] row : rows) {
            addTo(centre, 1.0 / n, row);
        }
        double[][] centred = new double[n][];
        double[][] gram = new double[features][features];
        for (int i = 0; i < n; i++) {
            centred[i] = rows[i].clone();
            addTo(centred[i], -1, centre);
            for (int j = 0; j < features; j++) {
                addTo(gram[j], centred[i][j], centred[i]);
            }
        }
        EigenDecomposition decomposition = new EigenDecomposition(new Array2DRowRealMatrix(gram, false));
        double[][] columns = decomposition.getV().getData();
        double[][] rotated = new double[n][features];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < features; j++) {
                addTo(rotated[i], centred[i][j], columns[j]);
            }
        }
        return new Ridge(
                centre,
                // Rounding may leave a little less than 0.
                Arrays.stream(decomposition.getRealEigenvalues())
                        .map(value -> Math.max(0, value))
                        .toArray(),
                decomposition.getVT().getData(),
                rotated);
    }

    /**
     * Fits every column with the penalty that suits it best.
     *
     * @param columns {@code [columns][n]}, labels without NaN
     * @param penalties to choose from; of those that are equally good the first is taken
     */
    public Fit fit(double[][] columns, double[] penalties) {
        int count = columns.length;
        int n = rotated.length;
        double[] means = new double[count];
        // By row, so that the inner loops run over columns: one load of a row's number serves them all.
        double[][] labels = new double[n][count];
        double[][] projected = new double[eigenvalues.length][count];
        for (int c = 0; c < count; c++) {
            means[c] = Arrays.stream(columns[c]).average().orElseThrow();
            for (int i = 0; i < n; i++) {
                labels[i][c] = columns[c][i] - means[c];
            }
        }
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < projected.length; k++) {
                addTo(projected[k], rotated[i][k], labels[i]);
            }
        }
        double[] best = new double[count];
        Arrays.fill(best, penalties[0]);
        double[] least = new double[count];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
        for (double penalty : penalties) {
            double[] errors = leaveOneOutErrors(labels, projected, penalty);
            for (int c = 0; c < count; c++) {
                if (errors[c] < least[c]) {
                    least[c] = errors[c];
                    best[c] = penalty;
                }
            }
        }
        double[][] weights = new double[count][centre.length];
        double[] intercepts = new double[count];
        for (int c = 0; c < count; c++) {
            for (int k = 0; k < eigenvalues.length; k++) {
                addTo(weights[c], projected[k][c] / (eigenvalues[k] + best[c]), eigenvectors[k]);
            }
            intercepts[c] = means[c] - dot(centre, weights[c]);
        }
        return new Fit(means, best, weights, intercepts);
    }

    /** The sum of squared errors of each column's rows, each row as if it were left out. */
    private double[] leaveOneOutErrors(double[][] labels, double[][] projected, double penalty) {
        int count = labels[0].length;
        double[][] coefficients = new double[eigenvalues.length][count];
        for (int k = 0; k < eigenvalues.length; k++) {
            addTo(coefficients[k], 1 / (eigenvalues[k] + penalty), projected[k]);
        }
        double[] errors = new double[count];
        for (int i = 0; i < labels.length; i++) {
            double leverage = 1.0 / labels.length;
            double[] residual = labels[i].clone();
            for (int k = 0; k < eigenvalues.length; k++) {
                leverage += rotated[i][k] * rotated[i][k] / (eigenvalues[k] + penalty);
                addTo(residual, -rotated[i][k], coefficients[k]);
            }
            for (int c = 0; c < count; c++) {
                double error = residual[c] / (1 - leverage);
                errors[c] += error * error;
            }
        }
        return errors;
    }

    private static void addTo(double[] sum, double factor, double[] values) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * values[i];
        }
    }

    /** The sum of squares. */
    public static double squares(double[] values) {
        return dot(values, values);
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /**
     * One regression per column.
     *
     * @param means of each column's labels
     * @param penalties that leave-one-out chose
     * @param weights {@code [columns][features]}
     * @param intercepts one per column
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Fit(double[] means, double[] penalties, double[][] weights, double[] intercepts) {
        /** What a column's regression says of a row. */
        public double predict(int column, double[] row) {
            return intercepts[column] + dot(row, weights[column]);
        }
    }
}
