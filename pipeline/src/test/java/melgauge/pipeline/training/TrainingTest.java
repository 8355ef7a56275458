package melgauge.pipeline.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import melgauge.data.UsageException;
import melgauge.model.Model;
import melgauge.model.diagnosis.rules.Verdict;
import melgauge.pipeline.Corpus;
import melgauge.pipeline.ListeningMonitor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class TrainingTest {
    @TempDir
    Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void writeCorpus() throws IOException {
        Corpus corpus = new Corpus(folder);
        List<String> sides = List.of("train", "train", "train", "validation", "test");
        for (int i = 0; i < sides.size(); i++) {
            corpus.add("t" + i + ".wav", sides.get(i), i);
        }
        file = corpus.runFile();
    }

    @Test
    void trainsAModelThatCanBeOpenedAndIsNotTrainedTwice() throws Exception {
        Training training = Training.of(file).with("training.epochs", 2);
        TrainedRun run = training.run();
        assertThat(run.results().rows()).hasSize(5);
        assertThat(run.audit()).hasSize(5);
        assertThat(run.diagnosis().verdict()).isEqualTo(Verdict.NONE);
        assertThat(run.report()).isRegularFile();
        try (Model model = Model.open(run.model())) {
            assertThat(model.predict(folder.resolve("t0.wav")).value("v")).isBetween(0.0, 1.0);
        }
        List<String> said = new ArrayList<>();
        training.with(new ListeningMonitor(said)).run();
        assertThat(said).contains("training: unchanged, skipped", "report: unchanged, skipped");
    }

    @Test
    void aControlWithShuffledLabelsHasAFolderOfItsOwn() throws Exception {
        Training control = Training.of(file).with("training.epochs", 1).withLabelsShuffled();
        TrainedRun run = control.run();
        assertThat(run.folder().path()).hasFileName("out-shuffled");
        assertThat(run.results().shuffledLabels()).isTrue();
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void wrongSettingsAreRefusedBeforeAnyWork() throws IOException {
        assertThatThrownBy(() -> Training.of(file).with("training.epoch", 2).run())
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("did you mean epochs");
        Files.delete(folder.resolve("labels.csv"));
        assertThatThrownBy(() -> Training.of(file).run()).isInstanceOf(UsageException.class);
        assertThat(folder.resolve("out")).doesNotExist();
    }
}
