package melgauge.pipeline.stages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Corpus;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Pipeline;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class ProgressTest {
    @TempDir
    Path folder;

    /** Remembers how far tasks are, each like {@code evaluation 3/5 tracks}, and what is said. */
    private record Remembering(List<String> heard) implements Monitor {
        @Override
        public Task begin(String what, String unit) {
            return new Task() {
                @Override
                public void at(long done, long total) {
                    heard.add(what + " " + done + "/" + total + " " + unit);
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void say(String line) {
            heard.add(line);
        }
    }

    @Test
    void regressionsAndDiagnosisShowTheirProgressFromBeginningToEnd() throws IOException, InterruptedException {
        Corpus corpus = new Corpus(folder);
        List<String> sides = List.of("train", "train", "train", "validation", "test");
        for (int i = 0; i < sides.size(); i++) {
            corpus.add("t" + i + ".wav", sides.get(i), i);
        }
        List<String> heard = new ArrayList<>();
        new Pipeline(Stages.train())
                .run(new Run(
                        RunFile.read(corpus.runFile(), List.of("training.epochs=1")),
                        new Remembering(heard),
                        Continuation.ASK));
        assertThat(heard)
                .containsSubsequence(
                        "regressions 0/3 fits",
                        "regressions 1/3 fits",
                        "regressions 2/3 fits",
                        "regressions 3/3 fits",
                        "evaluation 5/5 tracks")
                // The network, three training tracks and simple regression.
                .containsSubsequence(
                        "diagnosis 0/5 measurements",
                        "diagnosis 1/5 measurements",
                        "diagnosis 4/5 measurements",
                        "diagnosis 5/5 measurements");
    }
}
