package melgauge.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import melgauge.data.UsageException;
import melgauge.data.io.StrictJson;
import melgauge.features.Modulation;
import melgauge.features.PatchSpec;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.InitialWeights;
import melgauge.model.engine.Network;
import melgauge.model.engine.Small;
import melgauge.model.inference.Ensemble;
import melgauge.model.regression.ModulationRegression;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Head;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.OutputBias;
import melgauge.model.spec.PatchShape;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class ModelBundleTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final float[] PATCHES = Small.noise(11, 3 * Small.SHAPE.size());

    @TempDir
    static Path shared;

    private static byte[] bytes = new byte[0];

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws IOException {
        Path file = shared.resolve("model.melgauge");
        try (Network regressor = Bundles.trained()) {
            Bundles.bundle(regressor).write(file);
        }
        bytes = Files.readAllBytes(file);
    }

    private static void equal(ModelBundle actual, ModelBundle expected) {
        assertThat(actual).usingRecursiveComparison().ignoringFields("origin").isEqualTo(expected);
    }

    private ModelBundle read(byte[] content) throws IOException {
        return ModelBundle.read(Files.write(folder.resolve("some.melgauge"), content));
    }

    /** Reading must fail with a sentence about this file. */
    private void fails(byte[] content, String... messages) {
        assertThatThrownBy(() -> read(content)).satisfies(e -> isASentence(e)).satisfies(e -> {
            for (String message : messages) {
                assertThat(e).hasMessageContaining(message);
            }
        });
    }

    private static void isASentence(Throwable e) {
        assertThat(e).isInstanceOf(IOException.class);
        assertThat(e.getMessage())
                .contains("some.melgauge")
                .matches("(?s).*some\\.melgauge:? [a-zA-Z].* .*")
                .doesNotContain("null", "Exception", "java.");
    }

    @Test
    void predictsTheSameFromAnotherFolder() throws IOException {
        try (Network regressor = Bundles.trained()) {
            ModelBundle bundle = Bundles.bundle(regressor);
            Path file = folder.resolve("model.melgauge");
            bundle.write(file);
            Path moved =
                    Files.createDirectories(folder.resolve("elsewhere/ä b")).resolve("other name.zip");
            Files.move(file, moved);
            ModelBundle read = ModelBundle.read(moved);
            equal(read, bundle);
            assertThat(read.shape()).isEqualTo(Small.SHAPE);
            try (Ensemble opened = read.open(Small.session())) {
                assertThat(opened.predict(PATCHES, 3)).containsExactly(regressor.predict(PATCHES, 3));
            }
        }
    }

    @Test
    void writesEqualBytesForEqualModels() throws IOException {
        try (Network regressor = Bundles.trained()) {
            Bundles.bundle(regressor).write(folder.resolve("one"));
            Bundles.bundle(regressor).write(folder.resolve("two"));
            assertThat(folder.resolve("two")).hasSameBinaryContentAs(folder.resolve("one"));
            try (var files = Files.list(folder)) {
                assertThat(files).hasSize(2);
            }
        }
    }

    /** By a reader of the format that shares no code with the writer: names, shapes, and the first layer of the answers. */
    @Test
    void isASafetensorsFileThatAnyReaderOpens() throws IOException {
        SafetensorsFile file = SafetensorsFile.of(bytes);
        assertThat(file.texts)
                .containsKeys("features", "patch", "network", "training", "targets", "provenance", "sha256")
                .containsEntry("format", "melgauge.model")
                .containsEntry("formatVersion", "1");
        assertThat(file.tensor("network.0.conv1.weight").shape()).isEqualTo("[4,1,3,3]");
        assertThat(file.tensor("network.0.norm1.alpha").shape()).isEqualTo("[4]");
        assertThat(file.tensor("network.0.dense1.weight").shape()).isEqualTo("[8,256]");
        assertThat(file.tensor("normalizer.mean").type()).isEqualTo("F64");
        assertThat(file.tensor("seen.train.contents").shape()).isEqualTo("[2,16]");
        assertThat(file.sealed()).hasSameSizeAs(file.bytes());
        read(file.sealed());
        // σ(output.weight · hidden + output.bias), row by row.
        SafetensorsFile.Tensor weight = file.tensor("network.0.output.weight");
        SafetensorsFile.Tensor bias = file.tensor("network.0.output.bias");
        try (Ensemble opened = read(bytes).open(Small.session())) {
            Network.Answer answer = opened.answer(PATCHES, 3);
            int units = answer.hidden().length / 3;
            assertThat(weight.shape()).isEqualTo("[2," + units + "]");
            for (int row = 0; row < 3; row++) {
                for (int out = 0; out < 2; out++) {
                    double sum = bias.number(out);
                    for (int unit = 0; unit < units; unit++) {
                        sum += weight.number(out * units + unit) * answer.hidden()[row * units + unit];
                    }
                    assertThat((double) answer.outputs()[2 * row + out])
                            .isCloseTo(1 / (1 + Math.exp(-sum)), within(1e-6));
                }
            }
        }
    }

    @Test
    void opensEqualOrRefusesWhateverByteIsFlipped() throws IOException {
        ModelBundle whole = read(bytes);
        SplittableRandom random = new SplittableRandom(3);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            byte[] damaged = bytes.clone();
            // Every other flip hits the names and headers at the beginning or the end.
            int where =
                    i % 2 == 0 ? random.nextInt(bytes.length) : Math.floorMod(random.nextInt(-1200, 600), bytes.length);
            damaged[where] ^= (byte) (1 << random.nextInt(8));
            refused += refusedOrEqual(damaged, whole, "byte " + where);
        }
        assertThat(refused).isGreaterThan(200);
    }

    @Test
    void opensEqualOrRefusesWhereverItIsCut() throws IOException {
        ModelBundle whole = read(bytes);
        SplittableRandom random = new SplittableRandom(4);
        int refused = 0;
        for (int i = 0; i < 100; i++) {
            int length = i < 10 ? i : random.nextInt(bytes.length);
            refused += refusedOrEqual(Arrays.copyOf(bytes, length), whole, "cut at " + length);
        }
        assertThat(refused).isGreaterThan(80);
    }

    private int refusedOrEqual(byte[] content, ModelBundle whole, String what) {
        ModelBundle read;
        try {
            read = read(content);
        } catch (Exception e) {
            try {
                isASentence(e);
            } catch (AssertionError wrong) {
                throw new AssertionError(what + ": " + e, e);
            }
            return 1;
        }
        equal(read, whole);
        return 0;
    }

    @Test
    void refusesWhatIsNoModel() throws IOException {
        fails("Just some text.".getBytes(StandardCharsets.UTF_8), "is not a safetensors file");
        fails(new byte[0], "is not a safetensors file");
        fails("PK\3\4 a zip archive of some kind".getBytes(StandardCharsets.UTF_8), "is not a safetensors file");
        SafetensorsFile other = new SafetensorsFile();
        fails(other.bytes(), "is not a Melgauge model");
        assertThatThrownBy(() -> ModelBundle.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("is a folder");
        assertThatThrownBy(() -> ModelBundle.read(folder.resolve("missing.melgauge")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("missing.melgauge")
                .hasMessageContaining("no such model");
    }

    @Test
    void refusesAModelWithoutOneOfItsTextsOrArrays() throws IOException {
        for (String name : SafetensorsFile.of(bytes).texts.keySet()) {
            SafetensorsFile file = SafetensorsFile.of(bytes);
            file.texts.remove(name);
            fails(name.endsWith("256") ? file.bytes() : file.sealed(), name);
        }
        for (String name : SafetensorsFile.of(bytes).tensors.keySet()) {
            SafetensorsFile file = SafetensorsFile.of(bytes);
            file.tensors.remove(name);
            fails(file.sealed(), "has no array " + name);
        }
    }

    @Test
    void refusesAnArrayThatNoModelOfItsSettingsHas() throws IOException {
        for (String name : List.of(
                "network.1.output.bias",
                "network.0.output",
                "modulation.width",
                "baseline.more",
                "seen.more",
                "more")) {
            SafetensorsFile file = SafetensorsFile.of(bytes);
            file.tensors.put(name, new SafetensorsFile.Tensor("F32", "[1]", new byte[4]));
            fails(file.sealed(), "holds the array " + name + ", which no model of its settings has");
        }
    }

    @Test
    void refusesWhatDoesNotMatchItsChecksum() throws IOException {
        SafetensorsFile numbers = SafetensorsFile.of(bytes);
        numbers.tensor("network.0.conv1.weight").set(0, 1);
        fails(numbers.bytes(), "is damaged: its arrays do not match their checksum");
        SafetensorsFile texts = SafetensorsFile.of(bytes);
        texts.texts.put("more", "");
        fails(texts.bytes(), "is damaged: its texts do not match their checksum");
    }

    @Test
    void aRegressionMayHaveItsShareInTheAnswers() throws IOException {
        ModelBundle bundle = read(bytes);
        assertThat(bundle.regressions()).isEmpty();
        assertThat(bundle.modulationShare()).isZero();
        Modulation reading = new Modulation(bundle.features());
        ModulationRegression regression = Bundles.modulation(reading.size());
        Path file = folder.resolve("blended.melgauge");
        Bundles.with(bundle, new Ensemble.Regression(regression, reading, 0.25)).write(file);
        byte[] written = Files.readAllBytes(file);

        ModelBundle read = ModelBundle.read(file);
        assertThat(read.modulationShare()).isEqualTo(0.25);
        assertThat(read.regressions()).hasSize(1);
        float[] track = Small.uniform(4, reading.size());
        assertThat(read.regressions().get(0).fitted().predict(track))
                .containsExactly(regression.predict(track), within(1e-4));

        for (String wrong : List.of("-0.1", "1.5")) {
            JsonNode share = JSON.readTree(wrong);
            fails(
                    Bundles.edited(
                            written, "ensemble", ensemble -> ((ObjectNode) ensemble).set("modulationShare", share)),
                    "modulationShare of " + wrong + ", it must be from 0 to 1");
        }
        fails(
                Bundles.edited(written, "ensemble", ensemble -> ((ObjectNode) ensemble).put("modulationShare", "auto")),
                "ensemble.modulationShare is not what belongs there");
        fails(
                Bundles.edited(written, "ensemble", ensemble -> ((ObjectNode) ensemble).put("modulationShare", 0)),
                "holds the array modulation.");
        fails(
                Bundles.edited(bytes, "ensemble", ensemble -> ((ObjectNode) ensemble).put("modulationShare", 0.5)),
                "has no array modulation.centre");
    }

    @Test
    void severalNetworksAnswerTogether() throws IOException {
        try (Network first = Bundles.trained();
                Network second = Small.regressor(Small.network(), Small.adam(0.01), 7, 0.4, 0.6)) {
            ModelBundle bundle = Bundles.bundle(first, second);
            Path file = folder.resolve("several.melgauge");
            bundle.write(file);
            ModelBundle read = ModelBundle.read(file);
            equal(read, bundle);
            float[] one = first.predict(PATCHES, 3);
            float[] other = second.predict(PATCHES, 3);
            assertThat(one).isNotEqualTo(other);
            try (Ensemble together = read.open(Small.session())) {
                float[] answers = together.predict(PATCHES, 3);
                for (int i = 0; i < answers.length; i++) {
                    assertThat(answers[i]).isCloseTo((one[i] + other[i]) / 2, within(1e-6f));
                }
            }
            try (Network alone = Small.session()
                    .open(read.architecture(), read.training(), read.networks().get(1))) {
                assertThat(alone.predict(PATCHES, 3)).containsExactly(other);
            }
            byte[] written = Files.readAllBytes(file);
            for (int wrong : new int[] {0, -1, 11, Integer.MAX_VALUE}) {
                fails(
                        Bundles.edited(written, "ensemble", ensemble -> ((ObjectNode) ensemble).put("networks", wrong)),
                        "ensemble has " + wrong + " networks, it must have 1 to 10");
            }
            fails(
                    Bundles.edited(written, "ensemble", ensemble -> ((ObjectNode) ensemble).put("networks", 3)),
                    "has no array network.2.");
            fails(
                    Bundles.edited(written, "ensemble", ensemble -> ((ObjectNode) ensemble).put("networks", 1)),
                    "holds the array network.1.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "0", "1.0", "x", "4294967297", ""})
    void refusesAnotherFormatVersion(String version) throws IOException {
        SafetensorsFile file = SafetensorsFile.of(bytes);
        file.texts.put("formatVersion", version);
        // Whatever else is new in it.
        file.tensors.remove("baseline.mean");
        fails(
                file.sealed(),
                "has the format version " + version + ", this program reads 1; use the Melgauge that wrote it");
    }

    /** One part after the other is that of another model; its own document is sound. */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "patch     | /frames    | 64          | network.0.dense1.weight is F32 [8, 256], it must be F32 [8, 512]",
                "features  | /nMels     | 33          | network.0.dense1.weight is F32 [8, 256], it must be F32 [8, 512]",
                "features  | /nMels     | 17          | its array normalizer.mean is F64 [16], it must be F64 [17]",
                "network   | /conv/0    | 5           | network.0.conv1.weight is F32 [4, 1, 3, 3], it must be F32 [5, 1, 3, 3]",
                "network   | /dense/0   | 9           | network.0.dense1.weight is F32 [8, 256], it must be F32 [9, 256]",
                "network   | /batchNorm | false       | has no array network.0.conv1.bias",
                "network   | /head      | '\"average\"' | network.0.dense1.weight is F32 [8, 256], it must be F32 [8, 8]",
                "network   | /activation | '\"relu\"'  | holds the array network.0.",
                "normalizer | /kind     | '\"patch\"'   | holds the array normalizer.mean",
                "normalizer | /kind     | '\"none\"'    | holds the array normalizer.mean",
                "normalizer | /kind     | '\"global\"'  | its array normalizer.mean is F64 [16], it must be F64 [1]",
            })
    void refusesPartsThatDoNotFitEachOther(String name, String pointer, String value, String message)
            throws IOException {
        JsonNode other = JSON.readTree(value);
        fails(Bundles.edited(bytes, name, document -> Bundles.set(document, pointer, other)), message);
    }

    @Test
    void refusesOtherTargetsThanTheNetworkHas() throws IOException {
        fails(
                Bundles.edited(bytes, "targets", targets -> ((ArrayNode) targets).remove(1)),
                "network.0.output.weight is F32 [2, 8], it must be F32 [1, 8]");
        fails(
                Bundles.edited(bytes, "targets", targets -> ((ArrayNode) targets).removeAll()),
                "targets must have at least one target");
        fails(
                Bundles.edited(bytes, "targets", targets -> ((ObjectNode) targets.path(1)).put("name", "valence")),
                "targets must have at least one target, and none twice");
    }

    @ParameterizedTest
    @CsvSource({"0, must be finite and above 0", "NaN, must be finite and above 0"})
    void refusesANormaliserThatWouldDivideByNothing(double std, String message) throws IOException {
        SafetensorsFile file = SafetensorsFile.of(bytes);
        ByteBuffer.wrap(file.tensor("normalizer.std").bytes())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(std);
        fails(file.sealed(), "its normaliser is damaged: std[0]=" + std + " " + message);
    }

    @ParameterizedTest(name = "{0}{1} = {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "features | /nFft       | 1073741824 | features: nFft=1073741824 must lie between 2 and 1048576",
                "features | /nMels      | 1000000    | features: nMels=1000000 must lie between 1 and 4096",
                "features | /sampleRate | 2147483647 | features: sampleRate=2147483647 must be at most 768000 Hz",
                "features | /hopLength  | 2147483647 | features: hopLength=2147483647 must be at most 1048576",
                "features | /hopLength  | 0          | features: hopLength=0 must be at least 1",
                "features | /window     | null       | has nothing for features.window",
                "patch | /frames        | 1000000000 | patch: frames=1000000000 must be at most 65536",
                "network | /conv/0      | 1000000    | network: conv=[1000000, 8] must hold numbers from 1 to 4096",
                "network | /activation  | null       | has nothing for network.activation",
                "network | /dense/0     | null       | has nothing for network.dense[0]",
                "targets | /0           | null       | has nothing for targets[0]",
                "targets | /0/scale/high | 0         | targets: scale [1.0, 0.0] must be two finite numbers"
            })
    void refusesSettingsOutOfTheirRange(String name, String pointer, String value, String message) throws IOException {
        JsonNode other = JSON.readTree(value);
        byte[] changed = Bundles.edited(bytes, name, spec -> Bundles.set(spec, pointer, other));
        assertThatThrownBy(() -> read(changed))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("some.melgauge: ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"conv1.weight, 0", "norm2.variance, 7", "output.bias, 1"})
    void opensNumbersThatAreNotFiniteToBeLookedAtAlone(String name, int at) throws IOException {
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            SafetensorsFile file = SafetensorsFile.of(bytes);
            file.tensor("network.0." + name).set(at, value);
            ModelBundle bundle = read(file.sealed());
            assertThatThrownBy(() -> bundle.open(Small.session()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("some.melgauge: network.0." + name
                            + " holds a value that is NaN or infinite (at " + at + "); its training has diverged");
            assertThat(bundle.flaw(0)).startsWith("network.0." + name);
        }
    }

    @Test
    void refusesANetworkThatAnswersWhatIsNoNumber() throws IOException {
        SafetensorsFile file = SafetensorsFile.of(bytes);
        file.tensors.forEach((name, tensor) -> {
            if (name.startsWith("network.0.")) {
                for (int i = 0; i < tensor.bytes().length / 4; i++) {
                    tensor.set(i, tensor.number(i) * 1e37f);
                }
            }
        });
        ModelBundle bundle = read(file.sealed());
        assertThatThrownBy(() -> bundle.open(Small.session()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("some.melgauge: its network answers noise with what is no number");
    }

    /** A few kilobytes: a wide convolution has few weights, and maps that no machine can hold. */
    @Test
    void refusesANetworkThatNeedsMoreMemoryThanThereIs() throws IOException {
        PatchShape shape = new PatchShape(PatchSpec.MAX_FRAMES, 64);
        NetworkSpec network = new NetworkSpec(
                List.of(4096), List.of(), Activation.PRELU, true, 0.9, 0, 0, Head.AVERAGE, OutputBias.MEAN, 1, 0);
        float[] weights = InitialWeights.of(new Architecture(network, shape, 2), new double[] {0.4, 0.6}, 1);
        ModelBundle huge = Bundles.bundle(Bundles.features(256, 64), shape, network, weights);
        huge.write(folder.resolve("some.melgauge"));
        ModelBundle read = ModelBundle.read(folder.resolve("some.melgauge"));
        assertThatThrownBy(() -> read.open(Small.session()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("some.melgauge: needs ")
                .hasMessageContaining(" MiB to predict 16 patches at a time, and ");
        assertThat(read.architecture().shape()).isEqualTo(shape);
    }

    @Test
    void refusesWhatIsNoFile() {
        assertThatThrownBy(() -> ModelBundle.read(Path.of("/dev/zero")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/dev/zero: is no file");
    }

    @Test
    void cutsMessagesThatQuoteADocument() throws IOException {
        SafetensorsFile file = SafetensorsFile.of(bytes);
        file.texts.put("formatVersion", "x".repeat(100_000));
        byte[] changed = file.sealed();
        assertThatThrownBy(() -> read(changed))
                .satisfies(
                        e -> assertThat(e.getMessage()).hasSizeLessThan(1000).contains("has the format version xxx"));
    }

    @Test
    void writesNothingThatItWouldNotRead() throws IOException {
        ModelBundle bundle = read(bytes);
        ModelBundle changed = new ModelBundle(
                bundle.features(),
                bundle.patch(),
                bundle.network(),
                bundle.training(),
                bundle.targets(),
                bundle.normalizer(),
                bundle.baseline(),
                List.of(),
                bundle.seen(),
                JSON.createObjectNode().put("x", "y".repeat(StrictJson.MOST_BYTES)),
                bundle.networks(),
                "the model");
        assertThatThrownBy(() -> changed.write(folder.resolve("deep.melgauge"))).isInstanceOf(IOException.class);
        assertThat(folder.resolve("deep.melgauge")).doesNotExist();
    }

    @Test
    void namesTheFeatureSettingThatDiffers() throws IOException {
        ModelBundle bundle = read(bytes);
        bundle.requireFeatures(Bundles.features(256));
        assertThatThrownBy(() -> bundle.requireFeatures(Bundles.features(128)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("hopLength 256 against 128")
                .hasMessageNotContaining("nFft");
    }
}
