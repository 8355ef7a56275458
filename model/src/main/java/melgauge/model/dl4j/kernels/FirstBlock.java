package melgauge.model.dl4j.kernels;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The block that reads the patches: a 3×3 convolution of one channel, and what {@link NormPool} does. Its maps are the
 * largest of the network, and with one channel the convolution is cheap; so they are never in memory.
 *
 * <p><b>Statistics.</b> x of a channel is w·p, where p are the nine inputs under the kernel. With P = Σ p and G = Σ p·pᵀ
 * over all places, Σ x = w·P and Σ x² = wᵀ·G·w: the statistics of all channels follow from 54 sums over the input.
 *
 * <p><b>Forward.</b> Normalisation is folded into the weights. Each unit of work lays its part of the input out as an
 * array for each place under the four kernels of a pooled value; the convolution then is a loop over pooled values for
 * each channel, and the four corners lie in arrays of their own.
 *
 * <p><b>Backward.</b> The gradient of x is c₂·x + c₃, plus scale·dz at winners. So that of the weights is
 * c₂·G·w + c₃·P + scale·S with S = Σ dz·p over winners, and Σ dz·x, which the gradient of γ needs, is w·S. The gradient
 * of the input is not computed: nobody needs it.
 *
 * <p>The same in ND4J operations is {@link PlainBlock}.
 */
public final class FirstBlock {
    private static final int KERNEL = 9;
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** The batch with a border of zeros around each patch, {@code [examples, height + 2, width + 2]}. */
    private float[] padded = new float[0];

    private int paddedWidth;

    /** P, then G row by row. */
    private double[] moments = new double[0];

    /** Of each pooled value, which one won and its z; {@code [examples, channels, pooled height, pooled width]}. */
    private float[] winners = new float[0];

    private float[] chosen = new float[0];

    /** What one thread works in. */
    private static final class Scratch {
        private float[][] places = new float[0][];
        private float[][] arrays = new float[0][];
        private float[] maps = new float[0];
        private float[] turned = new float[0];

        void reserve(int placeCount, int length, int mapsLength) {
            if (places.length < placeCount || places[0].length < length) {
                places = new float[Math.max(placeCount, places.length)][length];
                arrays = new float[11][length];
            }
            if (maps.length < mapsLength) {
                maps = new float[mapsLength];
                turned = new float[mapsLength];
            }
        }
    }

    /** Takes the input of a pass. */
    public void read(FloatBuffer in, Maps maps) {
        int height = maps.height();
        int width = maps.width();
        paddedWidth = width + 2;
        int size = (height + 2) * paddedWidth;
        if (padded.length != Math.multiplyExact(size, maps.examples())) {
            padded = new float[size * maps.examples()];
        }
        for (int example = 0; example < maps.examples(); example++) {
            for (int row = 0; row < height; row++) {
                in.get((example * height + row) * width, padded, example * size + (row + 1) * paddedWidth + 1, width);
            }
        }
    }

    private int start(Maps maps, int example, int row) {
        return (example * (maps.height() + 2) + row) * paddedWidth;
    }

    /** Mean of each channel, then the variances (divisor n), for a convolution with these weights. */
    public float[][] statistics(Maps maps, float[] weights) {
        double[][] parts = new double[maps.examples()][];
        Parallel.forEach(maps.examples(), example -> parts[example] = moments(maps, example));
        double[] half = NormPool.total(parts, KERNEL + KERNEL * (KERNEL + 1) / 2);
        moments = new double[KERNEL + KERNEL * KERNEL];
        System.arraycopy(half, 0, moments, 0, KERNEL);
        int next = KERNEL;
        for (int i = 0; i < KERNEL; i++) {
            for (int j = i; j < KERNEL; j++, next++) {
                moments[KERNEL + i * KERNEL + j] = half[next];
                moments[KERNEL + j * KERNEL + i] = half[next];
            }
        }
        double count = maps.count();
        float[] mean = new float[maps.channels()];
        float[] variance = new float[maps.channels()];
        for (int c = 0; c < mean.length; c++) {
            double sum = 0;
            double square = 0;
            for (int i = 0; i < KERNEL; i++) {
                sum += weights[c * KERNEL + i] * moments[i];
                square += weights[c * KERNEL + i] * weighted(weights, c, i);
            }
            mean[c] = (float) (sum / count);
            variance[c] = (float) Math.max(0, square / count - sum / count * (sum / count));
        }
        return new float[][] {mean, variance};
    }

    /** A component of G·w. */
    private double weighted(float[] weights, int channel, int i) {
        double sum = 0;
        for (int j = 0; j < KERNEL; j++) {
            sum += moments[KERNEL + i * KERNEL + j] * weights[channel * KERNEL + j];
        }
        return sum;
    }

    /** P and the upper half of G of an example's places. */
    private double[] moments(Maps maps, int example) {
        int width = maps.width();
        int height = maps.height();
        // A few rows at a time, and their sums, stay in the cache.
        int block = Math.max(1, Math.min(height, 384 / width));
        int terms = KERNEL + KERNEL * (KERNEL + 1) / 2;
        float[][] places = new float[KERNEL][block * width];
        float[][] sums = new float[terms][block * width];
        for (int row = 0; row < height; row += block) {
            int rows = Math.min(block, height - row);
            int length = rows * width;
            for (int i = 0; i < KERNEL; i++) {
                for (int r = 0; r < rows; r++) {
                    System.arraycopy(
                            padded, start(maps, example, row + r + i / 3) + i % 3, places[i], r * width, width);
                }
            }
            int next = KERNEL;
            for (int i = 0; i < KERNEL; i++) {
                Lanes.add(places[i], sums[i], length);
                for (int j = i; j < KERNEL; j++) {
                    Lanes.addProduct(places[i], places[j], sums[next++], length);
                }
            }
        }
        double[] part = new double[terms];
        for (int i = 0; i < terms; i++) {
            for (float sum : sums[i]) {
                part[i] += sum;
            }
        }
        return part;
    }

    /**
     * Writes the pooled maps {@code [examples, channels / side, pooled height, pooled width, side]}.
     *
     * @param weights {@code [channels, 3, 3]}
     * @param side channels side by side, which may be all
     * @param keep whether a backward pass follows
     */
    public void forward(FloatBuffer out, Maps maps, float[] weights, Norm norm, int side, boolean keep) {
        int channels = maps.channels();
        int columns = maps.pooledWidth();
        if (keep && winners.length < maps.pooledLength()) {
            winners = new float[maps.pooledLength()];
            chosen = new float[maps.pooledLength()];
        }
        float[] folded = new float[weights.length];
        for (int i = 0; i < folded.length; i++) {
            folded[i] = weights[i] * norm.scale()[i / KERNEL];
        }
        float[] odd = norm.odd();
        float[] even = norm.even();
        int across = maps.poolWidth() + 2;
        int corners = 2 * maps.poolWidth();
        Parallel.forEach(maps.units(), unit -> {
            int example = maps.example(unit);
            int length = (maps.to(unit) - maps.from(unit)) * columns;
            Scratch scratch = SCRATCH.get();
            scratch.reserve(16, Maps.ROWS * columns, Maps.ROWS * maps.pooledRow());
            layOut(maps, unit, scratch.places, across);
            float[][] z = scratch.arrays;
            float[] pooled = z[8];
            for (int c = 0; c < channels; c++) {
                for (int corner = 0; corner < corners; corner++) {
                    int first = corner / maps.poolWidth() * across + corner % maps.poolWidth();
                    Lanes.convolve(
                            z[corner], norm.offset()[c], folded, c * KERNEL, scratch.places, first, across, length);
                    Lanes.bend(z[corner], odd[c], even[c], z[4 + corner], length);
                }
                if (corners == 2) {
                    Lanes.max(z[4], z[5], pooled, length);
                } else {
                    Lanes.max(z[4], z[5], z[6], z[7], pooled, length);
                }
                if (keep) {
                    NormPool.choose(z, pooled, z[9], z[10], maps.poolWidth(), length);
                    int at = kept(maps, example, c, maps.from(unit));
                    System.arraycopy(z[9], 0, winners, at, length);
                    System.arraycopy(z[10], 0, chosen, at, length);
                }
                System.arraycopy(pooled, 0, scratch.maps, c * length, length);
            }
            for (int piece = 0; piece < channels / side; piece++) {
                transpose(scratch.maps, piece * side * length, side, length, scratch.turned);
                out.put(maps.pooledStart(example, maps.from(unit), piece, side), scratch.turned, 0, length * side);
            }
        });
    }

    /** Turns {@code [rows, columns]}, from a place on, into {@code [columns, rows]}, in pieces that stay in the first-level cache. */
    private static void transpose(float[] in, int start, int rows, int columns, float[] out) {
        for (int from = 0; from < columns; from += 16) {
            int to = Math.min(from + 16, columns);
            for (int row = 0; row < rows; row++) {
                for (int column = from; column < to; column++) {
                    out[column * rows + row] = in[start + row * columns + column];
                }
            }
        }
    }

    private static int kept(Maps maps, int example, int channel, int row) {
        return ((example * maps.channels() + channel) * maps.pooledHeight() + row) * maps.pooledWidth();
    }

    /** An array for each of the places under the kernels of a pooled value, row by row. */
    private void layOut(Maps maps, int unit, float[][] places, int across) {
        int columns = maps.pooledWidth();
        int step = maps.poolWidth();
        for (int row = maps.from(unit); row < maps.to(unit); row++) {
            int to = (row - maps.from(unit)) * columns;
            for (int place = 0; place < 4 * across; place++) {
                float[] values = places[place];
                int from = start(maps, maps.example(unit), 2 * row + place / across) + place % across;
                for (int j = 0; j < columns; j++) {
                    values[to + j] = padded[from + step * j];
                }
            }
        }
    }

    /** What the backward pass gives: {@code weights} as {@code [channels, 3, 3]}, and those of the normalisation. */
    @SuppressWarnings("ArrayRecordComponent") // made and read within one pass, never compared
    public record Gradients(float[] weights, Norm.Gradients norm) {}

    /** Gradients of the parameters from that of the pooled maps. */
    public Gradients backward(FloatBuffer epsilon, Maps maps, float[] weights, Norm norm) {
        int channels = maps.channels();
        // For each channel S, Σ dz and Σ e·min(z, 0).
        int sums = KERNEL + 2;
        double[][] parts = new double[maps.units()][];
        Parallel.forEach(maps.units(), unit -> {
            int from = maps.from(unit);
            int pixels = (maps.to(unit) - from) * maps.pooledWidth();
            Scratch scratch = SCRATCH.get();
            scratch.reserve(16, Maps.ROWS * maps.pooledWidth(), Maps.ROWS * maps.pooledRow());
            epsilon.get(maps.pooledStart(maps.example(unit), from), scratch.maps, 0, pixels * channels);
            transpose(scratch.maps, 0, pixels, channels, scratch.turned);
            double[] part = new double[channels * sums];
            float[] e = scratch.arrays[0];
            float[] z = scratch.arrays[1];
            float[] d = scratch.arrays[2];
            float[] below = scratch.arrays[3];
            for (int c = 0; c < channels; c++) {
                System.arraycopy(scratch.turned, c * pixels, e, 0, pixels);
                System.arraycopy(chosen, kept(maps, maps.example(unit), c, from), z, 0, pixels);
                Lanes.slope(e, z, norm.alpha()[c], d, pixels);
                Arrays.fill(below, 0, pixels, 0);
                Lanes.addBelowZero(e, z, below, pixels);
                gather(d, below, maps, unit, c, part, c * sums);
            }
            parts[unit] = part;
        });
        double[] total = NormPool.total(parts, channels * sums);
        double[] dz = new double[channels];
        double[] dzx = new double[channels];
        double[] dAlpha = new double[channels];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < KERNEL; i++) {
                dzx[c] += weights[c * KERNEL + i] * total[c * sums + i];
            }
            dz[c] = total[c * sums + KERNEL];
            dAlpha[c] = total[c * sums + KERNEL + 1];
        }
        Norm.Gradients gradients = norm.gradients(dz, dzx, dAlpha, maps.count());
        float[] slopes = new float[channels * KERNEL];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < KERNEL; i++) {
                slopes[c * KERNEL + i] = (float) (norm.scale()[c] * total[c * sums + i]
                        + gradients.c2()[c] * weighted(weights, c, i)
                        + gradients.c3()[c] * moments[i]);
            }
        }
        return new Gradients(slopes, gradients);
    }

    /** Adds a channel's winners of a unit to the sums. */
    private void gather(float[] dz, float[] dAlpha, Maps maps, int unit, int channel, double[] sums, int at) {
        int columns = maps.pooledWidth();
        int step = maps.poolWidth();
        int pitch = paddedWidth;
        int next = kept(maps, maps.example(unit), channel, maps.from(unit));
        int k = 0;
        for (int row = maps.from(unit); row < maps.to(unit); row++) {
            int place = start(maps, maps.example(unit), 2 * row);
            float s0 = 0;
            float s1 = 0;
            float s2 = 0;
            float s3 = 0;
            float s4 = 0;
            float s5 = 0;
            float s6 = 0;
            float s7 = 0;
            float s8 = 0;
            float sum = 0;
            float alphaSum = 0;
            for (int j = 0; j < columns; j++, k++, next++) {
                int corner = (int) winners[next];
                int p = place + step * j + (step == 1 ? corner * pitch : (corner >> 1) * pitch + (corner & 1));
                int q = p + pitch;
                int r = q + pitch;
                float d = dz[k];
                sum += d;
                alphaSum += dAlpha[k];
                s0 += d * padded[p];
                s1 += d * padded[p + 1];
                s2 += d * padded[p + 2];
                s3 += d * padded[q];
                s4 += d * padded[q + 1];
                s5 += d * padded[q + 2];
                s6 += d * padded[r];
                s7 += d * padded[r + 1];
                s8 += d * padded[r + 2];
            }
            sums[at] += s0;
            sums[at + 1] += s1;
            sums[at + 2] += s2;
            sums[at + 3] += s3;
            sums[at + 4] += s4;
            sums[at + 5] += s5;
            sums[at + 6] += s6;
            sums[at + 7] += s7;
            sums[at + 8] += s8;
            sums[at + 9] += sum;
            sums[at + 10] += alphaSum;
        }
    }
}
