package melgauge.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import melgauge.pipeline.results.Artifact;
import melgauge.pipeline.results.Input;
import melgauge.pipeline.results.Part;
import melgauge.pipeline.results.Product;
import melgauge.pipeline.stages.Stages;
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

    private static Artifact<String> artifact(String name) {
        return new Artifact<>(name, Files::readString, Files::writeString);
    }

    /** Leaves a file of its name that holds its input; {@code @a} stands for what stage a left. */
    private Stage stage(String name, String input) {
        return new Stage() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public List<Input<?>> reads(Run run) {
                return input.startsWith("@") ? List.of(artifact(input.substring(1))) : List.of();
            }

            @Override
            public List<Dependency> dependsOn() {
                return List.of(Dependency.fact("input", run -> input));
            }

            @Override
            public List<Product<?>> writes(Run run) {
                return List.of(artifact(name));
            }

            @Override
            public String run(Run run, Identity identity) throws IOException {
                if (input.equals("fail")) {
                    throw new IOException("as asked");
                }
                ran.add(name);
                run.write(artifact(name), input.equals("peep") ? run.read(artifact("a")) : input);
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
    void aStageReadsNothingThatItDoesNotDeclare() throws Exception {
        runs(stage("a", "1"));
        assertThatThrownBy(() -> runs(stage("b", "peep")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("reads a and does not declare it");
    }

    @Test
    void aChangeOfTheSettingsThatAStageDependsOnChangesItsIdentity() throws Exception {
        Run run = run();
        assertThat(Dependency.settings("training.epochs", "patch").values(run))
                .containsOnlyKeys("training.epochs", "patch.frames")
                .containsEntry("training.epochs", "160");
        assertThat(Dependency.settings("training").values(run))
                .containsKey("training.learningRate")
                .doesNotContainKeys("training.threads", "training.device", "training.checkpointSeconds");
    }

    @Test
    void everyStageOfATrainingReadsWhatAnEarlierOneWrites() throws Exception {
        Run run = run();
        Set<String> written = new HashSet<>();
        for (Stage stage : Stages.train()) {
            for (Input<?> input : stage.reads(run)) {
                String file = input instanceof Part<?, ?> part ? part.whole().name() : input.name();
                assertThat(written).as(stage.name()).contains(file);
            }
            stage.writes(run).forEach(product -> written.add(product.name()));
        }
        assertThat(written).contains("model.melgauge", "report.html");
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
