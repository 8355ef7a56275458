package melgauge.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes files so that a reader sees the old content or the new one, never a part: into a temporary name in the same
 * folder, forced to disk, then renamed. Thread-safe.
 */
public final class AtomicFile {
    /** How the names of files under way end; one that is left over comes from a process that was killed. */
    public static final String TEMPORARY = ".tmp";

    /** File systems have room for 255 bytes, and 42 come behind and before. */
    private static final int LONGEST_NAME = 200;

    private AtomicFile() {}

    /** What fills a file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes {@code file}, creating its folder where needed. If the content throws, the old file stays as it was.
     *
     * @throws IOException naming the file, if it can't be written
     */
    public static void write(Path file, Content content) throws IOException {
        try (Draft draft = Draft.of(file)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(draft.channel()), 1 << 16);
            try {
                content.writeTo(out);
                out.flush();
            } catch (IOException e) {
                throw failure(file, e);
            }
            draft.publish();
        }
    }

    /**
     * Removes what processes that were killed have left of a file, for whoever knows that nobody else is writing it.
     *
     * @throws IOException naming the folder, if it cannot be read
     */
    public static void removeLeftovers(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            return;
        }
        String begin = begin(file);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path other : (Iterable<Path>) files::iterator) {
                String name = String.valueOf(other.getFileName());
                if (name.startsWith(begin)
                        && name.substring(begin.length()).matches("[0-9a-f-]{36}" + Pattern.quote(TEMPORARY))) {
                    Files.deleteIfExists(other);
                }
            }
        }
    }

    /**
     * A new name beside a file, for what is to take its place: {@code .NAME.UUID.tmp}. Where the name is long or not in
     * ASCII, a digest stands for it, since the result must be a name in every file system and in every locale.
     */
    public static Path temporary(Path file) {
        return file.resolveSibling(begin(file) + UUID.randomUUID() + TEMPORARY);
    }

    private static String begin(Path file) {
        Path last = file.getFileName();
        if (last == null) {
            throw new IllegalArgumentException(file + " is not the name of a file");
        }
        String name = last.toString();
        boolean plain = name.length() <= LONGEST_NAME && name.chars().allMatch(c -> c >= ' ' && c <= '~');
        return "." + (plain ? name : FileDigest.of(PathBytes.of(last))) + ".";
    }

    /** A file that is being written under its temporary name. Closing it before it is published throws it away. */
    public static final class Draft implements AutoCloseable {
        private final Path file;
        private final Path temporary;
        private final FileChannel channel;
        private boolean published;

        private Draft(Path file, Path temporary, FileChannel channel) {
            this.file = file;
            this.temporary = temporary;
            this.channel = channel;
        }

        /**
         * Begins to write {@code file}, creating its folder where needed.
         *
         * @throws IOException naming the file, if it can't be written
         */
        public static Draft of(Path file) throws IOException {
            try {
                Path folder = file.toAbsolutePath().getParent();
                if (folder == null) {
                    throw new IOException("is not the name of a file");
                }
                Files.createDirectories(folder);
                // Not createTempFile, whose files nobody else may read.
                Path temporary = temporary(file.toAbsolutePath());
                return new Draft(
                        file,
                        temporary,
                        FileChannel.open(
                                temporary,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.CREATE_NEW));
            } catch (IOException e) {
                throw failure(file, e);
            }
        }

        /** Where the content goes; this object closes it. */
        public FileChannel channel() {
            return channel;
        }

        /** Forces the content to disk and gives the file its name. */
        public void publish() throws IOException {
            try {
                channel.force(true);
                channel.close();
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                published = true;
            } catch (IOException e) {
                throw failure(file, e);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
            if (!published) {
                Files.deleteIfExists(temporary);
            }
        }
    }

    private static IOException failure(Path file, IOException e) {
        return new IOException("cannot write " + file + ": " + reason(e), e);
    }

    /** Writes UTF-8 text; see {@link #write}. */
    public static void writeString(Path file, String text) throws IOException {
        write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "its folder was removed meanwhile; run the same command again, which makes what is missing";
        }
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
