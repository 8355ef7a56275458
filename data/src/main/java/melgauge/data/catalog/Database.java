package melgauge.data.catalog;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import melgauge.data.Failure;
import melgauge.data.Natives;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * One SQLite file with one connection; other processes may use the same file. Callers synchronise.
 *
 * <p>Each statement is a transaction of its own. A longer one would keep its lock, or the state that it read, while a
 * track is decoded, and another process would fail on it. It costs little: with a write-ahead log and
 * {@code synchronous = NORMAL} a commit does not wait for the disk. So a crash of the program loses nothing, a power
 * failure at most the last rows; {@link #flush} waits for the disk.
 */
final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final int BUSY_MILLIS = 10_000;
    private static final int SQLITE_BUSY = 5;
    private static final int SQLITE_CORRUPT = 11;
    private static final int SQLITE_FULL = 13;
    private static final int SQLITE_NOTADB = 26;

    private static final String SQLITE_LIBRARY = "org.sqlite.lib.path";

    private final Path file;
    private final Connection connection;
    private final boolean readOnly;
    private String notice = "";

    private Database(Path file, Connection connection, boolean readOnly) {
        this.file = file;
        this.connection = connection;
        this.readOnly = readOnly;
    }

    /** A sound file that another version of this program wrote. */
    private static final class OtherVersionException extends SQLException {
        private final int actual;

        OtherVersionException(int actual, int expected) {
            super("was written by " + (actual < expected ? "an earlier" : "a later") + " version of Melgauge (format "
                    + actual + ", this one uses " + expected + ")");
            this.actual = actual;
        }
    }

    /** A statement's parameters. */
    @FunctionalInterface
    interface Binder {
        void bind(PreparedStatement statement) throws SQLException;
    }

    /** What becomes of a result. */
    @FunctionalInterface
    interface Reader<T> {
        T read(ResultSet rows) throws SQLException;
    }

    /**
     * Opens a file, or makes it with the given schema. One of another version is set aside under a name ending in
     * {@code .format-N}, one that is damaged under a name ending in {@code .damaged}; {@link #notice} says so. One that
     * is only locked or may not be written stays where it is.
     *
     * @throws IOException naming the file, if it cannot be opened
     */
    static Database open(Path file, int version, String schema) throws IOException {
        Path folder = folder(file);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new IOException(
                    "the folder " + folder + " cannot be made: " + Failure.toWrite(e) + "; name another", e);
        }
        if (!Files.isWritable(folder)) {
            throw new IOException(folder + " cannot be written, and " + file.getFileName()
                    + " has to be there; make it writable, or name another folder");
        }
        loadSqlite();
        try {
            return connectWhenFree(file, version, schema);
        } catch (OtherVersionException e) {
            Path aside = setAside(file, ".format-" + e.actual);
            LOG.info("{} {}; it was set aside as {}", file, e.getMessage(), aside);
            return anew(
                    file,
                    version,
                    schema,
                    file + " " + e.getMessage() + "; it was kept as " + aside.getFileName()
                            + ", and a new one is filled");
        } catch (SQLException e) {
            // Only what is wrong with the file itself is cured by a new one.
            if (!isDamage(e)) {
                throw failure(file, e);
            }
            Path aside = setAside(file, ".damaged");
            LOG.warn("{} cannot be used ({}); it was set aside as {} and is filled anew", file, e.getMessage(), aside);
            return anew(file, version, schema, "");
        }
    }

    private static Database anew(Path file, int version, String schema, String notice) throws IOException {
        try {
            Database database = connectWhenFree(file, version, schema);
            database.notice = notice;
            return database;
        } catch (SQLException again) {
            throw failure(file, again);
        }
    }

    private static Path folder(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent());
    }

    /** Whether a file is there that this process may not write, or not the log beside it. */
    static boolean mayOnlyBeRead(Path file) {
        return Files.exists(file) && !(Files.isWritable(file) && Files.isWritable(folder(file)));
    }

    /**
     * Opens a file that may only be read.
     *
     * @throws IOException naming the file and the remedy, if it cannot be used
     */
    static Database openReadOnly(Path file, int version) throws IOException {
        loadSqlite();
        // Without a log of another process, SQLite must not look for one: it would have to make it.
        Path log = file.resolveSibling(file.getFileName() + "-wal");
        boolean immutable = !Files.exists(log) || Files.size(log) == 0;
        String name = file.toAbsolutePath().toUri().getRawPath() + "?mode=ro" + (immutable ? "&immutable=1" : "");
        try {
            return connectReadOnly(file, "jdbc:sqlite:file:" + name, version);
        } catch (SQLException e) {
            throw new IOException(
                    file + (e instanceof OtherVersionException ? " " : " cannot be used: ") + e.getMessage() + "; "
                            + folder(file)
                            + " cannot be written, so no new one can be made there; make it writable, or name another"
                            + " folder",
                    e);
        }
    }

    private static Database connectReadOnly(Path file, String name, int version) throws SQLException {
        Connection connection = DriverManager.getConnection(name);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = " + BUSY_MILLIS);
            checkContents(statement, version);
            return new Database(file, connection, true);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Whether nothing can be changed. */
    boolean isReadOnly() {
        return readOnly;
    }

    /**
     * Opens a file that is there and leaves it where it is, whatever is wrong with it.
     *
     * @throws IOException naming the file and the remedy, if it cannot be used
     */
    static Database openExisting(Path file, int version, String schema) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is not there; run prepare to make it");
        }
        loadSqlite();
        try {
            return connectWhenFree(file, version, schema);
        } catch (OtherVersionException e) {
            throw new IOException(file + " " + e.getMessage() + "; run prepare, which fills a new one", e);
        } catch (SQLException e) {
            if (isDamage(e)) {
                throw new IOException(
                        file + " is damaged: " + e.getMessage() + "; run prepare, which fills a new one", e);
            }
            throw failure(file, e);
        }
    }

    /**
     * Has SQLite's driver load its library from the folder of native libraries. By itself it unpacks another copy into the
     * temporary folder each time, and leaves it there when the process is killed.
     */
    private static synchronized void loadSqlite() throws IOException {
        String name = LibraryLoaderUtil.getNativeLibName();
        URL source = Database.class.getResource(LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name);
        if (System.getProperty(SQLITE_LIBRARY) == null && source != null) {
            Path file = Natives.unpack(source, "sqlite-jdbc-" + SQLiteJDBCLoader.getVersion(), name);
            String folder = String.valueOf(file.getParent());
            System.setProperty("org.sqlite.lib.name", name);
            System.setProperty(SQLITE_LIBRARY, folder);
            // Where the driver looks for what it left; it has left nothing there.
            System.setProperty("org.sqlite.tmpdir", folder);
        }
    }

    private static boolean isDamage(SQLException e) {
        return e.getErrorCode() == SQLITE_CORRUPT || e.getErrorCode() == SQLITE_NOTADB;
    }

    /** What became of a file that was there before, where the user need not worry; empty if nothing. */
    String notice() {
        return notice;
    }

    /** SQLite waits for other processes, but not for the lock that makes a new file write-ahead. */
    private static Database connectWhenFree(Path file, int version, String schema) throws SQLException {
        long begin = System.nanoTime();
        while (true) {
            try {
                return connect(file, version, schema);
            } catch (SQLException e) {
                long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
                if (e.getErrorCode() != SQLITE_BUSY || waited >= BUSY_MILLIS) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
    }

    private static Database connect(Path file, int version, String schema) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = " + BUSY_MILLIS);
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = NORMAL");
            createTables(statement, version, schema);
            checkContents(statement, version);
            return new Database(file, connection, false);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static void checkContents(Statement statement, int version) throws SQLException {
        int actual = number(statement, "PRAGMA user_version");
        if (actual != version) {
            throw new OtherVersionException(actual, version);
        }
        try (ResultSet check = statement.executeQuery("PRAGMA quick_check(1)")) {
            if (!"ok".equals(check.getString(1))) {
                throw new SQLException("SQLite's check finds defects", null, SQLITE_CORRUPT);
            }
        }
    }

    /** Makes the tables of a new file once, whoever else opens it at this moment. */
    private static void createTables(Statement statement, int version, String schema) throws SQLException {
        if (number(statement, "PRAGMA user_version") != 0) {
            return;
        }
        statement.execute("BEGIN IMMEDIATE");
        if (number(statement, "SELECT count(*) FROM sqlite_master") == 0) {
            for (String table : schema.split(";", -1)) {
                if (!table.isBlank()) {
                    statement.execute(table);
                }
            }
            statement.execute("PRAGMA user_version = " + version);
        }
        statement.execute("COMMIT");
    }

    private static int number(Statement statement, String sql) throws SQLException {
        try (ResultSet found = statement.executeQuery(sql)) {
            return found.getInt(1);
        }
    }

    private static Path setAside(Path file, String ending) throws IOException {
        for (int n = 1; ; n++) {
            Path aside = file.resolveSibling(file.getFileName() + ending + (n == 1 ? "" : "-" + n));
            if (!Files.exists(aside)) {
                Files.move(file, aside);
                Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-wal"));
                Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-shm"));
                return aside;
            }
        }
    }

    <T> T query(String sql, Binder binder, Reader<T> reader) throws IOException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            binder.bind(statement);
            try (ResultSet rows = statement.executeQuery()) {
                return reader.read(rows);
            }
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    void update(String sql, Binder binder) throws IOException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            binder.bind(statement);
            statement.executeUpdate();
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    /** Several statements. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    /** Runs statements as one transaction: all of them count, or none if something is thrown. */
    void transaction(Work work) throws IOException {
        execute("BEGIN IMMEDIATE");
        try {
            work.run();
            execute("COMMIT");
        } catch (IOException | RuntimeException e) {
            try {
                execute("ROLLBACK");
            } catch (IOException rolledBackAlready) {
                e.addSuppressed(rolledBackAlready);
            }
            throw e;
        }
    }

    private void execute(String sql) throws IOException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    /** Waits until all writes so far are on the disk. */
    void flush() throws IOException {
        execute("PRAGMA wal_checkpoint(PASSIVE)");
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    private static IOException failure(Path file, SQLException e) {
        if ((e.getErrorCode() & 0xff) == SQLITE_FULL) {
            return new IOException(
                    "cannot write " + file
                            + ": the disk is full; make room and run the same command again, which goes on"
                            + " where it was",
                    e);
        }
        return new IOException(file + ": " + e.getMessage(), e);
    }
}
