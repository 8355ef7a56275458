package melgauge.pipeline.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import melgauge.data.UsageException;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Corpus;
import melgauge.pipeline.ListeningMonitor;
import melgauge.pipeline.Pipeline;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training does with a training that is in its folder already. */
@Tag("slow")
class ContinuationTest {
    @TempDir
    Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void trainTwoEpochs() throws IOException, InterruptedException {
        Corpus corpus = new Corpus(folder);
        List<String> sides = List.of("train", "train", "train", "validation", "test");
        for (int i = 0; i < sides.size(); i++) {
            corpus.add("t" + i + ".wav", sides.get(i), i);
        }
        file = corpus.runFile();
        train(Continuation.ASK, 2);
    }

    private List<String> train(Continuation continuation, int epochs, String... more)
            throws IOException, InterruptedException {
        List<String> sets = new ArrayList<>(List.of("training.epochs=" + epochs, "training.schedule=constant"));
        sets.addAll(List.of(more));
        List<String> said = new ArrayList<>();
        new Pipeline(List.of(new SpectrogramStage(false), new NormalizerStage(false), new TrainStage()))
                .run(new Run(RunFile.read(file, sets), new ListeningMonitor(said), continuation));
        return said;
    }

    private Checkpoint checkpoint() throws IOException {
        return new RunFolder(folder.resolve("out")).read(RunFolder.CHECKPOINT);
    }

    /** Leaves the checkpoint as a training that was cut off after its second epoch leaves it. */
    private void cutOff() throws IOException {
        Checkpoint finished = checkpoint();
        new RunFolder(folder.resolve("out")).write(RunFolder.CHECKPOINT, finished.lengthened(finished.identity()));
    }

    @Test
    void anUnfinishedTrainingIsNotReplacedInSilence() throws IOException, InterruptedException {
        cutOff();
        assertThatThrownBy(() -> train(Continuation.ASK, 2))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("unfinished training: 2 of 2 epochs are done", "--resume", "--restart");
        assertThat(train(Continuation.RESTART, 2)).anyMatch(line -> line.contains("begins anew in place of"));
        assertThat(checkpoint().state().log().end()).isNotEmpty();
    }

    @Test
    void resumeNamesEachSettingThatDiffersWithBothValues() throws IOException {
        cutOff();
        String settings = Files.readString(folder.resolve("out/run.yaml"));
        assertThatThrownBy(() -> train(Continuation.RESUME, 2, "training.learningRate=0.01", "network.dense=[3]"))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll(
                        "network.dense: [2] then, [3] now", "training.learningRate: 0.001 then, 0.01 now");
        assertThat(folder.resolve("out/run.yaml")).hasContent(settings);
    }

    @Test
    void aFinishedTrainingIsLengthenedAndEndsAsIfItHadBeenBegunSo() throws IOException, InterruptedException {
        assertThat(train(Continuation.RESUME, 4)).contains("training: going on after epoch 2");
        Checkpoint lengthened = checkpoint();
        assertThat(lengthened.state().log().epochs()).hasSize(4);
        train(Continuation.RESTART, 4, "output=" + folder.resolve("other"));
        Checkpoint atOnce = new RunFolder(folder.resolve("other")).read(RunFolder.CHECKPOINT);
        assertThat(lengthened.state().bestWeights()).isEqualTo(atOnce.state().bestWeights());
        assertThat(lengthened.identity()).isEqualTo(atOnce.identity());
    }

    @Test
    void aTrainingGoesOnWhereItBeganUnlessTheSettingsSayElse() throws IOException, InterruptedException {
        train(Continuation.RESTART, 3, "training.threads=1");
        assertThat(train(Continuation.RESUME, 4)).noneMatch(line -> line.contains("begun by"));
        assertThat(checkpoint().computed()).isEqualTo(new Checkpoint.Computed("dl4j", "cpu", 1));
        assertThat(train(Continuation.RESUME, 5, "training.threads=2", "training.checkpointSeconds=9"))
                .contains("training: going on after epoch 4")
                .anyMatch(line -> line.contains("begun by dl4j on cpu with 1 thread, goes on by dl4j on cpu with 2"
                        + " threads; results may differ in their last digits"));
        assertThat(checkpoint().computed().threads()).isEqualTo(2);
        assertThat(checkpoint().state().log().epochs()).hasSize(5);
        // A finished one is not trained again for the sake of another place.
        assertThat(train(Continuation.ASK, 5, "training.threads=1")).contains("training: unchanged, skipped");
    }

    @Test
    void aCosineScheduleCannotBeLengthened() {
        assertThatThrownBy(() -> {
                    train(Continuation.RESTART, 2, "training.schedule=cosine");
                    train(Continuation.RESUME, 4, "training.schedule=cosine");
                })
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("cannot be made longer", "training.epochs: 2 then, 4 now", "cosine");
    }

    @Test
    void otherSettingsThatDoNotResumeBeginAnewAndSaySo() throws IOException, InterruptedException {
        cutOff();
        assertThat(train(Continuation.RESUME_IF_SAME, 3, "training.learningRate=0.01"))
                .anyMatch(line -> line.contains("begins anew in place of an unfinished training")
                        && line.contains("training.learningRate: 0.001 then, 0.01 now"));
        assertThat(checkpoint().state().log().epochs()).hasSize(3);
    }

    @Test
    void preparingWithOtherSettingsIsRefusedInTheFolderOfATraining() {
        Run run = new Run(
                RunFile.read(file, List.of("features.nMels=20")),
                new ListeningMonitor(new ArrayList<>()),
                Continuation.ASK);
        assertThatThrownBy(() -> Stages.requireOwnFolder(run))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("features.nMels: 24 then, 20 now");
    }
}
