package melgauge.model.dl4j.kernels;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Batch normalisation, PReLU and max pooling on maps that lie as {@link Maps} says. With x̂ = (x − mean)/σ,
 * z = γ·x̂ + β and y = max(z, 0) + α·min(z, 0), a pooled value is the largest y of its four (or two); where several are
 * largest, the first in reading order wins.
 *
 * <p>These passes are bound by memory and by what the compiler vectorises. Channels lie side by side, so a row of maps, or
 * the pieces of one behind each other, is one long vector, along which the numbers of each channel are repeated
 * ({@link #tile}). To pool, pixels of even and odd columns are
 * copied into arrays of their own, after which all loops are those of {@link Lanes}. Which of the four won, and its x, is
 * kept from the forward pass: of the backward pass, sums then read maps of the pooled size alone, and one more pass writes
 * the line c₂·x + c₃ with the winners' gradients added.
 */
public final class NormPool {
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
    public static float[][] statistics(FloatBuffer in, Maps maps) {
        int channels = maps.channels();
        int row = maps.row();
        float[] first = new float[channels];
        for (int piece = 0; piece < maps.pieces(); piece++) {
            in.get(maps.start(0, 0, piece), first, piece * maps.side(), maps.side());
        }
        float[] shift = tile(first, maps, maps.width());
        double[][] parts = new double[maps.units()][];
        Parallel.forEach(maps.units(), unit -> {
            float[][] arrays = scratch(row);
            float[] x = arrays[0];
            float[] sums = arrays[1];
            float[] squares = arrays[2];
            Arrays.fill(sums, 0, row, 0);
            Arrays.fill(squares, 0, row, 0);
            for (int r = 2 * maps.from(unit); r < maps.rowsTo(unit); r++) {
                loadRow(in, maps, maps.example(unit), r, x);
                Lanes.addMoments(x, shift, sums, squares, row);
            }
            double[] part = new double[2 * channels];
            addTo(part, 0, sums, maps, maps.width());
            addTo(part, channels, squares, maps, maps.width());
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

    /** What belongs to each channel, repeated along a row of so many columns. */
    private static float[] tile(float[] values, Maps maps, int columns) {
        float[] tiled = new float[values.length * columns];
        for (int to = 0; to < tiled.length; to += maps.side()) {
            System.arraycopy(values, to / (columns * maps.side()) * maps.side(), tiled, to, maps.side());
        }
        return tiled;
    }

    /** Adds a row of so many columns to the sums of its channels. */
    private static void addTo(double[] sums, int at, float[] row, Maps maps, int columns) {
        int side = maps.side();
        for (int piece = 0; piece < maps.pieces(); piece++) {
            int channel = at + piece * side;
            for (int i = piece * columns * side; i < (piece + 1) * columns * side; i += side) {
                for (int c = 0; c < side; c++) {
                    sums[channel + c] += row[i + c];
                }
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

    private static void loadRow(FloatBuffer in, Maps maps, int example, int row, float[] values) {
        for (int piece = 0; piece < maps.pieces(); piece++) {
            in.get(maps.start(example, row, piece), values, piece * maps.piece(), maps.piece());
        }
    }

    private static void storeRow(FloatBuffer out, Maps maps, int example, int row, float[] values) {
        for (int piece = 0; piece < maps.pieces(); piece++) {
            out.put(maps.start(example, row, piece), values, piece * maps.piece(), maps.piece());
        }
    }

    /** Copies a pair of rows: each corner of what is pooled into its own array, upper ones first. */
    private static void load(FloatBuffer in, Maps maps, int example, int pooledRow, float[][] corners) {
        for (int lower = 0; lower < 2; lower++) {
            int row = 2 * pooledRow + lower;
            if (maps.poolWidth() == 1) {
                loadRow(in, maps, example, row, corners[lower]);
                continue;
            }
            int side = maps.side();
            float[] even = corners[2 * lower];
            float[] odd = corners[2 * lower + 1];
            int to = 0;
            for (int piece = 0; piece < maps.pieces(); piece++) {
                int from = maps.start(example, row, piece);
                for (int column = 0; column < maps.pooledWidth(); column++) {
                    in.get(from, even, to, side);
                    in.get(from + side, odd, to, side);
                    from += 2 * side;
                    to += side;
                }
            }
        }
    }

    /** The reverse of {@link #load}. */
    private static void store(FloatBuffer out, Maps maps, int example, int pooledRow, float[][] corners) {
        for (int lower = 0; lower < 2; lower++) {
            int row = 2 * pooledRow + lower;
            if (maps.poolWidth() == 1) {
                storeRow(out, maps, example, row, corners[lower]);
                continue;
            }
            int side = maps.side();
            float[] even = corners[2 * lower];
            float[] odd = corners[2 * lower + 1];
            int from = 0;
            for (int piece = 0; piece < maps.pieces(); piece++) {
                int to = maps.start(example, row, piece);
                for (int column = 0; column < maps.pooledWidth(); column++) {
                    out.put(to, even, from, side);
                    out.put(to + side, odd, from, side);
                    to += 2 * side;
                    from += side;
                }
            }
        }
    }

    /** Writes a pooled row in pieces, as it lies. */
    private static void storePieces(FloatBuffer out, Maps maps, int example, int pooledRow, float[] row) {
        int length = maps.pooledWidth() * maps.side();
        for (int piece = 0; piece < maps.pieces(); piece++) {
            out.put(maps.pooledStart(example, pooledRow, piece, maps.side()), row, piece * length, length);
        }
    }

    /** Writes a pooled row, in whose pieces pixels lie one behind the other, so that all channels lie side by side. */
    private static void storePooled(FloatBuffer out, Maps maps, int at, float[] row, float[] turned) {
        if (maps.pieces() == 1) {
            out.put(at, row, 0, maps.pooledRow());
            return;
        }
        int side = maps.side();
        int from = 0;
        for (int piece = 0; piece < maps.pieces(); piece++) {
            for (int to = piece * side; to < maps.pooledRow(); to += maps.channels()) {
                System.arraycopy(row, from, turned, to, side);
                from += side;
            }
        }
        out.put(at, turned, 0, maps.pooledRow());
    }

    /** The reverse of {@link #storePooled}. */
    private static void loadPooled(FloatBuffer in, Maps maps, int at, float[] row, float[] turned) {
        if (maps.pieces() == 1) {
            in.get(at, row, 0, maps.pooledRow());
            return;
        }
        in.get(at, turned, 0, maps.pooledRow());
        int side = maps.side();
        int to = 0;
        for (int piece = 0; piece < maps.pieces(); piece++) {
            for (int from = piece * side; from < maps.pooledRow(); from += maps.channels()) {
                System.arraycopy(turned, from, row, to, side);
                to += side;
            }
        }
    }

    /**
     * Writes the pooled maps.
     *
     * @param inPieces whether pooled maps are to lie in pieces, as those that come in do
     * @param keep whether a backward pass follows
     */
    public void forward(FloatBuffer in, FloatBuffer out, Maps maps, Norm norm, boolean inPieces, boolean keep) {
        int row = maps.pooledRow();
        if (keep && winners.length < maps.pooledLength()) {
            winners = new float[maps.pooledLength()];
            chosen = new float[maps.pooledLength()];
        }
        float[] scale = tile(norm.scale(), maps, maps.pooledWidth());
        float[] offset = tile(norm.offset(), maps, maps.pooledWidth());
        float[] odd = tile(norm.odd(), maps, maps.pooledWidth());
        float[] even = tile(norm.even(), maps, maps.pooledWidth());
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
                if (inPieces) {
                    storePieces(out, maps, example, p, pooled);
                } else {
                    storePooled(out, maps, at, pooled, x[11]);
                }
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
    public Norm.Gradients sums(FloatBuffer epsilon, Maps maps, Norm norm) {
        int channels = maps.channels();
        int row = maps.pooledRow();
        float[] scale = tile(norm.scale(), maps, maps.pooledWidth());
        float[] offset = tile(norm.offset(), maps, maps.pooledWidth());
        float[] alpha = tile(norm.alpha(), maps, maps.pooledWidth());
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
                loadPooled(epsilon, maps, at, e, arrays[7]);
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
                addTo(part, i * channels, arrays[2 + i], maps, maps.pooledWidth());
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
    public void backward(FloatBuffer in, FloatBuffer gradient, Maps maps, Norm.Gradients gradients) {
        int row = maps.pooledRow();
        float[] c2 = tile(gradients.c2(), maps, maps.pooledWidth());
        float[] c3 = tile(gradients.c3(), maps, maps.pooledWidth());
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
                    dropped(in, gradient, maps, example, 2 * p + lower, maps.width() - 1, gradients);
                }
            }
            for (int r = 2 * maps.to(unit); r < maps.rowsTo(unit); r++) {
                dropped(in, gradient, maps, example, r, 0, gradients);
            }
        });
    }

    /** Writes the gradient of what pooling drops of a row, from a column on, which is that of normalisation alone. */
    private static void dropped(
            FloatBuffer in,
            FloatBuffer gradient,
            Maps maps,
            int example,
            int row,
            int fromColumn,
            Norm.Gradients gradients) {
        for (int piece = 0; piece < maps.pieces(); piece++) {
            int start = maps.start(example, row, piece);
            for (int i = fromColumn * maps.side(); i < maps.piece(); i++) {
                int channel = piece * maps.side() + i % maps.side();
                gradient.put(
                        start + i,
                        gradients.c2()[channel] * in.get(start + i) + gradients.c3()[channel]);
            }
        }
    }
}
