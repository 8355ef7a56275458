package melgauge.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import melgauge.data.UsageException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Some thousand models that somebody has damaged, by chance or with care. Each must open to a network that answers with
 * numbers, or be refused by a sentence that names the file.
 */
class BundleFuzzTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final float[] PATCHES = Small.noise(11, 3 * Small.SHAPE.size());
    private static final List<String> DOCUMENTS = List.of(
            "spec.json",
            "normalizer.json",
            "baseline.json",
            "provenance.json",
            "network/shape.json",
            // It is the largest, and what is believed of it does the most.
            "network/configuration.json",
            "network/configuration.json",
            "network/configuration.json");
    private static final List<String> EXTREMES = List.of(
            "-1",
            "0",
            "1",
            "3",
            "0.5",
            "-0.0",
            "1e-320",
            "1e308",
            "-1e308",
            "2147483647",
            "-2147483648",
            "4294967297",
            "1000000000",
            "123456789012345678901234567890",
            "null",
            "true",
            "false",
            "\"\"",
            "\"x\"",
            "\"NaN\"",
            "\"FLOAT\"",
            "[]",
            "{}",
            "[[1]]",
            "{\"@class\":\"melgauge.model.dl4j.ConvBlock\"}",
            "[".repeat(40) + "]".repeat(40),
            "[" + "7,".repeat(5000) + "7]");

    @TempDir
    static Path folder;

    private static byte[] model = new byte[0];
    private static Map<String, byte[]> parts = Map.of();

    private final SplittableRandom random = new SplittableRandom(20);
    private int opened;
    private int refused;

    @BeforeAll
    static void write() throws IOException {
        model = Bundles.small(folder);
        parts = Bundles.entries(model);
    }

    /** Makes one damaged model after the other, and tries to use each. */
    private void fuzz(int times, Damage damage) throws IOException {
        for (int i = 0; i < times; i++) {
            StringBuilder what = new StringBuilder("damage " + i + ": ");
            byte[] content = damage.make(what);
            try {
                use(Files.write(folder.resolve("fuzzed.melgauge"), content));
            } catch (Throwable e) {
                throw new AssertionError(what.toString(), e);
            }
        }
    }

    /** Says what it does, and does it. */
    private interface Damage {
        byte[] make(StringBuilder what) throws IOException;
    }

    private void use(Path file) throws IOException {
        try {
            ModelBundle bundle = ModelBundle.read(file);
            // Not closed: with each network that it closes, Deeplearning4j collects all garbage twice.
            Predictor regressor = bundle.open();
            assertThat(regressor.predict(PATCHES, 3)).hasSize(6).satisfies(answers -> {
                for (float answer : answers) {
                    assertThat(answer).isBetween(0f, 1f);
                }
            });
            assertThat(bundle.targets()).hasSize(2);
            assertThat(bundle.normalizer().bands()).isEqualTo(Small.SHAPE.bands());
            float[] statistics = new float[bundle.baseline().inputs()];
            assertThat(bundle.baseline().predict(statistics)).hasSize(2);
            opened++;
        } catch (IOException | UsageException e) {
            assertThat(e.getMessage()).contains("fuzzed.melgauge").matches("(?s).*: [a-zA-Z].* .*");
            refused++;
        }
    }

    /** Positions at the beginning and the end are as likely as all others: there lie the headers. */
    private int place(int length) {
        int around = Math.min(length, 1500);
        return switch (random.nextInt(3)) {
            case 0 -> random.nextInt(around);
            case 1 -> length - 1 - random.nextInt(around);
            default -> random.nextInt(length);
        };
    }

    private byte[] damagedBytes(byte[] whole, StringBuilder what) {
        byte[] bytes = whole.clone();
        int at = place(bytes.length);
        int count = 1 + random.nextInt(Math.min(64, bytes.length - at));
        int kind = random.nextInt(6);
        what.append("kind ").append(kind).append(" at ").append(at).append(", ").append(count);
        switch (kind) {
            case 0 -> {
                for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                    bytes[place(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            case 1 -> bytes = Arrays.copyOf(bytes, at);
            case 2 -> Arrays.fill(bytes, at, at + count, (byte) (random.nextBoolean() ? 0 : 0xff));
            case 3 -> System.arraycopy(whole, random.nextInt(bytes.length - count + 1), bytes, at, count);
            case 4 -> {
                byte[] longer = Arrays.copyOf(bytes, bytes.length + count);
                System.arraycopy(whole, at, longer, at + count, bytes.length - at);
                bytes = longer;
            }
            default -> {
                byte[] noise = new byte[count];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, bytes, at, count);
            }
        }
        return bytes;
    }

    @Test
    void damagedArchives() throws IOException {
        fuzz(1200, what -> damagedBytes(model, what));
        assertThat(refused).isGreaterThan(1100);
    }

    @Test
    void damagedNumbersWithChecksumsThatAreRight() throws IOException {
        fuzz(200, what -> {
            Map<String, byte[]> entries = new LinkedHashMap<>(parts);
            String name = random.nextInt(4) == 0 ? "network/updaterState.bin" : "network/coefficients.bin";
            byte[] content = Objects.requireNonNull(entries.get(name));
            if (random.nextBoolean()) {
                content = damagedBytes(content, what.append(name).append(' '));
            } else {
                float[] extremes = {0, -0f, 1e-38f, 1, -1, 1e5f, 1e19f, 3e38f, -3e38f, Float.NaN, 1 / 0f};
                float value = extremes[random.nextInt(extremes.length)];
                int at = 4 * random.nextInt(content.length / 4);
                content = content.clone();
                ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putFloat(at, value);
                what.append(name).append(" at ").append(at).append(": ").append(value);
            }
            entries.put(name, content);
            return Bundles.sealed(entries);
        });
        assertThat(refused).isGreaterThan(40);
        assertThat(opened).isGreaterThan(40);
    }

    @Test
    void entriesInAnotherPlaceWithChecksumsThatAreRight() throws IOException {
        List<String> names = List.copyOf(parts.keySet());
        List<String> others = List.of("a", "network/a", "network/spec.json", "Spec.json", "../a", "/a", "a/b/c", "");
        fuzz(100, what -> {
            Map<String, byte[]> entries = new LinkedHashMap<>(parts);
            String one = names.get(random.nextInt(names.size()));
            String other = random.nextBoolean()
                    ? names.get(random.nextInt(names.size()))
                    : others.get(random.nextInt(others.size()));
            int kind = random.nextInt(4);
            what.append("kind ")
                    .append(kind)
                    .append(' ')
                    .append(one)
                    .append(", ")
                    .append(other);
            byte[] content = Objects.requireNonNull(entries.get(one));
            switch (kind) {
                case 0 -> entries.remove(one);
                case 1 -> entries.put(other, content);
                case 2 -> {
                    entries.remove(one);
                    entries.put(other, content);
                }
                default -> {
                    entries.put(one, entries.getOrDefault(other, new byte[0]));
                    entries.put(other, content);
                }
            }
            return Bundles.sealed(entries);
        });
        assertThat(refused).isGreaterThan(60);
    }

    @Test
    void damagedDocumentsWithChecksumsThatAreRight() throws IOException {
        fuzz(1500, what -> {
            Map<String, byte[]> entries = new LinkedHashMap<>(parts);
            String name = DOCUMENTS.get(random.nextInt(DOCUMENTS.size()));
            what.append(name).append(' ');
            byte[] content = Objects.requireNonNull(entries.get(name));
            if (random.nextInt(10) == 0) {
                entries.put(name, damagedBytes(content, what));
            } else {
                JsonNode document = JSON.readTree(content);
                for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
                    edit(document, what);
                }
                entries.put(name, JSON.writeValueAsBytes(document));
            }
            return Bundles.sealed(entries);
        });
        assertThat(refused).isGreaterThan(1000);
        assertThat(opened).isGreaterThan(100);
    }

    /** Changes one value somewhere. */
    private void edit(JsonNode document, StringBuilder what) throws IOException {
        List<JsonNode> parents = new ArrayList<>();
        collect(document, parents);
        JsonNode parent = parents.get(random.nextInt(parents.size()));
        JsonNode value = JSON.readTree(EXTREMES.get(random.nextInt(EXTREMES.size())));
        // Now and then something that belongs into the document, but elsewhere.
        if (random.nextInt(5) == 0) {
            value = parents.get(random.nextInt(parents.size())).deepCopy();
        }
        String text = value.toString();
        what.append(text, 0, Math.min(80, text.length()));
        if (parent instanceof ObjectNode object) {
            List<String> keys = new ArrayList<>(List.of("more"));
            object.fieldNames().forEachRemaining(keys::add);
            String key = keys.get(random.nextInt(keys.size()));
            what.append(" as ").append(key).append("; ");
            if (random.nextInt(6) == 0) {
                object.remove(key);
            } else {
                object.set(key, value);
            }
        } else if (parent instanceof ArrayNode array) {
            int at = random.nextInt(array.size() + 1);
            what.append(" at ").append(at).append("; ");
            if (at == array.size() || random.nextInt(4) == 0) {
                array.insert(at, value);
            } else if (random.nextInt(4) == 0) {
                array.remove(at);
            } else {
                array.set(at, value);
            }
        }
    }

    private static void collect(JsonNode node, List<JsonNode> parents) {
        if (node.isContainerNode()) {
            parents.add(node);
            node.forEach(child -> collect(child, parents));
        }
    }
}
