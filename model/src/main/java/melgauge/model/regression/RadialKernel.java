package melgauge.model.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The radial kernel exp(−|a − b|² / 2σ²) as coordinates: rows whose scalar products are the kernel's values. Ridge
 * regression from these coordinates is kernel ridge regression, intercept included, and shares its fast formulas.
 *
 * <p>The coordinates come from a Cholesky decomposition of the kernel matrix that always takes the row next which the
 * ones before explain least, and stops when little is left (Fine and Scheinberg 2001). With as many coordinates as rows
 * it is exact; with fewer it is the Nyström approximation from the rows taken. Immutable and thread-safe.
 */
public final class RadialKernel {
    /** Of the trace of the kernel matrix, what may remain unexplained. */
    private static final double NEGLIGIBLE = 1e-9;

    /** Enough for a median of their distances. */
    private static final int ROWS_FOR_WIDTH = 1000;

    private final double width;
    private final int[] pivots;
    private final double[][] coordinates;

    private RadialKernel(double width, int[] pivots, double[][] coordinates) {
        this.width = width;
        this.pivots = pivots;
        this.coordinates = coordinates;
    }

    /**
     * The width σ by the usual rule: the median distance between two rows (Gretton et al. 2012). Pairs of equal rows do
     * not count; 1 where there are no others. From at most 1,000 rows, evenly spaced.
     */
    public static double medianDistance(double[][] rows) {
        int used = Math.min(rows.length, ROWS_FOR_WIDTH);
        double[][] some = IntStream.range(0, used)
                .mapToObj(i -> rows[(int) ((long) i * rows.length / used)])
                .toArray(double[][]::new);
        double[] squared = IntStream.range(0, used)
                .boxed()
                .flatMapToDouble(i -> IntStream.range(0, i).mapToDouble(j -> squaredDistance(some[i], some[j])))
                .filter(distance -> distance > 0)
                .sorted()
                .toArray();
        int middle = squared.length / 2;
        return squared.length == 0
                ? 1
                : squared.length % 2 == 1
                        ? Math.sqrt(squared[middle])
                        : (Math.sqrt(squared[middle - 1]) + Math.sqrt(squared[middle])) / 2;
    }

    /**
     * Decomposes the kernel matrix of some rows.
     *
     * @param width σ, above 0
     * @param most coordinates; there are fewer where fewer explain everything
     */
    public static RadialKernel of(double[][] rows, double width, int most) {
        int n = rows.length;
        int[] pivots = new int[Math.min(n, most)];
        double[] unexplained = new double[n];
        Arrays.fill(unexplained, 1);
        List<double[]> columns = new ArrayList<>();
        while (columns.size() < Math.min(n, most) && Arrays.stream(unexplained).sum() > NEGLIGIBLE * n) {
            int pivot = IntStream.range(0, n)
                    .reduce((a, b) -> unexplained[b] > unexplained[a] ? b : a)
                    .orElseThrow();
            double[] column = new double[n];
            for (int i = 0; i < n; i++) {
                column[i] = value(rows[i], rows[pivot], width);
            }
            for (double[] before : columns) {
                double factor = before[pivot];
                for (int i = 0; i < n; i++) {
                    column[i] -= factor * before[i];
                }
            }
            double root = Math.sqrt(unexplained[pivot]);
            for (int i = 0; i < n; i++) {
                column[i] /= root;
                // What rounding leaves below 0 is explained.
                unexplained[i] = Math.max(0, unexplained[i] - column[i] * column[i]);
            }
            unexplained[pivot] = 0;
            pivots[columns.size()] = pivot;
            columns.add(column);
        }
        double[][] coordinates = new double[n][columns.size()];
        for (int k = 0; k < columns.size(); k++) {
            for (int i = 0; i < n; i++) {
                coordinates[i][k] = columns.get(k)[i];
            }
        }
        return new RadialKernel(width, Arrays.copyOf(pivots, columns.size()), coordinates);
    }

    /** The coordinates of each row, {@code [rows][coordinates]}; not to be changed. */
    public double[][] coordinates() {
        return coordinates;
    }

    /** The rows that the coordinates are made from, as many as there are coordinates. */
    public int[] pivots() {
        return pivots.clone();
    }

    /**
     * Weights of kernel values in place of weights of coordinates: for every row x, whether it was decomposed or not,
     *
     * <pre>Σ weights[k] · coordinate k of x = Σ result[k] · value(x, pivot k, width)</pre>
     *
     * @param weights one per coordinate
     */
    public double[] ofValues(double[] weights) {
        double[] result = weights.clone();
        // The pivots' coordinates are a lower triangle L, and those of x solve L·c = its kernel values.
        for (int k = result.length - 1; k >= 0; k--) {
            for (int later = k + 1; later < result.length; later++) {
                result[k] -= coordinates[pivots[later]][k] * result[later];
            }
            result[k] /= coordinates[pivots[k]][k];
        }
        return result;
    }

    /** The σ that the rows were decomposed with. */
    public double width() {
        return width;
    }

    /** The kernel's value for two rows. */
    public static double value(double[] a, double[] b, double width) {
        return Math.exp(-squaredDistance(a, b) / (2 * width * width));
    }

    private static double squaredDistance(double[] a, double[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += (a[j] - b[j]) * (a[j] - b[j]);
        }
        return sum;
    }
}
