package melgauge.model.dl4j;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import melgauge.model.dl4j.layers.ChannelPReLU;
import melgauge.model.dl4j.layers.ConvBlock;
import melgauge.model.dl4j.layers.Decay;
import melgauge.model.dl4j.layers.LeanConvolution;
import melgauge.model.dl4j.layers.RegressionLoss;
import melgauge.model.spec.Loss;
import melgauge.model.spec.PatchShape;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.params.PReLUParamInitializer;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;

/**
 * The same network of Deeplearning4j's own layers, for those who want to run it without this program: channels first, a
 * PReLU slope for each place of the maps, and the nearest of Deeplearning4j's losses, which hides no missing labels.
 */
final class StockNetwork {
    private final NeuralNetConfiguration.ListBuilder layers;
    private final InputType input;

    /** What comes out of the last layer so far. */
    private InputType reached;

    /** What fills the parameters of each layer. */
    private final List<Map<String, INDArray>> parameters = new ArrayList<>();

    private StockNetwork(PatchShape shape, long seed) {
        layers = new NeuralNetConfiguration.Builder().seed(seed).list();
        input = InputType.convolutional(shape.frames(), shape.bands(), 1);
        reached = input;
    }

    /** A copy that shares nothing with {@code network}; it takes {@code [patches, 1, frames, bands]}. */
    static MultiLayerNetwork of(MultiLayerNetwork network, PatchShape shape) {
        StockNetwork stock = new StockNetwork(
                shape, network.getLayerWiseConfigurations().getConf(0).getSeed());
        for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
            stock.convert(layer.conf().getLayer(), layer.paramTable());
        }
        MultiLayerNetwork result =
                new MultiLayerNetwork(stock.layers.setInputType(stock.input).build());
        result.init();
        for (int i = 0; i < stock.parameters.size(); i++) {
            org.deeplearning4j.nn.api.Layer filled = result.getLayer(i);
            stock.parameters
                    .get(i)
                    .forEach((name, values) -> filled.getParam(name).assign(values));
        }
        return result;
    }

    private void convert(Layer layer, Map<String, INDArray> values) {
        String name = layer.getLayerName();
        if (layer instanceof ConvBlock block) {
            convert(block, values);
        } else if (layer instanceof LeanConvolution convolution) {
            add(name, convolution(convolution.getNOut(), convolution.hasBias(), convolution), values);
        } else if (layer instanceof ChannelPReLU) {
            addSlopes(name, (BaseLayer) layer, value(values, PReLUParamInitializer.WEIGHT_KEY));
        } else if (layer instanceof OutputLayer output && output.getLossFn() instanceof RegressionLoss loss) {
            OutputLayer copy = (OutputLayer) output.clone();
            copy.setLossFn(stock(loss.loss()));
            add(name, copy, values);
        } else {
            add(name, layer.clone(), values);
        }
    }

    private void convert(ConvBlock block, Map<String, INDArray> values) {
        String number = block.getLayerName().replace(NetworkBuilder.BLOCK, "");
        add(
                "conv" + number,
                convolution(block.getChannels(), false, block),
                Map.of(ConvolutionParamInitializer.WEIGHT_KEY, value(values, ConvBlock.WEIGHTS)));
        Map<String, INDArray> statistics = new LinkedHashMap<>();
        statistics.put(BatchNormalizationParamInitializer.GAMMA, value(values, ConvBlock.GAMMA));
        statistics.put(BatchNormalizationParamInitializer.BETA, value(values, ConvBlock.BETA));
        statistics.put(BatchNormalizationParamInitializer.GLOBAL_MEAN, value(values, ConvBlock.MEAN));
        statistics.put(BatchNormalizationParamInitializer.GLOBAL_VAR, value(values, ConvBlock.VAR));
        add(
                "norm" + number,
                new BatchNormalization.Builder()
                        .decay(block.getDecay())
                        .eps(block.getEpsilon())
                        .useLogStd(false)
                        .updater(block.getIUpdater())
                        .build(),
                statistics);
        addSlopes("act" + number, block, value(values, ConvBlock.ALPHA));
        int[] pooled = {2, block.getPoolWidth()};
        add(
                "pool" + number,
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX, pooled, pooled)
                        .convolutionMode(ConvolutionMode.Truncate)
                        .build(),
                Map.of());
    }

    private static INDArray value(Map<String, INDArray> values, String name) {
        return Objects.requireNonNull(values.get(name));
    }

    private static ConvolutionLayer convolution(long channels, boolean bias, BaseLayer like) {
        ConvolutionLayer layer = new ConvolutionLayer.Builder(3, 3)
                .nOut(channels)
                .convolutionMode(ConvolutionMode.Same)
                .hasBias(bias)
                .activation(new ActivationIdentity())
                .weightInit(like.getWeightInitFn())
                .updater(like.getIUpdater())
                .build();
        layer.setRegularization(like.getRegularization());
        return layer;
    }

    /** One slope for each place, all of a channel alike. */
    private void addSlopes(String name, BaseLayer like, INDArray slopes) {
        long[] shape;
        INDArray spread;
        if (reached instanceof InputType.InputTypeConvolutional maps) {
            shape = new long[] {maps.getChannels(), maps.getHeight(), maps.getWidth()};
            spread = slopes.reshape(slopes.length(), 1, 1).broadcast(shape);
        } else {
            shape = new long[] {slopes.length()};
            spread = slopes.reshape(slopes.length());
        }
        add(
                name,
                new PReLULayer.Builder()
                        .inputShape(shape)
                        .weightInit(new WeightInitConstant(0.25))
                        .updater(like.getIUpdater())
                        .build(),
                Map.of(PReLUParamInitializer.WEIGHT_KEY, spread));
    }

    private void add(String name, Layer layer, Map<String, INDArray> values) {
        layer.setLayerName(name);
        if (layer instanceof BaseLayer trained) {
            trained.setRegularization(stock(trained.getRegularization()));
        }
        layers.layer(layer);
        InputPreProcessor before = layer.getPreProcessorForInputType(reached);
        InputType in = before == null ? reached : before.getOutputType(reached);
        layer.setNIn(in, true);
        reached = layer.getOutputType(parameters.size(), in);
        parameters.add(values);
    }

    private static List<Regularization> stock(@Nullable List<Regularization> regularization) {
        return Objects.requireNonNullElse(regularization, List.<Regularization>of()).stream()
                .map(rule -> rule instanceof Decay decay
                        ? decay.decoupled()
                                ? new WeightDecay(decay.lambda(), true)
                                : new L2Regularization(decay.lambda())
                        : rule)
                .toList();
    }

    private static ILossFunction stock(Loss loss) {
        return switch (loss) {
            case MAE -> new LossMAE();
            case BCE -> new LossBinaryXENT();
            default -> new LossMSE();
        };
    }
}
