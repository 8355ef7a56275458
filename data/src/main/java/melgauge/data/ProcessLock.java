package melgauge.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Keeps a second process from writing what another one is writing. The operating system frees the lock when its holder
 * dies, in whatever way. Thread-safe.
 */
public final class ProcessLock implements AutoCloseable {
    /** The system's locks are between processes; this is between threads. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private static final int MOST_PADDING = 4096;

    private final Path output;
    private final Path file;
    private final FileChannel channel;

    private ProcessLock(Path output, Path file, FileChannel channel) {
        this.output = output;
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the lock of an output.
     *
     * @param output what is written, named in messages
     * @param file the lock's own file, which says who holds it; its folder must be there
     * @throws IOException naming the output and the process that holds the lock, if one does
     */
    public static ProcessLock of(Path output, Path file) throws IOException {
        Path key = file.toAbsolutePath().normalize();
        if (!HELD.add(key)) {
            throw new IOException(output + " is being written by this process; name another output");
        }
        boolean taken = false;
        try {
            ProcessLock lock = take(output, file);
            taken = true;
            return lock;
        } finally {
            if (!taken) {
                HELD.remove(key);
            }
        }
    }

    private static ProcessLock take(Path output, Path file) throws IOException {
        while (true) {
            FileChannel channel = open(output, file);
            boolean taken = false;
            try {
                if (channel.tryLock() == null) {
                    throw new IOException(
                            output + " is being written by " + holder(file) + "; wait for it, or name another output");
                }
                if (isNamed(channel, file)) {
                    taken = true;
                    return new ProcessLock(output, file, channel);
                }
            } finally {
                if (!taken) {
                    channel.close();
                }
            }
        }
    }

    private static FileChannel open(Path output, Path file) throws IOException {
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("cannot write " + output + ": " + file + " cannot be made: " + e.getMessage(), e);
        }
    }

    /**
     * Writes who has the lock. Whoever had it before may have removed the file meanwhile, so that it has no name any more:
     * then the file of that name has another length. To open it would tell more, but frees the lock when it is closed again
     * (POSIX).
     */
    private static boolean isNamed(FileChannel channel, Path file) throws IOException {
        ProcessHandle self = ProcessHandle.current();
        String text = "process " + self.pid()
                + self.info()
                        .startInstant()
                        .map(start -> ", started " + start.truncatedTo(ChronoUnit.SECONDS))
                        .orElse("");
        String padded = text + " ".repeat(ThreadLocalRandom.current().nextInt(MOST_PADDING));
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(padded.getBytes(StandardCharsets.UTF_8)), 0);
        return Files.exists(file) && Files.size(file) == padded.length();
    }

    private static String holder(Path file) throws IOException {
        String text = Files.exists(file) ? Files.readString(file).strip() : "";
        return text.isEmpty() ? "another process" : text;
    }

    /** What nobody else writes while the lock is held. */
    public Path output() {
        return output;
    }

    /** Frees the lock and removes its file. */
    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(file);
        } finally {
            channel.close();
            HELD.remove(file.toAbsolutePath().normalize());
        }
    }
}
