package melgauge.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the file system says of a regular file, from a single look-up that does not open it. A file whose status is that
 * of an earlier look-up is taken to have the content it had then.
 *
 * @param size in bytes
 * @param modified the modification time in nanoseconds since 1970, as fine as the file system keeps it
 * @param key what tells this file from one that took its place: device and inode as text; empty where the file system
 *     has nothing of the kind
 */
public record FileStatus(long size, long modified, String key) {
    /**
     * Looks a file up; links are followed.
     *
     * @throws AudioException if there is none, it is no regular file, or it may not be looked up
     */
    public static FileStatus of(Path file) throws AudioException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (IOException e) {
            Failure failure = Failure.of(e);
            throw new AudioException(failure.code(), failure.reason(), e);
        }
        if (!attributes.isRegularFile()) {
            throw new AudioException(
                    Failure.Code.NOT_A_FILE,
                    attributes.isDirectory() ? "is a folder, not an audio file" : "is not a regular file");
        }
        return new FileStatus(
                attributes.size(),
                attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                Objects.toString(attributes.fileKey(), ""));
    }

    /** The status of a file; empty where {@link #of} would throw. */
    public static Optional<FileStatus> find(Path file) {
        try {
            return Optional.of(of(file));
        } catch (AudioException e) {
            return Optional.empty();
        }
    }
}
