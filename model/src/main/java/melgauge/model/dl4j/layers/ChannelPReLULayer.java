package melgauge.model.dl4j.layers;

import java.nio.FloatBuffer;
import java.util.Objects;
import melgauge.model.dl4j.kernels.Buffers;
import melgauge.model.dl4j.kernels.Parallel;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.params.PReLUParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs {@link ChannelPReLU}.
 *
 * <p>The pass is bound by memory, so it is written for that: one channel after the other, planes of all examples in
 * turn, each read once in blocks that stay in the first-level cache. Channels run in parallel; each is summed by one
 * thread in a fixed order, so that the result does not depend on the number of threads. In double precision (gradient
 * checks) and on a backend whose memory the JVM can't read, the same is said in ND4J operations.
 */
final class ChannelPReLULayer extends BaseLayer<ChannelPReLU> {
    private static final long serialVersionUID = 1;

    private static final int BLOCK = 2048;
    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[2][BLOCK]);

    ChannelPReLULayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public Type type() {
        return Type.FEED_FORWARD;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, input.dataType(), input.shape(), 'c');
        INDArray alpha = getParam(PReLUParamInitializer.WEIGHT_KEY);
        if (Buffers.readable(input) && Buffers.readable(out)) {
            forward(Buffers.of(Buffers.contiguous(input)), slopes(alpha), Buffers.of(out));
        } else {
            forwardByOperations(input, alpha, out);
        }
        return out;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray gradient =
                workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, input.dataType(), input.shape(), 'c');
        INDArray alpha = getParam(PReLUParamInitializer.WEIGHT_KEY);
        INDArray alphaGradient = Objects.requireNonNull(gradientViews.get(PReLUParamInitializer.WEIGHT_KEY));
        if (Buffers.readable(input) && Buffers.readable(epsilon) && Buffers.readable(gradient)) {
            float[] sums = backward(
                    Buffers.of(Buffers.contiguous(input)),
                    slopes(alpha),
                    Buffers.of(Buffers.contiguous(epsilon)),
                    Buffers.of(gradient));
            for (int c = 0; c < sums.length; c++) {
                alphaGradient.putScalar(c, sums[c]);
            }
        } else {
            backwardByOperations(input, alpha, epsilon, gradient, alphaGradient);
        }
        Gradient result = new DefaultGradient();
        result.setGradientFor(PReLUParamInitializer.WEIGHT_KEY, alphaGradient, 'c');
        return new Pair<>(result, gradient);
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    private static float[] slopes(INDArray alpha) {
        float[] slopes = new float[(int) alpha.length()];
        for (int i = 0; i < slopes.length; i++) {
            slopes[i] = alpha.getFloat(i);
        }
        return slopes;
    }

    private int planeSize() {
        return input.rank() == 2 ? 1 : (int) (input.size(2) * input.size(3));
    }

    private void forward(FloatBuffer in, float[] slopes, FloatBuffer out) {
        int channels = slopes.length;
        int examples = (int) input.size(0);
        int plane = planeSize();
        Parallel.forEach(channels, c -> {
            float[] block = SCRATCH.get()[0];
            // max(x, 0) + α·min(x, 0), written so that the compiler makes vectors of it.
            float even = 0.5f * (1 - slopes[c]);
            float odd = 0.5f * (1 + slopes[c]);
            for (int example = 0; example < examples; example++) {
                int start = (example * channels + c) * plane;
                for (int from = 0; from < plane; from += BLOCK) {
                    int length = Math.min(BLOCK, plane - from);
                    in.get(start + from, block, 0, length);
                    for (int i = 0; i < length; i++) {
                        block[i] = odd * block[i] + even * Math.abs(block[i]);
                    }
                    out.put(start + from, block, 0, length);
                }
            }
        });
    }

    /** Writes the input's gradient and returns that of the slopes. */
    private float[] backward(FloatBuffer in, float[] slopes, FloatBuffer epsilon, FloatBuffer gradient) {
        int channels = slopes.length;
        int examples = (int) input.size(0);
        int plane = planeSize();
        float[] sums = new float[channels];
        Parallel.forEach(channels, c -> {
            float[] x = SCRATCH.get()[0];
            float[] e = SCRATCH.get()[1];
            float slope = slopes[c];
            double sum = 0;
            for (int example = 0; example < examples; example++) {
                int start = (example * channels + c) * plane;
                for (int from = 0; from < plane; from += BLOCK) {
                    int length = Math.min(BLOCK, plane - from);
                    in.get(start + from, x, 0, length);
                    epsilon.get(start + from, e, 0, length);
                    float part = 0;
                    for (int i = 0; i < length; i++) {
                        part += e[i] * Math.min(x[i], 0f);
                        e[i] = x[i] > 0 ? e[i] : slope * e[i];
                    }
                    sum += part;
                    gradient.put(start + from, e, 0, length);
                }
            }
            sums[c] = (float) sum;
        });
        return sums;
    }

    private static INDArray broadcastable(INDArray alpha, INDArray like) {
        return like.rank() == 2 ? alpha.reshape(1, alpha.length()) : alpha.reshape(1, alpha.length(), 1, 1);
    }

    private static void forwardByOperations(INDArray input, INDArray alpha, INDArray out) {
        INDArray positive = input.gt(0).castTo(input.dataType());
        INDArray negative = positive.rsub(1);
        out.assign(input.mul(positive).addi(input.mul(negative).muli(broadcastable(alpha, input))));
    }

    private static void backwardByOperations(
            INDArray input, INDArray alpha, INDArray epsilon, INDArray gradient, INDArray alphaGradient) {
        INDArray positive = input.gt(0).castTo(input.dataType());
        INDArray negative = positive.rsub(1);
        INDArray below = epsilon.mul(negative);
        int[] others = input.rank() == 2 ? new int[] {0} : new int[] {0, 2, 3};
        alphaGradient.assign(below.mul(input).sum(others).reshape(alphaGradient.shape()));
        gradient.assign(epsilon.mul(positive).addi(below.muli(broadcastable(alpha, input))));
    }
}
