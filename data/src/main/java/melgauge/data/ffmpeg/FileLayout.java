package melgauge.data.ffmpeg;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Finds where in a file audio begins, for the cases in which libavformat needs to be told. */
final class FileLayout {
    private static final byte[] ID3 = "ID3".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OGG = "OggS".getBytes(StandardCharsets.US_ASCII);
    private static final int ID3_HEADER = 10;
    private static final int OGG_HEADER = 27;
    private static final int BEGINNING_OF_STREAM = 2;

    private FileLayout() {}

    /**
     * The length of an ID3v2 tag that a file begins with, header included, by the ID3v2.4 specification, section 3.1; 0
     * if there is none or the file can't be read.
     */
    static long leadingTag(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer header = read(channel, 0, ID3_HEADER);
            if (header.remaining() < ID3_HEADER || !startsWith(header, ID3)) {
                return 0;
            }
            long length = 0;
            for (int i = 6; i < ID3_HEADER; i++) {
                length = length << 7 | (header.get(i) & 0x7f);
            }
            return ID3_HEADER + length;
        } catch (IOException e) {
            return 0; // whatever is wrong with the file was or will be said by the decoder
        }
    }

    /**
     * Where the next link of a chained Ogg file begins, by RFC 3533: a page with the flag "beginning of stream" after one
     * without.
     *
     * @param from where a link begins
     * @return −1 if there is none
     */
    static long nextOggLink(Path file, long from) {
        try (FileChannel channel = FileChannel.open(file)) {
            boolean inside = false;
            for (long at = from; ; ) {
                ByteBuffer header = read(channel, at, OGG_HEADER + 255);
                if (header.remaining() < OGG_HEADER || !startsWith(header, OGG)) {
                    return -1;
                }
                boolean begins = (header.get(5) & BEGINNING_OF_STREAM) != 0;
                if (begins && inside) {
                    return at;
                }
                inside |= !begins;
                int segments = header.get(26) & 0xff;
                int size = OGG_HEADER + segments;
                if (header.remaining() < size) {
                    return -1;
                }
                for (int i = 0; i < segments; i++) {
                    size += header.get(OGG_HEADER + i) & 0xff;
                }
                at += size;
            }
        } catch (IOException e) {
            return -1; // as if the file ended here: what follows could not be read either
        }
    }

    private static boolean startsWith(ByteBuffer bytes, byte[] magic) {
        return bytes.remaining() >= magic.length && bytes.slice(0, magic.length).equals(ByteBuffer.wrap(magic));
    }

    private static ByteBuffer read(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        for (long at = position; bytes.hasRemaining(); ) {
            int read = channel.read(bytes, at);
            if (read < 0) {
                break;
            }
            at += read;
        }
        return bytes.flip();
    }
}
