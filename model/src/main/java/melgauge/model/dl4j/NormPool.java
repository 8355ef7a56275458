package melgauge.model.dl4j;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Batch normalisation, PReLU and max pooling on maps {@code [examples, height, width, channels]}. With x̂ = (x − mean)/σ,
 * z = γ·x̂ + β and y = max(z, 0) + α·min(z, 0), a pooled value is the largest y of its four (or two); where several are
 * largest, the first in reading order wins.
 *
 * <p>These passes are bound by memory and by what the compiler vectorises. Channels lie side by side, so a row of maps is
 * one long vector, along which the numbers of each channel are repeated. To pool, pixels of even and odd columns are
 * copied into arrays of their own, after which all loops are those of {@link Lanes}. Which of the four won, and its x, is
 * kept from the forward pass: of the backward pass, sums then read maps of the pooled size alone, and one more pass writes
 * the line c₂·x + c₃ with the winners' gradients added.
 */
final class NormPool {
    private static final int ARRAYS = 12;
    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[ARRAYS][0]);

    /** Of each pooled value, which one won, counted in reading order. */
    private float[] winners = new float[0];

    /** Of each pooled value, x of the one that won; after {@link #sums}, its gradient. */
    private float[] chosen = new float[0];

    private static float[][] scratch(int length) {
        float[][] arrays = SCRATCH.get();
        if (arrays[0].length < length) {
            for (int i = 0; i < arrays.length; i++) {
                arrays[i] = new float[length];
            }
        }
        return arrays;
    }

    /** Mean of each channel, then the variances (divisor n). Values are shifted by the first, so that little cancels. */
    static float[][] statistics(FloatBuffer in, Maps maps) {
        int channels = maps.channels();
        int row = maps.row();
        float[] first = new float[channels];
        in.get(0, first);
        float[] shift = Lanes.tile(first, maps.width());
        double[][] parts = new double[maps.units()][];
        Parallel.forEach(maps.units(), unit -> {
            float[][] arrays = scratch(row);
            float[] x = arrays[0];
            float[] sums = arrays[1];
            float[] squares = arrays[2];
            Arrays.fill(sums, 0, row, 0);
            Arrays.fill(squares, 0, row, 0);
            for (int r = 2 * maps.from(unit); r < maps.rowsTo(unit); r++) {
                in.get(maps.start(maps.example(unit), r), x, 0, row);
                Lanes.addMoments(x, shift, sums, squares, row);
            }
            double[] part = new double[2 * channels];
            addTo(part, 0, sums, row, channels);
            addTo(part, channels, squares, row, channels);
            parts[unit] = part;
        });
        double[] total = total(parts, 2 * channels);
        float[] mean = new float[channels];
        float[] variance = new float[channels];
        double count = maps.count();
        for (int c = 0; c < channels; c++) {
            double offset = total[c] / count;
            mean[c] = (float) (first[c] + offset);
            variance[c] = (float) Math.max(0, total[channels + c] / count - offset * offset);
        }
        return new float[][] {mean, variance};
    }

    /** Adds a row of maps to the sums of its channels. */
    private static void addTo(double[] sums, int at, float[] row, int length, int channels) {
        for (int i = 0; i < length; i += channels) {
            for (int c = 0; c < channels; c++) {
                sums[at + c] += row[i + c];
            }
        }
    }

    static double[] total(double[][] parts, int length) {
        double[] total = new double[length];
        for (double[] part : parts) {
            for (int i = 0; i < length; i++) {
                total[i] += part[i];
            }
        }
        return total;
    }

    /** Copies a pair of rows: each corner of the pooled pieces into its own array, upper ones first. */
    private static void load(FloatBuffer in, Maps maps, int example, int pooledRow, float[][] corners) {
        int pieces = maps.poolWidth();
        for (int lower = 0; lower < 2; lower++) {
            int start = maps.start(example, 2 * pooledRow + lower);
            if (pieces == 1) {
                in.get(start, corners[lower], 0, maps.row());
                continue;
            }
            int channels = maps.channels();
            float[] even = corners[2 * lower];
            float[] odd = corners[2 * lower + 1];
            for (int to = 0; to < maps.pooledRow(); to += channels) {
                in.get(start + 2 * to, even, to, channels);
                in.get(start + 2 * to + channels, odd, to, channels);
            }
        }
    }

    /** The reverse of {@link #load}. */
    private static void store(FloatBuffer out, Maps maps, int example, int pooledRow, float[][] corners) {
        int pieces = maps.poolWidth();
        for (int lower = 0; lower < 2; lower++) {
            int start = maps.start(example, 2 * pooledRow + lower);
            if (pieces == 1) {
                out.put(start, corners[lower], 0, maps.row());
                continue;
            }
            int channels = maps.channels();
            float[] even = corners[2 * lower];
            float[] odd = corners[2 * lower + 1];
            for (int from = 0; from < maps.pooledRow(); from += channels) {
                out.put(start + 2 * from, even, from, channels);
                out.put(start + 2 * from + channels, odd, from, channels);
            }
        }
    }

    /**
     * Writes the pooled maps.
     *
     * @param keep whether a backward pass follows
     */
    void forward(FloatBuffer in, FloatBuffer out, Maps maps, Norm norm, boolean keep) {
        int row = maps.pooledRow();
        if (keep && winners.length < maps.pooledLength()) {
            winners = new float[maps.pooledLength()];
            chosen = new float[maps.pooledLength()];
        }
        float[] scale = Lanes.tile(norm.scale(), maps.pooledWidth());
        float[] offset = Lanes.tile(norm.offset(), maps.pooledWidth());
        float[] odd = Lanes.tile(norm.odd(), maps.pooledWidth());
        float[] even = Lanes.tile(norm.even(), maps.pooledWidth());
        Parallel.forEach(maps.units(), unit -> {
            float[][] x = scratch(maps.row());
            float[] pooled = x[8];
            float[] number = x[9];
            float[] best = x[10];
            int example = maps.example(unit);
            for (int p = maps.from(unit); p < maps.to(unit); p++) {
                load(in, maps, example, p, x);
                for (int corner = 0; corner < 2 * maps.poolWidth(); corner++) {
                    Lanes.bend(x[corner], scale, offset, odd, even, x[4 + corner], row);
                }
                if (maps.poolWidth() == 1) {
                    Lanes.max(x[4], x[5], pooled, row);
                } else {
                    Lanes.max(x[4], x[5], x[6], x[7], pooled, row);
                }
                int at = maps.pooledStart(example, p);
                out.put(at, pooled, 0, row);
                if (keep) {
                    choose(x, pooled, number, best, maps.poolWidth(), row);
                    System.arraycopy(number, 0, winners, at, row);
                    System.arraycopy(best, 0, chosen, at, row);
                }
            }
        });
    }

    /** Of corners x[0] … with their y in x[4] …, the number of the first that won, and its x. */
    static void choose(float[][] x, float[] pooled, float[] number, float[] best, int poolWidth, int count) {
        Lanes.isLess(x[4], pooled, x[4], count);
        if (poolWidth == 1) {
            System.arraycopy(x[4], 0, number, 0, count);
            Lanes.select(x[4], x[0], x[1], best, count);
            return;
        }
        Lanes.isLess(x[5], pooled, x[5], count);
        Lanes.isLess(x[6], pooled, x[6], count);
        Lanes.number(x[4], x[5], x[6], number, count);
        Lanes.select(x[6], x[2], x[3], best, count);
        Lanes.select(x[5], x[1], best, best, count);
        Lanes.select(x[4], x[0], best, best, count);
    }

    /** Gradients of the parameters from that of the pooled maps. */
    Norm.Gradients sums(FloatBuffer epsilon, Maps maps, Norm norm) {
        int channels = maps.channels();
        int row = maps.pooledRow();
        float[] scale = Lanes.tile(norm.scale(), maps.pooledWidth());
        float[] offset = Lanes.tile(norm.offset(), maps.pooledWidth());
        float[] alpha = Lanes.tile(norm.alpha(), maps.pooledWidth());
        float[] rest = alpha.clone();
        for (int i = 0; i < rest.length; i++) {
            rest[i] = 1 - alpha[i];
        }
        double[][] parts = new double[maps.units()][];
        Parallel.forEach(maps.units(), unit -> {
            float[][] arrays = scratch(maps.row());
            float[] e = arrays[0];
            float[] x = arrays[1];
            float[] z = arrays[5];
            float[] d = arrays[6];
            for (int i = 2; i < 5; i++) {
                Arrays.fill(arrays[i], 0, row, 0);
            }
            for (int p = maps.from(unit); p < maps.to(unit); p++) {
                int at = maps.pooledStart(maps.example(unit), p);
                epsilon.get(at, e, 0, row);
                System.arraycopy(chosen, at, x, 0, row);
                Lanes.line(x, scale, offset, z, row);
                Lanes.addBelowZero(e, z, arrays[4], row);
                Lanes.slope(e, z, alpha, rest, d, row);
                Lanes.add(d, arrays[2], row);
                Lanes.addProduct(d, x, arrays[3], row);
                Lanes.multiply(scale, d, x, row);
                System.arraycopy(x, 0, chosen, at, row);
            }
            double[] part = new double[3 * channels];
            for (int i = 0; i < 3; i++) {
                addTo(part, i * channels, arrays[2 + i], row, channels);
            }
            parts[unit] = part;
        });
        double[] total = total(parts, 3 * channels);
        return norm.gradients(
                Arrays.copyOfRange(total, 0, channels),
                Arrays.copyOfRange(total, channels, 2 * channels),
                Arrays.copyOfRange(total, 2 * channels, 3 * channels),
                maps.count());
    }

    /** Writes the gradient of the maps; {@link #sums} comes first. */
    void backward(FloatBuffer in, FloatBuffer gradient, Maps maps, Norm.Gradients gradients) {
        int channels = maps.channels();
        int row = maps.pooledRow();
        float[] c2 = Lanes.tile(gradients.c2(), maps.width());
        float[] c3 = Lanes.tile(gradients.c3(), maps.width());
        boolean dropsColumn = maps.pooledWidth() * maps.poolWidth() < maps.width();
        Parallel.forEach(maps.units(), unit -> {
            float[][] x = scratch(maps.row());
            float[] number = x[4];
            float[] slope = x[5];
            int example = maps.example(unit);
            for (int p = maps.from(unit); p < maps.to(unit); p++) {
                int at = maps.pooledStart(example, p);
                System.arraycopy(winners, at, number, 0, row);
                System.arraycopy(chosen, at, slope, 0, row);
                load(in, maps, example, p, x);
                for (int corner = 0; corner < 2 * maps.poolWidth(); corner++) {
                    Lanes.line(x[corner], c2, c3, x[corner], row);
                    Lanes.addChosen(number, corner, slope, x[corner], row);
                }
                store(gradient, maps, example, p, x);
                for (int lower = 0; dropsColumn && lower < 2; lower++) {
                    int last = maps.start(example, 2 * p + lower) + maps.row() - channels;
                    in.get(last, x[0], 0, channels);
                    Lanes.line(x[0], c2, c3, x[0], channels);
                    gradient.put(last, x[0], 0, channels);
                }
            }
            for (int r = 2 * maps.to(unit); r < maps.rowsTo(unit); r++) {
                in.get(maps.start(example, r), x[0], 0, maps.row());
                Lanes.line(x[0], c2, c3, x[0], maps.row());
                gradient.put(maps.start(example, r), x[0], 0, maps.row());
            }
        });
    }
}
