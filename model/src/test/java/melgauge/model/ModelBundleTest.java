package melgauge.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
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
import melgauge.features.Modulation;
import melgauge.features.PatchSpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    /**
     * Not run: wrote the resources, and gave the numbers recorded above. The resources must stay as they are. Only their
     * baselines are younger: what these tests once put there read two numbers, which no model's baseline does.
     */
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
                .ignoringFields("networks", "baseline", "origin")
                .isEqualTo(expected);
        assertThat(actual.baseline().toJson()).isEqualTo(expected.baseline().toJson());
        assertThat(actual.networks()).hasSameSizeAs(expected.networks());
        for (int i = 0; i < actual.networks().size(); i++) {
            Map<String, byte[]> files = expected.networks().get(i);
            assertThat(actual.networks().get(i)).containsOnlyKeys(files.keySet());
            actual.networks()
                    .get(i)
                    .forEach((name, content) -> assertThat(content).isEqualTo(files.get(name)));
        }
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
            try (Predictor opened = read.open()) {
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
        try (Predictor regressor = bundle.open()) {
            assertThat(regressor.predict(PATCHES, 3)).containsExactly(RECORDED, within(1e-5f));
        }
    }

    /** The networks of the first format whose blocks were two layers; with the state of Adam after 3 steps. */
    @Test
    void readsTheFirstFormatWithBlocksOfTwoLayersAndTrainsOn() throws IOException {
        try (Regressor regressor = resource("format-1-fused.melgauge").openAsIs(0)) {
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
        try (Predictor regressor = resource("format-2.melgauge").open()) {
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

    private static ModelBundle committee(Regressor first, Regressor second) throws IOException {
        ModelBundle single = Bundles.bundle(first, false);
        return new ModelBundle(
                single.engine(),
                single.features(),
                single.patch(),
                single.network(),
                single.targets(),
                single.normalizer(),
                single.baseline(),
                single.provenance(),
                List.of(first.save(false), second.save(false)));
    }

    @Test
    void aRegressionMayHaveItsShareInTheAnswers() throws IOException {
        ModelBundle bundle = read(bytes);
        assertThat(bundle.blend()).isNull();
        int inputs = new Modulation(bundle.features()).size();
        ModulationRegression regression = ModulationRegression.fit(
                List.of(energies(1, inputs), energies(2, inputs), energies(3, inputs)),
                List.of(new float[] {0.1f, 0.9f}, new float[] {0.4f, 0.3f}, new float[] {0.7f, 0.2f}));
        Path file = folder.resolve("blended.melgauge");
        bundle.with(new Blend(0.25, regression)).write(file);
        byte[] written = Files.readAllBytes(file);
        assertThat(JSON.readTree(Bundles.entries(written).get("spec.json"))
                        .path("formatVersion")
                        .asInt())
                .isEqualTo(4);

        Blend read = Objects.requireNonNull(ModelBundle.read(file).blend());
        assertThat(read.share()).isEqualTo(0.25);
        float[] track = energies(4, inputs);
        double[] alone = regression.predict(track);
        TrackPrediction network = new TrackPrediction(new double[] {0.2, 0.8}, new double[] {0.1, 0.2}, 2, false);
        assertThat(read.answer(network, track).mean())
                .containsExactly(
                        new double[] {0.75 * 0.2 + 0.25 * alone[0], 0.75 * 0.8 + 0.25 * alone[1]}, within(1e-4));
        // Each patch gets the regression's answer to the whole track.
        assertThat(read.answers(new float[] {0.2f, 0.8f, 0.4f, 0.6f}, track))
                .containsExactly(
                        new float[] {
                            (float) (0.75 * 0.2 + 0.25 * alone[0]),
                            (float) (0.75 * 0.8 + 0.25 * alone[1]),
                            (float) (0.75 * 0.4 + 0.25 * alone[0]),
                            (float) (0.75 * 0.6 + 0.25 * alone[1])
                        },
                        within(1e-4f));

        for (String wrong : List.of("0", "-0.1", "1.5", "\"auto\"", "[]", "{}")) {
            JsonNode share = JSON.readTree(wrong);
            fails(
                    Bundles.edited(written, "spec.json", spec -> spec.set("modulationShare", share)),
                    "modulationShare is " + wrong + ", it must be a number above 0, at most 1");
        }
        fails(
                Bundles.edited(written, "spec.json", spec -> spec.remove("modulationShare")),
                "modulationShare is missing");
        Map<String, byte[]> entries = Bundles.entries(written);
        entries.remove("modulation.bin");
        fails(Bundles.sealed(entries), "has no modulation.bin");
        entries.put("modulation.bin", new byte[100]);
        fails(Bundles.sealed(entries), "the modulation regression has 100 bytes");
        entries.put("modulation.bin", new byte[100_000_000]);
        fails(Bundles.sealed(entries), "modulation.bin of 100000000 bytes, which may have at most");
        ModulationRegression ofOthers = ModulationRegression.fit(
                List.of(energies(1, 7), energies(2, 7)), List.of(new float[] {0.1f, 0.9f}, new float[] {0.4f, 0.3f}));
        entries.put("modulation.bin", ofOthers.toBytes());
        fails(Bundles.sealed(entries), "its modulation regression reads 7 energies, its features give " + inputs);
        ModulationRegression ofOneTarget = ModulationRegression.fit(
                List.of(energies(1, inputs), energies(2, inputs)), List.of(new float[] {0.1f}, new float[] {0.4f}));
        entries.put("modulation.bin", ofOneTarget.toBytes());
        fails(Bundles.sealed(entries), "its modulation regression predicts 1 targets, spec.json has 2");
    }

    private static float[] energies(int seed, int count) {
        return Small.uniform(seed, count);
    }

    @Test
    void severalNetworksAnswerTogether() throws IOException {
        try (Regressor first = Bundles.trained();
                Regressor second = Small.regressor(Small.network(), Small.adam(0.01), 7, 0.4, 0.6)) {
            ModelBundle bundle = committee(first, second);
            Path file = folder.resolve("committee.melgauge");
            bundle.write(file);
            ModelBundle read = ModelBundle.read(file);
            equal(read, bundle);
            float[] one = first.predict(PATCHES, 3);
            float[] other = second.predict(PATCHES, 3);
            assertThat(one).isNotEqualTo(other);
            try (Predictor together = read.open()) {
                float[] answers = together.predict(PATCHES, 3);
                for (int i = 0; i < answers.length; i++) {
                    assertThat(answers[i]).isCloseTo((one[i] + other[i]) / 2, within(1e-6f));
                }
            }
            try (Regressor alone = read.openAsIs(1)) {
                assertThat(alone.predict(PATCHES, 3)).containsExactly(other);
            }
            Map<String, byte[]> entries = Bundles.entries(Files.readAllBytes(file));
            assertThat(JSON.readTree(entries.get("spec.json"))
                            .path("formatVersion")
                            .asInt())
                    .isEqualTo(3);
            assertThat(JSON.readTree(Bundles.entries(bytes).get("spec.json"))
                            .path("formatVersion")
                            .asInt())
                    .isEqualTo(2);
        }
    }

    @Test
    void refusesSeveralNetworksThatAreNotWhole() throws IOException {
        try (Regressor first = Bundles.trained()) {
            Path file = folder.resolve("committee.melgauge");
            committee(first, first).write(file);
            Map<String, byte[]> entries = Bundles.entries(Files.readAllBytes(file));
            Map<String, byte[]> gap = new LinkedHashMap<>(entries);
            for (String name : entries.keySet()) {
                if (name.startsWith("network-2/")) {
                    gap.put(name.replace("network-2/", "network-3/"), gap.remove(name));
                }
            }
            fails(Bundles.sealed(gap), "has nothing in network-2/; copy or train it again");
            Map<String, byte[]> less = new LinkedHashMap<>(entries);
            less.remove("network-2/coefficients.bin");
            fails(Bundles.sealed(less), "network-2/");
            Map<String, byte[]> strange = new LinkedHashMap<>(entries);
            strange.put("network-11/coefficients.bin", new byte[4]);
            fails(Bundles.sealed(strange), "holds network-11/coefficients.bin, which no model has");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "7", "4294967297"})
    void refusesANewerFormat(String version) throws IOException {
        JsonNode number = JSON.readTree(version);
        byte[] newer = Bundles.edited(bytes, "spec.json", spec -> spec.set("formatVersion", number));
        String message = "has format version " + version + ", this program reads 1 to 4; use a newer Melgauge";
        fails(newer, message);
        // Whatever else is new in it.
        Map<String, byte[]> entries = Bundles.entries(newer);
        entries.put("more.json", new byte[1]);
        entries.remove("baseline.json");
        fails(Bundles.sealed(entries), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "\"x\"", "[1]", "{}", "true"})
    void refusesAFormatVersionThatIsNone(String version) throws IOException {
        JsonNode value = JSON.readTree(version);
        fails(
                Bundles.edited(bytes, "spec.json", spec -> spec.set("formatVersion", value)),
                "has format version " + version + ", this program reads 1 to 4; it is not a Melgauge model");
    }

    @Test
    void refusesAModelWithoutAFormatVersion() throws IOException {
        fails(
                Bundles.edited(bytes, "spec.json", spec -> spec.remove("formatVersion")),
                "has no format version, this program reads 1 to 4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tensors", "auto", ""})
    void refusesAnEngineThatIsNotThere(String engine) throws IOException {
        fails(Bundles.edited(bytes, "spec.json", spec -> spec.put("engine", engine)), "engine", engine);
    }

    /** One part after the other is that of another model; its own document is sound. */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "spec.json     | /patch/frames         | 64  | reads patches of 32 frames, spec.json has 64",
                "spec.json     | /features/nMels       | 17  | its normaliser is for 16 bands, its features have 17",
                "spec.json     | /network/conv/0       | 5   | its network has 2490 numbers, that of spec.json has 2576",
                "spec.json     | /network/dense/0      | 9   | its network has 2490 numbers, that of spec.json has 2753",
                "spec.json     | /network/batchNorm    | false | its network has 2490 numbers, that of spec.json has 2430",
                "spec.json     | /network/head         | '\"average\"' | its network has 2490 numbers, that of spec.json has 506",
                "normalizer.json | /mean/16            | 1   | the normaliser is damaged: mean holds 17 bands and std 16",
                "normalizer.json | /bands              | 17  | the normaliser has 16 means, it must have bands=17",
                "baseline.json | /mean/32              | 1   | the baseline's scale holds 32 numbers, it must hold 33",
                "baseline.json | /weights/1/32         | 1   | the baseline's weights[1] holds 33 numbers, it must hold 32",
                "baseline.json | /weights/2            | []  | the baseline has weights for 3 targets, it must have them for 2",
                "network/shape.json | /bands           | 18  | its network reads patches of 18 bands, its features have 16",
                "network/shape.json | /outputs         | 3   | network/configuration.json has 2 outputs, shape.json has 3",
            })
    void refusesPartsThatDoNotFitEachOther(String name, String pointer, String value, String message)
            throws IOException {
        JsonNode other = JSON.readTree(value);
        fails(Bundles.edited(bytes, name, document -> Bundles.set(document, pointer, other)), message);
    }

    @Test
    void refusesTheNormaliserAndTheBaselineOfOtherFeatures() throws IOException {
        fails(
                Bundles.edited(
                        bytes,
                        "normalizer.json",
                        document -> document.removeAll().put("kind", "none").put("bands", 96)),
                "its normaliser is for 96 bands, its features have 16");
        Map<String, byte[]> entries = Bundles.entries(bytes);
        RidgeBaseline other = RidgeBaseline.fit(
                List.of(new float[] {1, 2}, new float[] {3, 1}), List.of(new float[] {0, 1}, new float[] {1, 0}));
        entries.put("baseline.json", JSON.writeValueAsBytes(other.toJson()));
        fails(Bundles.sealed(entries), "its baseline reads 2 numbers of a track, its features give 32");
        RidgeBaseline ofOneTarget = RidgeBaseline.fit(
                List.of(Small.noise(1, 32), Small.noise(2, 32)), List.of(new float[] {0}, new float[] {1}));
        entries.put("baseline.json", JSON.writeValueAsBytes(ofOneTarget.toJson()));
        fails(Bundles.sealed(entries), "its baseline predicts 1 targets, spec.json has 2");
    }

    @Test
    void refusesOtherTargetsThanTheNetworkHas() throws IOException {
        fails(
                Bundles.edited(
                        bytes, "spec.json", spec -> spec.withArray("/targets").remove(1)),
                "its baseline predicts 2 targets, spec.json has 1");
        fails(
                Bundles.edited(
                        bytes, "spec.json", spec -> spec.withArray("/targets").removeAll()),
                "spec.json must have at least one target");
        fails(
                Bundles.edited(
                        bytes,
                        "spec.json",
                        spec -> spec.withObject("/targets/1").put("name", "valence")),
                "spec.json must have at least one target, and none twice");
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/features/nFft       | 1073741824 | features: nFft=1073741824 must lie between 2 and 1048576",
                "/features/nMels      | 1000000    | features: nMels=1000000 must lie between 1 and 4096",
                "/features/sampleRate | 2147483647 | features: sampleRate=2147483647 must be at most 768000 Hz",
                "/features/hopLength  | 2147483647 | features: hopLength=2147483647 must be at most 1048576",
                "/features/hopLength  | 0          | features: hopLength=0 must be at least 1",
                "/features/window     | null       | has nothing for features.window",
                "/patch/frames        | 1000000000 | patch: frames=1000000000 must be at most 65536",
                "/network/conv/0      | 1000000    | network: conv=[1000000, 8] must hold numbers from 1 to 4096",
                "/network/activation  | null       | has nothing for network.activation",
                "/network/dense/0     | null       | has nothing for network.dense[0]",
                "/targets/0           | null       | has nothing for targets[0]",
                "/targets/0/scale/high | 0         | targets: scale [1.0, 0.0] must be two finite numbers"
            })
    void refusesSettingsOutOfTheirRange(String pointer, String value, String message) throws IOException {
        JsonNode other = JSON.readTree(value);
        byte[] changed = Bundles.edited(bytes, "spec.json", spec -> Bundles.set(spec, pointer, other));
        assertThatThrownBy(() -> read(changed))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("some.melgauge: spec.json")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"network/coefficients.bin, 0", "network/coefficients.bin, 2489", "network/updaterState.bin, 17"})
    void opensNumbersThatAreNoneToBeLookedAtAlone(String name, int at) throws IOException {
        Map<String, byte[]> entries = Bundles.entries(Bundles.small(folder));
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            byte[] content = Objects.requireNonNull(entries.get(name));
            ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putFloat(4 * at, value);
            ModelBundle bundle = read(Bundles.sealed(entries));
            assertThatThrownBy(bundle::open)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("some.melgauge: " + name + " holds a value that is no number (at " + at
                            + "); its training");
            try (Regressor regressor = bundle.openAsIs(0)) {
                assertThat(regressor.outputs()).isEqualTo(2);
            }
        }
    }

    @Test
    void refusesANetworkThatAnswersWhatIsNoNumber() throws IOException {
        Map<String, byte[]> entries = Bundles.entries(bytes);
        byte[] content = Objects.requireNonNull(entries.get("network/coefficients.bin"));
        FloatBuffer weights =
                ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (int i = 0; i < weights.capacity(); i++) {
            weights.put(i, weights.get(i) * 1e37f);
        }
        ModelBundle bundle = read(Bundles.sealed(entries));
        assertThatThrownBy(bundle::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("some.melgauge: its network answers noise with what is no number");
    }

    /** A few kilobytes: a wide convolution has few weights, and maps that no machine can hold. */
    @Test
    void refusesANetworkThatNeedsMoreMemoryThanThereIs() throws IOException {
        PatchShape shape = new PatchShape(PatchSpec.MAX_FRAMES, 64);
        NetworkSpec network = new NetworkSpec(
                List.of(4096), List.of(), Activation.PRELU, true, 0.9, 0, 0, Head.AVERAGE, OutputBias.MEAN, 1, 0);
        ModelBundle huge;
        try (Regressor regressor =
                Engine.named("dl4j").create(network, Small.adam(0.01), shape, new double[] {0.4, 0.6}, 1)) {
            huge = Bundles.bundle(Bundles.features(256, 64), shape, network, regressor, false);
        }
        huge.write(folder.resolve("some.melgauge"));
        ModelBundle read = ModelBundle.read(folder.resolve("some.melgauge"));
        assertThatThrownBy(read::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("some.melgauge: needs ")
                .hasMessageContaining(" MiB to predict 16 patches at a time, and ");
        try (Regressor regressor = read.openAsIs(0)) {
            assertThat(regressor.shape()).isEqualTo(shape);
        }
    }

    @Test
    void refusesWhatIsNoFile() {
        assertThatThrownBy(() -> ModelBundle.read(Path.of("/dev/zero")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/dev/zero: is no file");
    }

    @Test
    void cutsMessagesThatQuoteADocument() throws IOException {
        byte[] changed =
                Bundles.edited(bytes, "normalizer.json", document -> document.put("kind", "x".repeat(100_000)));
        assertThatThrownBy(() -> read(changed))
                .satisfies(e ->
                        assertThat(e.getMessage()).hasSizeLessThan(1000).contains("the normaliser's kind is 'xxx"));
    }

    @Test
    void writesNothingThatItWouldNotRead() throws IOException {
        ModelBundle bundle = read(bytes);
        ObjectNode deep = JSON.createObjectNode();
        ObjectNode inner = deep;
        for (int depth = 0; depth < 60; depth++) {
            inner = inner.putObject("a");
        }
        ModelBundle changed = new ModelBundle(
                bundle.engine(),
                bundle.features(),
                bundle.patch(),
                bundle.network(),
                bundle.targets(),
                bundle.normalizer(),
                bundle.baseline(),
                deep,
                bundle.networks());
        assertThatThrownBy(() -> changed.write(folder.resolve("deep.melgauge")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("provenance.json");
        assertThat(folder.resolve("deep.melgauge")).doesNotExist();
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
