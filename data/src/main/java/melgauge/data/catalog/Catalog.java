package melgauge.data.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import melgauge.data.AuditRow;

/**
 * Remembers which content a file had, and what was prepared from which content, so that a second run costs a look-up
 * per track. Everything in it can be computed again from the files. Thread-safe, and other processes may have the same
 * file open.
 */
public final class Catalog implements AutoCloseable {
    private static final int VERSION = 1;
    private static final String SCHEMA = """
            CREATE TABLE file (path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL, sha256 TEXT NOT NULL);
            CREATE TABLE entry (
              sha256 TEXT NOT NULL, spec TEXT NOT NULL, origin TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
              duration REAL, declared REAL, rate INTEGER NOT NULL, channels INTEGER NOT NULL, codec TEXT NOT NULL,
              peak REAL, rms REAL, frames INTEGER NOT NULL, bytes INTEGER NOT NULL, checksum INTEGER NOT NULL,
              PRIMARY KEY (sha256, spec));
            CREATE TABLE attempt (path TEXT NOT NULL, at INTEGER NOT NULL, error TEXT NOT NULL)
            """;

    private final Database database;

    private Catalog(Database database) {
        this.database = database;
    }

    /** Opens the catalogue in a file, which is made if need be; one that is damaged is set aside. */
    public static Catalog open(Path file) throws IOException {
        return new Catalog(Database.open(file, VERSION, SCHEMA));
    }

    /**
     * What was prepared from some content.
     *
     * @param sha256 of the audio file's bytes
     * @param specId identity of the feature settings
     * @param audit what was found; its path is that of the first file with this content
     * @param frames of the spectrogram; 0 if the track was rejected
     * @param bytes of the cache file
     * @param checksum CRC-32 of the cache file
     */
    public record Entry(String sha256, String specId, AuditRow audit, int frames, long bytes, long checksum) {}

    /** The digest recorded for a file, if its size and modification time are still those of then. */
    public synchronized Optional<String> digest(Path file) throws IOException {
        long size = Files.size(file);
        long modified = modified(file);
        return database.query(
                "SELECT sha256 FROM file WHERE path = ? AND size = ? AND modified = ?",
                statement -> {
                    statement.setString(1, key(file));
                    statement.setLong(2, size);
                    statement.setLong(3, modified);
                },
                rows -> rows.next() ? Optional.of(rows.getString(1)) : Optional.empty());
    }

    /** Records the digest of a file as it is now. */
    public synchronized void recordDigest(Path file, String sha256) throws IOException {
        long size = Files.size(file);
        long modified = modified(file);
        database.update("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", statement -> {
            statement.setString(1, key(file));
            statement.setLong(2, size);
            statement.setLong(3, modified);
            statement.setString(4, sha256);
        });
    }

    /** What was prepared from this content with these settings. */
    public synchronized Optional<Entry> find(String sha256, String specId) throws IOException {
        return database.query(
                "SELECT origin, status, reason, duration, declared, rate, channels, codec, peak, rms, frames, bytes, checksum"
                        + " FROM entry WHERE sha256 = ? AND spec = ?",
                statement -> {
                    statement.setString(1, sha256);
                    statement.setString(2, specId);
                },
                rows -> {
                    if (!rows.next()) {
                        return Optional.empty();
                    }
                    AuditRow audit = new AuditRow(
                            rows.getString("origin"),
                            AuditRow.Status.valueOf(rows.getString("status")),
                            rows.getString("reason"),
                            number(rows.getDouble("duration"), rows.wasNull()),
                            number(rows.getDouble("declared"), rows.wasNull()),
                            rows.getInt("rate"),
                            rows.getInt("channels"),
                            rows.getString("codec"),
                            number(rows.getDouble("peak"), rows.wasNull()),
                            number(rows.getDouble("rms"), rows.wasNull()),
                            sha256);
                    return Optional.of(new Entry(
                            sha256,
                            specId,
                            audit,
                            rows.getInt("frames"),
                            rows.getLong("bytes"),
                            rows.getLong("checksum")));
                });
    }

    /** Records what was prepared; an earlier entry of the same content and settings is replaced. */
    public synchronized void record(Entry entry) throws IOException {
        AuditRow audit = entry.audit();
        database.update(
                "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", statement -> {
                    statement.setString(1, entry.sha256());
                    statement.setString(2, entry.specId());
                    statement.setString(3, audit.path());
                    statement.setString(4, audit.status().name());
                    statement.setString(5, audit.reason());
                    statement.setDouble(6, audit.durationSeconds());
                    statement.setDouble(7, audit.declaredSeconds());
                    statement.setInt(8, audit.sampleRate());
                    statement.setInt(9, audit.channels());
                    statement.setString(10, audit.codec());
                    statement.setDouble(11, audit.peakDb());
                    statement.setDouble(12, audit.rmsDb());
                    statement.setInt(13, entry.frames());
                    statement.setLong(14, entry.bytes());
                    statement.setLong(15, entry.checksum());
                });
    }

    /** Records that a file could not be prepared. */
    public synchronized void recordAttempt(Path file, String error) throws IOException {
        database.update("INSERT INTO attempt VALUES (?, ?, ?)", statement -> {
            statement.setString(1, key(file));
            statement.setLong(2, System.currentTimeMillis());
            statement.setString(3, error);
        });
    }

    /** Makes all that was recorded so far safe even against a power failure. */
    public synchronized void flush() throws IOException {
        database.flush();
    }

    @Override
    public synchronized void close() throws IOException {
        database.close();
    }

    private static String key(Path file) {
        // As a URI, so that names which are not text in the JVM's encoding stay distinct.
        return file.toAbsolutePath().normalize().toUri().getRawPath();
    }

    private static long modified(Path file) throws IOException {
        return Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
    }

    /** SQLite keeps NaN as NULL. */
    private static double number(double value, boolean wasNull) {
        return wasNull ? Double.NaN : value;
    }
}
