package melgauge.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineTest {
    @TempDir
    Path folder;

    private final List<String> ran = new ArrayList<>();

    private Run run() throws IOException {
        Files.writeString(folder.resolve("labels.csv"), "path,v\na.mp3,0.5\n");
        return new Run(
                RunFile.read("corpus: {manifest: labels.csv}\noutput: out\n", folder.resolve("run.yaml"), List.of()),
                Monitor.SILENT,
                Continuation.ASK);
    }

    /** Leaves a file of its name that holds its inputs; {@code @a} stands for what stage a left. */
    private Stage stage(String name, String inputs) {
        return new Stage() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String inputs(Run run) throws IOException {
                return inputs.startsWith("@") ? run.digest(inputs.substring(1)) : inputs;
            }

            @Override
            public boolean isComplete(Run run) {
                return run.has(name);
            }

            @Override
            public String run(Run run) throws IOException {
                if (inputs.equals("fail")) {
                    throw new IOException("as asked");
                }
                ran.add(name);
                Files.writeString(run.file(name), inputs);
                return "done";
            }
        };
    }

    private List<String> runs(Stage... stages) throws Exception {
        ran.clear();
        new Pipeline(List.of(stages)).run(run());
        return List.copyOf(ran);
    }

    @Test
    void skipsStagesWhoseInputsHaveNotChanged() throws Exception {
        assertThat(runs(stage("a", "1"), stage("b", "1"), stage("c", "1"))).containsExactly("a", "b", "c");
        assertThat(runs(stage("a", "1"), stage("b", "1"), stage("c", "1"))).isEmpty();
    }

    @Test
    void runsAgainWhatDependsOnWhatChangedAndNothingElse() throws Exception {
        runs(stage("a", "1"), stage("b", "@a"), stage("c", "1"));
        assertThat(runs(stage("a", "2"), stage("b", "@a"), stage("c", "1"))).containsExactly("a", "b");
    }

    @Test
    void keepsWhatDependsOnAResultThatCameOutTheSame() throws Exception {
        runs(stage("a", "1"), stage("b", "@a"));
        Files.delete(folder.resolve("out/a"));
        assertThat(runs(stage("a", "1"), stage("b", "@a"))).containsExactly("a");
    }

    @Test
    void goesOnWithTheStageThatFailed() throws Exception {
        assertThatThrownBy(() -> runs(stage("a", "1"), stage("b", "fail"))).hasMessage("as asked");
        assertThat(runs(stage("a", "1"), stage("b", "1"))).containsExactly("b");
    }

    @Test
    void workersKeepTheOrderWhateverTheTiming() throws Exception {
        List<Integer> outcomes = new ArrayList<>();
        TrackTask<Integer, Integer> task = () -> item -> {
            Thread.sleep(item % 3);
            return item * 2;
        };
        try (Workers workers = new Workers(3)) {
            workers.map(IntStream.range(0, 100).iterator(), task, outcomes::add);
        }
        assertThat(outcomes)
                .isEqualTo(IntStream.range(0, 100).map(i -> 2 * i).boxed().toList());
    }

    @Test
    void workersPassAFailureOn() {
        TrackTask<Integer, Integer> task = () -> item -> {
            throw new IOException("item " + item);
        };
        try (Workers workers = new Workers(2)) {
            assertThatThrownBy(() -> workers.map(List.of(7).iterator(), task, outcome -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessage("item 7");
        }
    }
}
