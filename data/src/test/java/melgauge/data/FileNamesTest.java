package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileNamesTest {
    @TempDir
    Path folder;

    private FileNames names;

    @BeforeEach
    void names() {
        names = new FileNames(List.of(folder));
    }

    private Path file(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }

    private String reason(String name) {
        Failure failure = Objects.requireNonNull(names.find(name).failure(), name);
        assertThat(failure.code()).isIn(Failure.Code.MISSING, Failure.Code.NOT_A_FILE);
        return failure.reason();
    }

    @ParameterizedTest
    @CsvSource({"sub\\a b.mp3", "sub/a%20b.mp3", ".\\sub\\a b.mp3", "' sub/a b.mp3 '"})
    void findsNamesFromOtherSystemsAndPrograms(String name) throws IOException {
        Path file = file("sub/a b.mp3");
        FileNames.Place place = names.find(name);
        assertThat(place.failure()).isNull();
        assertThat(Objects.requireNonNull(place.file()).normalize()).isEqualTo(file);
    }

    @Test
    void prefersTheNameAsItStands() throws IOException {
        file("a b.mp3");
        Path exact = file("a%20b.mp3");
        assertThat(names.find("a%20b.mp3")).isEqualTo(new FileNames.Place(exact, null));
    }

    @Test
    void findsNamesInAnotherUnicodeForm() throws IOException {
        String composed = "Caf\u00e9/Bj\u00f6rk.mp3";
        String decomposed = Normalizer.normalize(composed, Normalizer.Form.NFD);
        assertThat(decomposed).isNotEqualTo(composed);
        Path file = file(decomposed);
        assertThat(names.find(composed)).isEqualTo(new FileNames.Place(file, null));
        assertThat(names.find(composed.replace('/', '\\'))).isEqualTo(new FileNames.Place(file, null));
        // The folder in one form, the file in the other.
        Path mixed = file("Caf\u00e9/" + Normalizer.normalize("\u00fc.mp3", Normalizer.Form.NFD));
        names();
        assertThat(names.find("Cafe\u0301/\u00fc.mp3").file()).isEqualTo(mixed);
    }

    @ParameterizedTest
    @CsvSource({
        "Audio/A.MP3, audio/a.mp3",
        "audio\\A.mp3, audio/a.mp3",
        "audio/a.wav, audio/a.mp3",
        "audio/a, audio/a.mp3",
        "C:\\Users\\me\\audio\\a.mp3, audio/a.mp3",
        "/home/me/corpus/audio/A.mp3, audio/a.mp3",
        "audio/\uFF41.mp3, audio/a.mp3"
    })
    void saysWhatIsThereInstead(String name, String there) throws IOException {
        file("audio/a.mp3");
        assertThat(reason(name)).isEqualTo("there is no such file; there is " + there);
    }

    @Test
    void saysNoMoreWhereNothingIsNear() throws IOException {
        file("audio/a.mp3");
        assertThat(reason("audio/b.mp3")).isEqualTo("there is no such file");
        assertThat(reason("music/a.mp3")).isEqualTo("there is no such file");
        assertThat(reason("http://example.org/a.mp3")).contains("address on a network");
    }

    @Test
    void looksIntoEachOfItsFoldersInTurn() throws IOException {
        Path first = file("one/a.mp3");
        file("two/a.mp3");
        Path second = file("two/b.mp3");
        FileNames both = new FileNames(List.of(folder.resolve("one"), folder.resolve("two")));
        assertThat(both.find("a.mp3").file()).isEqualTo(first);
        assertThat(both.find("b.mp3").file()).isEqualTo(second);
        assertThat(both.find("c.mp3").file()).isEqualTo(folder.resolve("one/c.mp3"));
    }

    @Test
    void listsAFolderOnceForALongListOfWrongNames() throws IOException {
        for (int i = 0; i < 2000; i++) {
            file("audio/" + i + ".mp3");
        }
        // A listing for each name would take minutes.
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            for (int i = 0; i < 4000; i++) {
                assertThat(reason("Audio/" + i % 2000 + ".MP3")).endsWith(".mp3");
            }
        });
    }
}
