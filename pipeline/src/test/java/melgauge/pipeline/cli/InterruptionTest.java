package melgauge.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
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
        for (String command : List.of("demo", "prepare", "sweep", "evaluate", "tag --out=x.csv")) {
            List<String> args = new ArrayList<>(List.of(command.split(" ", -1)));
            args.add("x");
            assertThat(Interruption.message(args))
                    .as(command)
                    .startsWith("interrupted. ")
                    .endsWith("To go on: melgauge " + command + " x");
        }
        assertThat(Interruption.message(List.of("diagnose", "--deep", "out")))
                .contains("Each finished experiment is kept")
                .endsWith("To go on: melgauge diagnose --deep out");
    }

    @Test
    void rowsOnStandardOutputAreAllThatATagLeaves() {
        for (String[] words : new String[][] {{"tag", "x"}, {"tag", "--out", "-", "x"}, {"tag", "--out=-", "x"}}) {
            assertThat(Interruption.message(List.of(words)))
                    .startsWith("interrupted. The rows above are all that there is; --out FILE keeps results");
        }
        assertThat(Interruption.message(List.of("tag", "--out", "t.csv", "x")))
                .contains("Finished results are kept")
                .endsWith("melgauge tag --out t.csv x");
    }

    @Test
    void shortCommandsHaveNothingToKeep() {
        assertThat(Interruption.message(List.of("devices"))).isEmpty();
        assertThat(Interruption.message(List.of("diagnose", "out"))).isEmpty();
        assertThat(Interruption.message(List.of())).isEmpty();
    }
}
