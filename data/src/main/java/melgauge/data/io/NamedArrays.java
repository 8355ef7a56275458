package melgauge.data.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import melgauge.data.AtomicFile;
import melgauge.data.FileDigest;

/**
 * Named arrays and texts in one file, in the format <a href="https://github.com/huggingface/safetensors">safetensors</a>: the
 * length of a header (8 bytes, little-endian), the header (JSON: {@code {"__metadata__": {name: text}, name: {"dtype",
 * "shape", "data_offsets": [begin, end]}}}), and the arrays' bytes, little-endian, the last index fastest.
 *
 * <p>A file may come from a stranger. The header is limited and read by {@link StrictJson}; the arrays must cover the bytes
 * behind it without gap and without overlap, and each must be as long as its type and shape say. Nothing larger than the file
 * is allocated. What an array or text means is for the caller to check.
 *
 * <p>Immutable, but for the arrays' bytes, which callers must not change.
 *
 * <pre>{@code
 * NamedArrays arrays = NamedArrays.builder()
 *         .text("units", "dB")
 *         .floats("mean", new float[] {1, 2, 3, 4}, 2, 2)
 *         .build();
 * arrays.write(path);
 * float[] mean = NamedArrays.read(path).floats("mean", 2, 2);
 * }</pre>
 */
public final class NamedArrays {
    private static final String METADATA = "__metadata__";
    private static final String SHA256 = "sha256";
    private static final String METADATA_SHA256 = "metadataSha256";
    private static final Set<String> CHECKSUMS = Set.of(SHA256, METADATA_SHA256);
    private static final int LENGTH_BYTES = Long.BYTES;
    private static final int ALIGNMENT = 8;
    private static final int MOST_DIMENSIONS = 8;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final SortedMap<String, String> texts;
    private final SortedMap<String, Array> arrays;

    /** A file in another format. */
    public static final class OtherFormatException extends IOException {
        private OtherFormatException(String how) {
            super("is not a safetensors file" + how);
        }
    }

    /** The type of an array's numbers. */
    public enum Type {
        F64(8),
        I64(8),
        U64(8),
        F32(4),
        I32(4),
        U32(4),
        F16(2),
        BF16(2),
        I16(2),
        U16(2),
        I8(1),
        U8(1),
        BOOL(1);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        /** Bytes of a number. */
        public int bytes() {
            return bytes;
        }
    }

    /**
     * An array.
     *
     * @param type of its numbers
     * @param shape outermost dimension first; empty for a single number
     * @param bytes of the numbers, little-endian, the last index fastest
     */
    @SuppressWarnings("ArrayRecordComponent") // megabytes that are never compared
    public record Array(Type type, List<Long> shape, byte[] bytes) {
        public Array {
            shape = List.copyOf(shape);
        }
    }

    private NamedArrays(Map<String, String> texts, Map<String, Array> arrays) {
        this.texts = Collections.unmodifiableSortedMap(new TreeMap<>(texts));
        this.arrays = Collections.unmodifiableSortedMap(new TreeMap<>(arrays));
    }

    /** The texts by name. */
    public SortedMap<String, String> texts() {
        return texts;
    }

    /** The arrays by name. */
    public SortedMap<String, Array> arrays() {
        return arrays;
    }

    /**
     * A text.
     *
     * @throws IOException if there is none of that name
     */
    public String text(String name) throws IOException {
        String text = texts.get(name);
        if (text == null) {
            throw new IOException("has no text " + name);
        }
        return text;
    }

    /**
     * A text as the JSON document that it holds.
     *
     * @throws IOException if there is none of that name, or it is not JSON
     */
    public JsonNode json(String name) throws IOException {
        return StrictJson.tree(name, text(name).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The numbers of a float32 array.
     *
     * @param shape that it must have
     * @throws IOException if there is none of that name, type and shape
     */
    public float[] floats(String name, long... shape) throws IOException {
        return FloatBytes.floats(require(name, Type.F32, shape).bytes());
    }

    /** The numbers of a float64 array; otherwise like {@link #floats}. */
    public double[] doubles(String name, long... shape) throws IOException {
        byte[] bytes = require(name, Type.F64, shape).bytes();
        double[] values = new double[bytes.length / Double.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
        return values;
    }

    /** The rows of a float64 array of two dimensions; otherwise like {@link #floats}. */
    public double[][] rows(String name, int rows, int columns) throws IOException {
        double[] values = doubles(name, rows, columns);
        double[][] result = new double[rows][];
        for (int row = 0; row < rows; row++) {
            result[row] = Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
        }
        return result;
    }

    /**
     * The number of rows of an array.
     *
     * @throws IOException if there is none of that name, or it is a single number
     */
    public int rows(String name) throws IOException {
        Array array = require(name);
        if (array.shape().isEmpty() || array.shape().get(0) > Integer.MAX_VALUE) {
            throw new IOException(name + " has the shape " + array.shape() + ", which has no rows");
        }
        return array.shape().get(0).intValue();
    }

    /** The bytes of a uint8 array; otherwise like {@link #floats}. */
    public byte[] bytes(String name, long... shape) throws IOException {
        return require(name, Type.U8, shape).bytes();
    }

    private Array require(String name) throws IOException {
        Array array = arrays.get(name);
        if (array == null) {
            throw new IOException("has no array " + name);
        }
        return array;
    }

    private Array require(String name, Type type, long... shape) throws IOException {
        Array array = require(name);
        List<Long> wanted = Arrays.stream(shape).boxed().toList();
        if (array.type() != type || !array.shape().equals(wanted)) {
            throw new IOException("its array " + name + " is " + array.type() + " " + array.shape() + ", it must be "
                    + type + " " + wanted);
        }
        return array;
    }

    /**
     * Compares the contents with the checksums of {@link Builder#sealed}.
     *
     * @throws IOException if they have changed since, or there are none
     */
    public void requireIntact() throws IOException {
        if (!text(SHA256).equals(dataSha256())) {
            throw damaged("its arrays do not match their checksum");
        }
        if (!text(METADATA_SHA256).equals(textsSha256())) {
            throw damaged("its texts do not match their checksum");
        }
    }

    private String dataSha256() {
        MessageDigest digest = FileDigest.sha256();
        stored().forEach(entry -> digest.update(entry.getValue().bytes()));
        return HexFormat.of().formatHex(digest.digest());
    }

    private String textsSha256() {
        StringBuilder all = new StringBuilder();
        texts.forEach((name, text) -> {
            if (!CHECKSUMS.contains(name)) {
                all.append(name).append('\n').append(text).append('\n');
            }
        });
        return FileDigest.of(all.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Begins a new set of arrays. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects arrays and texts, each under a name of its own. For one thread. */
    public static final class Builder {
        private final Map<String, String> texts = new TreeMap<>();
        private final Map<String, Array> arrays = new TreeMap<>();

        private Builder() {}

        /** Adds a text. */
        public Builder text(String name, String text) {
            if (texts.put(name, text) != null) {
                throw new IllegalArgumentException("there are two texts " + name);
            }
            return this;
        }

        /** Adds a JSON document as a text. */
        public Builder json(String name, Object document) {
            try {
                return text(name, JSON.writeValueAsString(document));
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException(name + " cannot be JSON", e);
            }
        }

        /** Adds numbers as float32. */
        public Builder floats(String name, float[] values, long... shape) {
            return add(name, Type.F32, FloatBytes.of(values), shape);
        }

        /** Adds numbers as float64. */
        public Builder doubles(String name, double[] values, long... shape) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Double.BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN);
            bytes.asDoubleBuffer().put(values);
            return add(name, Type.F64, bytes.array(), shape);
        }

        /** Adds rows of equal length as float64 of two dimensions. */
        public Builder rows(String name, double[][] rows, int columns) {
            double[] values = new double[rows.length * columns];
            for (int row = 0; row < rows.length; row++) {
                System.arraycopy(rows[row], 0, values, row * columns, columns);
            }
            return doubles(name, values, rows.length, columns);
        }

        /** Adds bytes as uint8. */
        public Builder bytes(String name, byte[] values, long... shape) {
            return add(name, Type.U8, values.clone(), shape);
        }

        private Builder add(String name, Type type, byte[] bytes, long... shape) {
            if (name.equals(METADATA)
                    || Arrays.stream(shape).reduce(1, Math::multiplyExact) * type.bytes() != bytes.length) {
                throw new IllegalArgumentException(
                        name + " of " + bytes.length + " bytes does not have the shape " + Arrays.toString(shape));
            }
            if (arrays.put(name, new Array(type, Arrays.stream(shape).boxed().toList(), bytes)) != null) {
                throw new IllegalArgumentException("there are two arrays " + name);
            }
            return this;
        }

        /** The set of all that was added. */
        public NamedArrays build() {
            return new NamedArrays(texts, arrays);
        }

        /**
         * The set of all that was added, with checksums that tell damage: the text {@code sha256} is the SHA-256 of all arrays'
         * bytes in the order of the file, {@code metadataSha256} that of the other texts in the order of their names, each as
         * name, line end, text, line end, in UTF-8.
         */
        public NamedArrays sealed() {
            NamedArrays plain = build();
            return text(SHA256, plain.dataSha256())
                    .text(METADATA_SHA256, plain.textsSha256())
                    .build();
        }
    }

    /** The arrays in the order in which they are stored: the widest numbers first, so that all are aligned, then by name. */
    private List<Map.Entry<String, Array>> stored() {
        List<Map.Entry<String, Array>> stored = new ArrayList<>(arrays.entrySet());
        stored.sort(Comparator.comparingInt(entry -> -entry.getValue().type().bytes()));
        return stored;
    }

    /** Writes all, atomically. Equal contents give equal bytes. */
    public void write(Path file) throws IOException {
        AtomicFile.write(file, this::write);
    }

    /**
     * Writes all.
     *
     * @throws IOException also if the header would be too long to be read again
     */
    public void write(OutputStream out) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        if (!texts.isEmpty()) {
            header.set(METADATA, JSON.valueToTree(texts));
        }
        long end = 0;
        for (Map.Entry<String, Array> entry : stored()) {
            Array array = entry.getValue();
            ObjectNode described = header.putObject(entry.getKey());
            described.put("dtype", array.type().name());
            described.set("shape", JSON.valueToTree(array.shape()));
            described.putArray("data_offsets").add(end).add(end + array.bytes().length);
            end += array.bytes().length;
        }
        byte[] json = JSON.writeValueAsBytes(header);
        // Spaces behind the header align the arrays.
        byte[] padded = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        StrictJson.tree("the header", padded);
        out.write(ByteBuffer.allocate(LENGTH_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded.length)
                .array());
        out.write(padded);
        for (Map.Entry<String, Array> entry : stored()) {
            out.write(entry.getValue().bytes());
        }
    }

    /**
     * Reads a file.
     *
     * @throws OtherFormatException if it has another format, or has been cut in its first bytes
     * @throws IOException in a sentence that goes on from the file's name, if it is something else or damaged
     */
    public static NamedArrays read(Path file) throws IOException {
        long size = Files.size(file);
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, size);
        }
    }

    private static NamedArrays read(InputStream in, long size) throws IOException {
        byte[] start = in.readNBytes(LENGTH_BYTES);
        long length = start.length < LENGTH_BYTES
                ? 0
                : ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 2 || length > size - LENGTH_BYTES) {
            throw new OtherFormatException(", or has been cut: it does not begin with a header");
        }
        if (length > StrictJson.MOST_BYTES) {
            throw new IOException(
                    "has a header of " + length + " bytes, which may have at most " + StrictJson.MOST_BYTES);
        }
        byte[] header = in.readNBytes((int) length);
        if (header.length < length) {
            throw cut();
        }
        if (header[0] != '{') {
            throw new OtherFormatException(": its header does not begin with {");
        }
        JsonNode tree = StrictJson.tree("its header", header);
        Map<String, String> texts = new TreeMap<>();
        List<Place> places = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : tree.properties()) {
            if (entry.getKey().equals(METADATA)) {
                texts.putAll(texts(entry.getValue()));
            } else {
                places.add(Place.of(entry.getKey(), entry.getValue()));
            }
        }
        places.sort(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end));
        long data = size - LENGTH_BYTES - length;
        long next = 0;
        for (Place place : places) {
            if (place.begin() != next) {
                throw damaged("its arrays have a gap between them, or overlap, at " + place.name());
            }
            next = place.end();
        }
        if (next != data) {
            throw damaged("its arrays have " + next + " bytes, and it holds " + data);
        }
        Map<String, Array> arrays = new TreeMap<>();
        for (Place place : places) {
            int bytes = Math.toIntExact(place.end() - place.begin());
            byte[] content = in.readNBytes(bytes);
            if (content.length < bytes) {
                throw cut();
            }
            arrays.put(place.name(), new Array(place.type(), place.shape(), content));
        }
        return new NamedArrays(texts, arrays);
    }

    private static Map<String, String> texts(JsonNode metadata) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        for (Map.Entry<String, JsonNode> text : metadata.properties()) {
            if (!text.getValue().isTextual()) {
                throw damaged(METADATA + " holds " + text.getKey() + ", which is not a text");
            }
            texts.put(text.getKey(), text.getValue().textValue());
        }
        if (!metadata.isObject()) {
            throw damaged(METADATA + " is not an object");
        }
        return texts;
    }

    /** An array's description in the header. */
    private record Place(String name, Type type, List<Long> shape, long begin, long end) {
        static Place of(String name, JsonNode described) throws IOException {
            JsonNode offsets = described.path("data_offsets");
            JsonNode dimensions = described.path("shape");
            if (described.size() != 3
                    || !described.path("dtype").isTextual()
                    || !offsets.isArray()
                    || offsets.size() != 2
                    || !dimensions.isArray()
                    || dimensions.size() > MOST_DIMENSIONS) {
                throw damaged(name + " is not described by dtype, shape and data_offsets");
            }
            Type type = Arrays.stream(Type.values())
                    .filter(one -> one.name().equals(described.path("dtype").textValue()))
                    .findFirst()
                    .orElseThrow(() -> new IOException(
                            "holds " + name + " of type " + described.path("dtype") + ", which is not read"));
            List<Long> shape = new ArrayList<>();
            long bytes = type.bytes();
            for (JsonNode dimension : dimensions) {
                shape.add(whole(name, dimension));
                try {
                    bytes = Math.multiplyExact(bytes, dimension.longValue());
                } catch (ArithmeticException e) {
                    throw damaged(name + " has the shape " + dimensions + ", which is too large");
                }
            }
            long begin = whole(name, offsets.get(0));
            long end = whole(name, offsets.get(1));
            if (end - begin != bytes || bytes > Integer.MAX_VALUE - 16) {
                throw damaged(
                        name + " has " + (end - begin) + " bytes, and its shape " + dimensions + " takes " + bytes);
            }
            return new Place(name, type, shape, begin, end);
        }

        private static long whole(String name, JsonNode number) throws IOException {
            if (!number.canConvertToLong() || !number.isIntegralNumber() || number.longValue() < 0) {
                throw damaged(name + " is described by " + number + ", which is not a whole number of at least 0");
            }
            return number.longValue();
        }
    }

    private static IOException cut() {
        return damaged("it ends too early");
    }

    private static IOException damaged(String how) {
        return new IOException("is damaged: " + how);
    }
}
