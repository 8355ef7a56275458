package melgauge.model.dl4j.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import melgauge.model.dl4j.kernels.Buffers;
import melgauge.model.dl4j.kernels.Parallel;
import melgauge.model.dl4j.kernels.Winograd;
import melgauge.model.engine.Small;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.weights.WeightInitRelu;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;

@Tag("slow")
class ConvBlockTest {
    @BeforeAll
    static void useSeveralThreads() {
        Parallel.useThreads(2);
    }

    @AfterAll
    static void useOneThread() {
        Parallel.useThreads(Small.THREADS);
    }

    private static final double DECAY = 0.9;
    private static final double EPSILON = 1e-5;

    /** A block with parameters off their initial values, and room for its gradient. */
    private static ConvBlockLayer block(
            int inChannels, int channels, int poolWidth, boolean first, boolean last, DataType type) {
        ConvBlock conf = ConvBlock.of(channels, poolWidth, DECAY, EPSILON, 0, first, last);
        conf.setInChannels(inChannels);
        conf.setIUpdater(new Sgd(0.1));
        conf.setWeightInitFn(new WeightInitRelu());
        NeuralNetConfiguration configuration =
                new NeuralNetConfiguration.Builder().layer(conf).build();
        long length = conf.initializer().numParams(conf);
        INDArray parameters = Nd4j.create(type, 1, length);
        ConvBlockLayer layer =
                (ConvBlockLayer) conf.instantiate(configuration, Collections.emptyList(), 0, parameters, true, type);
        Random random = new Random(9);
        for (String name : conf.initializer().paramKeys(conf)) {
            INDArray values = layer.getParam(name).reshape(-1);
            for (int i = 0; i < values.length(); i++) {
                double value = switch (name) {
                    case ConvBlock.GAMMA -> 0.5 + random.nextDouble();
                    case ConvBlock.VAR -> 0.3 + random.nextDouble();
                    case ConvBlock.ALPHA -> random.nextDouble() - 0.3;
                    default -> (float) random.nextGaussian();
                };
                values.putScalar(i, value);
            }
        }
        layer.setBackpropGradientsViewArray(Nd4j.create(type, 1, length));
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

    private static INDArray maps(long seed, boolean channelsFirst, int examples, int channels, int height, int width) {
        return channelsFirst
                ? noise(seed, examples, channels, height, width)
                : noise(seed, examples, height, width, channels);
    }

    @ParameterizedTest(
            name = "{0}, {1} examples of {2} → {3} maps of {4} × {5}, pooled by 2 × {6}, first={7}, last={8}")
    @CsvSource({
        "plain, 3, 1, 4, 6, 8, 2, true, false",
        "plain, 2, 1, 3, 7, 9, 2, true, false",
        // More pooled rows than one unit of work holds.
        "plain, 2, 1, 5, 37, 12, 2, true, false",
        "plain, 1, 1, 2, 4, 3000, 2, true, false",
        "plain, 4, 1, 1, 2, 2, 2, true, true",
        "plain, 2, 1, 33, 20, 18, 2, true, true",
        "offset, 2, 1, 3, 7, 9, 2, true, false",
        "f, 2, 1, 3, 7, 9, 2, true, false",
        "plain, 3, 1, 2, 6, 1, 1, true, false",
        "plain, 2, 1, 3, 7, 5, 1, true, false",
        "plain, 3, 2, 4, 6, 8, 2, false, false",
        "plain, 2, 3, 5, 7, 9, 2, false, true",
        "plain, 2, 4, 3, 61, 10, 2, false, false",
        "plain, 2, 16, 32, 18, 12, 2, false, true",
        // By Winograd's algorithm, where the machine has it: sides that pooling cuts, one column, several units of
        // work.
        "plain, 2, 16, 16, 7, 9, 2, false, false",
        "f, 2, 32, 16, 7, 5, 1, false, true",
        "offset, 3, 16, 48, 37, 4, 2, false, false",
        "plain, 1, 2, 2, 4, 300, 2, false, false",
        "plain, 4, 1, 1, 2, 2, 2, false, false",
        "f, 2, 3, 3, 7, 9, 2, false, false",
        "offset, 2, 3, 3, 7, 9, 2, false, true",
        "plain, 3, 2, 2, 6, 1, 1, false, false",
        "plain, 2, 3, 4, 7, 5, 1, false, true",
        "plain, 1, 2, 3, 600, 1, 1, false, false",
        "f, 2, 3, 3, 7, 1, 1, false, false",
        // More than one channel in channels-first order: no network of ours, but what the configuration allows.
        "plain, 2, 3, 4, 7, 9, 2, true, true"
    })
    void computesInFloatWhatOperationsComputeInDouble(
            String layout,
            int examples,
            int inChannels,
            int channels,
            int height,
            int width,
            int poolWidth,
            boolean first,
            boolean last) {
        INDArray input = maps(1, first, examples, inChannels, height, width);
        INDArray epsilon =
                maps(2, last, examples, channels, height / 2, width / poolWidth).subi(3);
        ConvBlockLayer fast = block(inChannels, channels, poolWidth, first, last, DataType.FLOAT);
        ConvBlockLayer plain = block(inChannels, channels, poolWidth, first, last, DataType.DOUBLE);
        plain.setParams(fast.params().castTo(DataType.DOUBLE));
        fast.setInput(laidOut(input, layout), LayerWorkspaceMgr.noWorkspaces());
        plain.setInput(input.castTo(DataType.DOUBLE), LayerWorkspaceMgr.noWorkspaces());

        // Winograd's algorithm adds and subtracts multiples of its inputs, which here are far from 0, before it
        // multiplies.
        boolean winograd = inChannels % Winograd.BLOCK == 0 && channels % Winograd.BLOCK == 0;
        agree(
                fast.activate(false, LayerWorkspaceMgr.noWorkspaces()),
                plain.activate(false, LayerWorkspaceMgr.noWorkspaces()),
                winograd ? 1e-4 : 1e-5);
        agree(
                fast.activate(true, LayerWorkspaceMgr.noWorkspaces()),
                plain.activate(true, LayerWorkspaceMgr.noWorkspaces()),
                winograd ? 1e-4 : 1e-5);
        Pair<Gradient, INDArray> fastGradient =
                fast.backpropGradient(laidOut(epsilon, layout), LayerWorkspaceMgr.noWorkspaces());
        Pair<Gradient, INDArray> plainGradient =
                plain.backpropGradient(epsilon.castTo(DataType.DOUBLE), LayerWorkspaceMgr.noWorkspaces());
        if (first && inChannels == 1) {
            assertThat(fastGradient.getSecond()).isNull();
        } else {
            agree(fastGradient.getSecond(), plainGradient.getSecond(), 2e-5);
        }
        for (String name : fast.layerConf().initializer().paramKeys(fast.layerConf())) {
            agree(
                    fastGradient.getFirst().getGradientFor(name),
                    plainGradient.getFirst().getGradientFor(name),
                    5e-6 * Math.sqrt(input.length() / (double) inChannels));
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

    /** A block whose convolution hands its input on. */
    private static ConvBlockLayer identity(boolean first) {
        ConvBlockLayer layer = block(1, 1, 2, first, false, DataType.FLOAT);
        layer.getParam(ConvBlock.WEIGHTS).assign(0).putScalar(new int[] {0, 0, 1, 1}, 1);
        return layer;
    }

    private static INDArray square(boolean first, float... values) {
        int height = values.length / 2;
        return first
                ? Nd4j.createFromArray(values).reshape(1, 1, height, 2)
                : Nd4j.createFromArray(values).reshape(1, height, 2, 1);
    }

    /** So that the test above does not compare two equal mistakes: 1 map of 2 × 2, by hand. */
    @ParameterizedTest(name = "first={0}")
    @ValueSource(booleans = {true, false})
    void normalisesBendsAndPoolsByHand(boolean first) {
        ConvBlockLayer layer = identity(first);
        layer.getParam(ConvBlock.GAMMA).assign(2);
        layer.getParam(ConvBlock.BETA).assign(-4);
        layer.getParam(ConvBlock.ALPHA).assign(0.5);
        layer.getParam(ConvBlock.MEAN).assign(1);
        layer.getParam(ConvBlock.VAR).assign(4);
        layer.setInput(square(first, 1f, 2f, 3f, 6f), LayerWorkspaceMgr.noWorkspaces());
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
        assertThat(gradient.getGradientFor(ConvBlock.ALPHA).getDouble(0)).isCloseTo(z, within(1e-5));
        assertThat(gradient.getGradientFor(ConvBlock.BETA).getDouble(0)).isCloseTo(0.5, within(1e-5));
        assertThat(gradient.getGradientFor(ConvBlock.GAMMA).getDouble(0))
                .isCloseTo(0.5 * 3 / Math.sqrt(3.5), within(1e-5));
        // What is subtracted from the running statistics: a tenth of the way to the batch's.
        assertThat(gradient.getGradientFor(ConvBlock.MEAN).getDouble(0)).isCloseTo(0.1 * (1 - 3), within(1e-6));
        assertThat(gradient.getGradientFor(ConvBlock.VAR).getDouble(0)).isCloseTo(0.1 * (4 - 3.5), within(1e-6));
    }

    /** The upper left is the first of four equal ones; with it, the convolution's middle weight meets a 5, else a 0. */
    @Test
    void givesTheGradientToTheFirstOfEqualWinners() {
        ConvBlockLayer layer = identity(false);
        layer.getParam(ConvBlock.GAMMA).assign(1);
        layer.getParam(ConvBlock.BETA).assign(0);
        layer.setInput(square(false, 5f, 5f, 5f, 5f, 0f, 0f, 0f, 0f), LayerWorkspaceMgr.noWorkspaces());
        layer.activate(true, LayerWorkspaceMgr.noWorkspaces());
        INDArray gradient = layer.backpropGradient(
                        Nd4j.createFromArray(1f, 0f).reshape(1, 2, 1, 1), LayerWorkspaceMgr.noWorkspaces())
                .getSecond()
                .reshape(8);
        assertThat(gradient.getDouble(0)).isGreaterThan(gradient.getDouble(1) + 0.1);
        assertThat(gradient.getDouble(1)).isEqualTo(gradient.getDouble(3));
    }

    /**
     * On maps of the default network's size, a few of a million places lie where two of four are equal, or z is 0, to within
     * rounding: there float and double may choose differently, and a gradient goes another way, however exact the
     * arithmetic is. Everywhere else the two must agree.
     */
    @ParameterizedTest(name = "{0} → {1} maps of {2} × {3}")
    @CsvSource({"1, 32, 256, 96", "32, 64, 128, 48", "64, 128, 64, 24", "128, 128, 32, 12"})
    void differsFromDoubleOnlyWhereATieOrAKinkIsNear(int inChannels, int channels, int height, int width) {
        boolean first = inChannels == 1;
        INDArray input = maps(1, first, 2, inChannels, height, width).subi(3);
        INDArray epsilon = maps(2, false, 2, channels, height / 2, width / 2).subi(3);
        ConvBlockLayer fast = block(inChannels, channels, 2, first, false, DataType.FLOAT);
        ConvBlockLayer plain = block(inChannels, channels, 2, first, false, DataType.DOUBLE);
        plain.setParams(fast.params().castTo(DataType.DOUBLE));

        double near = 2e-4;
        boolean[] doubtful = doubtful(plain, input.castTo(DataType.DOUBLE), near);
        int count = 0;
        for (int i = 0; i < doubtful.length; i++) {
            if (doubtful[i]) {
                count++;
                epsilon.data().put(i, 0f);
            }
        }
        assertThat(count).isBetween(1, doubtful.length / 100);

        Gradient actual = gradient(fast, input, epsilon);
        Gradient expected = gradient(plain, input.castTo(DataType.DOUBLE), epsilon.castTo(DataType.DOUBLE));
        for (String name : List.of(ConvBlock.WEIGHTS, ConvBlock.GAMMA, ConvBlock.BETA, ConvBlock.ALPHA)) {
            INDArray exact = expected.getGradientFor(name);
            double error = actual.getGradientFor(name)
                    .castTo(DataType.DOUBLE)
                    .sub(exact)
                    .norm2Number()
                    .doubleValue();
            assertThat(error / exact.norm2Number().doubleValue()).as(name).isLessThan(1e-5);
        }
    }

    private static Gradient gradient(ConvBlockLayer layer, INDArray input, INDArray epsilon) {
        layer.setInput(input, LayerWorkspaceMgr.noWorkspaces());
        layer.activate(true, LayerWorkspaceMgr.noWorkspaces());
        return layer.backpropGradient(epsilon, LayerWorkspaceMgr.noWorkspaces()).getFirst();
    }

    /** Whether the largest two y of a pooled value, or its z and 0, are nearer than this; channels last. */
    private static boolean[] doubtful(ConvBlockLayer layer, INDArray input, double near) {
        INDArray in = layer.layerConf().isChannelsFirstIn()
                ? input
                : input.permute(0, 3, 1, 2).dup('c');
        int channels = layer.layerConf().getChannels();
        int examples = (int) in.size(0);
        int height = (int) in.size(2);
        int width = (int) in.size(3);
        INDArray x = Nd4j.create(DataType.DOUBLE, examples, channels, height, width);
        Nd4j.exec(DynamicCustomOp.builder("conv2d")
                .addInputs(in, layer.getParam(ConvBlock.WEIGHTS))
                .addOutputs(x)
                .addIntegerArguments(3, 3, 1, 1, 1, 1, 1, 1, 1, 0, 1)
                .build());
        double[] mean = x.mean(0, 2, 3).toDoubleVector();
        double[] variance = x.var(false, 0, 2, 3).toDoubleVector();
        double[] values = x.data().asDouble();
        double[] gamma = layer.getParam(ConvBlock.GAMMA).toDoubleVector();
        double[] beta = layer.getParam(ConvBlock.BETA).toDoubleVector();
        double[] alpha = layer.getParam(ConvBlock.ALPHA).toDoubleVector();
        boolean[] doubtful = new boolean[examples * (height / 2) * (width / 2) * channels];
        int next = 0;
        for (int example = 0; example < examples; example++) {
            for (int row = 0; row < height / 2; row++) {
                for (int column = 0; column < width / 2; column++) {
                    for (int c = 0; c < channels; c++) {
                        double[] y = new double[4];
                        double[] z = new double[4];
                        for (int corner = 0; corner < 4; corner++) {
                            int at = ((example * channels + c) * height + 2 * row + corner / 2) * width
                                    + 2 * column
                                    + corner % 2;
                            z[corner] = gamma[c] * (values[at] - mean[c]) / Math.sqrt(variance[c] + EPSILON) + beta[c];
                            y[corner] = z[corner] > 0 ? z[corner] : alpha[c] * z[corner];
                            doubtful[next] |= Math.abs(z[corner]) < near;
                        }
                        Arrays.sort(y);
                        doubtful[next++] |= y[3] - y[2] < near;
                    }
                }
            }
        }
        return doubtful;
    }

    @Test
    void givesTheSameBitsAtAnyNumberOfThreads() {
        try {
            assertThat(digest(2)).isEqualTo(digest(1)).isEqualTo(digest(3));
        } finally {
            Parallel.useThreads(Runtime.getRuntime().availableProcessors());
        }
    }

    /** Everything that the first block computes, and of another one what it computes without oneDNN. */
    private static List<Float> digest(int threads) {
        Parallel.useThreads(threads);
        List<Float> values = new ArrayList<>();
        for (boolean first : new boolean[] {true, false}) {
            ConvBlockLayer layer = block(1, 6, 2, first, false, DataType.FLOAT);
            layer.setInput(maps(1, first, 3, 1, 75, 20), LayerWorkspaceMgr.noWorkspaces());
            INDArray out = layer.activate(true, LayerWorkspaceMgr.noWorkspaces());
            Gradient gradient = layer.backpropGradient(noise(2, out.shape()), LayerWorkspaceMgr.noWorkspaces())
                    .getFirst();
            for (float value : Buffers.copy(out)) {
                values.add(value);
            }
            for (String name : first ? List.of(ConvBlock.WEIGHTS, ConvBlock.GAMMA) : List.of(ConvBlock.GAMMA)) {
                for (float value : Buffers.copy(gradient.getGradientFor(name))) {
                    values.add(value);
                }
            }
        }
        return values;
    }

    @Test
    void isFoundInASavedConfigurationAsItWas() {
        ConvBlock conf = ConvBlock.of(3, 1, DECAY, EPSILON, 0.5, true, false);
        conf.setInChannels(2);
        NeuralNetConfiguration saved =
                new NeuralNetConfiguration.Builder().layer(conf).build();
        ConvBlock opened =
                (ConvBlock) NeuralNetConfiguration.fromJson(saved.toJson()).getLayer();
        assertThat(opened).usingRecursiveComparison().isEqualTo(conf);
        assertThat(opened.isChannelsFirstIn()).isTrue();
        assertThat(opened.getRegularizationByParam(ConvBlock.WEIGHTS)).hasSize(1);
        assertThat(opened.getRegularizationByParam(ConvBlock.GAMMA)).isNull();
    }
}
