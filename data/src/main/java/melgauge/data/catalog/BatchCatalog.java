package melgauge.data.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import melgauge.data.AtomicFile;
import melgauge.data.Failure;
import melgauge.data.FileStatus;
import melgauge.data.ProcessLock;
import org.jspecify.annotations.Nullable;

/**
 * What a batch over many files has found out so far, on disk, so that a batch which was interrupted goes on where it was,
 * and one that is run again works only on what is new. Two lists: the inputs of the batch that runs, in order, and the
 * results of files, which outlive it. A result belongs to a file as it was (its {@link FileStatus}) and to the maker that
 * made it (a model's digest, say): where either has changed, there is none. Takes no memory however long the lists are.
 * Thread-safe; one process at a time is meant to use it.
 */
public final class BatchCatalog implements AutoCloseable {
    private static final int VERSION = 2;
    private static final int PAGE = 256;
    private static final String SCHEMA = """
            CREATE TABLE input (number INTEGER PRIMARY KEY, path TEXT NOT NULL, file TEXT, code TEXT, reason TEXT);
            CREATE TABLE result (
              maker TEXT NOT NULL, file TEXT NOT NULL, size INTEGER, modified INTEGER, key TEXT, json TEXT NOT NULL,
              series BLOB, vector BLOB, PRIMARY KEY (maker, file)) WITHOUT ROWID
            """;

    private final Database database;
    private final @Nullable ProcessLock lock;

    private BatchCatalog(Database database, @Nullable ProcessLock lock) {
        this.database = database;
        this.lock = lock;
    }

    /**
     * Opens the catalogue of an output: {@code OUTPUT.catalog} beside it, made if need be. Until it is closed, no other
     * process gets it ({@code OUTPUT.lock}); what killed processes left of the output is removed.
     *
     * @throws IOException naming the output and the process that is writing it, if one is
     */
    public static BatchCatalog of(Path output) throws IOException {
        ProcessLock lock = ProcessLock.of(output, beside(output, ".lock"));
        boolean opened = false;
        try {
            AtomicFile.removeLeftovers(output);
            BatchCatalog catalog = new BatchCatalog(Database.open(beside(output, ".catalog"), VERSION, SCHEMA), lock);
            opened = true;
            return catalog;
        } finally {
            if (!opened) {
                lock.close();
            }
        }
    }

    private static Path beside(Path output, String ending) {
        return output.resolveSibling(output.getFileName() + ending);
    }

    /** Opens a catalogue without an output, in a file, which is made if need be; {@link #notice} tells of one that cannot be used. */
    public static BatchCatalog open(Path file) throws IOException {
        return new BatchCatalog(Database.open(file, VERSION, SCHEMA), null);
    }

    /** What the user should know of the way in which the catalogue was opened, in a sentence; mostly empty. */
    public String notice() {
        return database.notice().isEmpty() ? "" : database.notice() + ": all is computed once more";
    }

    /**
     * An input.
     *
     * @param number its place, from 0
     * @param path names it in outputs
     * @param file where it is; null if it can be nowhere
     * @param failure why it cannot be used, where that was clear from the start
     */
    public record Input(
            long number,
            String path,
            @Nullable Path file,
            @Nullable Failure failure) {}

    /**
     * What is known of a file.
     *
     * @param status from before it was read; null if it could not be looked up
     * @param json the result proper
     * @param series numbers along the file; null unless asked for
     * @param vector numbers of the whole; null unless asked for
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    public record Result(
            @Nullable FileStatus status, String json, byte @Nullable [] series, byte @Nullable [] vector) {}

    /** Gives inputs to whoever takes them. */
    @FunctionalInterface
    public interface Inputs {
        void forEach(Adder adder) throws IOException;
    }

    /** Takes an input, the next in order. */
    @FunctionalInterface
    public interface Adder {
        void add(String path, @Nullable Path file, @Nullable Failure failure) throws IOException;
    }

    /** Replaces the list of inputs: all of it, or nothing if something is thrown. Returns their number. */
    public synchronized long setInputs(Inputs inputs) throws IOException {
        long[] number = new long[1];
        database.transaction(() -> {
            database.update("DELETE FROM input", statement -> {});
            inputs.forEach((path, where, failure) -> {
                database.update("INSERT INTO input VALUES (?, ?, ?, ?, ?)", statement -> {
                    statement.setLong(1, number[0]);
                    statement.setString(2, path);
                    statement.setString(3, where == null ? null : Catalog.key(where));
                    statement.setString(
                            4, failure == null ? null : failure.code().name());
                    statement.setString(5, failure == null ? null : failure.reason());
                });
                number[0]++;
            });
        });
        return number[0];
    }

    /** Makes something of an input, or null. */
    @FunctionalInterface
    public interface Selection<T> {
        @Nullable
        T of(Input input) throws IOException;
    }

    /**
     * What a function makes of the inputs, in their order, without those of which it makes null. A page of inputs is in memory
     * at a time, and one selected thing. For one thread; throws {@link UncheckedIOException} where inputs cannot be read.
     */
    public <T> Iterator<T> inputs(Selection<T> selection) {
        return new Iterator<>() {
            private final Deque<Input> page = new ArrayDeque<>();
            private @Nullable T found;
            private long next;
            private boolean ended;

            @Override
            public boolean hasNext() {
                try {
                    while (found == null && !(page.isEmpty() && ended)) {
                        if (page.isEmpty()) {
                            page.addAll(page(next));
                            next += page.size();
                            ended = page.size() < PAGE;
                        } else {
                            found = selection.of(page.removeFirst());
                        }
                    }
                    return found != null;
                } catch (IOException e) {
                    throw new UncheckedIOException(e.getMessage(), e);
                }
            }

            @Override
            public T next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                T item = Objects.requireNonNull(found);
                found = null;
                return item;
            }
        };
    }

    private synchronized List<Input> page(long from) throws IOException {
        return database.query(
                "SELECT number, path, file, code, reason FROM input WHERE number >= ? ORDER BY number LIMIT ?",
                statement -> {
                    statement.setLong(1, from);
                    statement.setInt(2, PAGE);
                },
                rows -> {
                    List<Input> inputs = new ArrayList<>();
                    while (rows.next()) {
                        inputs.add(input(rows));
                    }
                    return inputs;
                });
    }

    private static Input input(ResultSet rows) throws SQLException {
        String where = rows.getString("file");
        String code = rows.getString("code");
        return new Input(
                rows.getLong("number"),
                rows.getString("path"),
                where == null ? null : Path.of(URI.create("file://" + where)),
                code == null ? null : new Failure(Failure.Code.valueOf(code), rows.getString("reason")));
    }

    /** What is known of a file, whatever has become of the file since. */
    public synchronized Optional<Result> result(String maker, Path file) throws IOException {
        return database.query(
                "SELECT size, modified, key, json, series, vector FROM result WHERE maker = ? AND file = ?",
                statement -> {
                    statement.setString(1, maker);
                    statement.setString(2, Catalog.key(file));
                },
                rows -> rows.next() ? Optional.of(result(rows)) : Optional.empty());
    }

    private static Result result(ResultSet rows) throws SQLException {
        String key = rows.getString("key");
        return new Result(
                key == null ? null : new FileStatus(rows.getLong("size"), rows.getLong("modified"), key),
                rows.getString("json"),
                rows.getBytes("series"),
                rows.getBytes("vector"));
    }

    /** Records what is known of a file, in place of what was. */
    public synchronized void put(String maker, Path file, Result result) throws IOException {
        FileStatus status = result.status();
        database.update("INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?)", statement -> {
            statement.setString(1, maker);
            statement.setString(2, Catalog.key(file));
            if (status != null) {
                statement.setLong(3, status.size());
                statement.setLong(4, status.modified());
                statement.setString(5, status.key());
            }
            statement.setString(6, result.json());
            statement.setBytes(7, result.series());
            statement.setBytes(8, result.vector());
        });
    }

    /**
     * Records that a file has another status and the result of it other words, and leaves series and vector as they are:
     * for whoever changes a file in a way that changes no result.
     */
    public synchronized void revise(String maker, Path file, @Nullable FileStatus status, String json)
            throws IOException {
        database.update(
                "UPDATE result SET size = ?, modified = ?, key = ?, json = ? WHERE maker = ? AND file = ?",
                statement -> {
                    if (status != null) {
                        statement.setLong(1, status.size());
                        statement.setLong(2, status.modified());
                        statement.setString(3, status.key());
                    }
                    statement.setString(4, json);
                    statement.setString(5, maker);
                    statement.setString(6, Catalog.key(file));
                });
    }

    /** Takes an input with what is known of it. */
    @FunctionalInterface
    public interface Consumer {
        void accept(Input input, @Nullable Result result) throws IOException;
    }

    /** Goes through all inputs in order, with what is known of each. */
    public synchronized void forEach(String maker, Consumer consumer) throws IOException {
        IOException[] failed = new IOException[1];
        database.query(
                "SELECT number, path, i.file AS file, code, reason, size, modified, key, json, series, vector"
                        + " FROM input i LEFT JOIN result r ON r.maker = ? AND r.file = i.file ORDER BY number",
                statement -> statement.setString(1, maker),
                rows -> {
                    while (failed[0] == null && rows.next()) {
                        try {
                            consumer.accept(input(rows), rows.getString("json") == null ? null : result(rows));
                        } catch (IOException e) {
                            failed[0] = e;
                        }
                    }
                    return true;
                });
        if (failed[0] != null) {
            throw failed[0];
        }
    }

    /** Makes all that was recorded so far safe even against a power failure. */
    public synchronized void flush() throws IOException {
        database.flush();
    }

    @Override
    public synchronized void close() throws IOException {
        try {
            database.close();
        } finally {
            if (lock != null) {
                lock.close();
            }
        }
    }
}
