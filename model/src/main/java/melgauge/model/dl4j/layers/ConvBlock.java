package melgauge.model.dl4j.layers;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Configuration of a whole block as one layer: a 3×3 convolution that keeps the size and has no bias, batch normalisation
 * (Ioffe and Szegedy 2015), a PReLU with one slope per channel (He et al. 2015), and 2×2 or 2×1 max pooling, whose last row
 * or column is dropped where the map's side is odd. Between blocks, maps lie as {@code [batch, height, width, channels]}.
 * The first block of a network may read, and the last may write, {@code [batch, channels, height, width]}, which is what
 * Deeplearning4j's other layers expect.
 *
 * <p>Parameters: the weights {@code W} as {@code [out, in, 3, 3]}; then, each of one number per channel, {@code gamma},
 * {@code beta}, {@code alpha}, and the running {@code mean} and {@code var}, which do not follow a gradient.
 */
public final class ConvBlock extends BaseLayer {
    private static final long serialVersionUID = 1;

    public static final String WEIGHTS = "W";
    public static final String GAMMA = "gamma";
    public static final String BETA = "beta";
    public static final String ALPHA = "alpha";
    public static final String MEAN = "mean";
    public static final String VAR = "var";
    static final List<String> NORM_KEYS = List.of(GAMMA, BETA, ALPHA, MEAN, VAR);
    private static final List<String> KEYS = List.of(WEIGHTS, GAMMA, BETA, ALPHA, MEAN, VAR);
    private static final double INITIAL_SLOPE = 0.25;
    private static final int KERNEL = 3;

    private int inChannels;
    private int channels;
    private int poolWidth = 2;
    private double decay;
    private double epsilon;
    private boolean channelsFirstIn;
    private boolean channelsFirstOut;

    /** For reading a saved network. */
    public ConvBlock() {}

    /**
     * A block.
     *
     * @param channels of the output
     * @param poolWidth columns that are pooled, 1 or 2; rows are always 2
     * @param decay what the running mean and variance keep of themselves at each step
     * @param epsilon is added to the variance
     * @param l2 Deeplearning4j's coefficient, which stands for ½·l2·Σw²
     * @param first whether the block reads {@code [batch, channels, height, width]}
     * @param last whether it writes that
     */
    public static ConvBlock of(
            int channels, int poolWidth, double decay, double epsilon, double l2, boolean first, boolean last) {
        ConvBlock block = new ConvBlock();
        block.channels = channels;
        block.setPoolWidth(poolWidth);
        block.decay = decay;
        block.epsilon = epsilon;
        block.channelsFirstIn = first;
        block.channelsFirstOut = last;
        if (l2 > 0) {
            block.setRegularization(List.of(new L2Regularization(l2)));
        }
        return block;
    }

    /** Channels of the input; part of a saved network. */
    public int getInChannels() {
        return inChannels;
    }

    /** For reading a saved network. */
    public void setInChannels(int inChannels) {
        this.inChannels = inChannels;
    }

    /** Channels of the output; part of a saved network. */
    public int getChannels() {
        return channels;
    }

    /** For reading a saved network. */
    public void setChannels(int channels) {
        this.channels = channels;
    }

    /** Columns that are pooled, 1 or 2; part of a saved network. */
    public int getPoolWidth() {
        return poolWidth;
    }

    /** For reading a saved network. */
    public void setPoolWidth(int poolWidth) {
        if (poolWidth != 1 && poolWidth != 2) {
            throw new IllegalArgumentException("poolWidth=" + poolWidth + " must be 1 or 2");
        }
        this.poolWidth = poolWidth;
    }

    /** What the running statistics keep of themselves; part of a saved network. */
    public double getDecay() {
        return decay;
    }

    /** For reading a saved network. */
    public void setDecay(double decay) {
        this.decay = decay;
    }

    /** What is added to the variance; part of a saved network. */
    public double getEpsilon() {
        return epsilon;
    }

    /** For reading a saved network. */
    public void setEpsilon(double epsilon) {
        this.epsilon = epsilon;
    }

    /** Whether the input is {@code [batch, channels, height, width]}; part of a saved network. */
    public boolean isChannelsFirstIn() {
        return channelsFirstIn;
    }

    /** For reading a saved network. */
    public void setChannelsFirstIn(boolean channelsFirstIn) {
        this.channelsFirstIn = channelsFirstIn;
    }

    /** Whether the output is {@code [batch, channels, height, width]}; part of a saved network. */
    public boolean isChannelsFirstOut() {
        return channelsFirstOut;
    }

    /** For reading a saved network. */
    public void setChannelsFirstOut(boolean channelsFirstOut) {
        this.channelsFirstOut = channelsFirstOut;
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parametersView,
            boolean initialise,
            DataType dataType) {
        return Layers.connect(new ConvBlockLayer(conf, dataType), conf, listeners, index, parametersView, initialise);
    }

    @Override
    public InputType getOutputType(int index, InputType input) {
        InputType.InputTypeConvolutional maps = (InputType.InputTypeConvolutional) input;
        return InputType.convolutional(
                maps.getHeight() / 2,
                maps.getWidth() / poolWidth,
                channels,
                channelsFirstOut ? CNN2DFormat.NCHW : CNN2DFormat.NHWC);
    }

    @Override
    public void setNIn(InputType input, boolean override) {
        inChannels = (int) ((InputType.InputTypeConvolutional) input).getChannels();
    }

    @Override
    public @Nullable InputPreProcessor getPreProcessorForInputType(InputType input) {
        return null;
    }

    @Override
    public boolean isPretrainParam(String name) {
        return false;
    }

    @Override
    public IUpdater getUpdaterByParam(String name) {
        return isRunning(name) ? new NoOp() : iUpdater;
    }

    @Override
    public @Nullable List<Regularization> getRegularizationByParam(String name) {
        return name.equals(WEIGHTS) ? regularization : null;
    }

    static boolean isRunning(String name) {
        return name.equals(MEAN) || name.equals(VAR);
    }

    private int weights() {
        return channels * inChannels * KERNEL * KERNEL;
    }

    private int size() {
        return weights() + NORM_KEYS.size() * channels;
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType input) {
        return new LayerMemoryReport.Builder(layerName, ConvBlock.class, input, getOutputType(-1, input))
                .standardMemory(size(), 0)
                .build();
    }

    @Override
    public ParamInitializer initializer() {
        return new Parameters();
    }

    /** Lays the parameters out, one behind the other. */
    private static final class Parameters implements ParamInitializer {
        @Override
        public long numParams(NeuralNetConfiguration conf) {
            return numParams(conf.getLayer());
        }

        @Override
        public long numParams(org.deeplearning4j.nn.conf.layers.Layer layer) {
            return ((ConvBlock) layer).size();
        }

        @Override
        public List<String> paramKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
            return KEYS;
        }

        @Override
        public List<String> weightKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
            return List.of(WEIGHTS);
        }

        @Override
        public List<String> biasKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
            return List.of();
        }

        @Override
        public boolean isWeightParam(org.deeplearning4j.nn.conf.layers.Layer layer, String key) {
            return key.equals(WEIGHTS);
        }

        @Override
        public boolean isBiasParam(org.deeplearning4j.nn.conf.layers.Layer layer, String key) {
            return false;
        }

        @Override
        public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialise) {
            ConvBlock block = (ConvBlock) conf.getLayer();
            Map<String, INDArray> parameters = split(block, view);
            if (initialise) {
                parameters.forEach((name, array) -> {
                    switch (name) {
                        case WEIGHTS ->
                            block.getWeightInitFn()
                                    .init(
                                            (double) block.inChannels * KERNEL * KERNEL,
                                            (double) block.channels * KERNEL * KERNEL,
                                            array.shape(),
                                            'c',
                                            array.reshape(array.length()));
                        case GAMMA, VAR -> array.assign(1.0);
                        case ALPHA -> array.assign(INITIAL_SLOPE);
                        default -> array.assign(0.0);
                    }
                });
            }
            KEYS.forEach(conf::addVariable);
            return parameters;
        }

        @Override
        public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
            return split((ConvBlock) conf.getLayer(), view);
        }

        private static Map<String, INDArray> split(ConvBlock block, INDArray view) {
            INDArray flat = view.reshape(view.length());
            Map<String, INDArray> parts = new LinkedHashMap<>();
            int at = block.weights();
            parts.put(
                    WEIGHTS,
                    flat.get(NDArrayIndex.interval(0, at))
                            .reshape('c', block.channels, block.inChannels, KERNEL, KERNEL));
            for (String key : NORM_KEYS) {
                parts.put(key, flat.get(NDArrayIndex.interval(at, at + block.channels)));
                at += block.channels;
            }
            return parts;
        }
    }
}
