package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFolderTest {
    @TempDir
    private Path temporary;

    /** Makes a folder with a file in it, says so, and waits to be killed. */
    static final class Victim {
        public static void main(String[] args) throws IOException, InterruptedException {
            Files.createFile(Files.createDirectory(TemporaryFolder.ofProcess().resolve("worker"))
                    .resolve("stderr.txt"));
            System.out.println(TemporaryFolder.ofProcess());
            Thread.sleep(TimeUnit.MINUTES.toMillis(5));
        }
    }

    @Test
    void whatAKilledProcessLeavesIsRemovedAndWhatALivingOneHasIsNot() throws Exception {
        Path own = TemporaryFolder.make(temporary).folder();
        Process process = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            Path folder = Path.of(process.inputReader().readLine());

            TemporaryFolder.removeLeftovers(temporary, own);

            assertThat(folder.resolve("worker/stderr.txt")).exists();
            process.destroyForcibly().waitFor();

            TemporaryFolder.removeLeftovers(temporary, own);

            assertThat(folder).doesNotExist();
            assertThat(own).exists();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aFolderThatIsNotLockedYetIsLeftForAMinute() throws IOException {
        Path own = TemporaryFolder.make(temporary).folder();
        Path young = Files.createDirectory(temporary.resolve("melgauge-process-1-2"));
        Path old = Files.createDirectory(temporary.resolve("melgauge-process-1-3"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(3600)));

        TemporaryFolder.removeLeftovers(temporary, own);

        assertThat(young).exists();
        assertThat(old).doesNotExist();
    }

    @Test
    void otherFilesAndWhatLinksLeadToStay() throws IOException {
        Path own = TemporaryFolder.make(temporary).folder();
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
        Files.createFile(elsewhere.resolve("lock"));
        Path link = Files.createSymbolicLink(temporary.resolve("melgauge-process-1-2"), elsewhere);

        TemporaryFolder.removeLeftovers(temporary, own);

        assertThat(elsewhere.resolve("lock")).exists();
        assertThat(link).isSymbolicLink();
    }

    @Test
    void aTemporaryFolderThatIsMissingIsNamedWithTheVariable() {
        Path missing = temporary.resolve("missing");

        assertThatThrownBy(() -> TemporaryFolder.make(missing))
                .isInstanceOf(IOException.class)
                .hasMessage("nothing can be written into the temporary folder " + missing + ": there is no such folder;"
                        + " name another folder: TMPDIR=DIR");
    }
}
