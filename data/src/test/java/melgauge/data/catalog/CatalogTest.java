package melgauge.data.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.sql.DriverManager;
import java.util.Map;
import java.util.stream.IntStream;
import melgauge.data.Audio;
import melgauge.data.Audit;
import melgauge.data.AuditRow;
import melgauge.data.Failure;
import melgauge.data.FileStatus;
import melgauge.data.SourceInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogTest {
    @TempDir
    Path folder;

    @Test
    void remembersADigestUntilTheFileChanges() throws IOException {
        Path track = Files.writeString(folder.resolve("a.mp3"), "abc");
        Path file = folder.resolve("catalog.sqlite");
        try (Catalog catalog = Catalog.open(file)) {
            assertThat(catalog.digest(track, FileStatus.of(track))).isEmpty();
            catalog.recordDigest(track, FileStatus.of(track), "d1");
            assertThat(catalog.digest(track, FileStatus.of(track))).contains("d1");
        }
        try (Catalog catalog = Catalog.open(file)) {
            assertThat(catalog.digest(track, FileStatus.of(track))).contains("d1");
            Files.setLastModifiedTime(track, FileTime.fromMillis(1_000_000));
            assertThat(catalog.digest(track, FileStatus.of(track))).isEmpty();
        }
    }

    @Test
    void noticesAFileThatTookThePlaceOfOneWithTheSameSizeAndTime() throws IOException {
        Path track = Files.writeString(folder.resolve("a.mp3"), "abc");
        try (Catalog catalog = Catalog.open(folder.resolve("catalog.sqlite"))) {
            FileStatus before = FileStatus.of(track);
            catalog.recordDigest(track, before, "d1");
            Path other = Files.writeString(folder.resolve("b.mp3"), "xyz");
            Files.setLastModifiedTime(other, Files.getLastModifiedTime(track));
            Files.move(other, track, StandardCopyOption.REPLACE_EXISTING);
            FileStatus after = FileStatus.of(track);
            assertThat(after.size()).isEqualTo(before.size());
            assertThat(after.modified()).isEqualTo(before.modified());
            assertThat(catalog.digest(track, after)).isEmpty();
        }
    }

    @Test
    void whatMayOnlyBeReadIsReadAndLeftAsItWas() throws IOException {
        Path track = Files.writeString(folder.resolve("a.mp3"), "abc");
        Path file = Files.createDirectory(folder.resolve("ä #1 100% & ?")).resolve("catalog.sqlite");
        Catalog.Entry entry = new Catalog.Entry("s1", "spec", silence("a.mp3", 8000), 120, 4000, 99, "");
        try (Catalog catalog = Catalog.open(file)) {
            assertThat(catalog.isReadOnly()).isFalse();
            catalog.recordDigest(track, FileStatus.of(track), "s1");
            catalog.record(entry);
        }
        byte[] before = Files.readAllBytes(file);
        try (Catalog catalog = Catalog.openReadOnly(file)) {
            assertThat(catalog.isReadOnly()).isTrue();
            assertThat(catalog.notice()).startsWith("the cache may only be read");
            assertThat(catalog.digest(track, FileStatus.of(track))).contains("s1");
            assertThat(catalog.find("s1", "spec")).contains(entry);
            catalog.recordDigest(track, FileStatus.of(track), "s2");
            catalog.recordSettings("spec", "{}");
            catalog.recordAttempt(track, "missing");
            assertThat(catalog.digest(track, FileStatus.of(track))).contains("s1");
            assertThatThrownBy(() -> catalog.record(entry))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString());
        }
        assertThat(file).hasBinaryContent(before);
        assertThat(folder.resolve("ä #1 100% & ?"))
                .isDirectoryNotContaining(other -> !other.endsWith("catalog.sqlite"));
    }

    @Test
    void rowsThatAnotherProcessHasJustAddedAreReadWhereNothingMayBeWritten() throws IOException {
        Path track = Files.writeString(folder.resolve("a.mp3"), "abc");
        Path file = folder.resolve("catalog.sqlite");
        try (Catalog writer = Catalog.open(file)) {
            writer.recordDigest(track, FileStatus.of(track), "d1");
            try (Catalog reader = Catalog.openReadOnly(file)) {
                assertThat(reader.digest(track, FileStatus.of(track))).contains("d1");
            }
        }
    }

    @Test
    void whatMayOnlyBeReadAndCannotBeUsedStaysWhereItIs() throws IOException {
        Path file = Files.writeString(folder.resolve("catalog.sqlite"), "not a database, but long enough to be read");

        assertThatThrownBy(() -> Catalog.openReadOnly(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + " cannot be used: ")
                .hasMessageEndingWith(
                        folder + " cannot be written, so no new one can be made there; make it writable, or name"
                                + " another folder");
        assertThat(folder).isDirectoryNotContaining(other -> !other.equals(file));
    }

    @Test
    void listsFilesEntriesAndSettingsUntilTheyAreForgotten() throws IOException {
        Path track = Files.writeString(folder.resolve("ä #1 100%.mp3"), "abc");
        try (Catalog catalog = Catalog.open(folder.resolve("catalog.sqlite"))) {
            catalog.recordDigest(track, FileStatus.of(track), "d1");
            catalog.record(new Catalog.Entry("d1", "spec", silence("a.mp3", 8000), 120, 4000, 99, ""));
            catalog.recordSettings("spec", "{}");
            assertThat(catalog.files())
                    .containsExactly(new Catalog.KnownFile(track.toAbsolutePath(), FileStatus.of(track), "d1"));
            assertThat(catalog.items()).containsExactly(new Catalog.Item("d1", "spec", 120, 4000, 99));
            assertThat(catalog.settings()).containsExactly(Map.entry("spec", "{}"));
            catalog.forget(catalog.files().get(0));
            catalog.forget(catalog.items().get(0));
            assertThat(catalog.files()).isEmpty();
            assertThat(catalog.items()).isEmpty();
        }
    }

    @Test
    void remembersEntriesBySettings() throws IOException {
        AuditRow audit = silence("a.mp3", 8000);
        Catalog.Entry entry = new Catalog.Entry("s1", "spec", audit, 120, 4000, 99, "0a0b");
        try (Catalog catalog = Catalog.open(folder.resolve("catalog.sqlite"))) {
            catalog.record(entry);
            assertThat(catalog.find("s1", "spec")).contains(entry);
            assertThat(catalog.find("s1", "other")).isEmpty();
            assertThat(catalog.find("s2", "spec")).isEmpty();
        }
    }

    @Test
    void isSharedWithAnotherProcess() throws IOException {
        Path track = Files.writeString(folder.resolve("a.mp3"), "abc");
        Path file = folder.resolve("catalog.sqlite");
        try (Catalog one = Catalog.open(file);
                Catalog other = Catalog.open(file)) {
            assertThat(one.digest(track, FileStatus.of(track))).isEmpty();
            other.recordDigest(track, FileStatus.of(track), "d1");
            one.recordDigest(track, FileStatus.of(track), "d2");
            assertThat(other.digest(track, FileStatus.of(track))).contains("d2");
        }
    }

    @Test
    void isMadeOnceWhenSeveralOpenItTogether() throws IOException {
        Path file = folder.resolve("catalog.sqlite");
        IntStream.range(0, 8).parallel().forEach(i -> {
            try (Catalog catalog = Catalog.open(file)) {
                catalog.recordAttempt(file, "attempt " + i);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(folder.resolve("catalog.sqlite.damaged")).doesNotExist();
    }

    @Test
    void refusesAFolderAndLeavesItThere() throws IOException {
        Path wrong = Files.createDirectory(folder.resolve("catalog.sqlite"));
        assertThatThrownBy(() -> Catalog.open(wrong))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("catalog.sqlite");
        assertThat(wrong).isDirectory();
    }

    @Test
    void keepsTheAuditsOfSilentAndOfRejectedTracks() throws IOException {
        AuditRow silent = silence("a.wav", 9);
        AuditRow rejected = Audit.rejected("b.wav", new Failure(Failure.Code.EMPTY, "is empty"), "s2");
        try (Catalog catalog = Catalog.open(folder.resolve("catalog.sqlite"))) {
            catalog.record(new Catalog.Entry("s1", "spec", silent, 1, 1, 1, ""));
            catalog.record(new Catalog.Entry("s2", "spec", rejected, 0, 0, 0, ""));
            assertThat(catalog.find("s1", "spec").orElseThrow().audit()).isEqualTo(silent);
            assertThat(catalog.find("s2", "spec").orElseThrow().audit()).isEqualTo(rejected);
        }
    }

    @ParameterizedTest(name = "format {0}")
    @CsvSource({"1, an earlier version", "99, a later version"})
    void keepsAFileOfAnotherVersionAndSaysSo(int version, String words) throws Exception {
        Path file = folder.resolve("catalog.sqlite");
        try (Catalog catalog = Catalog.open(file)) {
            assertThat(catalog.notice()).isEmpty();
        }
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = " + version);
        }
        assertThatThrownBy(() -> Catalog.openExisting(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(words)
                .hasMessageContaining("run prepare");
        assertThat(file).exists();
        try (Catalog catalog = Catalog.open(file)) {
            assertThat(catalog.notice())
                    .contains(words, "catalog.sqlite.format-" + version)
                    .doesNotContain("damage");
        }
        assertThat(folder.resolve("catalog.sqlite.format-" + version)).exists();
    }

    @Test
    void whoOnlyLooksMakesNoFileAndSetsNoneAside() throws IOException {
        Path file = folder.resolve("catalog.sqlite");
        assertThatThrownBy(() -> Catalog.openExisting(file)).hasMessageContaining("run prepare");
        assertThat(file).doesNotExist();
        Files.writeString(file, "this is no database, not at all, ".repeat(50));
        assertThatThrownBy(() -> Catalog.openExisting(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is damaged");
        assertThat(file).exists();
    }

    @Test
    void setsADamagedFileAside() throws IOException {
        Path file = Files.writeString(folder.resolve("catalog.sqlite"), "this is no database, not at all, ".repeat(50));
        try (Catalog catalog = Catalog.open(file)) {
            assertThat(catalog.find("x", "y")).isEmpty();
        }
        assertThat(folder.resolve("catalog.sqlite.damaged")).exists();
    }

    /** The audit of one second of silence. */
    private static AuditRow silence(String path, int sampleRate) {
        Audio audio = new Audio(new float[sampleRate], sampleRate);
        Audit audit = new Audit();
        audit.add(audio.samples(), 0, sampleRate);
        return audit.row(path, sampleRate, SourceInfo.of(audio), "s1");
    }
}
