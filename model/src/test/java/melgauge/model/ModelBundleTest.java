package melgauge.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import melgauge.data.Scale;
import melgauge.data.UsageException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelBundleTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final float[] PATCHES = Small.noise(11, 3 * Small.SHAPE.size());

    /** What {@code format-1.melgauge} predicted for {@link #PATCHES} when it was written. */
    private static final float[] RECORDED = {0.81262296f, 0.98354924f, 0.12654185f, 0.98606944f, 0.5876559f, 0.96262646f
    };

    @TempDir
    static Path shared;

    private static byte[] bytes = new byte[0];

    @TempDir
    Path folder;

    /** Not run: wrote the resources, and gave the numbers recorded above. The resources must stay as they are. */
    static float[] record(Path file) throws IOException {
        try (Regressor regressor = Bundles.trained()) {
            Bundles.bundle(regressor, false).write(file);
            return regressor.predict(PATCHES, 3);
        }
    }

    @BeforeAll
    static void write() throws IOException {
        Path file = shared.resolve("model.melgauge");
        try (Regressor regressor = Bundles.trained()) {
            Bundles.bundle(regressor, false).write(file);
        }
        bytes = Files.readAllBytes(file);
    }

    private static void equal(ModelBundle actual, ModelBundle expected) {
        assertThat(actual)
                .usingRecursiveComparison()
                .ignoringFields("files", "baseline", "origin")
                .isEqualTo(expected);
        assertThat(actual.baseline().toJson()).isEqualTo(expected.baseline().toJson());
        assertThat(actual.files()).containsOnlyKeys(expected.files().keySet());
        actual.files()
                .forEach((name, content) ->
                        assertThat(content).isEqualTo(expected.files().get(name)));
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
        try (Regressor regressor = Bundles.trained()) {
            ModelBundle bundle = Bundles.bundle(regressor, false);
            Path file = folder.resolve("model.melgauge");
            bundle.write(file);
            Path moved =
                    Files.createDirectories(folder.resolve("elsewhere/ä b")).resolve("other name.zip");
            Files.move(file, moved);
            ModelBundle read = ModelBundle.read(moved);
            equal(read, bundle);
            assertThat(read.shape()).isEqualTo(Small.SHAPE);
            try (Regressor opened = read.open()) {
                assertThat(opened.predict(PATCHES, 3)).containsExactly(regressor.predict(PATCHES, 3));
            }
        }
    }

    @Test
    void writesEqualBytesForEqualModels() throws IOException {
        try (Regressor regressor = Bundles.trained()) {
            Bundles.bundle(regressor, false).write(folder.resolve("one"));
            Bundles.bundle(regressor, false).write(folder.resolve("two"));
            assertThat(folder.resolve("two")).hasSameBinaryContentAs(folder.resolve("one"));
            try (var files = Files.list(folder)) {
                assertThat(files).hasSize(2);
            }
        }
    }

    @Test
    void stillReadsTheFirstFormat() throws IOException {
        ModelBundle bundle = resource("format-1.melgauge");
        assertThat(bundle.features()).isEqualTo(Bundles.features(256));
        assertThat(bundle.targets())
                .containsExactly(new Target("valence", new Scale(1, 9), 0.4), new Target("arousal", Scale.UNIT, 0.6));
        assertThat(bundle.network()).isEqualTo(Small.network());
        try (Regressor regressor = bundle.open()) {
            assertThat(regressor.predict(PATCHES, 3)).containsExactly(RECORDED, within(1e-5f));
        }
    }

    /** The networks of the first format whose blocks were two layers; with the state of Adam after 3 steps. */
    @Test
    void readsTheFirstFormatWithBlocksOfTwoLayersAndTrainsOn() throws IOException {
        try (Regressor regressor = resource("format-1-fused.melgauge").open()) {
            assertThat(regressor.layers())
                    .extracting(Regressor.Layer::name)
                    .containsExactly("conv1", "norm1", "conv2", "norm2", "dense1", "denseNorm1", "denseAct1", "output");
            assertThat(regressor.predict(PATCHES, 3))
                    .containsExactly(
                            new float[] {0.8126227f, 0.98354924f, 0.1265421f, 0.98606944f, 0.58765507f, 0.96262646f},
                            within(1e-5f));
            for (int step = 3; step < 6; step++) {
                regressor.step(Small.noise(step, 4 * Small.SHAPE.size()), Small.uniform(step, 8), 4);
            }
            // What the program that wrote it predicted after three more steps.
            assertThat(regressor.predict(PATCHES, 3))
                    .containsExactly(
                            new float[] {0.85797405f, 0.9328892f, 0.31515756f, 0.9606029f, 0.8646007f, 0.91249347f},
                            within(2e-4f));
        }
    }

    @Test
    void readsTheSecondFormat() throws IOException {
        try (Regressor regressor = resource("format-2.melgauge").open()) {
            assertThat(regressor.predict(PATCHES, 3)).containsExactly(RECORDED, within(1e-5f));
        }
    }

    private ModelBundle resource(String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream(name))) {
            Files.copy(in, file);
        }
        return ModelBundle.read(file);
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
        fails("Just some text.".getBytes(StandardCharsets.UTF_8), "is not a Melgauge model");
        fails(new byte[0], "is not a Melgauge model");
        fails(Bundles.zip(Map.of("hello.txt", new byte[] {1})), "it is not a Melgauge model");
        fails(Bundles.zip(Map.of("../hello.txt", new byte[] {1})), "it is not a Melgauge model");
        fails(Bundles.zip(Map.of("/etc/passwd", new byte[] {1})), "it is not a Melgauge model");
        Map<String, byte[]> many = new LinkedHashMap<>();
        for (int i = 0; i < 65; i++) {
            many.put("file" + i, new byte[0]);
        }
        fails(Bundles.zip(many), "more than 64 entries");
        assertThatThrownBy(() -> ModelBundle.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("is a folder");
        assertThatThrownBy(() -> ModelBundle.read(folder.resolve("missing.melgauge")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("missing.melgauge")
                .hasMessageContaining("no such model");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spec.json",
                "normalizer.json",
                "baseline.json",
                "provenance.json",
                "checksums.json",
                "network/configuration.json",
                "network/coefficients.bin",
                "network/shape.json"
            })
    void refusesAModelWithoutOneOfItsEntries(String name) throws IOException {
        Map<String, byte[]> entries = Bundles.entries(bytes);
        assertThat(entries.remove(name)).isNotNull();
        fails(Bundles.zip(entries), name);
    }

    @Test
    void refusesAnEntryThatDoesNotMatchItsChecksum() throws IOException {
        for (String name : Bundles.entries(bytes).keySet()) {
            if (!name.equals("checksums.json")) {
                Map<String, byte[]> entries = Bundles.entries(bytes);
                entries.put(name, "{}".getBytes(StandardCharsets.UTF_8));
                fails(Bundles.zip(entries), name, "checksum");
            }
        }
        Map<String, byte[]> entries = Bundles.entries(bytes);
        entries.put("network/more.bin", new byte[3]);
        fails(Bundles.zip(entries), "network/more.bin");
    }

    @Test
    void refusesANewerFormat() throws IOException {
        for (String version : List.of("3", "0", "-1", "4294967297", "\"x\"")) {
            Map<String, byte[]> entries = Bundles.entries(bytes);
            ObjectNode spec = (ObjectNode) JSON.readTree(entries.get("spec.json"));
            spec.set("formatVersion", JSON.readTree(version));
            entries.put("spec.json", JSON.writeValueAsBytes(spec));
            fails(Bundles.sealed(entries), "format version", "this program reads 1 to 2");
        }
    }

    @Test
    void refusesASpecWithoutOneOfItsParts() throws IOException {
        for (String part : List.of("features", "patch", "network", "targets")) {
            for (boolean isNull : new boolean[] {true, false}) {
                Map<String, byte[]> entries = Bundles.entries(bytes);
                ObjectNode spec = (ObjectNode) JSON.readTree(entries.get("spec.json"));
                JsonNode removed = isNull ? spec.putNull(part) : spec.remove(part);
                assertThat(removed).isNotNull();
                entries.put("spec.json", JSON.writeValueAsBytes(spec));
                byte[] sealed = Bundles.sealed(entries);
                assertThatThrownBy(() -> read(sealed))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("some.melgauge")
                        .hasMessageContaining(part);
            }
        }
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
