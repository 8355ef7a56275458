package melgauge.data.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One SQLite file with one connection. Writes are gathered into transactions, so that a hundred thousand rows cost a
 * few hundred of them; {@link #flush} ends one. Callers synchronise.
 */
final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final int WRITES_PER_TRANSACTION = 64;
    private static final long NANOS_PER_TRANSACTION = 1_000_000_000L;

    private final Path file;
    private final Connection connection;
    private int writes;
    private long lastCommit = System.nanoTime();

    private Database(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
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
     * Opens a file, or makes it with the given schema. One that is damaged or has another version is set aside under a
     * name ending in {@code .damaged-N}.
     */
    static Database open(Path file, int version, String schema) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        try {
            return connect(file, version, schema);
        } catch (SQLException e) {
            // Only what is wrong with the file itself is cured by a new one.
            String message = String.valueOf(e.getMessage());
            if (!Files.exists(file) || message.contains("SQLITE_BUSY") || message.contains("SQLITE_CANTOPEN")) {
                throw failure(file, e);
            }
            Path aside = setAside(file);
            LOG.warn("{} cannot be used ({}); it was set aside as {} and is filled anew", file, e.getMessage(), aside);
            try {
                return connect(file, version, schema);
            } catch (SQLException again) {
                throw failure(file, again);
            }
        }
    }

    private static Database connect(Path file, int version, String schema) throws SQLException {
        boolean isNew = !Files.exists(file);
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 10000");
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = NORMAL");
            if (isNew) {
                for (String table : schema.split(";", -1)) {
                    if (!table.isBlank()) {
                        statement.execute(table);
                    }
                }
                statement.execute("PRAGMA user_version = " + version);
            }
            try (ResultSet found = statement.executeQuery("PRAGMA user_version")) {
                int actual = found.getInt(1);
                if (actual != version) {
                    throw new SQLException("it has version " + actual + ", this program uses " + version);
                }
            }
            try (ResultSet check = statement.executeQuery("PRAGMA quick_check(1)")) {
                if (!"ok".equals(check.getString(1))) {
                    throw new SQLException("it is damaged");
                }
            }
            connection.setAutoCommit(false);
            return new Database(file, connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static Path setAside(Path file) throws IOException {
        for (int n = 1; ; n++) {
            Path aside = file.resolveSibling(file.getFileName() + ".damaged-" + n);
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
        writes++;
        if (writes >= WRITES_PER_TRANSACTION || System.nanoTime() - lastCommit > NANOS_PER_TRANSACTION) {
            flush();
        }
    }

    /** Makes all writes so far safe. */
    void flush() throws IOException {
        try {
            connection.commit();
        } catch (SQLException e) {
            throw failure(file, e);
        }
        writes = 0;
        lastCommit = System.nanoTime();
    }

    @Override
    public void close() throws IOException {
        try (Connection closing = connection) {
            if (!closing.isClosed()) {
                closing.commit();
            }
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    private static IOException failure(Path file, SQLException e) {
        return new IOException(file + ": " + e.getMessage(), e);
    }
}
