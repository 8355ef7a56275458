package melgauge.data.catalog;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import melgauge.data.AuditRow;
import melgauge.data.FileStatus;

/**
 * Remembers which content a file had, and what was prepared from which content, so that a second run costs a look-up
 * per track. Everything in it can be computed again from the files. Thread-safe, and other processes may have the same
 * file open.
 */
public final class Catalog implements AutoCloseable {
    /** The name of the catalogue's file in the folder of a cache. */
    public static final String FILE = "catalog.sqlite";

    /** To be raised with the schema, and with whatever changes the meaning of what is stored, such as reasons and fingerprints. */
    private static final int VERSION = 3;

    private static final String SCHEMA = """
            CREATE TABLE file (
              path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL, key TEXT NOT NULL,
              sha256 TEXT NOT NULL);
            CREATE TABLE entry (
              sha256 TEXT NOT NULL, spec TEXT NOT NULL, origin TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
              duration REAL, declared REAL, rate INTEGER NOT NULL, channels INTEGER NOT NULL, codec TEXT NOT NULL,
              peak REAL, rms REAL, frames INTEGER NOT NULL, bytes INTEGER NOT NULL, checksum INTEGER NOT NULL,
              fingerprint TEXT NOT NULL, PRIMARY KEY (sha256, spec));
            CREATE TABLE settings (spec TEXT PRIMARY KEY, json TEXT NOT NULL);
            CREATE TABLE attempt (path TEXT NOT NULL, at INTEGER NOT NULL, error TEXT NOT NULL)
            """;

    private final Database database;

    private Catalog(Database database) {
        this.database = database;
    }

    /**
     * Opens the catalogue in a file, which is made if need be; one that is damaged or of another version of this program
     * is set aside. One that may only be read is opened so. {@link #notice} tells of both.
     *
     * @throws IOException naming the file and the remedy, if it cannot be used
     */
    public static Catalog open(Path file) throws IOException {
        return Database.mayOnlyBeRead(file) ? openReadOnly(file) : new Catalog(Database.open(file, VERSION, SCHEMA));
    }

    /**
     * Opens a catalogue that is there, and changes nothing about one that cannot be used.
     *
     * @throws IOException naming the file, if it is damaged or of another version of this program
     */
    public static Catalog openExisting(Path file) throws IOException {
        return Database.mayOnlyBeRead(file)
                ? openReadOnly(file)
                : new Catalog(Database.openExisting(file, VERSION, SCHEMA));
    }

    static Catalog openReadOnly(Path file) throws IOException {
        return new Catalog(Database.openReadOnly(file, VERSION));
    }

    /** What the user should know of the way in which the catalogue was opened, in a sentence; mostly empty. */
    public String notice() {
        if (isReadOnly()) {
            return "the cache may only be read: what is in it is used, and nothing is added";
        }
        return database.notice().isEmpty() ? "" : database.notice() + ": tracks are decoded once more";
    }

    /**
     * Whether the catalogue may only be read. Then digests, settings and attempts are not recorded, which only costs time,
     * and everything else that would change it fails.
     */
    public boolean isReadOnly() {
        return database.isReadOnly();
    }

    /**
     * What was prepared from some content.
     *
     * @param sha256 of the audio file's bytes
     * @param specId identity of the feature settings
     * @param audit what was found; its path is that of the first file with this content
     * @param frames of the spectrogram; 0 if the track was rejected
     * @param bytes length of the cache file; 0 if there is none
     * @param checksum CRC-32 of the numbers in the cache file: of all bytes behind its header; 0 if there is none
     * @param fingerprint what tells whether two tracks sound the same, as text; empty if there is none
     */
    public record Entry(
            String sha256, String specId, AuditRow audit, int frames, long bytes, long checksum, String fingerprint) {}

    /**
     * A cache file as the catalogue knows it.
     *
     * @param sha256 of the audio file's bytes
     * @param specId identity of the feature settings
     * @param frames of the spectrogram; 0 if the track was rejected, so that there is no cache file
     * @param bytes length of the cache file
     * @param checksum CRC-32 of the numbers in it
     */
    public record Item(String sha256, String specId, int frames, long bytes, long checksum) {}

    /**
     * A file whose content is known.
     *
     * @param path where it is, absolute
     * @param status its status when it was hashed
     * @param sha256 of its bytes
     */
    public record KnownFile(Path path, FileStatus status, String sha256) {}

    /** The digest recorded for a file, if its status is still that of then. */
    public synchronized Optional<String> digest(Path file, FileStatus status) throws IOException {
        return database.query(
                "SELECT sha256 FROM file WHERE path = ? AND size = ? AND modified = ? AND key = ?",
                statement -> {
                    statement.setString(1, key(file));
                    statement.setLong(2, status.size());
                    statement.setLong(3, status.modified());
                    statement.setString(4, status.key());
                },
                rows -> rows.next() ? Optional.of(rows.getString(1)) : Optional.empty());
    }

    /**
     * Records the digest of a file.
     *
     * @param status from before it was read, so that a change meanwhile is noticed the next time
     */
    public synchronized void recordDigest(Path file, FileStatus status, String sha256) throws IOException {
        if (isReadOnly()) {
            return;
        }
        database.update("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)", statement -> {
            statement.setString(1, key(file));
            statement.setLong(2, status.size());
            statement.setLong(3, status.modified());
            statement.setString(4, status.key());
            statement.setString(5, sha256);
        });
    }

    /** All files whose content is known, by path. */
    public synchronized List<KnownFile> files() throws IOException {
        return database.query(
                "SELECT path, size, modified, key, sha256 FROM file ORDER BY path", statement -> {}, rows -> {
                    List<KnownFile> files = new ArrayList<>();
                    while (rows.next()) {
                        files.add(new KnownFile(
                                Path.of(URI.create("file://" + rows.getString(1))),
                                new FileStatus(rows.getLong(2), rows.getLong(3), rows.getString(4)),
                                rows.getString(5)));
                    }
                    return files;
                });
    }

    /** Forgets a file; nothing happens if its row has another digest by now. */
    public synchronized void forget(KnownFile file) throws IOException {
        database.update("DELETE FROM file WHERE path = ? AND sha256 = ?", statement -> {
            statement.setString(1, key(file.path()));
            statement.setString(2, file.sha256());
        });
    }

    /** All entries, by content and settings. */
    public synchronized List<Item> items() throws IOException {
        return database.query(
                "SELECT sha256, spec, frames, bytes, checksum FROM entry ORDER BY sha256, spec",
                statement -> {},
                rows -> {
                    List<Item> items = new ArrayList<>();
                    while (rows.next()) {
                        items.add(new Item(
                                rows.getString(1),
                                rows.getString(2),
                                rows.getInt(3),
                                rows.getLong(4),
                                rows.getLong(5)));
                    }
                    return items;
                });
    }

    /** Forgets what was prepared; the cache file stays. */
    public synchronized void forget(Item item) throws IOException {
        database.update("DELETE FROM entry WHERE sha256 = ? AND spec = ?", statement -> {
            statement.setString(1, item.sha256());
            statement.setString(2, item.specId());
        });
    }

    /** Records what settings an identity stands for. */
    public synchronized void recordSettings(String specId, String json) throws IOException {
        if (isReadOnly()) {
            return;
        }
        database.update("INSERT OR REPLACE INTO settings VALUES (?, ?)", statement -> {
            statement.setString(1, specId);
            statement.setString(2, json);
        });
    }

    /** The settings that were recorded, as JSON by identity. */
    public synchronized Map<String, String> settings() throws IOException {
        return database.query("SELECT spec, json FROM settings", statement -> {}, rows -> {
            Map<String, String> settings = new TreeMap<>();
            while (rows.next()) {
                settings.put(rows.getString(1), rows.getString(2));
            }
            return settings;
        });
    }

    /** What was prepared from this content with these settings. */
    public synchronized Optional<Entry> find(String sha256, String specId) throws IOException {
        return database.query(
                "SELECT origin, status, reason, duration, declared, rate, channels, codec, peak, rms, frames, bytes, checksum,"
                        + " fingerprint FROM entry WHERE sha256 = ? AND spec = ?",
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
                            rows.getLong("checksum"),
                            rows.getString("fingerprint")));
                });
    }

    /** Records what was prepared; an earlier entry of the same content and settings is replaced. */
    public synchronized void record(Entry entry) throws IOException {
        AuditRow audit = entry.audit();
        database.update(
                "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", statement -> {
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
                    statement.setString(16, entry.fingerprint());
                });
    }

    /** Records that a file could not be prepared. */
    public synchronized void recordAttempt(Path file, String error) throws IOException {
        if (isReadOnly()) {
            return;
        }
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

    /** A file's name in the tables: as a URI, so that names which are not text in the JVM's encoding stay distinct. */
    static String key(Path file) {
        return file.toAbsolutePath().toUri().getRawPath();
    }

    /** SQLite keeps NaN as NULL. */
    private static double number(double value, boolean wasNull) {
        return wasNull ? Double.NaN : value;
    }
}
