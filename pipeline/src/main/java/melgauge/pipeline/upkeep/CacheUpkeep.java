package melgauge.pipeline.upkeep;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import melgauge.data.FileStatus;
import melgauge.data.UsageException;
import melgauge.data.catalog.Catalog;
import melgauge.features.CacheFolder;
import melgauge.features.FeatureCache;
import melgauge.features.MelSpec;
import melgauge.features.Npy;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.TrackTask;
import melgauge.pipeline.Workers;

/**
 * Looks after the folder of a feature cache. Nothing of it is lost for good: whatever is removed, the next prepare of a
 * run that needs it makes it anew. A run that is at work may miss what is removed under it. For one thread.
 */
public final class CacheUpkeep {
    /** A file that is still written to is younger than this. */
    private static final Duration LEFTOVER_AGE = Duration.ofHours(1);

    /** An entry is in the catalogue this soon after it appeared. */
    private static final Duration UNKNOWN_AGE = Duration.ofMinutes(1);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final CacheFolder folder;
    private final Path catalogFile;

    private CacheUpkeep(Path root) {
        this.folder = new CacheFolder(root);
        this.catalogFile = root.resolve(Catalog.FILE);
    }

    /**
     * The upkeep of a cache.
     *
     * @param path the folder of the cache, or a run file that names it
     * @throws UsageException if it is neither, or the folder holds no catalogue
     */
    public static CacheUpkeep of(Path path) {
        if (!Files.exists(path)) {
            throw new UsageException(path + ": there is no such folder or run file; name the folder of a feature cache,"
                    + " or a run.yaml whose key cache names it");
        }
        Path root =
                Files.isDirectory(path) ? path : RunFile.read(path, List.of()).cache();
        if (!Files.isRegularFile(root.resolve(Catalog.FILE))) {
            throw new UsageException(root + " is no feature cache: it holds no " + Catalog.FILE
                    + "; name the folder that the key cache of a run.yaml names, and that prepare has filled");
        }
        return new CacheUpkeep(root);
    }

    /** The folder. */
    public Path root() {
        return folder.root();
    }

    /**
     * What the entries of one feature setting take.
     *
     * @param specName the first digits of the settings' identity, as in the names of files
     * @param settings the kind of feature and what differs from the default settings; empty if unknown
     * @param entries how many spectrograms
     * @param bytes of all of them
     */
    public record Share(String specName, String settings, long entries, long bytes) {}

    /**
     * What a cache takes.
     *
     * @param shares by settings
     * @param tracks how many different contents of audio files have a spectrogram
     * @param leftovers files that are being written, or were when their writer was killed
     * @param leftoverBytes of all of them
     */
    public record Size(List<Share> shares, long tracks, long leftovers, long leftoverBytes) {
        public Size {
            shares = List.copyOf(shares);
        }

        /** Spectrograms of all settings. */
        public long entries() {
            return shares.stream().mapToLong(Share::entries).sum();
        }

        /** Bytes of all spectrograms and leftovers. */
        public long bytes() {
            return leftoverBytes + shares.stream().mapToLong(Share::bytes).sum();
        }
    }

    /**
     * Measures the cache.
     *
     * @throws IOException if the folder or the catalogue cannot be read
     */
    public Size size() throws IOException {
        Map<String, String> settings = new HashMap<>();
        try (Catalog catalog = Catalog.openExisting(catalogFile)) {
            catalog.settings().forEach((id, json) -> settings.put(CacheFolder.specName(id), describe(json)));
        }
        Map<String, Share> shares = new TreeMap<>();
        Set<String> tracks = new HashSet<>();
        long leftovers = 0;
        long leftoverBytes = 0;
        for (CacheFolder.Item item : folder.items()) {
            if (item.temporary()) {
                leftovers++;
                leftoverBytes += item.bytes();
            } else {
                tracks.add(item.sha256());
                shares.merge(
                        item.specName(),
                        new Share(item.specName(), settings.getOrDefault(item.specName(), ""), 1, item.bytes()),
                        (a, b) -> new Share(
                                a.specName(), a.settings(), a.entries() + b.entries(), a.bytes() + b.bytes()));
            }
        }
        return new Size(List.copyOf(shares.values()), tracks.size(), leftovers, leftoverBytes);
    }

    /** The kind of feature, and the settings that are not the default. */
    private static String describe(String json) {
        try {
            JsonNode settings = JSON.readTree(json);
            JsonNode defaults = JSON.readTree(MelSpec.defaults().canonicalJson());
            StringBuilder text = new StringBuilder(settings.path("kind").asText());
            settings.properties().forEach(setting -> {
                if (!setting.getKey().equals("kind") && !setting.getValue().equals(defaults.get(setting.getKey()))) {
                    text.append(", ").append(setting.getKey()).append('=');
                    text.append(
                            setting.getValue().isTextual()
                                    ? setting.getValue().asText()
                                    : setting.getValue().toString());
                }
            });
            return text.toString();
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * What a check of all entries found.
     *
     * @param read how many entries were read
     * @param damaged what is wrong with those that are damaged, each in a sentence that names its file
     * @param unknown how many entries are readable, but not in the catalogue, so that their content can't be checked
     * @param missing how many entries of the catalogue have no file
     */
    public record Check(long read, List<String> damaged, long unknown, long missing) {
        public Check {
            damaged = List.copyOf(damaged);
        }
    }

    /**
     * Reads every entry, and compares header, length and checksum with the catalogue.
     *
     * @param repair whether damaged entries are removed, so that the next prepare makes them anew
     * @throws IOException if the folder or the catalogue cannot be read, or an entry cannot be removed
     */
    public Check verify(Monitor monitor, boolean repair) throws IOException, InterruptedException {
        try (Catalog catalog = Catalog.openExisting(catalogFile);
                Workers workers = new Workers(Runtime.getRuntime().availableProcessors());
                Monitor.Task task = monitor.begin("verify", "entries")) {
            List<CacheFolder.Item> entries =
                    folder.items().stream().filter(item -> !item.temporary()).toList();
            Map<String, Catalog.Item> known = known(catalog);
            TrackTask<CacheFolder.Item, Optional<String>> check =
                    () -> item -> defect(item, Optional.ofNullable(known.get(key(item))));
            List<String> damaged = new ArrayList<>();
            int[] done = new int[1];
            long unknown = entries.stream()
                    .filter(item -> !known.containsKey(key(item)))
                    .count();
            workers.map(entries.iterator(), check, defect -> {
                CacheFolder.Item item = entries.get(done[0]++);
                if (defect.isPresent()) {
                    damaged.add(defect.get());
                    if (repair) {
                        remove(item, Optional.ofNullable(known.get(key(item))), catalog);
                    }
                }
                task.at(done[0], entries.size());
            });
            Set<String> there = new HashSet<>();
            entries.forEach(item -> there.add(key(item)));
            long missing = known.values().stream()
                    .filter(item -> item.frames() > 0 && !there.contains(key(item)))
                    .count();
            return new Check(entries.size(), damaged, unknown, missing);
        }
    }

    private static Optional<String> defect(CacheFolder.Item item, Optional<Catalog.Item> known) {
        if (known.isPresent()) {
            Catalog.Item stored = known.get();
            return CacheFolder.defect(
                    item.file(), new FeatureCache.Stored(stored.frames(), stored.bytes(), stored.checksum()));
        }
        try {
            Npy.readHeader(item.file());
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Why something is not needed. */
    public enum Reason {
        /** The writer was killed. */
        LEFTOVER("leftovers of interrupted writes"),
        /** The catalogue is the record of what is sound. */
        UNKNOWN("entries that the catalogue does not know"),
        /** No file has the content any more. */
        NO_AUDIO("entries whose audio file is gone or was changed"),
        /** Not asked to be kept. */
        OTHER_SETTINGS("entries of feature settings that are not to be kept"),
        /** The next prepare writes it anew. */
        NO_ENTRY("rows of the catalogue without an entry"),
        /** The file was removed or changed. */
        NO_FILE("rows of the catalogue about files that are gone or were changed");

        private final String words;

        Reason(String words) {
            this.words = words;
        }

        /** What it applies to, in the plural. */
        public String words() {
            return words;
        }
    }

    /**
     * Something that nothing needs.
     *
     * @param reason why
     * @param name the file, or what the row of the catalogue is about
     * @param bytes that its removal frees
     */
    public record Unneeded(Reason reason, String name, long bytes) {}

    /**
     * Removes what nothing needs any more.
     *
     * @param keep identities of the feature settings whose entries are kept; empty: those of all settings
     * @param dryRun whether nothing is removed
     * @return what was removed, or would be
     * @throws IOException if the folder or the catalogue cannot be read, an entry cannot be removed, or not a single
     *     audio file that the catalogue knows is there as it was
     */
    public List<Unneeded> prune(Monitor monitor, Set<String> keep, boolean dryRun) throws IOException {
        // The folder is read before the catalogue: an entry that appears in between is not taken for an unknown one.
        List<CacheFolder.Item> items = folder.items();
        try (Catalog catalog = Catalog.openExisting(catalogFile)) {
            List<Unneeded> unneeded = new ArrayList<>();
            Map<String, Catalog.Item> known = known(catalog);
            Set<String> live = live(catalog, monitor, dryRun, unneeded);
            Set<String> keepNames = new HashSet<>();
            keep.forEach(id -> keepNames.add(CacheFolder.specName(id)));
            Instant now = Instant.now();
            for (CacheFolder.Item item : items) {
                Optional<Catalog.Item> row = Optional.ofNullable(known.get(key(item)));
                Optional<Reason> reason = reason(item, row.isPresent(), live, keepNames, now);
                if (reason.isPresent()) {
                    unneeded.add(new Unneeded(reason.get(), item.file().toString(), item.bytes()));
                    if (!dryRun) {
                        remove(item, item.temporary() ? Optional.empty() : row, catalog);
                    }
                    if (!item.temporary()) {
                        known.remove(key(item));
                    }
                }
            }
            for (Catalog.Item row : known.values()) {
                Path file = folder.file(row.sha256(), row.specId());
                boolean wanted = live.contains(row.sha256())
                        && (keepNames.isEmpty() || keepNames.contains(CacheFolder.specName(row.specId())));
                if (row.frames() > 0 ? !Files.exists(file) : !wanted) {
                    unneeded.add(new Unneeded(Reason.NO_ENTRY, row.sha256(), 0));
                    if (!dryRun) {
                        catalog.forget(row);
                    }
                }
            }
            return unneeded;
        }
    }

    /** The contents that a file still has; rows of files that are not as they were become unneeded. */
    private Set<String> live(Catalog catalog, Monitor monitor, boolean dryRun, List<Unneeded> unneeded)
            throws IOException {
        List<Catalog.KnownFile> files = catalog.files();
        List<Catalog.KnownFile> stale = new ArrayList<>();
        Set<String> live = new HashSet<>();
        try (Monitor.Task task = monitor.begin("prune", "files")) {
            for (int i = 0; i < files.size(); i++) {
                Catalog.KnownFile file = files.get(i);
                if (FileStatus.find(file.path()).equals(Optional.of(file.status()))) {
                    live.add(file.sha256());
                } else {
                    stale.add(file);
                }
                task.at(i + 1, files.size());
            }
        }
        if (live.isEmpty() && !stale.isEmpty()) {
            throw new IOException("not one of the " + stale.size() + " audio files that " + catalogFile
                    + " knows is there as it was, the first being "
                    + stale.get(0).path()
                    + "; mount their disk, or run prepare if they were only touched; nothing was removed. A cache that"
                    + " nothing needs any more can be deleted as a whole");
        }
        for (Catalog.KnownFile file : stale) {
            unneeded.add(new Unneeded(Reason.NO_FILE, file.path().toString(), 0));
            if (!dryRun) {
                catalog.forget(file);
            }
        }
        return live;
    }

    private static Optional<Reason> reason(
            CacheFolder.Item item, boolean known, Set<String> live, Set<String> keepNames, Instant now) {
        if (item.temporary()) {
            return isOlder(item, LEFTOVER_AGE, now) ? Optional.of(Reason.LEFTOVER) : Optional.empty();
        }
        if (!known) {
            return isOlder(item, UNKNOWN_AGE, now) ? Optional.of(Reason.UNKNOWN) : Optional.empty();
        }
        if (!live.contains(item.sha256())) {
            return Optional.of(Reason.NO_AUDIO);
        }
        return keepNames.isEmpty() || keepNames.contains(item.specName())
                ? Optional.empty()
                : Optional.of(Reason.OTHER_SETTINGS);
    }

    private static boolean isOlder(CacheFolder.Item item, Duration age, Instant now) {
        return item.modified().plus(age).isBefore(now);
    }

    /** The row first: an entry without a row is made anew, a row without an entry would be missed for a moment. */
    private static void remove(CacheFolder.Item item, Optional<Catalog.Item> row, Catalog catalog) throws IOException {
        if (row.isPresent()) {
            catalog.forget(row.get());
        }
        try {
            Files.deleteIfExists(item.file());
        } catch (IOException e) {
            throw new IOException("cannot remove " + item.file() + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, Catalog.Item> known(Catalog catalog) throws IOException {
        Map<String, Catalog.Item> known = new TreeMap<>();
        catalog.items().forEach(item -> known.put(key(item), item));
        return known;
    }

    private static String key(Catalog.Item item) {
        return item.sha256() + CacheFolder.specName(item.specId());
    }

    private static String key(CacheFolder.Item item) {
        return item.sha256() + item.specName();
    }
}
