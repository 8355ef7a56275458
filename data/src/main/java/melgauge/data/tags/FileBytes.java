package melgauge.data.tags;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import melgauge.data.AudioException;
import melgauge.data.Failure;
import melgauge.data.FileDigest;

/**
 * The bytes of a file that says itself how long its parts are. None of that is believed: a part that would end behind
 * the file is damage, and no more than {@link #MOST} bytes are held at once. For one thread.
 */
final class FileBytes implements Closeable {
    /** The longest tag that is read, with its pictures: 64 MiB. */
    static final int MOST = 64 << 20;

    private static final int BLOCK = 1 << 16;

    private final FileChannel channel;
    private final long size;

    private FileBytes(FileChannel channel) throws IOException {
        this.channel = channel;
        this.size = channel.size();
    }

    static FileBytes open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file);
        try {
            return new FileBytes(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    long size() {
        return size;
    }

    /**
     * Refuses to write a file that is too long for the library which writes its kind.
     *
     * @param kind such as {@code an Ogg file}
     */
    void requireAtMost(long most, String kind) throws AudioException {
        if (size > most) {
            throw new AudioException(
                    Failure.Code.UNSUPPORTED,
                    "is " + kind + " of " + size + " bytes; tags are written to those of at most " + most);
        }
    }

    /** Whether a part with this text, in ASCII, is at a place. */
    boolean has(long at, String text) throws IOException {
        byte[] expected = text.getBytes(StandardCharsets.ISO_8859_1);
        return at >= 0
                && at + expected.length <= size
                && ByteBuffer.wrap(expected).equals(read("the beginning", at, expected.length));
    }

    /**
     * A part, from its first byte to its last.
     *
     * @param what it is, for the error
     * @throws AudioException if the file ends before it does, or it is too long
     */
    ByteBuffer read(String what, long at, long count) throws IOException {
        require(what, at, count);
        if (count > MOST) {
            throw new AudioException(
                    Failure.Code.UNSUPPORTED,
                    what + " takes " + count + " bytes; tags are written to files in which it takes at most " + MOST);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) count);
        fill(bytes, at);
        return bytes.flip();
    }

    /** @throws AudioException if a part does not lie in the file */
    void require(String what, long at, long count) throws AudioException {
        if (at < 0 || count < 0 || count > size - at) {
            throw new AudioException(
                    Failure.Code.DAMAGED,
                    what + " is damaged: it says that it takes " + count + " bytes from byte " + at
                            + " on, and the file has " + size);
        }
    }

    /** The digest of a part of any length. */
    String digest(long from, long to) throws IOException {
        MessageDigest digest = FileDigest.sha256();
        forEachBlock(from, to, digest::update);
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Where the first byte from here on is that is not zero; the file's end if there is none. */
    long skipZeros(long from) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        for (long at = from; at < size; ) {
            block.clear().limit((int) Math.min(BLOCK, size - at));
            fill(block, at);
            block.flip();
            while (block.hasRemaining()) {
                if (block.get() != 0) {
                    return at + block.position() - 1;
                }
            }
            at += block.limit();
        }
        return size;
    }

    /** Appends a part to another file. */
    void copy(long from, long to, FileChannel out) throws IOException {
        forEachBlock(from, to, block -> writeFully(out, block));
    }

    /** Appends bytes to a file, all of them. */
    static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    /** Takes bytes, valid until it returns. */
    @FunctionalInterface
    interface Block {
        void accept(ByteBuffer bytes) throws IOException;
    }

    private void forEachBlock(long from, long to, Block consumer) throws IOException {
        require("a part", from, to - from);
        ByteBuffer block = ByteBuffer.allocate((int) Math.min(BLOCK, to - from));
        for (long at = from; at < to; ) {
            block.clear().limit((int) Math.min(block.capacity(), to - at));
            fill(block, at);
            at += block.flip().limit();
            consumer.accept(block);
        }
    }

    private void fill(ByteBuffer bytes, long at) throws IOException {
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes, at + bytes.position());
            if (read < 0) {
                throw new AudioException(
                        Failure.Code.DAMAGED, "became shorter while it was read; is another program writing it?");
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
