package melgauge.data.tags;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import melgauge.data.AudioException;
import melgauge.data.Failure;

/** WMA: objects, by Microsoft's "Advanced Systems Format Specification", revision 01.20.03, of which the first is the header. */
final class AsfContainer implements Container {
    static final String HEADER_ID = "75b22630-668e-11cf-a6d9-00aa0062ce6c";

    private static final String FILE_PROPERTIES = "8cabdca1-a947-11cf-8ee4-00c00c205365";
    private static final String STREAM_PROPERTIES = "b7dc0791-a9b7-11cf-8ee6-00c00c205365";
    private static final String VIDEO = "bc19efc0-5b4d-11cf-a8fd-00805f5c442b";
    private static final String EXTENSION = "5fbf03b5-a92e-11cf-8ee3-00c00c205365";
    private static final String DESCRIPTION = "75b22633-668e-11cf-a6d9-00aa0062ce6c";
    private static final String FIELDS = "d2d0a440-e307-11d2-97f0-00a0c95ea850";
    private static final String METADATA = "c5f8cbea-5baf-4877-8467-aa8c44fa4cca";
    private static final String LIBRARY = "44231c94-9498-49d1-a141-1d134e457054";
    private static final String PADDING = "1806d474-cadf-4509-a4ba-9aabcb96aae8";

    private static final int OBJECT = 24;
    private static final int HEADER = 30;
    private static final int TEXT = 0;

    /** The library that writes these files counts their bytes with 32 bits. */
    private static final long LONGEST = Integer.MAX_VALUE;

    /** The first objects of a file's kind, as they are written. */
    static boolean isAsf(FileBytes file) throws IOException {
        return file.size() >= HEADER
                && id(file.read("its header", 0, 16).order(ByteOrder.LITTLE_ENDIAN), 0)
                        .equals(HEADER_ID);
    }

    /** Three numbers with their lowest byte first, then eight bytes. */
    private static String id(ByteBuffer bytes, int at) {
        long high = (bytes.getInt(at) & 0xffffffffL) << 32
                | (bytes.getShort(at + 4) & 0xffffL) << 16
                | (bytes.getShort(at + 6) & 0xffffL);
        return new UUID(high, Long.reverseBytes(bytes.getLong(at + 8))).toString();
    }

    private static AudioException damaged(String how) {
        return new AudioException(Failure.Code.DAMAGED, "its ASF objects are damaged: " + how);
    }

    @Override
    public void list(FileBytes file, Contents.Builder into) throws IOException {
        for (long at = 0; at < file.size(); ) {
            ByteBuffer object = file.read("an ASF object", at, OBJECT).order(ByteOrder.LITTLE_ENDIAN);
            String id = id(object, 0);
            long length = object.getLong(16);
            if (length < OBJECT) {
                throw damaged("the one at byte " + at + " is said to take " + length + " bytes");
            }
            file.require("an ASF object", at, length);
            if (at == 0) {
                header(file, into);
            } else {
                into.part("its object " + id, file.digest(at + OBJECT, at + length));
            }
            at += length;
        }
    }

    private static Header header(FileBytes file, Contents.Builder into) throws IOException {
        long length = file.read("the ASF header", 0, OBJECT)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong(16);
        ByteBuffer bytes = file.read("the ASF header", 0, length).order(ByteOrder.LITTLE_ENDIAN);
        Header header = new Header(into, new ArrayList<>());
        header.list(slice(bytes, HEADER, bytes.remaining() - HEADER), true);
        return header;
    }

    private static ByteBuffer slice(ByteBuffer bytes, long at, long length) throws AudioException {
        if (at < 0 || length < 0 || at + length > bytes.limit()) {
            throw damaged(length + " bytes should follow byte " + at + " of " + bytes.limit());
        }
        return bytes.slice((int) at, (int) length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * What is in the header.
     *
     * @param others descriptors that are not asked for, each as the bytes that it came as
     */
    private record Header(Contents.Builder into, List<ByteBuffer> others) {
        void list(ByteBuffer objects, boolean outermost) throws AudioException {
            for (long at = 0; at < objects.limit(); ) {
                ByteBuffer head = slice(objects, at, OBJECT);
                long length = head.getLong(16);
                if (length < OBJECT || length > objects.limit()) {
                    throw damaged("one in the header is said to take " + length + " bytes");
                }
                ByteBuffer content = slice(objects, at + OBJECT, length - OBJECT);
                if (outermost && id(head, 0).equals(EXTENSION)) {
                    list(slice(content, 22, content.limit() - 22), false);
                } else {
                    object(id(head, 0), content);
                }
                at += length;
            }
        }

        private void object(String id, ByteBuffer content) throws AudioException {
            switch (id) {
                case DESCRIPTION -> description(content);
                case FIELDS -> fields(content);
                case METADATA, LIBRARY -> metadata(content);
                case PADDING -> {}
                case FILE_PROPERTIES -> {
                    slice(content, 0, OBJECT);
                    into.part("its properties, but for its length", content.putLong(16, 0));
                }
                case STREAM_PROPERTIES -> {
                    if (id(slice(content, 0, 16), 0).equals(VIDEO)) {
                        throw new AudioException(
                                Failure.Code.UNSUPPORTED,
                                "is a film; tags are written to ASF files that hold nothing but audio");
                    }
                    into.part("the settings of its decoder", content);
                }
                default -> into.part("its object " + id, content);
            }
        }

        /** Title, author, copyright, description and rating: five lengths, then the texts. */
        private void description(ByteBuffer content) throws AudioException {
            long at = 10;
            slice(content, 0, at);
            for (int i = 0; i < 5; i++) {
                int length = content.getShort(2 * i) & 0xffff;
                String text = text(slice(content, at, length));
                if (!text.isEmpty()) {
                    into.part("field " + (i + 1) + " of its description", StandardCharsets.UTF_8.encode(text));
                }
                at += length;
            }
        }

        private void fields(ByteBuffer content) throws AudioException {
            int count = slice(content, 0, 2).getShort() & 0xffff;
            long at = 2;
            for (int i = 0; i < count; i++) {
                int nameLength = slice(content, at, 2).getShort() & 0xffff;
                String name = text(slice(content, at + 2, nameLength));
                ByteBuffer value = slice(content, at + 2 + nameLength, 4);
                int type = value.getShort() & 0xffff;
                int length = value.getShort() & 0xffff;
                long whole = 6L + nameLength + length;
                if (field("", name, type, slice(content, at + 6 + nameLength, length))) {
                    others.add(slice(content, at, whole));
                }
                at += whole;
            }
        }

        private void metadata(ByteBuffer content) throws AudioException {
            int count = slice(content, 0, 2).getShort() & 0xffff;
            long at = 2;
            for (int i = 0; i < count; i++) {
                ByteBuffer head = slice(content, at, 12);
                int nameLength = head.getShort(4) & 0xffff;
                long length = head.getInt(8) & 0xffffffffL;
                String name = text(slice(content, at + 12, nameLength));
                String where = head.getShort(0) + "/" + head.getShort(2) + " "; // language and stream
                field(
                        where.equals("0/0 ") ? "" : where,
                        name,
                        head.getShort(6) & 0xffff,
                        slice(content, at + 12 + nameLength, length));
                at += 12L + nameLength + length;
            }
        }

        /** Lists a field. Returns whether it is one that is not asked for. */
        private boolean field(String where, String name, int type, ByteBuffer value) throws AudioException {
            if (type == TEXT && where.isEmpty() && into.wants(name)) {
                into.field(name, text(value));
                return false;
            }
            if (type == TEXT) {
                into.part("its field " + where + name, StandardCharsets.UTF_8.encode(text(value)));
            } else {
                into.part("its field " + where + name + " of type " + type, value);
            }
            return true;
        }

        private static String text(ByteBuffer bytes) {
            return StandardCharsets.UTF_16LE
                    .decode(bytes.duplicate())
                    .toString()
                    .replaceAll("\0+$", "");
        }
    }

    @Override
    public void write(Path original, Path copy, Map<String, String> fields) throws IOException {
        try (FileBytes file = FileBytes.open(original)) {
            file.requireAtMost(LONGEST, "an ASF file");
            Header header = header(file, new Contents.Builder(fields.keySet()));
            List<ByteBuffer> descriptors = header.others();
            fields.forEach((name, value) -> descriptors.add(descriptor(name, value)));
            Jaudiotagger.writeAsf(original, copy, object(descriptors));
        }
    }

    private static ByteBuffer descriptor(String name, String value) {
        byte[] names = (name + "\0").getBytes(StandardCharsets.UTF_16LE);
        byte[] values = (value + "\0").getBytes(StandardCharsets.UTF_16LE);
        return ByteBuffer.allocate(6 + names.length + values.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) names.length)
                .put(names)
                .putShort((short) TEXT)
                .putShort((short) values.length)
                .put(values)
                .flip();
    }

    private static byte[] object(List<ByteBuffer> descriptors) throws AudioException {
        if (descriptors.size() > 0xffff) {
            throw new AudioException(
                    Failure.Code.UNSUPPORTED, "would have " + descriptors.size() + " fields; ASF has room for 65535");
        }
        int length = OBJECT
                + 2
                + descriptors.stream().mapToInt(ByteBuffer::remaining).sum();
        UUID id = UUID.fromString(FIELDS);
        ByteBuffer object = ByteBuffer.allocate(length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) (id.getMostSignificantBits() >>> 32))
                .putShort((short) (id.getMostSignificantBits() >>> 16))
                .putShort((short) id.getMostSignificantBits())
                .putLong(Long.reverseBytes(id.getLeastSignificantBits()))
                .putLong(length)
                .putShort((short) descriptors.size());
        descriptors.forEach(descriptor -> object.put(descriptor.duplicate()));
        return object.array();
    }
}
