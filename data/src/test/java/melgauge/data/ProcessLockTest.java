package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLockTest {
    @TempDir
    Path folder;

    /** Takes the lock and waits to be ended. */
    public static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws Exception {
            Path lock = Path.of(args[0]);
            ProcessLock held = ProcessLock.of(lock.resolveSibling("out.csv"), lock);
            System.out.println("holds " + held.output());
            Thread.sleep(60_000);
        }
    }

    @Test
    void refusesWhileAnotherProcessHoldsItNamesThatAndIsFreeWhenItDies() throws Exception {
        Path file = folder.resolve("out.csv.lock");
        Process other = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader said = other.inputReader(StandardCharsets.UTF_8)) {
            assertThat(said.readLine()).startsWith("holds ");
            assertThatThrownBy(() -> ProcessLock.of(folder.resolve("out.csv"), file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("out.csv is being written by process " + other.pid() + ", started ")
                    .hasMessageContaining("wait for it, or name another output");
        } finally {
            other.destroyForcibly().waitFor();
        }
        try (ProcessLock lock = ProcessLock.of(folder.resolve("out.csv"), file)) {
            assertThat(lock.output()).isEqualTo(folder.resolve("out.csv"));
            assertThatThrownBy(() -> ProcessLock.of(folder.resolve("out.csv"), file))
                    .hasMessageContaining("out.csv is being written by this process");
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void aLeftoverFileDoesNotHinder() throws IOException {
        Path file = Files.writeString(folder.resolve("l"), "process 1, started long ago, with a long name");
        try (ProcessLock lock = ProcessLock.of(folder.resolve("out"), file)) {
            assertThat(lock.output()).isEqualTo(folder.resolve("out"));
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> ProcessLock.of(folder.resolve("no/out"), folder.resolve("no/out.lock")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot write")
                .hasMessageContaining("no/out.lock");
    }
}
