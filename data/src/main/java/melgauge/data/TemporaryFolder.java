package melgauge.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of this process in the system's temporary folder, for files that are of no use after it. It is removed when the
 * process ends; {@link #removeLeftovers} removes those of processes that were killed. Each holds a locked file, whose lock
 * the operating system frees when the process is gone. Thread-safe.
 */
public final class TemporaryFolder {
    private static final Logger LOG = LoggerFactory.getLogger(TemporaryFolder.class);
    private static final String PREFIX = "melgauge-process-";
    private static final String LOCK = "lock";
    private static final int PROBE_BYTES = 1 << 16;

    /** A folder without a lock that is younger may be one whose process is about to lock it. */
    private static final Duration UNLOCKED = Duration.ofMinutes(1);

    private static @Nullable TemporaryFolder own;

    private final Path folder;

    /** Held until the process ends. */
    private final FileChannel lock;

    private TemporaryFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** The system's temporary folder: {@code java.io.tmpdir}, which the launcher sets to {@code TMPDIR}. */
    static Path system() {
        return Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
    }

    /**
     * The folder of this process, which is made the first time.
     *
     * @throws IOException naming the system's temporary folder and the remedy, if nothing can be written there
     */
    public static synchronized Path ofProcess() throws IOException {
        TemporaryFolder made = own;
        if (made == null || !made.lock.isOpen()) {
            made = make(system());
            own = made;
            Path folder = made.folder;
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder), "melgauge-temporary-folder"));
        }
        return made.folder;
    }

    static TemporaryFolder make(Path temporary) throws IOException {
        try {
            while (true) {
                Path folder = Files.createTempDirectory(
                        temporary, PREFIX + ProcessHandle.current().pid() + "-");
                FileChannel channel =
                        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                boolean taken = false;
                try {
                    probe(channel);
                    // Another process may just be removing it as one without a lock.
                    taken = channel.tryLock() != null && Files.exists(folder.resolve(LOCK));
                    if (taken) {
                        return new TemporaryFolder(folder, channel);
                    }
                } finally {
                    if (!taken) {
                        channel.close();
                        remove(folder);
                    }
                }
            }
        } catch (IOException e) {
            throw new IOException(
                    "nothing can be written into the temporary folder " + temporary + ": " + Failure.toWrite(e)
                            + "; name another folder: TMPDIR=DIR",
                    e);
        }
    }

    /** Finds a disk that is full before any work rather than in the middle of it. */
    static void probe(FileChannel channel) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate(PROBE_BYTES);
        while (zeros.hasRemaining()) {
            channel.write(zeros);
        }
        channel.truncate(0);
    }

    /**
     * Removes what processes of this user that were killed have left in the system's temporary folder.
     *
     * @throws IOException naming the system's temporary folder, if it cannot be used
     */
    public static void removeLeftovers() throws IOException {
        removeLeftovers(system(), ofProcess());
    }

    static void removeLeftovers(Path temporary, Path own) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, PREFIX + "*")) {
            for (Path folder : folders) {
                if (!folder.equals(own)) {
                    removeIfLeft(folder, own);
                }
            }
        }
    }

    private static void removeIfLeft(Path folder, Path own) {
        try {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                    || !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(own))) {
                return;
            }
            try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                if (lock != null) {
                    remove(folder);
                }
            }
        } catch (NoSuchFileException e) {
            if (isOlder(folder)) {
                remove(folder);
            }
        } catch (IOException | OverlappingFileLockException e) {
            LOG.info("{} is left where it is", folder, e);
        }
    }

    private static boolean isOlder(Path folder) {
        try {
            FileTime modified = Files.getLastModifiedTime(folder);
            return modified.toInstant().isBefore(Instant.now().minus(UNLOCKED));
        } catch (IOException e) {
            return false; // gone meanwhile
        }
    }

    /** Removes a folder with all that is in it; what cannot be removed is left to {@link #removeLeftovers}. */
    public static void remove(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE; // another process removes it as well
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            LOG.info("{} is left behind", folder, e);
        }
    }

    Path folder() {
        return folder;
    }
}
