package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data sets in the layout of Hugging Face's audiofolder are read as they are. */
class AudioFolderTest {
    @TempDir
    Path folder;

    @BeforeEach
    void audio() throws IOException {
        for (String name : List.of("train/a.wav", "train/b.wav", "valid/a.wav", "test/c.wav")) {
            write(name, "");
        }
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private Manifest read(Path manifest) {
        // Where the run file is, corpus.audio points by default; it is not where the data set is.
        return Manifest.read(manifest, folder.resolve("elsewhere"), List.of(), Map.of());
    }

    private void assertIsTheCorpus(Manifest manifest) {
        assertThat(manifest.tracks())
                .extracting(Track::path, Track::subset, track -> track.targets().get(0))
                .containsExactlyInAnyOrder(
                        tuple("train/a.wav", Subset.TRAIN, 0.1),
                        tuple("train/b.wav", Subset.TRAIN, 0.2),
                        tuple("valid/a.wav", Subset.VALIDATION, 0.3),
                        tuple("test/c.wav", Subset.TEST, 0.4));
        assertThat(manifest.tracks()).allSatisfy(track -> {
            assertThat(track.failure()).isNull();
            assertThat(track.file()).isEqualTo(folder.resolve(track.path()));
        });
        assertThat(manifest.notes().get(0)).contains("folders say which side of the split a track is on");
    }

    @Test
    void withOneTableForAllSplits() throws IOException {
        Path metadata = write(
                "metadata.csv", "file_name,mood\ntrain/a.wav,0.1\ntrain/b.wav,0.2\nvalid/a.wav,0.3\ntest/c.wav,0.4\n");
        assertIsTheCorpus(read(folder));
        assertIsTheCorpus(read(metadata));
    }

    @Test
    void withATableInEachSplitsFolder() throws IOException {
        write("train/metadata.csv", "file_name,mood,text\na.wav,0.1,x\nb.wav,0.2,y\n");
        write("valid/metadata.jsonl", "{\"file_name\": \"a.wav\", \"mood\": 0.3}\n");
        write("test/metadata.jsonl", "{\"mood\": 0.4, \"file_name\": \"c.wav\"}\n");
        Manifest manifest = read(folder);
        assertIsTheCorpus(manifest);
        assertThat(manifest.notes().get(1)).isEqualTo("learning mood; not learning: text (text)");
    }

    @Test
    void whoseFilesAreAllOfOneSplitAreSplitByTheSettings() throws IOException {
        write("train/metadata.csv", "file_name,mood\na.wav,0.1\nb.wav,0.2\n");
        Manifest manifest = read(folder);
        assertThat(manifest.tracks()).extracting(Track::path).containsExactly("train/a.wav", "train/b.wav");
        assertThat(manifest.tracks()).extracting(Track::subset).containsOnlyNulls();
        assertThat(manifest.notes().get(0)).contains("all folders are of the train side, so corpus.split decides");
    }

    @Test
    void nameTheFileAndTheLineOfAnError() throws IOException {
        write("train/metadata.csv", "file_name,mood\na.wav,0.1\nb.wav,2\n");
        write("test/metadata.csv", "file_name,mood\nc.wav,0.4\n");
        assertThatThrownBy(() -> read(folder))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("train/metadata.csv:3: column mood: 2 is outside [0, 1]");
        write("train/metadata.csv", "file_name,mood\na.wav\n");
        assertThatThrownBy(() -> read(folder)).hasMessageContaining("train/metadata.csv:2: has 1 columns");
    }

    @Test
    void withoutMetadataAreRefused() {
        assertThatThrownBy(() -> read(folder))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(folder + " is a folder without metadata.csv or metadata.jsonl");
    }
}
