package melgauge.model.dl4j.layers;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import melgauge.model.dl4j.kernels.Buffers;
import melgauge.model.dl4j.kernels.FirstBlock;
import melgauge.model.dl4j.kernels.Maps;
import melgauge.model.dl4j.kernels.Norm;
import melgauge.model.dl4j.kernels.NormPool;
import melgauge.model.dl4j.kernels.Winograd;
import org.deeplearning4j.nn.api.Layer;
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
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Runs {@link ConvBlock}: the network's first block by {@link FirstBlock}; others by {@link NormPool} and a convolution:
 * {@link Winograd} where the machine and the sizes allow it, else ND4J's, which is oneDNN's, too, and takes maps with their
 * channels last as they are. In double precision (gradient checks) and on a backend whose memory the JVM can't read,
 * {@link PlainBlock} says the same in ND4J operations.
 *
 * <p>The maps between convolution and normalisation, and the input as {@link Winograd} reads it, are kept from the forward
 * pass in training to the backward one, in memory that is used again by the next step.
 */
public final class ConvBlockLayer extends BaseLayer<ConvBlock> {
    private static final long serialVersionUID = 1;

    /** What memory is kept for: the input in blocks, and the convolution's output. */
    private static final int BLOCKED = 0;

    private static final int CONVOLVED = 1;

    /** Sizes of batches that are remembered. */
    private static final int MOST_SIZES = 8;

    private final transient NormPool pool = new NormPool();
    private final transient FirstBlock firstBlock = new FirstBlock();
    private final transient @Nullable INDArray[] memory = new INDArray[2];
    private final transient Map<Size, Optional<Winograd>> convolutions = new HashMap<>();
    private transient @Nullable Norm norm;
    /** The block that reads this one's maps, if there is one. */
    private transient @Nullable ConvBlockLayer next;

    private transient boolean handsPieces;
    /** Whether the maps that come next are in pieces. */
    private transient boolean getsPieces;

    /** What a convolution is prepared for. */
    private record Size(Maps maps, boolean training) {}

    ConvBlockLayer(NeuralNetConfiguration conf, DataType dataType) {
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
        return !ConvBlock.isRunning(name);
    }

    @Override
    public void setParams(INDArray params) {
        setParams(params, 'c');
    }

    /** Whether nobody needs the gradient of the input. */
    private boolean isFirst() {
        return layerConf().isChannelsFirstIn() && layerConf().getInChannels() == 1;
    }

    private Maps maps() {
        boolean first = layerConf().isChannelsFirstIn();
        return maps((int) input.size(0), (int) input.size(first ? 2 : 1), (int) input.size(first ? 3 : 2));
    }

    private Maps maps(int examples, int height, int width) {
        int channels = layerConf().getChannels();
        return new Maps(examples, height, width, channels, channels, layerConf().getPoolWidth());
    }

    /**
     * Has blocks hand their maps on in pieces of channels wherever the next one reads them so, or no longer. In between, what
     * such a block gives has the shape of its maps, and not their order: nobody else may read it.
     */
    public static void handOn(Layer[] layers, boolean inPieces) {
        for (int i = 0; i + 1 < layers.length; i++) {
            if (layers[i] instanceof ConvBlockLayer block && layers[i + 1] instanceof ConvBlockLayer reader) {
                block.next = reader;
                block.handsPieces = inPieces;
                // A pass that failed may have left it.
                reader.getsPieces = false;
            }
        }
    }

    /** Whether this block has its maps in pieces, or makes them, and the next one reads them so. */
    private boolean handsPieces(Maps maps) {
        return handsPieces
                && next != null
                && !layerConf().isChannelsFirstOut()
                && !next.layerConf().isChannelsFirstIn()
                && (isFirst() || winograd(maps, false) != null)
                && next.winograd(next.maps(maps.examples(), maps.pooledHeight(), maps.pooledWidth()), false) != null;
    }

    /** Maps of this size by Winograd's algorithm; null where there is none. */
    private @Nullable Winograd winograd(Maps maps, boolean training) {
        Size size = new Size(maps, training);
        if (convolutions.size() == MOST_SIZES && !convolutions.containsKey(size)) {
            convolutions.clear();
        }
        return convolutions
                .computeIfAbsent(
                        size,
                        none -> Optional.ofNullable(
                                Winograd.of(maps, layerConf().getInChannels(), training)))
                .orElse(null);
    }

    private float[] values(String name) {
        return Buffers.copy(getParam(name));
    }

    private Norm normOf(float[] mean, float[] variance) {
        return Norm.of(
                mean,
                variance,
                layerConf().getEpsilon(),
                values(ConvBlock.GAMMA),
                values(ConvBlock.BETA),
                values(ConvBlock.ALPHA));
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        Maps maps = maps();
        long[] shape = {maps.examples(), maps.pooledHeight(), maps.pooledWidth(), maps.channels()};
        boolean last = layerConf().isChannelsFirstOut();
        INDArray out = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS,
                input.dataType(),
                last ? new long[] {shape[0], shape[3], shape[1], shape[2]} : shape,
                'c');
        if (!Buffers.readable(input)) {
            PlainBlock block = new PlainBlock(layerConf(), paramTable(), channelsFirst(input), training);
            if (training) {
                norm = normOf(Buffers.copy(block.batchMean()), Buffers.copy(block.batchVariance()));
            }
            INDArray pooled = block.pooled();
            out.assign(last ? pooled : pooled.permute(0, 2, 3, 1));
            return out;
        }
        INDArray pooled =
                last ? workspaces.createUninitialized(ArrayType.FF_WORKING_MEM, input.dataType(), shape, 'c') : out;
        boolean inPieces = !training && handsPieces(maps);
        forward(maps, Buffers.of(pooled), training, inPieces, workspaces);
        if (inPieces) {
            Objects.requireNonNull(next).getsPieces = true;
        }
        if (last) {
            out.assign(pooled.permute(0, 3, 1, 2));
        }
        return out;
    }

    private void forward(
            Maps maps, FloatBuffer pooled, boolean training, boolean inPieces, LayerWorkspaceMgr workspaces) {
        if (isFirst()) {
            float[] weights = values(ConvBlock.WEIGHTS);
            firstBlock.read(Buffers.of(Buffers.contiguous(input)), maps);
            Norm line = norm(training ? firstBlock.statistics(maps, weights) : null);
            firstBlock.forward(pooled, maps, weights, line, inPieces ? Winograd.BLOCK : maps.channels(), training);
        } else {
            INDArray in = channelsLast(input);
            INDArray weights = getParam(ConvBlock.WEIGHTS);
            INDArray x = room(CONVOLVED, training, shape(maps), workspaces);
            Winograd winograd = winograd(maps, training);
            if (winograd == null) {
                Nd4j.exec(convolution("conv2d")
                        .addInputs(in, weights)
                        .addOutputs(x)
                        .build());
            } else if (getsPieces) {
                winograd.forward(in, weights, x);
            } else {
                winograd.forward(in, weights, room(BLOCKED, training, in.shape(), workspaces), x);
            }
            Maps lying = winograd == null ? maps : maps.inPieces(Winograd.BLOCK);
            FloatBuffer values = Buffers.of(x);
            Norm line = norm(training ? NormPool.statistics(values, lying) : null);
            pool.forward(values, pooled, lying, line, inPieces, training);
            getsPieces = false;
        }
    }

    private static long[] shape(Maps maps) {
        return new long[] {maps.examples(), maps.height(), maps.width(), maps.channels()};
    }

    /** Memory for maps of this shape, which in training outlives the pass. */
    private INDArray room(int which, boolean training, long[] shape, LayerWorkspaceMgr workspaces) {
        return training
                ? kept(which, shape)
                : workspaces.createUninitialized(ArrayType.FF_WORKING_MEM, input.dataType(), shape, 'c');
    }

    /** By the batch's statistics, which are kept for the backward pass, or else by the running ones. */
    private Norm norm(float @Nullable [][] statistics) {
        if (statistics == null) {
            return normOf(values(ConvBlock.MEAN), values(ConvBlock.VAR));
        }
        Norm line = normOf(statistics[0], statistics[1]);
        norm = line;
        return line;
    }

    /** The mean of each channel over the batch of the last pass in training. */
    float[] batchMean() {
        return Objects.requireNonNull(norm).mean();
    }

    /** The variance of each channel over the batch of the last pass in training. */
    float[] batchVariance() {
        return Objects.requireNonNull(norm).variance();
    }

    /** Memory that outlives the pass, for maps of this shape, with what was put there last. */
    private INDArray kept(int which, long[] shape) {
        long length = shape[0] * shape[1] * shape[2] * shape[3];
        INDArray room = memory[which];
        if (room == null || room.length() < length) {
            room = Nd4j.createUninitializedDetached(DataType.FLOAT, length);
            memory[which] = room;
        }
        return room.get(NDArrayIndex.interval(0, length)).reshape('c', shape);
    }

    /** 3×3, stride 1, dilation 1, the same size, channels last, weights as [out, in, 3, 3]. */
    private static DynamicCustomOp.DynamicCustomOpsBuilder convolution(String name) {
        return DynamicCustomOp.builder(name).addIntegerArguments(3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    }

    private INDArray channelsFirst(INDArray array) {
        return layerConf().isChannelsFirstIn() ? array : array.permute(0, 3, 1, 2);
    }

    private INDArray channelsLast(INDArray array) {
        return Buffers.contiguous(layerConf().isChannelsFirstIn() ? array.permute(0, 2, 3, 1) : array);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray gradient = isFirst() && Buffers.readable(input)
                ? null
                : workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, input.dataType(), input.shape(), 'c');
        if (Buffers.readable(input)) {
            backward(epsilon, gradient, workspaces);
        } else {
            INDArray pooled = layerConf().isChannelsFirstOut() ? epsilon : epsilon.permute(0, 3, 1, 2);
            INDArray slope = new PlainBlock(layerConf(), paramTable(), channelsFirst(input), true)
                    .backward(pooled, gradientViews);
            Objects.requireNonNull(gradient)
                    .assign(layerConf().isChannelsFirstIn() ? slope : slope.permute(0, 2, 3, 1));
        }
        Gradient result = new DefaultGradient();
        for (Map.Entry<String, INDArray> view : gradientViews.entrySet()) {
            result.setGradientFor(view.getKey(), view.getValue());
        }
        return new Pair<>(result, gradient);
    }

    private void backward(INDArray epsilon, @Nullable INDArray gradient, LayerWorkspaceMgr workspaces) {
        Maps maps = maps();
        Norm line = Objects.requireNonNull(norm);
        FloatBuffer slopes = Buffers.of(
                Buffers.contiguous(layerConf().isChannelsFirstOut() ? epsilon.permute(0, 2, 3, 1) : epsilon));
        Norm.Gradients gradients;
        if (gradient == null) {
            FirstBlock.Gradients all = firstBlock.backward(slopes, maps, values(ConvBlock.WEIGHTS), line);
            write(ConvBlock.WEIGHTS, all.weights());
            gradients = all.norm();
        } else {
            INDArray x = kept(CONVOLVED, shape(maps));
            INDArray dx = workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, input.dataType(), x.shape(), 'c');
            Winograd winograd = winograd(maps, true);
            Maps lying = winograd == null ? maps : maps.inPieces(Winograd.BLOCK);
            gradients = pool.sums(slopes, lying, line);
            pool.backward(Buffers.of(x), Buffers.of(dx), lying, gradients);
            boolean permuted = layerConf().isChannelsFirstIn();
            INDArray in = channelsLast(input);
            INDArray slope = permuted ? in.ulike() : gradient;
            INDArray weights = getParam(ConvBlock.WEIGHTS);
            INDArray slopeOfWeights = Objects.requireNonNull(gradientViews.get(ConvBlock.WEIGHTS));
            if (winograd == null) {
                Nd4j.exec(convolution("conv2d_bp")
                        .addInputs(in, weights, dx)
                        .addOutputs(slope, slopeOfWeights)
                        .build());
            } else {
                winograd.backward(kept(BLOCKED, in.shape()), weights, dx, slope, slopeOfWeights);
            }
            if (permuted) {
                gradient.assign(slope.permute(0, 3, 1, 2));
            }
        }
        write(ConvBlock.GAMMA, gradients.gamma());
        write(ConvBlock.BETA, gradients.beta());
        write(ConvBlock.ALPHA, gradients.alpha());
        write(ConvBlock.MEAN, towards(ConvBlock.MEAN, line.mean()));
        write(ConvBlock.VAR, towards(ConvBlock.VAR, line.variance()));
    }

    private void write(String name, float[] values) {
        Buffers.write(Objects.requireNonNull(gradientViews.get(name)), values);
    }

    /** Running statistics move by what is subtracted from them like a gradient, as Deeplearning4j does it. */
    private float[] towards(String name, float[] batch) {
        float share = (float) (1 - layerConf().getDecay());
        float[] running = values(name);
        for (int c = 0; c < running.length; c++) {
            running[c] = share * (running[c] - batch[c]);
        }
        return running;
    }
}
