package melgauge.model;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import melgauge.data.UsageException;
import melgauge.model.engine.Small;
import melgauge.model.inference.Ensemble;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Some thousand models that somebody has damaged, by chance or with care. Each must open to a network that answers with
 * numbers, or be refused by a sentence that names the file.
 */
@Tag("slow")
class BundleFuzzTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final float[] PATCHES = Small.noise(11, 3 * Small.SHAPE.size());
    private static final List<String> DOCUMENTS = List.of(
            "features", "patch", "network", "network", "training", "targets", "normalizer", "ensemble", "provenance");
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
            "{\"@class\":\"java.net.URL\"}",
            "[".repeat(40) + "]".repeat(40),
            "[" + "7,".repeat(5000) + "7]");

    @TempDir
    static Path folder;

    private static byte[] model = new byte[0];

    private final SplittableRandom random = new SplittableRandom(20);
    private int opened;
    private int refused;

    @BeforeAll
    static void write() throws IOException {
        model = Bundles.small(folder);
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
            Ensemble regressor = bundle.open(Small.session());
            assertThat(regressor.predict(PATCHES, 3)).hasSize(6).satisfies(answers -> {
                for (float answer : answers) {
                    // Huge weights may give NaN on some patches alone, which makes the track's row an error.
                    assertThat(Float.isNaN(answer) || (answer >= 0 && answer <= 1))
                            .isTrue();
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
    void damagedFiles() throws IOException {
        fuzz(1200, what -> damagedBytes(model, what));
        assertThat(refused).isGreaterThan(1100);
    }

    @Test
    void damagedHeadersWithChecksumsThatAreRight() throws IOException {
        fuzz(600, what -> {
            byte[] sealed = SafetensorsFile.of(model).sealed();
            int length =
                    (int) ByteBuffer.wrap(sealed).order(ByteOrder.LITTLE_ENDIAN).getLong();
            ObjectNode header = (ObjectNode) JSON.readTree(Arrays.copyOfRange(sealed, 8, 8 + length));
            for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
                edit(header, what);
            }
            byte[] json = JSON.writeValueAsBytes(header);
            return ByteBuffer.allocate(sealed.length - length + json.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(json.length)
                    .put(json)
                    .put(sealed, 8 + length, sealed.length - 8 - length)
                    .array();
        });
        assertThat(refused).isGreaterThan(500);
    }

    @Test
    void damagedNumbersWithChecksumsThatAreRight() throws IOException {
        List<String> names = SafetensorsFile.of(model).tensors.entrySet().stream()
                .filter(tensor -> tensor.getValue().bytes().length > 0)
                .map(Map.Entry::getKey)
                .toList();
        fuzz(300, what -> {
            SafetensorsFile file = SafetensorsFile.of(model);
            String name = names.get(random.nextInt(names.size()));
            byte[] content = file.tensor(name).bytes();
            what.append(name).append(' ');
            if (random.nextInt(4) == 0) {
                SafetensorsFile.Tensor tensor = file.tensor(name);
                file.tensors.put(
                        name, new SafetensorsFile.Tensor(tensor.type(), tensor.shape(), damagedBytes(content, what)));
            } else {
                float[] extremes = {0, -0f, 1e-38f, 1, -1, 1e5f, 1e19f, 3e38f, -3e38f, Float.NaN, 1 / 0f};
                float value = extremes[random.nextInt(extremes.length)];
                int at = random.nextInt(content.length / 4);
                file.tensor(name).set(at, value);
                what.append("at ").append(at).append(": ").append(value);
            }
            return file.sealed();
        });
        assertThat(refused).isGreaterThan(60);
        assertThat(opened).isGreaterThan(60);
    }

    @Test
    void arraysUnderOtherNamesWithChecksumsThatAreRight() throws IOException {
        List<String> names = List.copyOf(SafetensorsFile.of(model).tensors.keySet());
        List<String> others = List.of("a", "network.0.", "network.1.output.bias", "Baseline.mean", "../a", "/a", "");
        fuzz(150, what -> {
            SafetensorsFile file = SafetensorsFile.of(model);
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
            SafetensorsFile.Tensor tensor = file.tensor(one);
            switch (kind) {
                case 0 -> file.tensors.remove(one);
                case 1 -> file.tensors.put(other, tensor);
                case 2 -> {
                    file.tensors.remove(one);
                    file.tensors.put(other, tensor);
                }
                default -> {
                    SafetensorsFile.Tensor swapped = file.tensors.getOrDefault(other, tensor);
                    file.tensors.put(one, swapped);
                    file.tensors.put(other, tensor);
                }
            }
            return file.sealed();
        });
        assertThat(refused).isGreaterThan(90);
    }

    @Test
    void damagedDocumentsWithChecksumsThatAreRight() throws IOException {
        fuzz(1500, what -> {
            SafetensorsFile file = SafetensorsFile.of(model);
            String name = DOCUMENTS.get(random.nextInt(DOCUMENTS.size()));
            what.append(name).append(' ');
            String content = Objects.requireNonNull(file.texts.get(name));
            if (random.nextInt(10) == 0) {
                byte[] damaged = damagedBytes(content.getBytes(StandardCharsets.UTF_8), what);
                file.texts.put(name, new String(damaged, StandardCharsets.UTF_8));
            } else {
                JsonNode document = JSON.readTree(content);
                for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
                    edit(document, what);
                }
                file.texts.put(name, JSON.writeValueAsString(document));
            }
            return file.sealed();
        });
        assertThat(refused).isGreaterThan(700);
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
