package melgauge.data.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamedArraysTest {
    @TempDir
    Path folder;

    private static NamedArrays some() {
        return NamedArrays.builder()
                .text("who", "ü \"quoted\"")
                .json("list", List.of(1, 2.5))
                .floats("b.matrix", new float[] {1.5f, -2, 3, 4, 5, Float.NaN}, 2, 3)
                .rows("a.rows", new double[][] {{0.1, -1e300}, {3, 4}}, 2)
                .bytes("bytes", new byte[] {0, -1, 7, 8}, 2, 2)
                .bytes("empty", new byte[0], 0, 16)
                .sealed();
    }

    private static byte[] bytes(NamedArrays arrays) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        arrays.write(out);
        return out.toByteArray();
    }

    private NamedArrays read(byte[] content) throws IOException {
        return NamedArrays.read(Files.write(folder.resolve("some.safetensors"), content));
    }

    /** A file with this header and so many bytes behind it. */
    private static byte[] file(String header, int data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + data)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    @Test
    void readsWhatTheReferenceImplementationWrote() throws IOException {
        // By Hugging Face's own safetensors 0.8.0, from numpy arrays.
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("reference.safetensors"))) {
            Files.copy(in, folder.resolve("reference.safetensors"));
        }
        NamedArrays read = NamedArrays.read(folder.resolve("reference.safetensors"));
        assertThat(read.text("who")).isEqualTo("safetensors 0.8.0");
        assertThat(read.text("text")).isEqualTo("ü \"quoted\"");
        assertThat(read.arrays().keySet()).containsExactly("a.double", "b.matrix", "bytes", "empty", "half", "scalar");
        assertThat(read.floats("b.matrix", 2, 3)).containsExactly(1.5f, -2, 3, 4, 5, (float) 6e10);
        assertThat(read.doubles("a.double", 2)).containsExactly(0.1, -1e300);
        assertThat(read.bytes("bytes", 2, 2)).containsExactly(0, -1, 7, 8);
        assertThat(read.bytes("empty", 0, 16)).isEmpty();
        assertThat(read.floats("scalar")).containsExactly(2.5f);
        NamedArrays.Array half = Objects.requireNonNull(read.arrays().get("half"));
        assertThat(half.type()).isEqualTo(NamedArrays.Type.F16);
        assertThat(half.bytes()).containsExactly(0, 0x3c, 0, 0x40, 0, 0x42); // 1, 2, 3
    }

    @Test
    void readsWhatItWrote() throws IOException {
        some().write(folder.resolve("a"));
        NamedArrays read = NamedArrays.read(folder.resolve("a"));
        read.requireIntact();
        assertThat(read.text("who")).isEqualTo("ü \"quoted\"");
        assertThat(read.json("list").toString()).isEqualTo("[1,2.5]");
        assertThat(read.floats("b.matrix", 2, 3)).containsExactly(1.5f, -2, 3, 4, 5, Float.NaN);
        assertThat(read.rows("a.rows", 2, 2)).isDeepEqualTo(new double[][] {{0.1, -1e300}, {3, 4}});
        assertThat(read.bytes("bytes", 2, 2)).containsExactly(0, -1, 7, 8);
        assertThat(read.rows("bytes")).isEqualTo(2);
        assertThat(read.bytes("empty", 0, 16)).isEmpty();
    }

    /** By the format's description: length, JSON, bytes; each array lies where its offsets say. */
    @Test
    void writesTheFormatThatIsDescribed() throws IOException {
        byte[] file = bytes(NamedArrays.builder()
                .text("t", "x")
                .bytes("u", new byte[] {9}, 1)
                .floats("f", new float[] {1, 2}, 2)
                .build());
        long header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertThat(new String(file, 8, (int) header, StandardCharsets.UTF_8).stripTrailing())
                .isEqualTo(
                        "{\"__metadata__\":{\"t\":\"x\"},\"f\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                                + "\"u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[8,9]}}");
        assertThat(header % 8).isZero();
        assertThat(Arrays.copyOfRange(file, (int) (8 + header), file.length))
                .containsExactly(0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 9);
    }

    @Test
    void equalContentsGiveEqualBytes() throws IOException {
        assertThat(bytes(some())).isEqualTo(bytes(some()));
    }

    @Test
    void namesTheArrayThatIsMissingOrHasAnotherTypeOrShape() {
        NamedArrays arrays = some();
        assertThatThrownBy(() -> arrays.floats("none", 1)).hasMessage("has no array none");
        assertThatThrownBy(() -> arrays.text("none")).hasMessage("has no text none");
        assertThatThrownBy(() -> arrays.floats("b.matrix", 3, 2))
                .hasMessage("its array b.matrix is F32 [2, 3], it must be F32 [3, 2]");
        assertThatThrownBy(() -> arrays.doubles("b.matrix", 2, 3))
                .hasMessage("its array b.matrix is F32 [2, 3], it must be F64 [2, 3]");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "[]                                                                         | 0 | does not begin with {",
                "{                                                                          | 0 | does not begin with a header",
                "{x}                                                                        | 0 | its header is not JSON",
                "{\"a\":1}                                                                  | 0 | a is not described by",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"more\":1}}        | 4 | a is not described by",
                "{\"a\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}                   | 4 | of type \"F31\", which is not read",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}                   | 4 | a has 4 bytes, and its shape [2] takes 8",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[4,0]}}                  | 4 | -1, which is not a whole number of at least 0",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}                 | 4 | 1.5, which is not a whole number",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296,4294967296],\"data_offsets\":[0,0]}} | 0 | too large",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296],\"data_offsets\":[0,4294967296]}}  | 4 | takes 4294967296",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}                    | 3 | gap",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}} | 3 | overlap",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}                    | 3 | its arrays have 2 bytes, and it holds 3",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}                    | 1 | its arrays have 2 bytes, and it holds 1",
                "{\"__metadata__\":{\"a\":1}}                                                | 0 | holds a, which is not a text",
                "{\"__metadata__\":[]}                                                       | 0 | __metadata__ is not an object",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}} | 0 | Duplicate",
            })
    void refusesAHeaderThatDoesNotFit(String header, int data, String message) {
        assertThatThrownBy(() -> read(file(header, data)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 100, 1L << 40, -1, Long.MIN_VALUE, Long.MAX_VALUE})
    void refusesALengthThatTheFileDoesNotHave(long length) {
        byte[] file = file("{}", 0);
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        assertThatThrownBy(() -> read(file)).isInstanceOf(IOException.class).hasMessageContaining("header");
    }

    @Test
    void refusesAHeaderLongerThanItMayBe() throws IOException {
        Path file = folder.resolve("long");
        try (var channel = Files.newByteChannel(
                file, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(1L << 32)
                    .flip());
            channel.position(1L << 33); // sparse
            channel.write(ByteBuffer.allocate(1));
        }
        assertThatThrownBy(() -> NamedArrays.read(file))
                .hasMessage("has a header of 4294967296 bytes, which may have at most " + StrictJson.MOST_BYTES);
    }

    @Test
    void noticesEveryChangedByteOfItsContents() throws IOException {
        byte[] whole = bytes(some());
        NamedArrays intact = read(whole);
        SplittableRandom random = new SplittableRandom(5);
        int refused = 0;
        for (int i = 0; i < 2000; i++) {
            byte[] damaged = whole.clone();
            int at = random.nextInt(whole.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            try {
                NamedArrays read = read(damaged);
                read.requireIntact();
                // Another name, or white space, changes no content.
                assertThat(read.texts()).isEqualTo(intact.texts());
            } catch (IOException e) {
                assertThat(e.getMessage()).matches("(?s)[a-z].* .*");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1500);
    }

    @Test
    void refusesToWriteWhatItWouldNotRead() {
        NamedArrays.Builder builder = NamedArrays.builder();
        assertThatThrownBy(() -> builder.floats("a", new float[3], 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a of 12 bytes does not have the shape [2]");
        builder.floats("a", new float[3], 3);
        assertThatThrownBy(() -> builder.floats("a", new float[3], 3)).hasMessage("there are two arrays a");
        NamedArrays control = NamedArrays.builder().text("a", "\u001b[2J").build();
        assertThatThrownBy(() -> control.write(folder.resolve("control")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("control character");
        assertThat(folder.resolve("control")).doesNotExist();
    }
}
