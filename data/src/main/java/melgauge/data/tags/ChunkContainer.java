package melgauge.data.tags;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import melgauge.data.AudioException;
import melgauge.data.Failure;

/** WAV and AIFF: chunks, one after another, one of which holds an ID3 tag. They differ in the order of the bytes of a number. */
final class ChunkContainer implements Container {
    private static final int HEADER = 8;

    /** The chunks begin behind the file's own header and the name of its kind. */
    private static final int FIRST = 12;

    private static final int MOST_CHUNKS = 10_000;

    private final ByteOrder order;
    private final String tagId;

    private ChunkContainer(ByteOrder order, String tagId) {
        this.order = order;
        this.tagId = tagId;
    }

    static ChunkContainer wav() {
        return new ChunkContainer(ByteOrder.LITTLE_ENDIAN, "id3 ");
    }

    static ChunkContainer aiff() {
        return new ChunkContainer(ByteOrder.BIG_ENDIAN, "ID3 ");
    }

    /**
     * A chunk.
     *
     * @param begin of its content
     * @param end of its content, without the byte that makes it even
     */
    private record Chunk(String id, long begin, long end) {
        boolean isTag() {
            return id.equalsIgnoreCase("ID3 ");
        }
    }

    private List<Chunk> chunks(FileBytes file) throws IOException {
        List<Chunk> chunks = new ArrayList<>();
        long end = Math.min(file.size(), HEADER + number(file, 4));
        for (long at = FIRST; at + HEADER <= end; at += at & 1) {
            byte[] id = new byte[4];
            file.read("the header of a chunk", at, id.length).get(id);
            String name = new String(id, StandardCharsets.ISO_8859_1);
            long length = number(file, at + 4);
            file.require("its chunk " + name.strip(), at + HEADER, length);
            if (chunks.size() == MOST_CHUNKS) {
                throw new AudioException(
                        Failure.Code.UNSUPPORTED,
                        "has more than " + MOST_CHUNKS + " chunks; tags are written to files that have fewer");
            }
            chunks.add(new Chunk(name, at + HEADER, at + HEADER + length));
            at += HEADER + length;
        }
        if (chunks.stream().filter(Chunk::isTag).count() > 1) {
            throw new AudioException(
                    Failure.Code.UNSUPPORTED, "has two chunks with ID3 tags, and programs differ in which they read");
        }
        return chunks;
    }

    private long number(FileBytes file, long at) throws IOException {
        return file.read("the length of a chunk", at, 4).order(order).getInt() & 0xffffffffL;
    }

    @Override
    public void list(FileBytes file, Contents.Builder into) throws IOException {
        into.part("the kind of the file", file.read("its header", HEADER, FIRST - HEADER));
        for (Chunk chunk : chunks(file)) {
            if (chunk.isTag()) {
                tag(file, chunk).list(into);
                long rest = Math.min(chunk.end(), file.skipZeros(chunk.begin() + Id3Tag.length(file, chunk.begin())));
                if (rest < chunk.end()) {
                    into.part("what follows its ID3 tag", file.digest(rest, chunk.end()));
                }
            } else {
                into.part("its chunk " + chunk.id().strip(), file.digest(chunk.begin(), chunk.end()));
            }
        }
        long rest = end(file);
        into.part("what follows its chunks", file.digest(file.skipZeros(rest), file.size()));
    }

    /** Where the last chunk ends, the byte included that makes it even. */
    private long end(FileBytes file) throws IOException {
        List<Chunk> chunks = chunks(file);
        long end = chunks.isEmpty() ? FIRST : chunks.get(chunks.size() - 1).end();
        return Math.min(file.size(), end + (end & 1));
    }

    private static Id3Tag tag(FileBytes file, Chunk chunk) throws IOException {
        ByteBuffer bytes = file.read("its ID3 tag", chunk.begin(), chunk.end() - chunk.begin());
        if (Id3Tag.length(file, chunk.begin()) == 0) {
            throw new AudioException(Failure.Code.DAMAGED, "its chunk for an ID3 tag holds none");
        }
        return Id3Tag.read(bytes);
    }

    @Override
    public void write(Path original, Path copy, Map<String, String> fields) throws IOException {
        try (FileBytes file = FileBytes.open(original);
                FileChannel out =
                        FileChannel.open(copy, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            file.copy(0, FIRST, out);
            Id3Tag tag = Id3Tag.empty();
            long room = 0;
            for (Chunk chunk : chunks(file)) {
                if (chunk.isTag()) {
                    tag = tag(file, chunk);
                    room = chunk.end() - chunk.begin() & ~1;
                } else {
                    file.copy(chunk.begin() - HEADER, chunk.end(), out);
                    even(out);
                }
            }
            ByteBuffer bytes = tag.with(fields).toBytes(room);
            FileBytes.writeFully(
                    out,
                    ByteBuffer.allocate(HEADER)
                            .order(order)
                            .put(tagId.getBytes(StandardCharsets.US_ASCII))
                            .putInt(bytes.remaining())
                            .flip());
            FileBytes.writeFully(out, bytes);
            long length = out.position() - HEADER;
            if (length > 0xffffffffL) {
                throw new AudioException(Failure.Code.UNSUPPORTED, "has no room left: it may take 4 GiB at most");
            }
            file.copy(end(file), file.size(), out);
            out.position(4);
            FileBytes.writeFully(
                    out,
                    ByteBuffer.allocate(Integer.BYTES)
                            .order(order)
                            .putInt((int) length)
                            .flip());
        }
    }

    private static void even(FileChannel out) throws IOException {
        if ((out.position() & 1) == 1) {
            FileBytes.writeFully(out, ByteBuffer.allocate(1));
        }
    }
}
