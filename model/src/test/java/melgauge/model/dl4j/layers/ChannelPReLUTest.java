package melgauge.model.dl4j.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import melgauge.model.dl4j.Dl4jNetwork;
import melgauge.model.dl4j.NetworkBuilder;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.InitialWeights;
import melgauge.model.engine.Network;
import melgauge.model.engine.Small;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Head;
import melgauge.model.spec.Loss;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.OutputBias;
import melgauge.model.spec.PatchShape;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.PReLUParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

@Tag("slow")
class ChannelPReLUTest {
    /** A layer with slopes between −0.5 and 1.5, and room for its gradient. */
    private static ChannelPReLULayer layer(int channels, DataType type) {
        NeuralNetConfiguration conf = new NeuralNetConfiguration.Builder()
                .dataType(type)
                .layer(ChannelPReLU.of("act", channels))
                .build();
        INDArray parameters = Nd4j.create(type, 1, channels);
        ChannelPReLULayer layer =
                (ChannelPReLULayer) conf.getLayer().instantiate(conf, List.of(), 0, parameters, true, type);
        layer.setBackpropGradientsViewArray(Nd4j.create(type, 1, channels));
        assertThat(parameters.toDoubleVector()).containsOnly(0.25);
        float[] slopes = Small.uniform(9, channels);
        for (int c = 0; c < channels; c++) {
            parameters.putScalar(0, c, 2 * slopes[c] - 0.5f);
        }
        return layer;
    }

    private static INDArray noise(long seed, long... shape) {
        long length = 1;
        for (long size : shape) {
            length *= size;
        }
        return Nd4j.create(Small.noise(seed, (int) length), shape, 'c');
    }

    /** The same values, laid out in memory in another way. */
    private static INDArray laidOut(INDArray array, String layout) {
        return switch (layout) {
            case "plain" -> array;
            case "f" -> array.dup('f');
            case "offset" -> {
                long[] larger = array.shape().clone();
                larger[0] += 2;
                INDArray whole = Nd4j.valueArrayOf(larger, 7f, DataType.FLOAT);
                INDArray view = whole.get(NDArrayIndex.interval(1, larger[0] - 1));
                view.assign(array);
                assertThat(view.isView()).isTrue();
                assertThat(view.offset()).isPositive();
                yield view;
            }
            case "gaps" -> {
                long[] larger = array.shape().clone();
                larger[1] += 3;
                INDArray whole = Nd4j.valueArrayOf(larger, 7f, DataType.FLOAT);
                INDArray view = whole.get(NDArrayIndex.all(), NDArrayIndex.interval(2, larger[1] - 1));
                view.assign(array);
                yield view;
            }
            case "channels last" -> array.permute(0, 2, 3, 1).dup('c').permute(0, 3, 1, 2);
            default -> throw new IllegalArgumentException(layout);
        };
    }

    private static void agree(INDArray fast, INDArray plain, double tolerance) {
        assertThat(fast.shape()).isEqualTo(plain.shape());
        double[] actual = fast.dup('c').data().asDouble();
        double[] expected = plain.dup('c').data().asDouble();
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= tolerance * (1 + Math.abs(expected[i])))) {
                assertThat(actual[i]).as("value %d", i).isEqualTo(expected[i]);
            }
        }
    }

    @ParameterizedTest(name = "{0}, planes of {3} × {4}")
    @CsvSource({
        "plain, 3, 4, 5, 7",
        // More than one block of 2048, and not a multiple of it.
        "plain, 2, 3, 61, 70",
        "plain, 2, 3, 64, 32",
        "offset, 3, 4, 5, 7",
        "offset, 2, 3, 61, 70",
        "f, 3, 4, 5, 7",
        "f, 2, 3, 61, 70",
        "gaps, 3, 4, 5, 7",
        "channels last, 3, 4, 5, 7",
        "plain, 1, 1, 1, 1",
        "plain, 6, 5, 0, 0",
        "offset, 6, 5, 0, 0",
        "f, 6, 5, 0, 0",
        "gaps, 6, 5, 0, 0"
    })
    void computesInFloatWhatOperationsComputeInDouble(
            String layout, int examples, int channels, int height, int width) {
        long[] shape = height == 0 ? new long[] {examples, channels} : new long[] {examples, channels, height, width};
        INDArray input = noise(1, shape);
        INDArray epsilon = noise(2, shape);
        ChannelPReLULayer fast = layer(channels, DataType.FLOAT);
        fast.setInput(laidOut(input, layout), LayerWorkspaceMgr.noWorkspaces());
        ChannelPReLULayer plain = layer(channels, DataType.DOUBLE);
        plain.setInput(input.castTo(DataType.DOUBLE), LayerWorkspaceMgr.noWorkspaces());

        INDArray out = fast.activate(true, LayerWorkspaceMgr.noWorkspaces());
        agree(out, plain.activate(true, LayerWorkspaceMgr.noWorkspaces()), 1e-6);

        Pair<Gradient, INDArray> fastGradient =
                fast.backpropGradient(laidOut(epsilon, layout), LayerWorkspaceMgr.noWorkspaces());
        Pair<Gradient, INDArray> plainGradient =
                plain.backpropGradient(epsilon.castTo(DataType.DOUBLE), LayerWorkspaceMgr.noWorkspaces());
        agree(fastGradient.getSecond(), plainGradient.getSecond(), 1e-6);
        agree(slopes(fastGradient), slopes(plainGradient), 2e-6 * Math.sqrt(input.length() / (double) channels));
    }

    private static INDArray slopes(Pair<Gradient, INDArray> gradient) {
        return gradient.getFirst().getGradientFor(PReLUParamInitializer.WEIGHT_KEY);
    }

    /** So that the test above does not compare two equal mistakes. */
    @Test
    void multipliesNegativeNumbersBySlopesOfTheirChannels() {
        ChannelPReLULayer layer = layer(2, DataType.DOUBLE);
        layer.getParam(PReLUParamInitializer.WEIGHT_KEY).assign(Nd4j.createFromArray(0.5, -2.0));
        layer.setInput(
                Nd4j.createFromArray(-1.0, 2, 3, -4, 5, -6, -7, 8).reshape(1, 2, 2, 2),
                LayerWorkspaceMgr.noWorkspaces());
        assertThat(layer.activate(true, LayerWorkspaceMgr.noWorkspaces())
                        .reshape(8)
                        .toDoubleVector())
                .containsExactly(-0.5, 2, 3, -2, 5, 12, 14, 8);
        Pair<Gradient, INDArray> gradient = layer.backpropGradient(
                Nd4j.createFromArray(1.0, 2, 3, 4, 5, 6, 7, 8).reshape(1, 2, 2, 2), LayerWorkspaceMgr.noWorkspaces());
        assertThat(gradient.getSecond().reshape(8).toDoubleVector()).containsExactly(0.5, 2, 3, 2, 5, -12, -14, 8);
        assertThat(slopes(gradient).reshape(2).toDoubleVector()).containsExactly(-17, -85);
    }

    @ParameterizedTest(name = "batchNorm={0}")
    @ValueSource(booleans = {false, true})
    void passesAGradientCheckOnMapsAndOnDenseUnits(boolean batchNorm) {
        NetworkSpec spec = new NetworkSpec(
                List.of(3, 4), List.of(5), Activation.PRELU, batchNorm, 0.9, 0, 0, Head.FLATTEN, OutputBias.MEAN, 1, 0);
        Architecture architecture = new Architecture(spec, new PatchShape(8, 8), 2);
        MultiLayerNetwork network = new MultiLayerNetwork(NetworkBuilder.build(
                architecture, Small.training(1, 0.01, Optimizer.SGD, Loss.MSE, 0), DataType.DOUBLE));
        network.init();
        new Dl4jNetwork(network, architecture).load(InitialWeights.of(architecture, new double[] {0.4, 0.6}, 3));
        List<Architecture.Layer> layers = architecture.layers();
        INDArray labels =
                Nd4j.create(Small.uniform(5, 8), new long[] {4, 2}, 'c').castTo(DataType.DOUBLE);
        labels.putScalar(1, 1, Double.NaN);
        DataSet batch = new DataSet(noise(4, 4, 1, 8, 8).castTo(DataType.DOUBLE), labels);
        network.setInput(batch.getFeatures());
        network.setLabels(labels);
        network.computeGradientAndScore();
        double[] gradient = network.getFlattenedGradients().dup().data().asDouble();
        INDArray parameters = network.params();
        double step = 1e-6;
        int checked = 0;
        for (Architecture.Layer layer : layers) {
            for (Architecture.Parameter parameter : layer.parameters()) {
                for (int k = parameter.offset();
                        parameter.trained() && k < parameter.offset() + parameter.size();
                        k++) {
                    double value = parameters.getDouble(k);
                    parameters.putScalar(k, value + step);
                    double above = network.score(batch, true);
                    parameters.putScalar(k, value - step);
                    double below = network.score(batch, true);
                    parameters.putScalar(k, value);
                    // The score is a mean over examples, the gradient their sum until the update rule divides it.
                    assertThat(gradient[k] / 4)
                            .as("%s %s, number %d", layer.name(), parameter.name(), k - parameter.offset())
                            .isCloseTo((above - below) / (2 * step), within(1e-9 + 1e-5 * Math.abs(gradient[k] / 4)));
                    checked++;
                }
            }
        }
        assertThat(checked).isGreaterThan(200);
    }

    @Test
    void startsWithSlopesOfAQuarterAndLearnsThem() {
        try (Network regressor = Small.regressor(Small.network(), Small.adam(0.01), 1, 0.5)) {
            Architecture.Layer layer = regressor.architecture().layers().stream()
                    .filter(found -> found.name().equals("denseAct1"))
                    .findFirst()
                    .orElseThrow();
            Architecture.Parameter slopes = layer.parameters().get(0);
            assertThat(slopes.size()).isEqualTo(8);
            assertThat(Arrays.copyOfRange(regressor.weights(), slopes.offset(), slopes.offset() + slopes.size()))
                    .containsOnly(0.25f);
            regressor.step(Small.noise(1, 4 * Small.SHAPE.size()), new float[] {0, 1, 0, 1}, 4);
            for (int i = 0; i < slopes.size(); i++) {
                assertThat(regressor.weights()[slopes.offset() + i]).isNotEqualTo(0.25f);
            }
        }
    }
}
