package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AtomicFileTest {
    @TempDir
    Path folder;

    /** A name of 255 bytes, the longest; names in UTF-8, and one that is none. */
    @ParameterizedTest
    @ValueSource(strings = {"short.csv", "LONGEST", "über", "\u00ff"})
    void writesFilesOfAnyNameAndKnowsWhatAKilledWriteLeftOfThem(String name) throws IOException {
        byte[] bytes = name.equals("LONGEST")
                ? "x".repeat(255).getBytes(StandardCharsets.US_ASCII)
                : name.getBytes(name.equals("\u00ff") ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
        Path file = folder.resolve(PathBytes.path(bytes));
        Path leftover = Files.createFile(AtomicFile.temporary(file));
        Path foreign = Files.createFile(AtomicFile.temporary(folder.resolve("other")));
        AtomicFile.writeString(file, "content");
        assertThat(Files.readString(file)).isEqualTo("content");
        AtomicFile.removeLeftovers(file);
        assertThat(leftover).doesNotExist();
        assertThat(foreign).exists();
    }

    @Test
    void aTemporaryNameSaysWhoseItIs() {
        assertThat(AtomicFile.temporary(folder.resolve("tags.csv"))
                        .getFileName()
                        .toString())
                .matches("\\.tags\\.csv\\.[0-9a-f-]{36}\\.tmp");
    }
}
