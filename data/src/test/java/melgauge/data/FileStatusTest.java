package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStatusTest {
    @TempDir
    Path folder;

    @Test
    void isTheSameUntilTheFileIsTouched() throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "abc");
        FileStatus status = FileStatus.of(file);
        assertThat(status.size()).isEqualTo(3);
        assertThat(FileStatus.find(file)).contains(status);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
        assertThat(FileStatus.of(file)).isNotEqualTo(status);
        assertThat(FileStatus.of(file).modified()).isEqualTo(1_000_000_000_000L);
    }

    @Test
    void followsLinks() throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "abc");
        Path link = Files.createSymbolicLink(folder.resolve("b"), file);
        assertThat(FileStatus.of(link)).isEqualTo(FileStatus.of(file));
    }

    @Test
    void saysWhyThereIsNone() {
        assertThatThrownBy(() -> FileStatus.of(folder))
                .isInstanceOf(IOException.class)
                .hasMessage("is a folder, not an audio file");
        assertThatThrownBy(() -> FileStatus.of(folder.resolve("none")))
                .isInstanceOf(IOException.class)
                .hasMessage("there is no such file");
        assertThatThrownBy(() -> FileStatus.of(Path.of("/dev/null"))).hasMessage("is not a regular file");
        assertThat(FileStatus.find(folder.resolve("none"))).isEmpty();
    }
}
