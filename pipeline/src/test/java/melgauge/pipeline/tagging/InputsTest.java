package melgauge.pipeline.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import melgauge.data.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputsTest {
    @TempDir
    Path folder;

    private List<Path> files(Path... paths) throws IOException {
        return Inputs.of(List.of(paths)).tracks().stream()
                .map(Inputs.Track::file)
                .toList();
    }

    @Test
    void findsAudioBelowAFolderInTheOrderOfNamesAndCountsTheRest() throws IOException {
        Files.createDirectories(folder.resolve("b/c"));
        Path second = Files.writeString(folder.resolve("b/c/x.OPUS"), "");
        Path first = Files.writeString(folder.resolve("a.flac"), "");
        Files.writeString(folder.resolve("cover.jpg"), "");
        Inputs inputs = Inputs.of(List.of(folder));
        assertThat(inputs.tracks()).extracting(Inputs.Track::file).containsExactly(first, second);
        assertThat(inputs.skipped()).isEqualTo(1);
    }

    @Test
    void survivesACircleOfLinks() throws IOException {
        Path track = Files.writeString(folder.resolve("a.mp3"), "");
        Files.createSymbolicLink(folder.resolve("again"), folder);
        assertThat(files(folder)).containsExactly(track);
    }

    @Test
    void takesWhatPlaylistsAndManifestsList() throws IOException {
        Path playlist =
                Files.writeString(folder.resolve("p.m3u8"), "\uFEFF#EXTM3U\n#EXTINF:1,x\nsub/a.mp3\r\n/abs/b.ogg\n");
        Path manifest = Files.writeString(folder.resolve("m.csv"), "v,path\n1,\"c, d.wav\"\n");
        assertThat(files(playlist, manifest))
                .containsExactly(folder.resolve("sub/a.mp3"), Path.of("/abs/b.ogg"), folder.resolve("c, d.wav"));
    }

    @Test
    void keepsAFileThatIsNotThereForItsOwnRow() throws IOException {
        assertThat(files(folder.resolve("none.mp3"))).containsExactly(folder.resolve("none.mp3"));
    }

    @Test
    void refusesWhatHoldsNoTracks() throws IOException {
        assertThatThrownBy(() -> Inputs.of(List.of(folder)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("no audio files in");
        Path manifest = Files.writeString(folder.resolve("m.csv"), "file\na.mp3\n");
        assertThatThrownBy(() -> Inputs.of(List.of(manifest)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("no column path");
    }

    @Test
    void choosesTheFormatByTheNamesEnding() {
        assertThat(TagTable.Format.of(Path.of("a.CSV"))).isEqualTo(TagTable.Format.CSV);
        assertThat(TagTable.Format.of(Path.of("a.b.parquet"))).isEqualTo(TagTable.Format.PARQUET);
        assertThatThrownBy(() -> TagTable.Format.of(Path.of("csv")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("must end in");
    }
}
