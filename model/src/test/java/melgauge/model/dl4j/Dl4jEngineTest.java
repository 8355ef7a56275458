package melgauge.model.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import melgauge.data.UsageException;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.Batch;
import melgauge.model.engine.Engine;
import melgauge.model.engine.EngineContract;
import melgauge.model.engine.InitialWeights;
import melgauge.model.engine.Network;
import melgauge.model.engine.Session;
import melgauge.model.engine.Small;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Head;
import melgauge.model.spec.Loss;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.OutputBias;
import melgauge.model.spec.PatchShape;
import melgauge.model.spec.TrainSpec;
import org.assertj.core.data.Offset;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

@Tag("slow")
class Dl4jEngineTest extends EngineContract {
    private final Engine engine = new Dl4jEngine();

    @Override
    protected Engine engine() {
        return engine;
    }

    private static Architecture architecture(NetworkSpec network) {
        return new Architecture(network, Small.SHAPE, 2);
    }

    private static float[] weights(NetworkSpec network, double... labelMeans) {
        return InitialWeights.of(new Architecture(network, Small.SHAPE, labelMeans.length), labelMeans, 1);
    }

    private static MultiLayerNetwork build(NetworkSpec network) {
        MultiLayerNetwork built =
                new MultiLayerNetwork(NetworkBuilder.build(architecture(network), Small.adam(0.01), DataType.FLOAT));
        built.init();
        return built;
    }

    private static Network create(NetworkSpec network, TrainSpec training, long seed, double... labelMeans) {
        return Small.regressor(network, training, seed, labelMeans);
    }

    private static Architecture.Parameter parameter(Network regressor, String layer, String name) {
        return regressor.architecture().layers().stream()
                .filter(found -> found.name().equals(layer))
                .flatMap(found -> found.parameters().stream())
                .filter(found -> found.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static float[] values(Network regressor, String layer, String name) {
        Architecture.Parameter found = parameter(regressor, layer, name);
        return Arrays.copyOfRange(regressor.weights(), found.offset(), found.offset() + found.size());
    }

    @BeforeEach
    void collect() {
        // Native memory of the networks before is freed with their Java objects.
        System.gc();
    }

    private static void assumeOneDnn() {
        String architecture = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        assumeTrue(system.contains("linux") && List.of("amd64", "x86_64").contains(architecture));
    }

    /**
     * Predictions alone hand maps on in pieces between blocks; an answer that is asked for what hidden layers say does not.
     * Sixteen channels go by Winograd's algorithm where the machine has it, eight do not.
     */
    @ParameterizedTest
    @CsvSource({"16, 32, 48", "16, 8, 32", "8, 16, 16", "32, 16, 8"})
    void predictsTheSameHoweverMapsLieBetweenBlocks(int first, int second, int third) {
        NetworkSpec network = new NetworkSpec(
                List.of(first, second, third),
                List.of(8),
                Activation.PRELU,
                true,
                0.9,
                0,
                0,
                Head.FLATTEN,
                OutputBias.MEAN,
                1,
                0);
        try (Network regressor = Small.regressor(network, Small.adam(0.01), 1, 0.4, 0.6)) {
            regressor.step(Small.noise(1, 4 * Small.SHAPE.size()), Small.uniform(2, 8), 4);
            for (int count : new int[] {3, 5, 3}) {
                float[] patches = Small.noise(count, count * Small.SHAPE.size());
                float[] before = regressor.answer(patches, count).outputs();
                assertThat(regressor.predict(patches, count)).containsExactly(before);
                assertThat(regressor.answer(patches, count).outputs()).containsExactly(before);
                regressor.step(patches, Small.uniform(4, 2 * count), count);
            }
        }
    }

    @Test
    void reportsTheProcessorWithOneDnnOn() {
        assertThat(engine.devices()).extracting(Engine.Device::name).startsWith("cpu", "cuda");
        Engine.Device device = Small.session().device();
        assertThat(engine.devices()).contains(device);
        assertThat(device.name()).isEqualTo("cpu");
        assertThat(device.usable()).isTrue();
        assumeOneDnn();
        assertThat(device.description()).contains("oneDNN on");
        assertThat(device.advice()).isEmpty();
    }

    @Test
    void runsConvolutionsWithOneDnn() {
        assumeOneDnn();
        // Blocks call the operation, which finds oneDNN in the native code; Deeplearning4j's own layers look for a
        // helper.
        NetworkSpec stock = new NetworkSpec(
                List.of(4, 8), List.of(8), Activation.RELU, true, 0.9, 0, 0, Head.FLATTEN, OutputBias.MEAN, 1, 0);
        MultiLayerNetwork network = build(stock);
        ConvolutionLayer first = (ConvolutionLayer) network.getLayer("conv1");
        assertThat(first.getHelper()).isNotNull();
        assertThat(first.getHelper().getClass().getSimpleName()).isEqualTo("MKLDNNConvHelper");
        network.close();
    }

    @Test
    void isFoundByItsNameAndByAuto() {
        assertThat(Engine.named("dl4j").name()).isEqualTo("dl4j");
        assertThat(Engine.named("auto").name()).isEqualTo("dl4j");
        assertThatThrownBy(() -> Engine.named("dl5j"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("engine=dl5j")
                .hasMessageContaining("auto, dl4j");
    }

    @Test
    void addsThePenaltyOfConvolutionsAndHiddenDenseLayersToTheLoss() {
        double lambda = 0.03;
        TrainSpec training = Small.training(1, 0.1, Optimizer.SGD, Loss.MSE, 0);
        try (Network plain = create(Small.network(), training, 1, 0.5);
                Network penalised = create(Small.network(lambda, 0), training, 1, 0.5)) {
            float[] patches = Small.noise(1, 4 * Small.SHAPE.size());
            float[] labels = {0.1f, 0.9f, 0.4f, 0.6f};
            double squares = 0;
            for (String layer : List.of("conv1", "conv2", "dense1")) {
                for (float weight : values(plain, layer, "weight")) {
                    squares += (double) weight * weight;
                }
            }
            float[] before = plain.weights();
            double difference = penalised.step(patches, labels, 4).loss()
                    - plain.step(patches, labels, 4).loss();
            assertThat(difference).isCloseTo(lambda * squares, within(1e-5 * lambda * squares));

            // ∂(λ·Σw²)/∂w = 2λw, and the first Nesterov step is 1.9 · 0.1 · gradient.
            for (Architecture.Layer layer : plain.architecture().layers()) {
                for (Architecture.Parameter parameter : layer.parameters()) {
                    boolean isPenalised =
                            parameter.name().equals("weight") && layer.name().matches("conv\\d|dense\\d");
                    for (int i = parameter.offset(); i < parameter.offset() + parameter.size(); i++) {
                        double shrinkage = isPenalised ? 1.9 * 0.1 * 2 * lambda * before[i] : 0;
                        assertThat(plain.weights()[i] - (double) penalised.weights()[i])
                                .as(layer.name())
                                .isCloseTo(shrinkage, within(1e-6));
                    }
                }
            }
        }
    }

    @ParameterizedTest(name = "{0} {1} batchNorm={2} dropout={3} {4} {5} dense={6}")
    @CsvSource({
        "PRELU, FLATTEN, true, 0, MSE, ADAM, 1",
        "PRELU, AVERAGE, false, 0.5, MAE, NADAM, 2",
        "RELU, FLATTEN, false, 0, HUBER, SGD, 0",
        "RELU, AVERAGE, true, 0.2, BCE, ADAM, 1",
        "LEAKYRELU, FLATTEN, true, 0.5, MSE, NADAM, 2",
        "LEAKYRELU, AVERAGE, false, 0, BCE, SGD, 1",
        "ELU, FLATTEN, false, 0.2, BCE, ADAM, 1",
        "ELU, AVERAGE, true, 0, HUBER, NADAM, 0",
        "PRELU, AVERAGE, true, 0, MAE, SGD, 1"
    })
    void buildsAndTrainsWithEveryOption(
            Activation activation, Head head, boolean norm, double dropout, Loss loss, Optimizer optimizer, int dense) {
        NetworkSpec spec = new NetworkSpec(
                List.of(4, 8),
                List.of(8, 6).subList(0, dense),
                activation,
                norm,
                0.9,
                0.001,
                dropout,
                head,
                OutputBias.MEAN,
                1,
                0);
        try (Network regressor = create(spec, Small.training(1, 0.01, optimizer, loss, 0), 1, 0.4, 0.6)) {
            float[] before = regressor.weights();
            Network.StepReport report = regressor.step(
                    Small.noise(1, 4 * Small.SHAPE.size()),
                    new float[] {0.1f, Float.NaN, 0.9f, 0.4f, 0.3f, 0.3f, 0.6f, 0.7f},
                    4);
            assertThat(report.loss()).isFinite().isPositive();
            for (Architecture.Layer layer : regressor.architecture().layers()) {
                for (Architecture.Parameter parameter : layer.parameters()) {
                    if (parameter.name().equals("weight")) {
                        float[] now = values(regressor, layer.name(), "weight");
                        assertThat(now).doesNotContain(Float.NaN);
                        assertThat(now)
                                .as(layer.name())
                                .isNotEqualTo(Arrays.copyOfRange(
                                        before, parameter.offset(), parameter.offset() + parameter.size()));
                    }
                }
            }
            float[] answers = regressor.predict(Small.noise(2, 3 * Small.SHAPE.size()), 3);
            assertThat(answers).hasSize(6);
            for (float answer : answers) {
                assertThat(answer).isBetween(0f, 1f);
            }
        }
    }

    /** Asks for a GPU on a machine or a build without one. */
    @ParameterizedTest
    @CsvSource({"cuda", "cuda:0"})
    void refusesAGpu(String device) {
        assertThatThrownBy(() -> engine.open(device, 1, false))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("device=" + device)
                .hasMessageContaining("cpu");
    }

    @Test
    void sharesOneNumberOfThreadsAmongOpenSessions() {
        int threads = Small.session().threads();
        try (Session same = engine.open("auto", threads, true)) {
            assertThat(same.device().name()).isEqualTo("cpu");
        }
        assertThatThrownBy(() -> engine.open("cpu", threads + 1, true))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("threads=" + (threads + 1))
                .hasMessageContaining("computes with " + threads);
    }

    /** Doubles take the way of arrays that the JVM can't read in place, such as those on a GPU. */
    @Test
    void trainsPredictsSavesAndRestoresWhereTheJvmCannotReadMemory() throws IOException {
        Batch batch = new Batch(Small.noise(3, 4 * Small.SHAPE.size()), Small.uniform(4, 8), null, 4);
        float[] weights = weights(Small.network(), 0.4, 0.6);
        try (Network direct =
                        Dl4jSession.network(architecture(Small.network()), Small.adam(0.01), weights, DataType.FLOAT);
                Network moved = Dl4jSession.network(
                        architecture(Small.network()), Small.adam(0.01), weights, DataType.DOUBLE)) {
            assertThat(moved.weights()).isEqualTo(direct.weights());
            Offset<Float> near = Offset.offset(2e-5f);
            assertThat(moved.predict(batch.patches(), 4)).containsExactly(direct.predict(batch.patches(), 4), near);
            // The norm of the gradient is above the limit, so that it is clipped, too.
            Network.StepReport expected = direct.step(batch, 1e-4);
            Network.StepReport actual = moved.step(batch, 1e-4);
            assertThat(actual.loss()).isCloseTo(expected.loss(), Offset.offset(1e-5));
            for (int i = 0; i < expected.gradientNorm().length; i++) {
                assertThat(actual.gradientNorm()[i])
                        .isCloseTo(expected.gradientNorm()[i], Offset.offset(1e-6 + 1e-3 * expected.gradientNorm()[i]));
            }
            assertThat(actual.gradientNorm()[0]).isGreaterThan(1e-4);
            try (Network opened = Small.Saved.of(moved).open(Small.adam(0.01))) {
                assertThat(opened.weights()).isEqualTo(moved.weights());
                assertThat(opened.optimizerState().moments().get("v"))
                        .isEqualTo(moved.optimizerState().moments().get("v"));
                assertThat(opened.predict(batch.patches(), 4))
                        .containsExactly(moved.predict(batch.patches(), 4), Offset.offset(1e-6f));
            }
        }
    }

    /** Deeplearning4j's name of a parameter. */
    private static String theirName(Architecture.Layer layer, Architecture.Parameter parameter) {
        boolean slopesAlone = parameter.name().equals("alpha") && layer.name().matches("(denseA|a)ct\\d");
        return slopesAlone
                ? "W"
                : Map.of("weight", "W", "bias", "b", "variance", "var")
                        .getOrDefault(parameter.name(), parameter.name());
    }

    @ParameterizedTest(name = "batchNorm={0}, {1}")
    @CsvSource({"true, FLATTEN", "false, AVERAGE"})
    void describesWhereEveryParameterLies(boolean batchNorm, Head head) {
        NetworkSpec spec = new NetworkSpec(
                List.of(4, 8), List.of(7), Activation.PRELU, batchNorm, 0.9, 0, 0, head, OutputBias.MEAN, 1, 0);
        MultiLayerNetwork network = build(spec);
        Network regressor = new Dl4jNetwork(network, architecture(spec));
        // Numbers that tell every place from every other.
        float[] numbers = new float[(int) network.numParams()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        regressor.load(numbers);
        int next = 0;
        for (Architecture.Layer layer : regressor.architecture().layers()) {
            for (Architecture.Parameter parameter : layer.parameters()) {
                assertThat(parameter.offset()).isEqualTo(next);
                String holder = batchNorm ? layer.name().replaceAll("^(conv|norm)(?=\\d)", "block") : layer.name();
                INDArray array = network.getLayer(holder).getParam(theirName(layer, parameter));
                // Deeplearning4j's dense weights are [in, out], the first index running fastest: [out, in] by rows.
                INDArray ours = array.ordering() == 'f' && array.rank() == 2 ? array.transpose() : array;
                long[] shape =
                        parameter.shape().stream().mapToLong(Long::longValue).toArray();
                assertThat(ours.length()).isEqualTo(parameter.size());
                long[] index = new long[shape.length];
                INDArray shaped = ours.rank() == shape.length ? ours : ours.reshape('c', shape);
                assertThat(shaped.shape()).containsExactly(shape);
                for (int i = 0; i < parameter.size(); i++) {
                    assertThat(shaped.getFloat(index)).isEqualTo(parameter.offset() + (float) i);
                    advance(index, shape);
                }
                next += parameter.size();
            }
        }
        assertThat(next).isEqualTo(regressor.weights().length);
        assertThat(parameter(regressor, "conv2", "weight").shape()).containsExactly(8L, 4L, 3L, 3L);
        assertThat(parameter(regressor, "dense1", "weight").shape())
                .containsExactly(7L, head == Head.FLATTEN ? 8L * 8 * 4 : 8L);
        assertThat(parameter(regressor, "output", "bias").size()).isEqualTo(2);
        assertThat(regressor.architecture().layers())
                .extracting(Architecture.Layer::name)
                .startsWith("conv1")
                .endsWith("output")
                .doesNotHaveDuplicates();
        regressor.close();
    }

    /** Counts through the indices of an array, of which the last runs fastest. */
    private static void advance(long[] index, long[] shape) {
        for (int axis = index.length - 1; axis >= 0; axis--) {
            index[axis]++;
            if (index[axis] < shape[axis]) {
                return;
            }
            index[axis] = 0;
        }
    }

    @Test
    void marksRunningStatisticsAsNotTrained() {
        try (Network regressor = create(Small.network(), Small.adam(0.01), 1, 0.5)) {
            assertThat(regressor.architecture().layers().stream()
                            .flatMap(layer -> layer.parameters().stream())
                            .filter(parameter -> !parameter.trained())
                            .map(Architecture.Parameter::name)
                            .distinct())
                    .containsExactlyInAnyOrder("mean", "variance");
        }
    }

    @Test
    void refusesMoreBlocksThanThePatchCanBePooled() {
        NetworkSpec deep = new NetworkSpec(
                List.of(4, 4, 4, 4, 4, 4),
                List.of(),
                Activation.RELU,
                true,
                0.9,
                0,
                0,
                Head.FLATTEN,
                OutputBias.MEAN,
                1,
                0);
        assertThatThrownBy(() -> create(deep, Small.adam(0.01), 1, 0.5))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("[32 frames, 16 bands]")
                .hasMessageContaining("at most 5 blocks");
        deep.checkFits(new PatchShape(64, 1));
        assertThatThrownBy(() -> deep.checkFits(new PatchShape(63, 64)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("at most 5 blocks");
    }

    /** 12 bands become 6, 3, 1 and stay 1; the other activation has Deeplearning4j's own pooling. */
    @ParameterizedTest(name = "{0} bands, {1}")
    @CsvSource({"12, PRELU", "1, PRELU", "12, RELU", "1, RELU", "3, PRELU"})
    void trainsOnNarrowPatchesAndOpensWhatItSaved(int bands, Activation activation) throws IOException {
        NetworkSpec network = new NetworkSpec(
                List.of(4, 8, 8, 8, 8), List.of(8), activation, true, 0.9, 0, 0, Head.FLATTEN, OutputBias.MEAN, 1, 0);
        PatchShape shape = new PatchShape(64, bands);
        float[] patches = Small.noise(3, 8 * shape.size());
        float[] labels = Small.uniform(4, 8);
        // Loud where the label is high.
        for (int i = 0; i < patches.length; i++) {
            patches[i] = 0.3f * patches[i] + 3 * labels[i / shape.size()];
        }
        try (Network regressor = Small.regressor(network, Small.adam(0.01), shape, 1, 0.5)) {
            double first = regressor.step(patches, labels, 8).loss();
            double last = first;
            for (int i = 0; i < 40; i++) {
                last = regressor.step(patches, labels, 8).loss();
            }
            assertThat(last).isLessThan(0.3 * first);
            try (Network opened =
                    Small.session().open(regressor.architecture(), Small.adam(0.01), regressor.weights())) {
                assertThat(opened.predict(patches, 8)).hasSize(8).isEqualTo(regressor.predict(patches, 8));
            }
        }
    }
}
