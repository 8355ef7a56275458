package melgauge.data.tags;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import melgauge.data.AtomicFile;
import melgauge.data.AudioException;
import melgauge.data.Decoder;
import melgauge.data.Failure;
import melgauge.data.FileStatus;

/**
 * Fields of text in an audio file's own metadata: ID3 frames {@code TXXX} in MP3, WAV and AIFF, Vorbis comments in FLAC and Ogg
 * Vorbis, free-form fields {@code ----:com.apple.iTunes:NAME} in M4A, attributes in WMA. What kind a file is shows in its
 * content; its name does not matter. Thread-safe.
 *
 * <p>A file is replaced, not changed: a copy beside it gets the fields, is proved to be otherwise the same, is forced to disk
 * and takes the file's name. Whoever is stopped on the way leaves the old file or the new one, and at most a copy under a
 * name of {@link AtomicFile}'s, which the next write of the same file removes. Permissions, owner and extended attributes
 * stay as far as the system lets them; the time of the last change is new, and so is the inode.
 */
public final class AudioTags {
    private static final Pattern NAME = Pattern.compile("[A-Z0-9_]{1,100}");
    private static final Pattern VALUE = Pattern.compile("[ -~]{1,1000}");

    private static final Decoder DECODER = Decoder.standard();

    /** Two names may lead to the same file, and two threads to its copy. Some files share a lock, which costs little. */
    private static final Object[] LOCKS =
            IntStream.range(0, 64).mapToObj(i -> new Object()).toArray();

    private AudioTags() {}

    /**
     * Writes fields, in place of all earlier ones of these names, and changes nothing else. A file that has these values
     * already is not written. Through a link, the file that it leads to is written, and the link stays.
     *
     * @param fields values by name: names of {@code A-Z}, {@code 0-9} and {@code _}, which all formats can hold, values of
     *     printable ASCII
     * @return whether the file was written
     * @throws AudioException if the format cannot hold them or is not known ({@code UNSUPPORTED}), the file is damaged
     *     ({@code DAMAGED}), it may not be written or has other names, hard links, which would keep the old file
     *     ({@code UNWRITABLE}), or if the result would differ in anything else. The file is as it was
     * @throws IOException naming the file, if the disk fails. The file is as it was
     */
    public static boolean write(Path file, Map<String, String> fields) throws IOException {
        Map<String, String> wanted = new TreeMap<>(fields);
        wanted.forEach(AudioTags::requireWritable);
        FileStatus.of(file);
        try {
            Path real = file.toRealPath();
            synchronized (LOCKS[Math.floorMod(real.hashCode(), LOCKS.length)]) {
                return replace(real, wanted);
            }
        } catch (AudioException e) {
            throw e;
        } catch (OutOfMemoryError e) {
            throw new AudioException(
                    Failure.Code.MEMORY, "its tags do not fit into Java's memory; allow more with -Xmx", e);
        } catch (AccessDeniedException e) {
            throw new AudioException(Failure.Code.UNWRITABLE, "may not be written (permission denied)", e);
        } catch (FileSystemException e) {
            throw new IOException(
                    "cannot write tags into " + file + ": " + Objects.requireNonNullElse(e.getReason(), e.toString()),
                    e);
        } catch (IOException e) {
            throw new IOException("cannot write tags into " + file + ": " + e.getMessage(), e);
        }
    }

    private static void requireWritable(String name, String value) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("field '" + name + "' must have a name of A-Z, 0-9 and _");
        }
        if (!VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException("field " + name + "='" + value + "' must be printable ASCII");
        }
    }

    /** The values that a file has of these fields; of one that it has several times, the first. */
    public static Map<String, String> read(Path file, Set<String> names) throws IOException {
        FileStatus.of(file);
        try (FileBytes bytes = FileBytes.open(file)) {
            return contents(bytes, names).values();
        } catch (AccessDeniedException e) {
            Failure failure = Failure.of(e);
            throw new AudioException(failure.code(), failure.reason(), e);
        }
    }

    private static Contents contents(FileBytes file, Set<String> names) throws IOException {
        Contents.Builder builder = new Contents.Builder(names);
        Containers.of(file).list(file, builder);
        return builder.build();
    }

    private static boolean replace(Path file, Map<String, String> fields) throws IOException {
        FileStatus status = FileStatus.of(file);
        Container container;
        Contents before;
        try (FileBytes bytes = FileBytes.open(file)) {
            container = Containers.of(bytes);
            before = contents(bytes, fields.keySet());
        }
        if (before.has(fields)) {
            return false;
        }
        requireReplaceable(file);
        AtomicFile.removeLeftovers(file);
        Path copy = AtomicFile.temporary(file);
        try {
            Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
            container.write(file, copy, fields);
            requireSame(file, before, copy, fields);
            try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            if (!FileStatus.of(file).equals(status)) {
                throw new AudioException(
                        Failure.Code.UNWRITABLE, "was changed by another program while its tags were written");
            }
            Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** A rename asks only whether the folder may be written; the file's own permissions and other names count as well. */
    private static void requireReplaceable(Path file) throws IOException {
        if (!Files.isWritable(file)) {
            throw new AudioException(Failure.Code.UNWRITABLE, "may not be written (it is read-only)");
        }
        if (!Files.isWritable(file.resolveSibling(""))) {
            throw new AudioException(
                    Failure.Code.UNWRITABLE, "may not be written (nothing can be written into its folder)");
        }
        if (file.getFileSystem().supportedFileAttributeViews().contains("unix")
                && Files.getAttribute(file, "unix:nlink") instanceof Integer names
                && names > 1) {
            throw new AudioException(
                    Failure.Code.UNWRITABLE,
                    "has " + names
                            + " names (hard links), and the others would keep the file without tags; make a copy of"
                            + " its own for each");
        }
    }

    private static void requireSame(Path file, Contents before, Path copy, Map<String, String> fields)
            throws IOException {
        Contents after;
        try (FileBytes bytes = FileBytes.open(copy)) {
            after = contents(bytes, fields.keySet());
        }
        String difference = after.has(fields) ? before.difference(after) : "the fields would not be found again";
        if (difference.isEmpty() && !SameAudio.of(DECODER, file, copy)) {
            difference = "its audio would be decoded to other samples";
        }
        if (!difference.isEmpty()) {
            throw new AudioException(Failure.Code.UNSUPPORTED, "keeps its tags as they are: " + difference);
        }
    }
}
