package melgauge.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConsoleMonitorTest {
    @Test
    void namesOfFilesCannotCommandTheTerminal() {
        assertThat(ConsoleMonitor.plain("a\u001b[31mred\r\u0007.mp3: is empty"))
                .isEqualTo("a\uFFFD[31mred\uFFFD\uFFFD.mp3: is empty");
        assertThat(ConsoleMonitor.plain("ärger\tund\nmehr")).isEqualTo("ärger\tund\nmehr");
    }
}
