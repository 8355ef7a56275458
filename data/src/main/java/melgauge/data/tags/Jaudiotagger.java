package melgauge.data.tags;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import melgauge.data.AudioException;
import melgauge.data.Failure;
import org.jaudiotagger.audio.asf.data.GUID;
import org.jaudiotagger.audio.asf.io.AsfStreamer;
import org.jaudiotagger.audio.asf.io.RandomAccessFileInputstream;
import org.jaudiotagger.audio.asf.io.RandomAccessFileOutputStream;
import org.jaudiotagger.audio.asf.io.WriteableChunk;
import org.jaudiotagger.audio.asf.io.WriteableChunkModifer;
import org.jaudiotagger.audio.mp4.Mp4TagWriter;
import org.jaudiotagger.audio.ogg.OggVorbisTagWriter;
import org.jaudiotagger.tag.TagField;
import org.jaudiotagger.tag.mp4.Mp4Tag;
import org.jaudiotagger.tag.vorbiscomment.VorbisCommentTag;

/**
 * The library jaudiotagger, which writes the formats in which a tag that grows moves much else: pages of Ogg, tables of
 * places in MP4, objects of ASF. It is handed all fields as bytes: those that it reads itself come out changed (comments of
 * Ogg with names in capitals, binary fields of MP4 as text), and some not at all. Whatever it throws is a failure of the file
 * at hand; it was made for sound files, and answers others with errors of any kind.
 */
final class Jaudiotagger {
    /** Held, since the JDK forgets the level of a logger that nobody holds. The second is a misspelling in the library. */
    private static final List<Logger> LOGGERS = Stream.of("org.jaudiotagger", "org.jaudiotabgger")
            .map(Logger::getLogger)
            .toList();

    /** Said by operating systems of a disk, never of a file's content. */
    private static final Pattern DISK = Pattern.compile(
            "no space left|quota exceeded|input/output error|read-only file system|stale", Pattern.CASE_INSENSITIVE);

    static {
        LOGGERS.forEach(logger -> logger.setLevel(Level.OFF));
    }

    private Jaudiotagger() {}

    /** Uses the library, which throws anything. */
    @FunctionalInterface
    private interface Use {
        void run() throws Exception;
    }

    /** Writes an Ogg Vorbis file anew, with other comments. */
    static void writeOgg(Path original, Path copy, VorbisComments comments) throws IOException {
        guard(copy, () -> {
            VorbisCommentTag tag = new VorbisCommentTag();
            tag.setVendor(
                    StandardCharsets.UTF_8.decode(comments.vendor().duplicate()).toString());
            int number = 0;
            for (ByteBuffer comment : comments.comments()) {
                ByteBuffer field = ByteBuffer.allocate(Integer.BYTES + comment.remaining())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(comment.remaining())
                        .put(comment.duplicate());
                tag.addField(new Verbatim(number++, field.array()));
            }
            try (RandomAccessFile from = new RandomAccessFile(text(original), "r");
                    RandomAccessFile to = emptied(copy)) {
                new OggVorbisTagWriter().write(tag, from, to);
            }
        });
    }

    /** Changes an MP4 file, so that it has other items of tags, each an atom. */
    static void writeMp4(Path copy, List<byte[]> items) throws IOException {
        guard(copy, () -> {
            text(copy);
            Mp4Tag tag = new Mp4Tag();
            for (int i = 0; i < items.size(); i++) {
                tag.addField(new Verbatim(i, items.get(i)));
            }
            new Mp4TagWriter("").write(tag, copy);
        });
    }

    /** Writes a WMA file anew, with another object of descriptors, header included. */
    static void writeAsf(Path original, Path copy, byte[] descriptors) throws IOException {
        guard(copy, () -> {
            try (RandomAccessFile from = new RandomAccessFile(text(original), "r");
                    RandomAccessFile to = emptied(copy)) {
                new AsfStreamer()
                        .createModifiedCopy(
                                new RandomAccessFileInputstream(from),
                                new RandomAccessFileOutputStream(to),
                                List.of(new WriteableChunkModifer(new Descriptors(descriptors))));
            }
        });
    }

    /** A field as the bytes that stand for it in a file, with a name of its own, so that fields keep their order. */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    private record Verbatim(int number, byte[] bytes) implements TagField {
        @Override
        public String getId() {
            return Integer.toString(number);
        }

        @Override
        public byte[] getRawContent() {
            return bytes;
        }

        @Override
        public boolean isBinary() {
            return true;
        }

        @Override
        public void isBinary(boolean binary) {}

        @Override
        public boolean isCommon() {
            return false;
        }

        @Override
        public boolean isEmpty() {
            return false;
        }

        @Override
        public void copyContent(TagField field) {
            throw new UnsupportedOperationException();
        }
    }

    /** An object of ASF as the bytes that stand for it. */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    private record Descriptors(byte[] bytes) implements WriteableChunk {
        @Override
        public GUID getGuid() {
            return GUID.GUID_EXTENDED_CONTENT_DESCRIPTION;
        }

        @Override
        public long getCurrentAsfChunkSize() {
            return bytes.length;
        }

        @Override
        public boolean isEmpty() {
            return false;
        }

        @Override
        public long writeInto(OutputStream out) throws IOException {
            out.write(bytes);
            return bytes.length;
        }
    }

    private static RandomAccessFile emptied(Path copy) throws IOException {
        RandomAccessFile file = new RandomAccessFile(text(copy), "rw");
        try {
            file.setLength(0);
            return file;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** A path as the library takes it, as text. */
    private static String text(Path path) throws AudioException {
        String text = path.toString();
        try {
            if (Path.of(text).equals(path)) {
                return text;
            }
        } catch (InvalidPathException e) {
            // said below
        }
        throw new AudioException(
                Failure.Code.UNSUPPORTED,
                "its name or its folder's is no text in this system's encoding ("
                        + System.getProperty("sun.jnu.encoding") + "); rename it");
    }

    private static void guard(Path copy, Use use) throws IOException {
        try {
            use.run();
        } catch (AudioException e) {
            throw e;
        } catch (StackOverflowError e) {
            throw failure(copy, e);
        } catch (VirtualMachineError e) {
            throw e; // lack of memory as well, which concerns whoever allocates
        } catch (Throwable e) {
            if (DISK.matcher(String.valueOf(e.getMessage())).find()) {
                throw new IOException("cannot write " + copy + ": " + e.getMessage(), e);
            }
            throw failure(copy, e);
        }
    }

    private static AudioException failure(Path copy, Throwable e) {
        String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new AudioException(
                Failure.Code.UNSUPPORTED,
                "its tags cannot be written by jaudiotagger: " + reason.replace(copy.toString(), "the file"),
                e);
    }
}
