package melgauge.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives that say one thing to one reader and another to the next, or that unpack to more than anybody has. */
class BundleArchiveTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Far more than a small model takes, and far less than any bomb. */
    private static final long MODEST = 16 << 20;

    @TempDir
    static Path shared;

    private static byte[] model = new byte[0];

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws IOException {
        model = Bundles.small(shared);
    }

    private ModelBundle read(byte[] content) throws IOException {
        return ModelBundle.read(Files.write(folder.resolve("some.melgauge"), content));
    }

    private void fails(byte[] content, String message) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> read(content))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("some.melgauge")
                .hasMessageContaining(message);
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(MODEST);
    }

    /** A model that can be patched: its bytes, and where its records begin. */
    private static final class Patched {
        private final ByteBuffer bytes;
        private final List<Integer> rows = new ArrayList<>();
        private final List<String> names = new ArrayList<>();

        Patched(byte[] zip) {
            bytes = ByteBuffer.wrap(zip.clone()).order(ByteOrder.LITTLE_ENDIAN);
            int at = bytes.getInt(end() + 16);
            while (at < end()) {
                rows.add(at);
                names.add(new String(zip, at + 46, bytes.getShort(at + 28), StandardCharsets.UTF_8));
                at += 46 + bytes.getShort(at + 28) + bytes.getShort(at + 30) + bytes.getShort(at + 32);
            }
        }

        int end() {
            return bytes.capacity() - 22;
        }

        /** Where the table's row of an entry begins. */
        int row(String name) {
            return rows.get(names.indexOf(name));
        }

        /** Where an entry's local header begins. */
        int header(String name) {
            return bytes.getInt(row(name) + 42);
        }

        /** Where its descriptor begins: the entries here are described behind. */
        int descriptor(String name) {
            int header = header(name);
            return header
                    + 30
                    + bytes.getShort(header + 26)
                    + bytes.getShort(header + 28)
                    + bytes.getInt(row(name) + 20);
        }

        Patched put(int at, int value) {
            bytes.putInt(at, value);
            return this;
        }

        Patched put(int at, short value) {
            bytes.putShort(at, value);
            return this;
        }

        Patched put(int at, String text) {
            bytes.put(at, text.getBytes(StandardCharsets.UTF_8));
            return this;
        }
    }

    private static Patched patch() {
        return new Patched(model);
    }

    @Test
    void refusesAnEntryThatDeclaresMoreThanItMayHaveBeforeItReadsIt() {
        String coefficients = "network/coefficients.bin";
        for (int size : new int[] {1_100_000, 1 << 30, Integer.MAX_VALUE, -2, -1}) {
            Patched patched = patch();
            patched.put(patched.row(coefficients) + 24, size).put(patched.descriptor(coefficients) + 12, size);
            String declared = Integer.toUnsignedString(size);
            fails(patched.bytes.array(), coefficients + " of " + declared + " bytes, which may have at most 1068496");
        }
        Patched patched = patch();
        patched.put(patched.row("provenance.json") + 24, 17 << 20);
        fails(patched.bytes.array(), "provenance.json of 17825792 bytes, which may have at most 16777216");
    }

    @Test
    void refusesAnEntryThatItsNetworkMayHaveButJavaHasNoRoomFor() throws IOException {
        String coefficients = "network/coefficients.bin";
        Patched patched = new Patched(Bundles.edited(
                model,
                "spec.json",
                spec -> Bundles.set(
                        spec,
                        "/network/conv",
                        JsonNodeFactory.instance.arrayNode().add(4096).add(4096).add(4096))));
        int size = (int) Math.min(Integer.MAX_VALUE - 16, Runtime.getRuntime().maxMemory() / 2);
        patched.put(patched.row(coefficients) + 24, size).put(patched.descriptor(coefficients) + 12, size);
        fails(patched.bytes.array(), " MiB that Java may take; give it more, such as JAVA_OPTS=-Xmx8g");
    }

    @Test
    void neverUnpacksMoreThanAnEntryDeclares() throws IOException {
        Map<String, byte[]> entries = Bundles.entries(model);
        entries.put("provenance.json", new byte[256 << 20]);
        Patched patched = new Patched(Bundles.sealed(entries));
        int most = 8 << 20;
        patched.put(patched.row("provenance.json") + 24, most).put(patched.descriptor("provenance.json") + 12, most);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> read(patched.bytes.array()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("provenance.json unpacks to more than its 8388608 bytes");
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(most + MODEST);
    }

    @Test
    void refusesAnEntryThatUnpacksToLessThanItDeclares() {
        Patched patched = patch();
        patched.put(patched.row("provenance.json") + 24, 4000).put(patched.descriptor("provenance.json") + 12, 4000);
        fails(patched.bytes.array(), "provenance.json unpacks to less than its 4000 bytes");
    }

    @Test
    void refusesEntriesThatShareBytes() {
        Patched patched = patch();
        patched.put(patched.row("normalizer.json") + 42, patched.header("spec.json"));
        fails(patched.bytes.array(), "its table of contents does not fit");
    }

    @Test
    void refusesBytesThatNoEntryOfTheTableHas() throws IOException {
        // Before, between, and behind: what another reader might take for entries.
        ByteArrayOutputStream front = new ByteArrayOutputStream();
        front.write(model, 0, 200);
        front.write(model);
        fails(front.toByteArray(), "it does not end with its table of contents");
        ByteArrayOutputStream behind = new ByteArrayOutputStream();
        behind.write(model);
        behind.write(0);
        fails(behind.toByteArray(), "it does not end with its table of contents");

        Map<String, byte[]> entries = Bundles.entries(model);
        entries.put("more.json", new byte[1]);
        Patched whole = new Patched(Bundles.zip(entries));
        ByteArrayOutputStream without = new ByteArrayOutputStream();
        without.write(whole.bytes.array(), 0, whole.row("more.json"));
        without.write(whole.bytes.array(), whole.end(), 22);
        ByteBuffer hidden = ByteBuffer.wrap(without.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        int end = hidden.capacity() - 22;
        hidden.putShort(end + 10, (short) (whole.rows.size() - 1));
        hidden.putInt(end + 12, whole.row("more.json") - whole.rows.get(0));
        // The entry is still there, and a reader that goes from header to header finds it.
        fails(hidden.array(), "its table of contents does not fit checksums.json");
    }

    @Test
    void refusesAnEntryThatIsCalledOtherwiseInFrontOfItThanInTheTable() {
        Patched patched = patch();
        patched.put(patched.header("baseline.json") + 30, "Baseline.json");
        fails(patched.bytes.array(), "its table of contents does not fit baseline.json");
    }

    @Test
    void refusesAnEntryThatIsDescribedOtherwiseInFrontOfItOrBehindThanInTheTable() {
        String name = "baseline.json";
        for (int field : new int[] {6, 8}) {
            Patched patched = patch();
            patched.put(patched.header(name) + field, (short) 0);
            fails(patched.bytes.array(), "its table of contents does not fit baseline.json");
        }
        for (int field : new int[] {0, 4, 8, 12}) {
            Patched patched = patch();
            patched.put(patched.descriptor(name) + field, 77);
            fails(patched.bytes.array(), "its table of contents does not fit baseline.json");
        }
        for (int field : new int[] {20, 24, 16}) {
            Patched patched = patch();
            int at = patched.row(name) + field;
            patched.put(at, patched.bytes.getInt(at) + 1);
            fails(patched.bytes.array(), "its table of contents does not fit baseline.json");
        }
    }

    @Test
    void refusesEntriesThatAreEncryptedOrPackedInAnotherWay() {
        String name = "baseline.json";
        for (short flags : new short[] {0x0809, 0x0848, 0x0828}) {
            Patched patched = patch();
            patched.put(patched.row(name) + 8, flags).put(patched.header(name) + 6, flags);
            fails(
                    patched.bytes.array(),
                    (flags & 1) != 0 ? "baseline.json encrypted" : "packed in a way that is not read");
        }
        for (short method : new short[] {1, 9, 12, 14, 93, 99, -1}) {
            Patched patched = patch();
            patched.put(patched.row(name) + 10, method).put(patched.header(name) + 8, method);
            fails(patched.bytes.array(), "baseline.json packed in a way that is not read (method " + method);
        }
    }

    @Test
    void refusesATableOfAnotherLengthOrCount() {
        Patched patched = patch();
        int end = patched.end();
        for (int count : new int[] {0, 1, 8, 10, 64}) {
            fails(patch().put(end + 10, (short) count).bytes.array(), count == 0 ? "does not fit" : "damaged");
        }
        for (int count : new int[] {65, 0xffff}) {
            fails(patch().put(end + 10, (short) count).bytes.array(), "more than 64 entries");
        }
        for (int offset : new int[] {0, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            fails(patch().put(end + 16, offset).bytes.array(), "it does not end with its table of contents");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../spec.json",
                "..",
                "/etc/passwd",
                "network\\shape.json",
                "C:shape.json",
                "network/",
                "network//shape.json",
                "network/more/shape.json",
                "spec.json\n",
                "spëc.json",
                "",
                "network/..shape.json"
            })
    void refusesNamesThatNoModelHas(String name) throws IOException {
        Map<String, byte[]> entries = Bundles.entries(model);
        entries.put(name, new byte[1]);
        fails(Bundles.sealed(entries), "an entry with a name that no model has");
    }

    @ParameterizedTest
    @ValueSource(strings = {"readme.txt", "Spec.json", "network/weights.bin", "other/shape.json"})
    void refusesEntriesThatNoModelHas(String name) throws IOException {
        Map<String, byte[]> entries = Bundles.entries(model);
        entries.put(name, new byte[1]);
        fails(Bundles.sealed(entries), name);
    }

    @Test
    void refusesAnEntryThatIsThereTwice() throws IOException {
        Map<String, byte[]> entries = Bundles.entries(model);
        entries.put("spec.jsom", new byte[1]);
        Patched patched = new Patched(Bundles.sealed(entries));
        patched.put(patched.row("spec.jsom") + 46, "spec.json").put(patched.header("spec.jsom") + 30, "spec.json");
        fails(patched.bytes.array(), "holds spec.json twice");
    }

    @Test
    void refusesAnEntryWithoutAChecksumOrWithAnother() throws IOException {
        ObjectMapper json = new ObjectMapper();
        for (String value : List.of("missing", "", "x", "0".repeat(64))) {
            Map<String, byte[]> entries = Bundles.entries(model);
            ObjectNode checksums = (ObjectNode) json.readTree(entries.get("checksums.json"));
            if (value.equals("missing")) {
                checksums.remove("provenance.json");
            } else {
                checksums.put("provenance.json", value);
            }
            entries.put("checksums.json", json.writeValueAsBytes(checksums));
            fails(
                    Bundles.zip(entries),
                    "provenance.json " + (value.equals("missing") ? "has no checksum" : "does not match its checksum"));
        }
    }

    @Test
    void readsWhatOtherProgramsPack() throws IOException {
        // Stored, described in front, with further fields and a remark in the table.
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> entry : Bundles.entries(model).entrySet()) {
                ZipEntry stored = new ZipEntry(entry.getKey());
                CRC32 crc = new CRC32();
                crc.update(entry.getValue());
                stored.setMethod(ZipEntry.STORED);
                stored.setSize(entry.getValue().length);
                stored.setCrc(crc.getValue());
                stored.setComment("packed again");
                stored.setExtra(new byte[] {0x55, 0x58, 2, 0, 1, 1});
                zip.putNextEntry(stored);
                zip.write(entry.getValue());
            }
        }
        ModelBundle read = read(out.toByteArray());
        try (Predictor regressor = read.open()) {
            assertThat(regressor.outputs()).isEqualTo(2);
        }
        assertThat(read.networks().get(0)).containsKey("updaterState.bin");
    }

    @Test
    void writesWhatItReads() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("a", new byte[0]);
        byte[] content = "some content".getBytes(StandardCharsets.UTF_8);
        entries.put("b/c", content);
        Path file = folder.resolve("archive");
        try (var out = Files.newOutputStream(file)) {
            BundleArchive.write(entries, out);
        }
        try (BundleArchive archive = BundleArchive.open(file)) {
            assertThat(archive.names()).containsExactly("a", "b/c", "checksums.json");
            assertThat(archive.read("a", 0)).isEmpty();
            assertThat(archive.read("b/c", content.length)).isEqualTo(content);
            assertThatThrownBy(() -> archive.read("b/c", content.length - 1L))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("may have at most");
            assertThatThrownBy(() -> archive.read("d", 1)).hasMessageContaining("has no d");
        }
    }
}
