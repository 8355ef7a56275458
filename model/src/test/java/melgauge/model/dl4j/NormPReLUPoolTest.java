package melgauge.model.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;

class NormPReLUPoolTest {
    private static final double DECAY = 0.9;
    private static final double EPSILON = 1e-5;

    /** A layer with parameters off their initial values, and room for its gradient. */
    private static NormPReLUPoolLayer layer(int channels, DataType type) {
        return layer(channels, 2, type);
    }

    private static NormPReLUPoolLayer layer(int channels, int poolWidth, DataType type) {
        NormPReLUPool conf = NormPReLUPool.of(channels, poolWidth, DECAY, EPSILON);
        conf.setIUpdater(new Sgd(0.1));
        NeuralNetConfiguration configuration =
                new NeuralNetConfiguration.Builder().layer(conf).build();
        INDArray parameters = Nd4j.create(type, 1, 5L * channels);
        NormPReLUPoolLayer layer = (NormPReLUPoolLayer)
                conf.instantiate(configuration, Collections.emptyList(), 0, parameters, true, type);
        Random random = new Random(9);
        for (String name : conf.initializer().paramKeys(conf)) {
            for (int c = 0; c < channels; c++) {
                double value = switch (name) {
                    case NormPReLUPool.GAMMA -> 0.5 + random.nextDouble();
                    case NormPReLUPool.VAR -> 0.3 + random.nextDouble();
                    case NormPReLUPool.ALPHA -> random.nextDouble() - 0.3;
                    default -> random.nextGaussian();
                };
                layer.getParam(name).putScalar(c, value);
            }
        }
        layer.setBackpropGradientsViewArray(Nd4j.create(type, 1, 5L * channels));
        return layer;
    }

    private static INDArray noise(long seed, long... shape) {
        Random random = new Random(seed);
        double[] values = DoubleStream.generate(random::nextGaussian)
                .limit(Nd4j.create(DataType.BOOL, shape).length())
                .toArray();
        // Off 0, as a convolution's output is, so that the shifted statistics have something to do.
        return Nd4j.createFromArray(values).reshape(shape).addi(3).castTo(DataType.FLOAT);
    }

    private static void agree(INDArray fast, INDArray plain, double tolerance) {
        assertThat(fast.shape()).isEqualTo(plain.shape());
        double[] expected = plain.castTo(DataType.DOUBLE).dup('c').data().asDouble();
        double[] actual = fast.castTo(DataType.DOUBLE).dup('c').data().asDouble();
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i])
                    .as("number %d", i)
                    .isCloseTo(expected[i], within(tolerance * (1 + Math.abs(expected[i]))));
        }
    }

    @ParameterizedTest(name = "{0}, {1} examples of {2} maps of {3} × {4}, pooled by 2 × {5}")
    @CsvSource({
        "plain, 3, 4, 6, 8, 2",
        "plain, 2, 3, 7, 9, 2",
        // More rows than one block holds, and rows that are wider than one.
        "plain, 2, 2, 61, 96, 2",
        "plain, 1, 2, 4, 3000, 2",
        "plain, 4, 1, 2, 2, 2",
        "f, 2, 3, 7, 9, 2",
        "offset, 2, 3, 7, 9, 2",
        "plain, 3, 2, 6, 1, 1",
        "plain, 2, 3, 7, 5, 1",
        "plain, 1, 2, 6000, 1, 1",
        "f, 2, 3, 7, 1, 1"
    })
    void computesInFloatWhatOperationsComputeInDouble(
            String layout, int examples, int channels, int height, int width, int poolWidth) {
        INDArray input = noise(1, examples, channels, height, width);
        INDArray epsilon =
                noise(2, examples, channels, height / 2, width / poolWidth).subi(3);
        NormPReLUPoolLayer fast = layer(channels, poolWidth, DataType.FLOAT);
        NormPReLUPoolLayer plain = layer(channels, poolWidth, DataType.DOUBLE);
        fast.setInput(laidOut(input, layout), LayerWorkspaceMgr.noWorkspaces());
        plain.setInput(input.castTo(DataType.DOUBLE), LayerWorkspaceMgr.noWorkspaces());

        agree(
                fast.activate(false, LayerWorkspaceMgr.noWorkspaces()),
                plain.activate(false, LayerWorkspaceMgr.noWorkspaces()),
                3e-6);
        agree(
                fast.activate(true, LayerWorkspaceMgr.noWorkspaces()),
                plain.activate(true, LayerWorkspaceMgr.noWorkspaces()),
                3e-6);
        Pair<Gradient, INDArray> fastGradient =
                fast.backpropGradient(laidOut(epsilon, layout), LayerWorkspaceMgr.noWorkspaces());
        Pair<Gradient, INDArray> plainGradient =
                plain.backpropGradient(epsilon.castTo(DataType.DOUBLE), LayerWorkspaceMgr.noWorkspaces());
        agree(fastGradient.getSecond(), plainGradient.getSecond(), 1e-5);
        for (String name : fast.layerConf().initializer().paramKeys(fast.layerConf())) {
            agree(
                    fastGradient.getFirst().getGradientFor(name),
                    plainGradient.getFirst().getGradientFor(name),
                    2e-6 * Math.sqrt(input.length() / (double) channels));
        }
    }

    private static INDArray laidOut(INDArray array, String layout) {
        return switch (layout) {
            case "f" -> array.dup('f');
            case "offset" -> {
                long[] shape = array.shape().clone();
                shape[0]++;
                INDArray larger = Nd4j.create(DataType.FLOAT, shape);
                INDArray view = larger.get(NDArrayIndex.interval(1, shape[0]));
                view.assign(array);
                yield view;
            }
            default -> array.dup('c');
        };
    }

    /** So that the test above does not compare two equal mistakes: 1 map of 2 × 2, by hand. */
    @Test
    void normalisesBendsAndPoolsByHand() {
        NormPReLUPoolLayer layer = layer(1, DataType.FLOAT);
        layer.getParam(NormPReLUPool.GAMMA).assign(2);
        layer.getParam(NormPReLUPool.BETA).assign(-4);
        layer.getParam(NormPReLUPool.ALPHA).assign(0.5);
        layer.getParam(NormPReLUPool.MEAN).assign(1);
        layer.getParam(NormPReLUPool.VAR).assign(4);
        layer.setInput(Nd4j.createFromArray(1f, 2f, 3f, 6f).reshape(1, 1, 2, 2), LayerWorkspaceMgr.noWorkspaces());
        // Running statistics: z = 2·(x − 1)/2 − 4, largest at x = 6: 1.
        assertThat(layer.activate(false, LayerWorkspaceMgr.noWorkspaces()).getDouble(0))
                .isCloseTo(1, within(1e-4));
        // Statistics of the batch: mean 3, variance 3.5; z(6) = 2·3/√3.5 − 4 = −0.79287, times α.
        double z = 2 * 3 / Math.sqrt(3.5 + EPSILON) - 4;
        assertThat(layer.activate(true, LayerWorkspaceMgr.noWorkspaces()).getDouble(0))
                .isCloseTo(0.5 * z, within(1e-5));
        Gradient gradient = layer.backpropGradient(
                        Nd4j.createFromArray(1f).reshape(1, 1, 1, 1), LayerWorkspaceMgr.noWorkspaces())
                .getFirst();
        assertThat(gradient.getGradientFor(NormPReLUPool.ALPHA).getDouble(0)).isCloseTo(z, within(1e-5));
        assertThat(gradient.getGradientFor(NormPReLUPool.BETA).getDouble(0)).isCloseTo(0.5, within(1e-5));
        assertThat(gradient.getGradientFor(NormPReLUPool.GAMMA).getDouble(0))
                .isCloseTo(0.5 * 3 / Math.sqrt(3.5), within(1e-5));
        // What is subtracted from the running statistics: a tenth of the way to the batch's.
        assertThat(gradient.getGradientFor(NormPReLUPool.MEAN).getDouble(0)).isCloseTo(0.1 * (1 - 3), within(1e-6));
        assertThat(gradient.getGradientFor(NormPReLUPool.VAR).getDouble(0)).isCloseTo(0.1 * (4 - 3.5), within(1e-6));
    }

    @Test
    void givesTheGradientToTheFirstOfEqualWinners() {
        NormPReLUPoolLayer layer = layer(1, DataType.FLOAT);
        layer.getParam(NormPReLUPool.GAMMA).assign(1);
        layer.getParam(NormPReLUPool.BETA).assign(0);
        layer.setInput(
                Nd4j.createFromArray(5f, 5f, 5f, 5f, 0f, 0f, 0f, 0f).reshape(1, 1, 4, 2),
                LayerWorkspaceMgr.noWorkspaces());
        layer.activate(true, LayerWorkspaceMgr.noWorkspaces());
        INDArray gradient = layer.backpropGradient(
                        Nd4j.createFromArray(1f, 0f).reshape(1, 1, 2, 1), LayerWorkspaceMgr.noWorkspaces())
                .getSecond()
                .reshape(8);
        assertThat(gradient.getDouble(0)).isGreaterThan(gradient.getDouble(1) + 0.1);
        assertThat(gradient.getDouble(1)).isEqualTo(gradient.getDouble(3));
    }

    @Test
    void keepsItsPoolWidthAndIsTwoWideWhereANetworkWasSavedWithoutOne() {
        NeuralNetConfiguration narrow = new NeuralNetConfiguration.Builder()
                .layer(NormPReLUPool.of(3, 1, DECAY, EPSILON))
                .build();
        String json = narrow.toJson();
        assertThat(((NormPReLUPool) NeuralNetConfiguration.fromJson(json).getLayer()).getPoolWidth())
                .isEqualTo(1);
        String old = json.replaceAll("\\s*\"poolWidth\"\\s*:\\s*1\\s*,", "");
        assertThat(old).doesNotContain("poolWidth").hasSizeLessThan(json.length());
        NormPReLUPool opened =
                (NormPReLUPool) NeuralNetConfiguration.fromJson(old).getLayer();
        assertThat(opened.getPoolWidth()).isEqualTo(2);
        assertThat(opened.getChannels()).isEqualTo(3);
    }
}
