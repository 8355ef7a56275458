package melgauge.pipeline.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import melgauge.data.UsageException;
import melgauge.data.catalog.Catalog;
import melgauge.pipeline.Corpus;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.upkeep.CacheUpkeep.Reason;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheUpkeepTest {
    @TempDir
    Path folder;

    private Corpus corpus;

    @BeforeEach
    void prepareACorpus() throws Exception {
        corpus = new Corpus(folder);
        corpus.add("a.wav", "train", 1);
        corpus.add("b.wav", "train", 2);
        corpus.add("c.wav", "validation", 3);
        corpus.add("d.wav", "test", 4);
        corpus.prepare(false);
    }

    private CacheUpkeep upkeep() {
        return CacheUpkeep.of(corpus.cache());
    }

    private Map<Reason, Integer> prune(boolean dryRun, String... keep) throws IOException {
        Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
        upkeep().prune(Monitor.SILENT, Set.of(keep), dryRun)
                .forEach(item -> counts.merge(item.reason(), 1, Integer::sum));
        return counts;
    }

    private Set<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(corpus.cache())) {
            return new TreeSet<>(files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("catalog.sqlite"))
                    .toList());
        }
    }

    private static void age(Path file, Duration age) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    @Test
    void measuresByFeatureSettings() throws Exception {
        corpus.prepare(false, "features.hopLength=128", "output=" + folder.resolve("out2"));
        CacheUpkeep.Size size = CacheUpkeep.of(folder.resolve("run.yaml")).size();
        assertThat(size.tracks()).isEqualTo(4);
        assertThat(size.entries()).isEqualTo(8);
        assertThat(size.leftovers()).isZero();
        assertThat(size.shares()).hasSize(2).allSatisfy(share -> {
            assertThat(share.entries()).isEqualTo(4);
            assertThat(share.settings())
                    .startsWith("mel, sampleRate=8000, nFft=256")
                    .contains("nMels=24");
        });
        assertThat(size.shares())
                .extracting(share -> share.settings().contains("hopLength=128"))
                .containsOnlyOnce(true);
        long bytes = 0;
        for (Path file : files()) {
            bytes += Files.size(file);
        }
        assertThat(size.bytes()).isEqualTo(bytes);
    }

    @Test
    void refusesWhatIsNoCache() throws IOException {
        assertThatThrownBy(() -> CacheUpkeep.of(folder))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(folder + " is no feature cache: it holds no catalog.sqlite");
        assertThatThrownBy(() -> CacheUpkeep.of(folder.resolve("none")))
                .hasMessageContaining("no such folder or run file");
        Files.writeString(folder.resolve("other.yaml"), "corpus: {manifest: labels.csv}\ncache: unfilled\n");
        assertThatThrownBy(() -> CacheUpkeep.of(folder.resolve("other.yaml")))
                .hasMessageContaining("unfilled is no feature cache");
    }

    @Test
    void leavesACatalogueOfAnotherVersionToPrepare() throws Exception {
        try (var connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + corpus.cache().resolve(Catalog.FILE));
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 1");
        }
        Set<Path> before = files();
        assertThatThrownBy(() -> prune(false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("an earlier version of Melgauge")
                .hasMessageContaining("run prepare");
        assertThatThrownBy(() -> upkeep().verify(Monitor.SILENT, true)).isInstanceOf(IOException.class);
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void verifyListsDamagedEntriesAndRepairRemovesThem() throws Exception {
        assertThat(upkeep().verify(Monitor.SILENT, false)).isEqualTo(new CacheUpkeep.Check(4, List.of(), 0, 0));
        Path flipped = corpus.entry("a.wav");
        Path cut = corpus.entry("b.wav");
        byte[] sound = Files.readAllBytes(flipped);
        Corpus.changeUnnoticed(flipped);
        Files.write(cut, new byte[] {1, 2, 3});
        CacheUpkeep.Check check = upkeep().verify(Monitor.SILENT, false);
        assertThat(check.read()).isEqualTo(4);
        assertThat(check.damaged()).hasSize(2);
        assertThat(String.join("\n", check.damaged()))
                .contains(flipped + " has the checksum")
                .contains(cut + " ends within its header");
        assertThat(files()).contains(flipped, cut);

        assertThat(upkeep().verify(Monitor.SILENT, true).damaged()).hasSize(2);
        assertThat(files()).doesNotContain(flipped, cut);
        assertThat(upkeep().verify(Monitor.SILENT, false)).isEqualTo(new CacheUpkeep.Check(2, List.of(), 0, 0));
        assertThat(corpus.prepare(false)).contains("spectrograms: 4 tracks");
        assertThat(flipped).hasBinaryContent(sound);
    }

    @Test
    void verifyTellsWhatIsMissingOrUnknown() throws Exception {
        Path entry = corpus.entry("a.wav");
        String name = entry.getFileName().toString();
        Path unknown = entry.resolveSibling(name.substring(0, 64) + "-0123456789abcdef.npy");
        Files.move(entry, unknown);
        assertThat(upkeep().verify(Monitor.SILENT, false)).isEqualTo(new CacheUpkeep.Check(4, List.of(), 1, 1));
        Files.writeString(unknown, "damaged");
        assertThat(upkeep().verify(Monitor.SILENT, true).damaged()).hasSize(1);
        assertThat(unknown).doesNotExist();
    }

    @Test
    void pruneLeavesAloneWhatIsNeeded() throws Exception {
        Set<Path> before = files();
        assertThat(prune(false)).isEmpty();
        assertThat(files()).isEqualTo(before);
        assertThat(corpus.prepare(false)).contains("spectrograms: unchanged, skipped");
    }

    @Test
    void pruneRemovesWhatNothingNeeds() throws Exception {
        Path gone = corpus.entry("a.wav");
        Path touched = corpus.entry("b.wav");
        Path missing = corpus.entry("c.wav");
        Path kept = corpus.entry("d.wav");
        Files.delete(folder.resolve("a.wav"));
        Files.setLastModifiedTime(folder.resolve("b.wav"), FileTime.fromMillis(1_000_000));
        Files.delete(missing);
        Path unknown = kept.resolveSibling(kept.getFileName().toString().substring(0, 64) + "-0123456789abcdef.npy");
        Path fresh = kept.resolveSibling(kept.getFileName().toString().substring(0, 64) + "-fedcba9876543210.npy");
        String draft = "." + kept.getFileName() + ".01234567-89ab-cdef-0123-456789abcdef.tmp";
        Path leftover = kept.resolveSibling(draft);
        Path underWay = kept.resolveSibling(draft.replace("89ab-cdef", "89ab-0000"));
        Path mine = kept.resolveSibling("mine.npy");
        Path myTemporary = kept.resolveSibling(".mine.tmp");
        for (Path file : List.of(unknown, fresh, leftover, underWay, mine, myTemporary)) {
            Files.writeString(file, "x");
        }
        for (Path file : List.of(unknown, leftover, mine, myTemporary)) {
            age(file, Duration.ofHours(2));
        }
        age(underWay, Duration.ofMinutes(50));

        Set<Path> before = files();
        Map<Reason, Integer> expected = Map.of(
                Reason.LEFTOVER, 1, Reason.UNKNOWN, 1, Reason.NO_AUDIO, 2, Reason.NO_ENTRY, 1, Reason.NO_FILE, 2);
        assertThat(prune(true)).isEqualTo(expected);
        assertThat(files()).isEqualTo(before);
        assertThat(prune(false)).isEqualTo(expected);
        before.removeAll(List.of(gone, touched, unknown, leftover));
        assertThat(files()).isEqualTo(before).contains(kept, fresh, underWay, mine, myTemporary);
        assertThat(prune(false)).isEmpty();
    }

    @Test
    void pruneKeepsTheSettingsOfTheNamedRunsOnly() throws Exception {
        corpus.prepare(false, "features.hopLength=128", "output=" + folder.resolve("out2"));
        String first =
                RunFile.read(folder.resolve("run.yaml"), List.of()).features().id();
        String second = RunFile.read(folder.resolve("out2/run.yaml"), List.of())
                .features()
                .id();
        assertThat(prune(false)).isEmpty();
        assertThat(prune(false, first, second)).isEmpty();
        assertThat(prune(false, second)).isEqualTo(Map.of(Reason.OTHER_SETTINGS, 4));
        assertThat(files()).hasSize(4).allMatch(file -> file.toString().contains(second.substring(0, 16)));
        assertThat(corpus.prepare(false)).contains("spectrograms: 4 tracks");
    }

    @Test
    void pruneForgetsTheRejectionOfAFileThatIsGone() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken.wav"), "no audio at all");
        corpus.list("broken.wav", "train");
        corpus.prepare(false);
        assertThat(prune(false)).isEmpty();
        Files.delete(broken);
        assertThat(prune(false)).isEqualTo(Map.of(Reason.NO_ENTRY, 1, Reason.NO_FILE, 1));
        assertThat(prune(false)).isEmpty();
    }

    @Test
    void pruneStopsWhereAllAudioIsGone() throws Exception {
        for (String name : List.of("a.wav", "b.wav", "c.wav", "d.wav")) {
            Files.delete(folder.resolve(name));
        }
        Set<Path> before = files();
        assertThatThrownBy(() -> prune(false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not one of the 4 audio files")
                .hasMessageContaining("mount their disk");
        assertThat(files()).isEqualTo(before);
    }
}
