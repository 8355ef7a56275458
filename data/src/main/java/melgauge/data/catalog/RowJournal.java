package melgauge.data.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The finished rows of a batch, by number, so that a batch which was interrupted goes on where it was. Thread-safe.
 */
public final class RowJournal implements AutoCloseable {
    private static final int VERSION = 1;
    private static final String SCHEMA =
            "CREATE TABLE batch (identity TEXT NOT NULL); CREATE TABLE row (number INTEGER PRIMARY KEY, json TEXT NOT NULL)";

    private final Path file;
    private final Database database;

    private RowJournal(Path file, Database database) {
        this.file = file;
        this.database = database;
    }

    /** What takes the rows. */
    @FunctionalInterface
    public interface RowConsumer {
        void accept(long number, String json) throws IOException;
    }

    /**
     * Opens the journal of a batch. Rows of a batch with another identity are dropped.
     *
     * @param identity tells whether it is still the same batch: its model, its inputs, its settings
     */
    public static RowJournal open(Path file, String identity) throws IOException {
        Database database = Database.open(file, VERSION, SCHEMA);
        String before = database.query(
                "SELECT identity FROM batch", statement -> {}, rows -> rows.next() ? rows.getString(1) : "");
        if (!before.equals(identity)) {
            database.update("DELETE FROM row", statement -> {});
            database.update("DELETE FROM batch", statement -> {});
            database.update("INSERT INTO batch VALUES (?)", statement -> statement.setString(1, identity));
        }
        return new RowJournal(file, database);
    }

    /** Whether this row is finished. */
    public synchronized boolean contains(long number) throws IOException {
        return database.query(
                "SELECT 1 FROM row WHERE number = ?", statement -> statement.setLong(1, number), rows -> rows.next());
    }

    /** Records a finished row. */
    public synchronized void put(long number, String json) throws IOException {
        database.update("INSERT OR REPLACE INTO row VALUES (?, ?)", statement -> {
            statement.setLong(1, number);
            statement.setString(2, json);
        });
    }

    /** How many rows are finished. */
    public synchronized long size() throws IOException {
        return database.query("SELECT count(*) FROM row", statement -> {}, rows -> rows.getLong(1));
    }

    /** Passes all rows on, in the order of their numbers, one at a time. */
    public synchronized void forEach(RowConsumer consumer) throws IOException {
        IOException[] failed = new IOException[1];
        database.query("SELECT number, json FROM row ORDER BY number", statement -> {}, rows -> {
            while (rows.next() && failed[0] == null) {
                try {
                    consumer.accept(rows.getLong(1), rows.getString(2));
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

    /** Closes the journal and removes its files: the batch is done. */
    public synchronized void delete() throws IOException {
        close();
        for (String ending : new String[] {"", "-wal", "-shm"}) {
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + ending));
        }
    }

    @Override
    public synchronized void close() throws IOException {
        database.close();
    }
}
