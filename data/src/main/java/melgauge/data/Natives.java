package melgauge.data;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder that native libraries are unpacked into once and loaded from: {@code MELGAUGE_NATIVES} where that is set, else
 * {@code melgauge} in the user's folder of caches ({@code XDG_CACHE_HOME}, or {@code .cache} in the home), else, for users
 * without a home that can be written, {@code melgauge-UID} in the system's temporary folder. Thread-safe, also against other
 * processes.
 */
public final class Natives {
    private static final String VARIABLE = "MELGAUGE_NATIVES";
    private static final String REMEDY = "; name another folder: " + VARIABLE + "=DIR";

    /** Where JavaCPP unpacks FFmpeg, ND4J and oneDNN; read when its first class is loaded. */
    private static final String JAVACPP = "org.bytedeco.javacpp.cachedir";

    /** What the libraries take that decode and keep catalogues: FFmpeg 54 MiB, SQLite 1. */
    private static final long DECODING_BYTES = 60L << 20;

    /** What all libraries of the build for CPUs take; with ND4J, oneDNN and OpenBLAS it is 569 MiB, and 58 are DuckDB's. */
    private static final long BYTES = 640L << 20;

    private static @Nullable Path chosen;

    private Natives() {}

    /**
     * The folder, which is made the first time.
     *
     * @throws IOException naming the folder and the remedy, if it cannot be made
     */
    public static synchronized Path folder() throws IOException {
        Path folder = chosen;
        if (folder == null) {
            folder = choose(System.getenv(), System.getProperty("user.home"), TemporaryFolder.system());
            chosen = folder;
        }
        return folder;
    }

    /**
     * Checks that libraries can be unpacked into the folder and loaded from it, and has JavaCPP use it: to be called before
     * the first class of a native library is loaded.
     *
     * @param networks whether networks are to run, whose libraries take most of the room
     * @throws IOException naming the folder and the remedy, if it is full, not writable, or mounted {@code noexec}
     */
    public static void prepare(boolean networks) throws IOException {
        Path folder = folder();
        check(folder, networks ? BYTES : DECODING_BYTES);
        if (System.getProperty(JAVACPP) == null) {
            System.setProperty(JAVACPP, folder.resolve("javacpp").toString());
        }
    }

    /** What the user should know of a failure, if it is one to load a library of JavaCPP's; empty if not. */
    public static Optional<String> explain(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnsatisfiedLinkError) {
                return Optional.of("a native library cannot be loaded from " + System.getProperty(JAVACPP) + ": "
                        + cause.getMessage() + "; make room there, remove the folder, so that it is filled again,"
                        + " or name another folder: " + VARIABLE + "=DIR");
            }
        }
        return Optional.empty();
    }

    static Path choose(Map<String, String> environment, String userHome, Path temporary) throws IOException {
        String named = environment.getOrDefault(VARIABLE, "");
        if (!named.isEmpty()) {
            return make(Path.of(named).toAbsolutePath());
        }
        // The convention says that a relative path does not count.
        String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
        if (caches.startsWith("/")) {
            return make(Path.of(caches, "melgauge"));
        }
        String home = environment.getOrDefault("HOME", "");
        Path inHome = Path.of(home.isEmpty() ? userHome : home, ".cache", "melgauge");
        return canBeMade(inHome) ? make(inHome) : ofUser(temporary);
    }

    /** Whether a folder is writable, or the nearest one above it that is there; a home itself is never made. */
    private static boolean canBeMade(Path inHome) {
        Path home = inHome.getParent() == null ? null : inHome.getParent().getParent();
        if (home == null || !inHome.isAbsolute() || !Files.isDirectory(home)) {
            return false;
        }
        for (Path there = inHome; there != null; there = there.getParent()) {
            if (Files.exists(there)) {
                return Files.isWritable(there);
            }
        }
        return false;
    }

    private static Path make(Path folder) throws IOException {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw unusable(folder, Failure.toWrite(e), e);
        }
    }

    /** A folder where others may write, too: none of them may have made it, or may put libraries there. */
    private static Path ofUser(Path temporary) throws IOException {
        Path mine = TemporaryFolder.ofProcess();
        Object user = Files.getAttribute(mine, "unix:uid");
        Path folder = temporary.resolve("melgauge-" + user);
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            requireMine(folder, user);
        } catch (IOException e) {
            throw unusable(folder, Failure.toWrite(e), e);
        }
        return folder;
    }

    private static void requireMine(Path folder, Object user) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw unusable(folder, "there is a link or a file in its place", null);
        }
        Object owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
        if (!owner.equals(user)
                || permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw unusable(
                    folder,
                    "it has the owner " + owner + " and the permissions " + PosixFilePermissions.toString(permissions)
                            + ", so that others than user " + user + " could put libraries there",
                    null);
        }
    }

    static void check(Path folder, long bytes) throws IOException {
        boolean executable;
        try {
            executable = probe(AtomicFile.temporary(folder.resolve("probe")));
        } catch (IOException e) {
            throw unusable(folder, Failure.toWrite(e), e);
        }
        if (!executable) {
            throw unusable(folder, "it is mounted noexec, so nothing can be loaded from it", null);
        }
        long free = Files.getFileStore(folder).getUsableSpace();
        // What the folder holds already is counted only where that makes a difference.
        long missing = free < bytes ? bytes - size(folder) : 0;
        if (missing > free) {
            throw unusable(
                    folder,
                    (free >> 20) + " MiB are left there, and up to " + (missing >> 20)
                            + " MiB more are needed; make room",
                    null);
        }
    }

    /** Writes a file; returns whether its disk lets files be executed. */
    private static boolean probe(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")))) {
            TemporaryFolder.probe(channel);
            return Files.isExecutable(file);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static long size(Path folder) throws IOException {
        long[] bytes = new long[1];
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                bytes[0] += attributes.isRegularFile() ? attributes.size() : 0;
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE; // another process renames or removes it meanwhile
            }
        });
        return bytes[0];
    }

    private static IOException unusable(Path folder, String reason, @Nullable Exception cause) {
        return new IOException("native libraries cannot be kept in " + folder + ": " + reason + REMEDY, cause);
    }

    /**
     * Unpacks a library, unless that was done before.
     *
     * @param source the library in its jar
     * @param library a name with the version, for a folder of its own
     * @param name of the file
     * @return the file
     * @throws IOException naming the file, if it cannot be written
     */
    public static synchronized Path unpack(URL source, String library, String name) throws IOException {
        Path file = folder().resolve(library).resolve(name);
        long length = source.openConnection().getContentLengthLong();
        if (isComplete(file, length)) {
            return file;
        }
        make(folder().resolve(library));
        try (FileChannel channel =
                FileChannel.open(file.resolveSibling("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock(); // until the channel is closed
            if (!isComplete(file, length)) {
                AtomicFile.removeLeftovers(file);
                AtomicFile.write(file, out -> {
                    try (InputStream in = source.openStream()) {
                        in.transferTo(out);
                    }
                });
            }
        }
        return file;
    }

    private static boolean isComplete(Path file, long length) throws IOException {
        return Files.isRegularFile(file) && Files.size(file) == length;
    }
}
