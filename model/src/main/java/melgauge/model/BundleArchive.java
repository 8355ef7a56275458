package melgauge.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import melgauge.data.FileDigest;

/**
 * A zip archive that a stranger may have made, whose entry {@code checksums.json} holds the SHA-256 of every other one.
 *
 * <p>A zip says everything twice, in a table at its end and in front of each entry, and readers differ in what they go by.
 * Here both must agree, and the entries, in the order of the table, must fill the file up to the table. So there is nothing
 * in it that another reader would see and this one does not, and no two entries share bytes. The table says how long each
 * entry is: that is compared with what the entry may take before a byte of it is read, and nothing is unpacked beyond it.
 *
 * <p>The names of fields are those of PKWARE's APPNOTE.TXT, section 4.3. What only large archives need (Zip64) is not read.
 */
final class BundleArchive implements Closeable {
    /** The entry with the checksums. */
    static final String CHECKSUMS = "checksums.json";

    private static final int MOST_ENTRIES = 64;
    private static final String NAME = "[A-Za-z0-9._-]{1,64}(/[A-Za-z0-9._-]{1,64})?";

    private static final int LOCAL_HEADER = 0x04034b50;
    private static final int DESCRIPTOR = 0x08074b50;
    private static final int TABLE_ENTRY = 0x02014b50;
    private static final int END_OF_TABLE = 0x06054b50;
    private static final int LOCAL_HEADER_BYTES = 30;
    private static final int TABLE_ENTRY_BYTES = 46;
    private static final int END_OF_TABLE_BYTES = 22;

    private static final String DOES_NOT_FIT = "its table of contents does not fit ";

    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final int ENCRYPTED = 1;
    /** Checksum and sizes stand in a descriptor behind the entry. */
    private static final int DESCRIBED_BEHIND = 1 << 3;
    /** How hard it was packed; what is described behind; names in UTF-8, of which ours are a part. */
    private static final int HARMLESS_FLAGS = 0b110 | DESCRIBED_BEHIND | 1 << 11;

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final FileChannel file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final JsonNode checksums;

    /**
     * An entry, as the table has it.
     *
     * @param offset of its local header
     * @param end of it with its descriptor: where the next one begins
     */
    private record Entry(String name, int flags, int method, int crc, long packed, long size, long offset, long end) {}

    private BundleArchive(FileChannel file) throws IOException {
        this.file = file;
        readTable();
        checksums = StrictJson.tree(CHECKSUMS, unpack(entry(CHECKSUMS), StrictJson.MOST_BYTES));
        for (String name : entries.keySet()) {
            if (!name.equals(CHECKSUMS) && !checksums.path(name).isTextual()) {
                throw damaged(name + " has no checksum");
            }
        }
        for (String name : (Iterable<String>) checksums::fieldNames) {
            if (!entries.containsKey(name)) {
                throw damaged(name + " is missing");
            }
        }
    }

    /**
     * Reads the table and the checksums.
     *
     * @throws IOException in a sentence that goes on from the name of the file, here and in {@link #read}
     */
    static BundleArchive open(Path path) throws IOException {
        FileChannel file = FileChannel.open(path);
        try {
            return new BundleArchive(file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** The names of all entries: letters, digits and {@code ._-}, with one folder at most. */
    Set<String> names() {
        return entries.keySet();
    }

    /** Bytes of all entries, unpacked. */
    long size() {
        return entries.values().stream().mapToLong(Entry::size).sum();
    }

    /** Refuses an entry with more bytes than it may have, unpacked. */
    void limit(String name, long most) throws IOException {
        limit(entry(name), most);
    }

    private static void limit(Entry entry, long most) throws IOException {
        if (entry.size > most) {
            throw new IOException(
                    "holds " + entry.name + " of " + entry.size + " bytes, which may have at most " + most);
        }
    }

    /**
     * The content of an entry, compared with its checksum.
     *
     * @param most bytes that it may have
     */
    byte[] read(String name, long most) throws IOException {
        byte[] content = unpack(entry(name), most);
        if (!FileDigest.of(content).equals(checksums.path(name).asText())) {
            throw damaged(name + " does not match its checksum");
        }
        return content;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Writes an archive. Equal entries give equal bytes. */
    static void write(Map<String, byte[]> entries, OutputStream out) throws IOException {
        ObjectNode checksums = JSON.createObjectNode();
        entries.forEach((name, content) -> checksums.put(name, FileDigest.of(content)));
        Map<String, byte[]> all = new LinkedHashMap<>(entries);
        all.put(CHECKSUMS, JSON.writeValueAsBytes(checksums));
        ZipOutputStream zip = new ZipOutputStream(out);
        for (Map.Entry<String, byte[]> content : all.entrySet()) {
            ZipEntry entry = new ZipEntry(content.getKey());
            entry.setTime(0);
            zip.putNextEntry(entry);
            zip.write(content.getValue());
            zip.closeEntry();
        }
        zip.finish();
    }

    private Entry entry(String name) throws IOException {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IOException("has no " + name + "; it is not a Melgauge model");
        }
        return entry;
    }

    private void readTable() throws IOException {
        if (file.size() < LOCAL_HEADER_BYTES || bytes(0, 4).getInt() != LOCAL_HEADER) {
            throw new IOException("is not a Melgauge model (a .melgauge file is a zip archive)");
        }
        long end = file.size() - END_OF_TABLE_BYTES;
        ByteBuffer last = bytes(end, END_OF_TABLE_BYTES);
        long tableBytes = unsigned(last, 12);
        long tableOffset = unsigned(last, 16);
        if (last.getInt(0) != END_OF_TABLE || tableOffset + tableBytes != end) {
            throw damaged("it does not end with its table of contents");
        }
        int count = last.getShort(10) & 0xffff;
        if (count > MOST_ENTRIES) {
            throw new IOException("holds more than " + MOST_ENTRIES + " entries; it is not a Melgauge model");
        }
        List<String> names = new ArrayList<>();
        List<ByteBuffer> rows = new ArrayList<>();
        long at = tableOffset;
        while (rows.size() < count) {
            ByteBuffer row = bytes(at, TABLE_ENTRY_BYTES);
            int nameBytes = row.getShort(28) & 0xffff;
            names.add(name(at + TABLE_ENTRY_BYTES, nameBytes));
            rows.add(row);
            at += TABLE_ENTRY_BYTES + nameBytes + (row.getShort(30) & 0xffff) + (row.getShort(32) & 0xffff);
        }
        long next = 0;
        for (int i = 0; i < count; i++) {
            ByteBuffer row = rows.get(i);
            long offset = unsigned(row, 42);
            if (row.getInt(0) != TABLE_ENTRY || offset != next) {
                throw damaged(DOES_NOT_FIT + "the file");
            }
            next = i + 1 < count ? unsigned(rows.get(i + 1), 42) : tableOffset;
            Entry entry = new Entry(
                    names.get(i),
                    row.getShort(8),
                    row.getShort(10),
                    row.getInt(16),
                    unsigned(row, 20),
                    unsigned(row, 24),
                    offset,
                    next);
            if (entries.put(entry.name, entry) != null) {
                throw new IOException("holds " + entry.name + " twice");
            }
        }
        if (at != end || next != tableOffset) {
            throw damaged(DOES_NOT_FIT + "the file");
        }
    }

    private String name(long at, int length) throws IOException {
        String name = new String(bytes(at, length).array(), StandardCharsets.ISO_8859_1);
        if (!name.matches(NAME) || name.contains("..")) {
            throw new IOException("holds an entry with a name that no model has; it is not a Melgauge model");
        }
        return name;
    }

    private byte[] unpack(Entry entry, long most) throws IOException {
        limit(entry, most);
        // The worst that deflate does to bytes without pattern is 5 more for each 16,000.
        if (entry.packed > entry.size + entry.size / 1000 + 64) {
            throw damaged(entry.name + " is longer packed than unpacked");
        }
        if ((entry.flags & ENCRYPTED) != 0) {
            throw new IOException("holds " + entry.name + " encrypted; a Melgauge model is not");
        }
        if ((entry.flags & ~HARMLESS_FLAGS) != 0 || (entry.method != STORED && entry.method != DEFLATED)) {
            throw new IOException("holds " + entry.name + " packed in a way that is not read (method " + entry.method
                    + ", flags " + entry.flags + "); pack it with method 8, deflated");
        }
        byte[] packed = packed(entry);
        byte[] content = entry.method == STORED ? packed : inflate(entry, packed);
        CRC32 crc = new CRC32();
        crc.update(content);
        if (content.length != entry.size || (int) crc.getValue() != entry.crc) {
            throw damaged(entry.name + " does not match its checksum");
        }
        return content;
    }

    /** The packed bytes, if what stands in front of them and behind agrees with the table. */
    private byte[] packed(Entry entry) throws IOException {
        ByteBuffer header = bytes(entry.offset, LOCAL_HEADER_BYTES);
        int nameBytes = header.getShort(26) & 0xffff;
        long begin = entry.offset + LOCAL_HEADER_BYTES + nameBytes + (header.getShort(28) & 0xffff);
        long end = begin + entry.packed;
        boolean behind = (entry.flags & DESCRIBED_BEHIND) != 0;
        if (header.getInt(0) != LOCAL_HEADER
                || header.getShort(6) != entry.flags
                || header.getShort(8) != entry.method
                || !name(entry.offset + LOCAL_HEADER_BYTES, nameBytes).equals(entry.name)
                || (!behind && !describes(header, 14, entry))
                || end > entry.end) {
            throw damaged(DOES_NOT_FIT + entry.name);
        }
        ByteBuffer rest = bytes(end, (int) Math.min(20, entry.end - end));
        boolean fits = behind
                // The descriptor's signature may be left away.
                ? (rest.capacity() == 16 && rest.getInt(0) == DESCRIPTOR && describes(rest, 4, entry))
                        || (rest.capacity() == 12 && describes(rest, 0, entry))
                : rest.capacity() == 0;
        if (!fits) {
            throw damaged(DOES_NOT_FIT + entry.name);
        }
        return bytes(begin, Math.toIntExact(entry.packed)).array();
    }

    /** Whether checksum and sizes stand there as in the table. */
    private static boolean describes(ByteBuffer fields, int at, Entry entry) {
        return fields.getInt(at) == entry.crc
                && unsigned(fields, at + 4) == entry.packed
                && unsigned(fields, at + 8) == entry.size;
    }

    private static byte[] inflate(Entry entry, byte[] packed) throws IOException {
        // Without zlib's own header.
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(packed);
            byte[] content = new byte[(int) entry.size];
            int filled = 0;
            while (filled < content.length) {
                int more = inflater.inflate(content, filled, content.length - filled);
                if (more == 0) {
                    throw damaged(entry.name + " unpacks to less than its " + entry.size + " bytes");
                }
                filled += more;
            }
            if (inflater.inflate(new byte[1]) > 0) {
                throw damaged(entry.name + " unpacks to more than its " + entry.size + " bytes");
            }
            if (!inflater.finished() || inflater.getRemaining() > 0) {
                throw damaged(entry.name + " is not packed to its end");
            }
            return content;
        } catch (DataFormatException e) {
            throw new IOException("is damaged: " + entry.name + " cannot be unpacked; copy or train it again", e);
        } finally {
            inflater.end();
        }
    }

    private ByteBuffer bytes(long at, int length) throws IOException {
        if (at < 0 || at + length > file.size()) {
            throw damaged("it ends too early");
        }
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, at + bytes.position()) < 0) {
                throw damaged("it ends too early");
            }
        }
        return bytes.flip();
    }

    private static long unsigned(ByteBuffer fields, int at) {
        return Integer.toUnsignedLong(fields.getInt(at));
    }

    private static IOException damaged(String how) {
        return new IOException("is damaged: " + how + "; copy or train it again");
    }
}
