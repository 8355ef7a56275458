package melgauge.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class InterruptionTest {
    @Test
    void trainingsGoOnWithResume() {
        assertThat(Interruption.message(List.of("train", "my run.yaml", "--restart")))
                .isEqualTo("interrupted. Finished spectrograms and the last checkpoint of the training are kept."
                        + " To go on: melgauge train \"my run.yaml\" --resume");
        assertThat(Interruption.message(List.of("crossvalidate", "run.yaml", "--resume")))
                .endsWith("melgauge crossvalidate run.yaml --resume");
    }

    @Test
    void otherLongCommandsGoOnAsTheyAre() {
        for (String command : List.of("demo", "prepare", "sweep", "evaluate", "tag")) {
            assertThat(Interruption.message(List.of(command, "x")))
                    .as(command)
                    .startsWith("interrupted. ")
                    .endsWith("To go on: melgauge " + command + " x");
        }
        assertThat(Interruption.message(List.of("diagnose", "--deep", "out"))).contains("The run is as it was");
    }

    @Test
    void shortCommandsHaveNothingToKeep() {
        assertThat(Interruption.message(List.of("devices"))).isEmpty();
        assertThat(Interruption.message(List.of("diagnose", "out"))).isEmpty();
        assertThat(Interruption.message(List.of())).isEmpty();
    }
}
