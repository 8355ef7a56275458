package melgauge.data.ffmpeg;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads of a file's layout what libavformat does not tell: where audio begins, and how much of it a cut WAV file had. */
final class FileLayout {
    private static final byte[] ID3 = "ID3".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OGG = "OggS".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RIFF = "RIFF".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FMT = "fmt ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);
    private static final int CHUNK_HEADER = 8;
    private static final int MOST_CHUNKS = 1000;

    /** Programs that write to a pipe leave a size near the largest one. */
    private static final long UNKNOWN_SIZE = 0x7fff_0000L;

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

    /**
     * The duration that the header of a WAV file states, from the size of its data chunk and its bytes per second;
     * libavformat states what the file still holds. NaN if the header says nothing.
     *
     * @param from where the RIFF header begins
     */
    static double wavSeconds(Path file, long from) {
        try (FileChannel channel = FileChannel.open(file)) {
            if (!startsWith(read(channel, from, RIFF.length), RIFF)) {
                return Double.NaN;
            }
            long bytesPerSecond = 0;
            long at = from + 12;
            for (int i = 0; i < MOST_CHUNKS; i++) {
                ByteBuffer chunk = read(channel, at, CHUNK_HEADER + 12);
                if (chunk.remaining() < CHUNK_HEADER) {
                    break;
                }
                long size = Integer.toUnsignedLong(chunk.getInt(4));
                if (startsWith(chunk, DATA)) {
                    return size == 0 || size >= UNKNOWN_SIZE || bytesPerSecond == 0
                            ? Double.NaN
                            : size / (double) bytesPerSecond;
                }
                if (startsWith(chunk, FMT) && chunk.remaining() == CHUNK_HEADER + 12) {
                    bytesPerSecond = Integer.toUnsignedLong(chunk.getInt(CHUNK_HEADER + 8));
                }
                at += CHUNK_HEADER + size + (size & 1);
            }
            return Double.NaN;
        } catch (IOException e) {
            return Double.NaN; // the decoder has said or will say what is wrong with the file
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
