package melgauge.model.dl4j;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
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
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Configuration of what stands behind a convolution, as one layer on {@code [batch, channels, height, width]}: batch
 * normalisation (Ioffe and Szegedy 2015), a PReLU with one slope per channel (He et al. 2015), and 2×2 or 2×1 max pooling,
 * whose last row or column is dropped where the map's side is odd. As three layers these passes are most of a training step,
 * because each of them reads and writes every map.
 *
 * <p>Parameters, each of one number per channel: {@code gamma}, {@code beta}, {@code alpha}, and the running {@code mean}
 * and {@code var}, which do not follow a gradient.
 */
public final class NormPReLUPool extends BaseLayer {
    private static final long serialVersionUID = 1;

    static final String GAMMA = "gamma";
    static final String BETA = "beta";
    static final String ALPHA = "alpha";
    static final String MEAN = "mean";
    static final String VAR = "var";
    private static final List<String> KEYS = List.of(GAMMA, BETA, ALPHA, MEAN, VAR);
    private static final double INITIAL_SLOPE = 0.25;

    private int channels;
    /** Networks that were saved before there was a choice have none of this, and 2. */
    private int poolWidth = 2;

    private double decay;
    private double epsilon;

    /** For reading a saved network. */
    public NormPReLUPool() {}

    /**
     * A layer of this many channels.
     *
     * @param poolWidth columns that are pooled, 1 or 2; rows are always 2
     * @param decay what the running mean and variance keep of themselves at each step
     * @param epsilon is added to the variance
     */
    static NormPReLUPool of(int channels, int poolWidth, double decay, double epsilon) {
        NormPReLUPool layer = new NormPReLUPool();
        layer.channels = channels;
        layer.setPoolWidth(poolWidth);
        layer.decay = decay;
        layer.epsilon = epsilon;
        return layer;
    }

    /** Channels in and out; part of a saved network. */
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

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parametersView,
            boolean initialise,
            DataType dataType) {
        return Layers.connect(
                new NormPReLUPoolLayer(conf, dataType), conf, listeners, index, parametersView, initialise);
    }

    @Override
    public InputType getOutputType(int index, InputType input) {
        InputType.InputTypeConvolutional maps = (InputType.InputTypeConvolutional) input;
        return InputType.convolutional(maps.getHeight() / 2, maps.getWidth() / poolWidth, maps.getChannels());
    }

    @Override
    public void setNIn(InputType input, boolean override) {
        channels = (int) ((InputType.InputTypeConvolutional) input).getChannels();
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
        return null;
    }

    static boolean isRunning(String name) {
        return name.equals(MEAN) || name.equals(VAR);
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType input) {
        return new LayerMemoryReport.Builder(layerName, NormPReLUPool.class, input, getOutputType(-1, input))
                .standardMemory((long) KEYS.size() * channels, 0)
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
            return (long) KEYS.size() * ((NormPReLUPool) layer).channels;
        }

        @Override
        public List<String> paramKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
            return KEYS;
        }

        @Override
        public List<String> weightKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
            return List.of();
        }

        @Override
        public List<String> biasKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
            return List.of();
        }

        @Override
        public boolean isWeightParam(org.deeplearning4j.nn.conf.layers.Layer layer, String key) {
            return false;
        }

        @Override
        public boolean isBiasParam(org.deeplearning4j.nn.conf.layers.Layer layer, String key) {
            return false;
        }

        @Override
        public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialise) {
            Map<String, INDArray> parameters = split(conf, view);
            if (initialise) {
                parameters.forEach((name, array) -> array.assign(
                        switch (name) {
                            case GAMMA, VAR -> 1.0;
                            case ALPHA -> INITIAL_SLOPE;
                            default -> 0.0;
                        }));
            }
            KEYS.forEach(conf::addVariable);
            return parameters;
        }

        @Override
        public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
            return split(conf, view);
        }

        private static Map<String, INDArray> split(NeuralNetConfiguration conf, INDArray view) {
            int channels = ((NormPReLUPool) conf.getLayer()).channels;
            INDArray flat = view.reshape(view.length());
            Map<String, INDArray> parts = new LinkedHashMap<>();
            for (int i = 0; i < KEYS.size(); i++) {
                parts.put(KEYS.get(i), flat.get(NDArrayIndex.interval((long) i * channels, (long) (i + 1) * channels)));
            }
            return parts;
        }
    }
}
