package melgauge.model.dl4j;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Runs {@link NormPReLUPool}. With x̂ = (x − mean)/σ, z = γ·x̂ + β and y = max(z, 0) + α·min(z, 0), a pooled value is the
 * largest y of its four (or two); where several are largest, the first in reading order wins.
 *
 * <p>Each of these passes is bound by memory, not by arithmetic. So one thread takes one channel over the whole batch
 * after the other, which mostly stays in the second-level cache between passes, and works on blocks of rows that it
 * copies into arrays of its own; the loops over these are such as the compiler vectorises. Of the backward pass, only
 * winners have a gradient through the pooling: they are gathered, and the rest of the input's gradient is the line
 * c₂·x + c₃ that batch normalisation adds everywhere. A channel is summed by one thread in a fixed order, so the result
 * does not depend on the number of threads.
 *
 * <p>In double precision (gradient checks) and on a backend whose memory the JVM can't read, {@link Plain} says the same
 * in ND4J operations.
 */
final class NormPReLUPoolLayer extends BaseLayer<NormPReLUPool> {
    private static final long serialVersionUID = 1;

    private static final int BLOCK = 2048;
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** Statistics and winners of the last forward pass in training, for the backward pass. */
    private transient float[] mean = new float[0];

    private transient float[] variance = new float[0];
    private transient byte[] winners = new byte[0];

    NormPReLUPoolLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public Type type() {
        return Type.CONVOLUTIONAL;
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public boolean updaterDivideByMinibatch(String name) {
        return !NormPReLUPool.isRunning(name);
    }

    @Override
    public void setParams(INDArray params) {
        setParams(params, 'c');
    }

    /** What one thread works in. */
    private static final class Scratch {
        private float[] x = new float[2 * BLOCK];
        private float[] pooled = new float[BLOCK];
        private final float[] sums = new float[BLOCK];
        private final float[] squares = new float[BLOCK];
        private float[] slopes = new float[0];

        /** Room for rows of maps that are wider than a block. */
        void reserve(int rows, int slopeCount) {
            if (x.length < 2 * rows) {
                x = new float[2 * rows];
                pooled = new float[rows];
            }
            if (slopes.length < slopeCount) {
                slopes = new float[slopeCount];
            }
        }
    }

    /** Sizes of the maps. */
    private record Maps(int examples, int channels, int height, int width, int poolWidth) {
        static Maps of(INDArray input, int poolWidth) {
            return new Maps(
                    (int) input.size(0), (int) input.size(1), (int) input.size(2), (int) input.size(3), poolWidth);
        }

        int plane() {
            return height * width;
        }

        int pooledHeight() {
            return height / 2;
        }

        int pooledWidth() {
            return width / poolWidth;
        }

        int pooledPlane() {
            return pooledHeight() * pooledWidth();
        }

        /** Pairs of rows that fit a block. */
        int pairs() {
            return Math.max(1, Math.min(pooledHeight(), BLOCK / width));
        }

        int start(int example, int channel) {
            return (example * channels + channel) * plane();
        }

        int pooledStart(int example, int channel) {
            return (example * channels + channel) * pooledPlane();
        }
    }

    private float[] parameter(String name) {
        INDArray array = getParam(name);
        float[] values = new float[(int) array.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.getFloat(i);
        }
        return values;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        Maps maps = Maps.of(input, layerConf().getPoolWidth());
        INDArray out = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS,
                input.dataType(),
                new long[] {maps.examples, maps.channels, maps.pooledHeight(), maps.pooledWidth()},
                'c');
        if (Buffers.readable(input) && Buffers.readable(out)) {
            forward(Buffers.of(Buffers.contiguous(input)), Buffers.of(out), maps, training);
        } else {
            out.assign(new Plain(training).pooled());
        }
        return out;
    }

    private void forward(FloatBuffer in, FloatBuffer out, Maps maps, boolean training) {
        float[] gamma = parameter(NormPReLUPool.GAMMA);
        float[] beta = parameter(NormPReLUPool.BETA);
        float[] alpha = parameter(NormPReLUPool.ALPHA);
        if (training) {
            mean = new float[maps.channels];
            variance = new float[maps.channels];
            winners = winners.length == maps.examples * maps.channels * maps.pooledPlane()
                    ? winners
                    : new byte[maps.examples * maps.channels * maps.pooledPlane()];
        }
        float[] means = training ? mean : parameter(NormPReLUPool.MEAN);
        float[] variances = training ? variance : parameter(NormPReLUPool.VAR);
        byte[] won = winners;
        double epsilon = layerConf().getEpsilon();
        Parallel.forEach(maps.channels, c -> {
            Scratch scratch = SCRATCH.get();
            scratch.reserve(maps.pairs() * maps.width, 0);
            if (training) {
                statistics(in, maps, c, scratch, means, variances);
            }
            double scale = gamma[c] / Math.sqrt(variances[c] + epsilon);
            pool(
                    in,
                    out,
                    maps,
                    c,
                    scratch,
                    (float) scale,
                    (float) (beta[c] - means[c] * scale),
                    alpha[c],
                    training ? won : null);
        });
    }

    /** Mean and variance (divisor n) of a channel. Values are shifted by the first, so that little cancels. */
    private static void statistics(
            FloatBuffer in, Maps maps, int c, Scratch scratch, float[] means, float[] variances) {
        float[] x = scratch.x;
        float[] sums = scratch.sums;
        float[] squares = scratch.squares;
        Arrays.fill(sums, 0);
        Arrays.fill(squares, 0);
        float shift = in.get(maps.start(0, c));
        for (int example = 0; example < maps.examples; example++) {
            int start = maps.start(example, c);
            for (int from = 0; from < maps.plane(); from += BLOCK) {
                int length = Math.min(BLOCK, maps.plane() - from);
                in.get(start + from, x, 0, length);
                for (int i = 0; i < length; i++) {
                    float d = x[i] - shift;
                    sums[i] += d;
                    squares[i] += d * d;
                }
            }
        }
        double sum = 0;
        double square = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += sums[i];
            square += squares[i];
        }
        double count = (double) maps.examples * maps.plane();
        means[c] = (float) (shift + sum / count);
        variances[c] = (float) Math.max(0, square / count - sum / count * (sum / count));
    }

    /** Copies pairs of rows: upper ones from the beginning of {@code x}, lower ones behind them. */
    private static void load(FloatBuffer in, int start, int width, int pairs, float[] x) {
        int half = pairs * width;
        for (int p = 0; p < pairs; p++) {
            in.get(start + 2 * p * width, x, p * width, width);
            in.get(start + (2 * p + 1) * width, x, half + p * width, width);
        }
    }

    private static void pool(
            FloatBuffer in,
            FloatBuffer out,
            Maps maps,
            int c,
            Scratch scratch,
            float scale,
            float offset,
            float slope,
            byte @Nullable [] won) {
        float[] x = scratch.x;
        float[] pooled = scratch.pooled;
        // max(z, 0) + α·min(z, 0), written so that the compiler makes vectors of it.
        float odd = 0.5f * (1 + slope);
        float even = 0.5f * (1 - slope);
        int width = maps.width;
        int columns = maps.pooledWidth();
        for (int example = 0; example < maps.examples; example++) {
            for (int row = 0; row < maps.pooledHeight(); row += maps.pairs()) {
                int pairs = Math.min(maps.pairs(), maps.pooledHeight() - row);
                int half = pairs * width;
                load(in, maps.start(example, c) + 2 * row * width, width, pairs, x);
                for (int i = 0; i < 2 * half; i++) {
                    float z = scale * x[i] + offset;
                    x[i] = odd * z + even * Math.abs(z);
                }
                int to = maps.pooledStart(example, c) + row * columns;
                int count = pairs * columns;
                if (maps.poolWidth == 1) {
                    poolRows(x, half, pooled, won, to);
                    out.put(to, pooled, 0, count);
                    continue;
                }
                int k = 0;
                for (int p = 0; p < pairs; p++) {
                    int upper = p * width;
                    int lower = half + upper;
                    for (int j = 0; j < columns; j++, k++) {
                        float a = x[upper + 2 * j];
                        float b = x[upper + 2 * j + 1];
                        float d = x[lower + 2 * j];
                        float e = x[lower + 2 * j + 1];
                        float best = Math.max(Math.max(a, b), Math.max(d, e));
                        pooled[k] = best;
                        if (won != null) {
                            won[to + k] = (byte) (a == best ? 0 : b == best ? 1 : d == best ? 2 : 3);
                        }
                    }
                }
                out.put(to, pooled, 0, count);
            }
        }
    }

    /** Pools upper rows with lower ones, column by column; winners have the numbers they have among four. */
    private static void poolRows(float[] x, int half, float[] pooled, byte @Nullable [] won, int to) {
        for (int k = 0; k < half; k++) {
            float upper = x[k];
            float lower = x[half + k];
            pooled[k] = Math.max(upper, lower);
            if (won != null) {
                won[to + k] = (byte) (upper == pooled[k] ? 0 : 2);
            }
        }
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray gradient =
                workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, input.dataType(), input.shape(), 'c');
        if (Buffers.readable(input) && Buffers.readable(epsilon) && Buffers.readable(gradient)) {
            backward(
                    Buffers.of(Buffers.contiguous(input)),
                    Buffers.of(Buffers.contiguous(epsilon)),
                    Buffers.of(gradient),
                    Maps.of(input, layerConf().getPoolWidth()));
        } else {
            gradient.assign(new Plain(true).backward(epsilon));
        }
        Gradient result = new DefaultGradient();
        for (String name : layerConf().initializer().paramKeys(layerConf())) {
            result.setGradientFor(name, gradientView(name));
        }
        return new Pair<>(result, gradient);
    }

    private INDArray gradientView(String name) {
        return Objects.requireNonNull(gradientViews.get(name));
    }

    private void backward(FloatBuffer in, FloatBuffer epsilons, FloatBuffer gradient, Maps maps) {
        float[] gamma = parameter(NormPReLUPool.GAMMA);
        float[] beta = parameter(NormPReLUPool.BETA);
        float[] alpha = parameter(NormPReLUPool.ALPHA);
        float[] gammaGradient = new float[maps.channels];
        float[] betaGradient = new float[maps.channels];
        float[] alphaGradient = new float[maps.channels];
        double epsilon = layerConf().getEpsilon();
        byte[] won = winners;
        float[] means = mean;
        float[] variances = variance;
        Parallel.forEach(maps.channels, c -> {
            Scratch scratch = SCRATCH.get();
            scratch.reserve(maps.pairs() * maps.width, maps.examples * maps.pooledPlane());
            double inverse = 1 / Math.sqrt(variances[c] + epsilon);
            double[] sums = gather(
                    in,
                    epsilons,
                    maps,
                    c,
                    scratch,
                    won,
                    (float) (gamma[c] * inverse),
                    (float) (beta[c] - means[c] * gamma[c] * inverse),
                    alpha[c]);
            double dBeta = sums[0];
            // Σ dz·x̂ from Σ dz·x.
            double dGamma = (sums[1] - means[c] * sums[0]) * inverse;
            betaGradient[c] = (float) dBeta;
            gammaGradient[c] = (float) dGamma;
            alphaGradient[c] = (float) sums[2];
            double count = (double) maps.examples * maps.plane();
            double c2 = -gamma[c] * inverse * inverse * dGamma / count;
            double c3 = -gamma[c] * inverse * dBeta / count - c2 * means[c];
            scatter(in, gradient, maps, c, scratch, won, (float) (gamma[c] * inverse), (float) c2, (float) c3);
        });
        float keep = (float) (1 - layerConf().getDecay());
        for (int c = 0; c < maps.channels; c++) {
            gradientView(NormPReLUPool.GAMMA).putScalar(c, gammaGradient[c]);
            gradientView(NormPReLUPool.BETA).putScalar(c, betaGradient[c]);
            gradientView(NormPReLUPool.ALPHA).putScalar(c, alphaGradient[c]);
        }
        updateRunning(NormPReLUPool.MEAN, means, keep);
        updateRunning(NormPReLUPool.VAR, variances, keep);
    }

    /** Running statistics move by what is subtracted from them like a gradient, as Deeplearning4j does it. */
    private void updateRunning(String name, float[] batch, float share) {
        INDArray running = getParam(name);
        INDArray view = gradientView(name);
        for (int c = 0; c < batch.length; c++) {
            view.putScalar(c, share * (running.getFloat(c) - batch[c]));
        }
    }

    /** Keeps dz of each winner in the scratch; returns Σ dz, Σ dz·x, and the gradient of α, Σ e·min(z, 0). */
    private static double[] gather(
            FloatBuffer in,
            FloatBuffer epsilons,
            Maps maps,
            int c,
            Scratch scratch,
            byte[] won,
            float scale,
            float offset,
            float slope) {
        float[] x = scratch.x;
        float[] e = scratch.pooled;
        float[] slopes = scratch.slopes;
        int width = maps.width;
        int step = maps.poolWidth;
        int columns = maps.pooledWidth();
        double dz = 0;
        double dzx = 0;
        double dAlpha = 0;
        int at = 0;
        for (int example = 0; example < maps.examples; example++) {
            for (int row = 0; row < maps.pooledHeight(); row += maps.pairs()) {
                int pairs = Math.min(maps.pairs(), maps.pooledHeight() - row);
                int half = pairs * width;
                load(in, maps.start(example, c) + 2 * row * width, width, pairs, x);
                int from = maps.pooledStart(example, c) + row * columns;
                epsilons.get(from, e, 0, pairs * columns);
                float blockDz = 0;
                float blockDzx = 0;
                float blockAlpha = 0;
                int k = 0;
                for (int p = 0; p < pairs; p++) {
                    for (int j = 0; j < columns; j++, k++) {
                        int winner = won[from + k];
                        float value = x[(winner >> 1) * half + p * width + step * j + (winner & 1)];
                        float z = scale * value + offset;
                        float d = z > 0 ? e[k] : slope * e[k];
                        slopes[at + k] = d;
                        blockDz += d;
                        blockDzx += d * value;
                        blockAlpha += e[k] * Math.min(z, 0f);
                    }
                }
                at += k;
                dz += blockDz;
                dzx += blockDzx;
                dAlpha += blockAlpha;
            }
        }
        return new double[] {dz, dzx, dAlpha};
    }

    private static void scatter(
            FloatBuffer in,
            FloatBuffer gradient,
            Maps maps,
            int c,
            Scratch scratch,
            byte[] won,
            float scale,
            float c2,
            float c3) {
        float[] x = scratch.x;
        float[] slopes = scratch.slopes;
        int width = maps.width;
        int step = maps.poolWidth;
        int columns = maps.pooledWidth();
        int at = 0;
        for (int example = 0; example < maps.examples; example++) {
            int plane = maps.start(example, c);
            for (int row = 0; row < maps.pooledHeight(); row += maps.pairs()) {
                int pairs = Math.min(maps.pairs(), maps.pooledHeight() - row);
                int half = pairs * width;
                int start = plane + 2 * row * width;
                load(in, start, width, pairs, x);
                for (int i = 0; i < 2 * half; i++) {
                    x[i] = c2 * x[i] + c3;
                }
                int from = maps.pooledStart(example, c) + row * columns;
                int k = 0;
                for (int p = 0; p < pairs; p++) {
                    for (int j = 0; j < columns; j++, k++) {
                        int winner = won[from + k];
                        x[(winner >> 1) * half + p * width + step * j + (winner & 1)] += scale * slopes[at + k];
                    }
                }
                at += k;
                for (int p = 0; p < pairs; p++) {
                    gradient.put(start + 2 * p * width, x, p * width, width);
                    gradient.put(start + (2 * p + 1) * width, x, half + p * width, width);
                }
            }
            if (maps.height % 2 == 1) {
                int last = plane + (maps.height - 1) * width;
                in.get(last, x, 0, width);
                for (int i = 0; i < width; i++) {
                    x[i] = c2 * x[i] + c3;
                }
                gradient.put(last, x, 0, width);
            }
        }
    }

    /** The same in ND4J operations, for any precision and backend. */
    private final class Plain {
        private final int step = layerConf().getPoolWidth();
        private final INDArray batchMean;
        private final INDArray batchVariance;
        private final INDArray deviation;
        private final INDArray normalised;
        private final INDArray z;
        private final INDArray y;

        Plain(boolean training) {
            batchMean = training ? input.mean(0, 2, 3) : getParam(NormPReLUPool.MEAN);
            batchVariance = training ? input.var(false, 0, 2, 3) : getParam(NormPReLUPool.VAR);
            deviation = Transforms.sqrt(batchVariance.add(layerConf().getEpsilon()));
            normalised = input.sub(spread(batchMean)).div(spread(deviation));
            z = normalised.mul(spread(getParam(NormPReLUPool.GAMMA))).add(spread(getParam(NormPReLUPool.BETA)));
            y = z.mul(slope());
        }

        private INDArray spread(INDArray perChannel) {
            return perChannel.reshape(1, perChannel.length(), 1, 1);
        }

        /** 1 where z is positive, α elsewhere. */
        private INDArray slope() {
            INDArray positive = z.gt(0).castTo(z.dataType());
            return positive.add(positive.rsub(1).mul(spread(getParam(NormPReLUPool.ALPHA))));
        }

        /** The part of the maps that is pooled, as {@code [examples, channels, rows, 2, columns, step]}. */
        private INDArray squares(INDArray maps) {
            return pooledPart(maps)
                    .dup('c')
                    .reshape('c', maps.size(0), maps.size(1), maps.size(2) / 2, 2, maps.size(3) / step, step);
        }

        private INDArray pooledPart(INDArray maps) {
            return maps.get(
                    NDArrayIndex.all(),
                    NDArrayIndex.all(),
                    NDArrayIndex.interval(0, maps.size(2) / 2 * 2),
                    NDArrayIndex.interval(0, maps.size(3) / step * step));
        }

        private INDArray corner(INDArray squares, int corner) {
            return squares.get(
                    NDArrayIndex.all(),
                    NDArrayIndex.all(),
                    NDArrayIndex.all(),
                    NDArrayIndex.point(corner / step),
                    NDArrayIndex.all(),
                    NDArrayIndex.point(corner % step));
        }

        INDArray pooled() {
            INDArray squares = squares(y);
            INDArray best = corner(squares, 0).dup('c');
            for (int corner = 1; corner < 2 * step; corner++) {
                best = Transforms.max(best, corner(squares, corner).dup('c'));
            }
            return best;
        }

        INDArray backward(INDArray epsilon) {
            INDArray best = pooled();
            INDArray open = Nd4j.onesLike(best);
            INDArray values = squares(y);
            INDArray slopes = Nd4j.zerosLike(values);
            for (int corner = 0; corner < 2 * step; corner++) {
                INDArray hit = corner(values, corner)
                        .dup('c')
                        .eq(best)
                        .castTo(y.dataType())
                        .mul(open);
                open.subi(hit);
                corner(slopes, corner).assign(epsilon.mul(hit));
            }
            INDArray dy = Nd4j.zerosLike(y);
            INDArray pooledPart = pooledPart(dy);
            pooledPart.assign(slopes.reshape('c', pooledPart.shape()));
            INDArray negative = z.lte(0).castTo(z.dataType());
            gradientView(NormPReLUPool.ALPHA).assign(dy.mul(z).mul(negative).sum(0, 2, 3));
            INDArray dz = dy.mul(slope());
            INDArray dBeta = dz.sum(0, 2, 3);
            INDArray dGamma = dz.mul(normalised).sum(0, 2, 3);
            gradientView(NormPReLUPool.BETA).assign(dBeta);
            gradientView(NormPReLUPool.GAMMA).assign(dGamma);
            double count = input.length() / (double) input.size(1);
            double share = 1 - layerConf().getDecay();
            gradientView(NormPReLUPool.MEAN)
                    .assign(getParam(NormPReLUPool.MEAN).sub(batchMean).mul(share));
            gradientView(NormPReLUPool.VAR)
                    .assign(getParam(NormPReLUPool.VAR).sub(batchVariance).mul(share));
            return dz.sub(spread(dBeta).div(count))
                    .sub(normalised.mul(spread(dGamma)).div(count))
                    .mul(spread(getParam(NormPReLUPool.GAMMA).div(deviation)));
        }
    }
}
