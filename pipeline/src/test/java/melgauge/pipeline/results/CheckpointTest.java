package melgauge.pipeline.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.Execution;
import melgauge.model.engine.InitialWeights;
import melgauge.model.engine.Network;
import melgauge.model.engine.Session;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Head;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.OutputBias;
import melgauge.model.spec.PatchShape;
import melgauge.model.spec.TrainSpec;
import melgauge.model.training.Trainer;
import melgauge.model.training.TrainingLog;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class CheckpointTest {
    @TempDir
    private Path folder;

    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void makeFolder() throws IOException {
        Files.createDirectories(folder.resolve("checkpoint"));
    }

    /** @param averages whether averages of the weights are kept, which here are all 0.5 */
    private static Checkpoint checkpoint(String identity, boolean averages, Trainer.@Nullable Begun begun) {
        NetworkSpec network = new NetworkSpec(
                List.of(2), List.of(), Activation.PRELU, true, 0.9, 0, 0, Head.FLATTEN, OutputBias.MEAN, 1, 0);
        Architecture architecture = new Architecture(network, new PatchShape(8, 4), 1);
        try (Session session = Execution.on("cpu").open();
                Network regressor = session.open(
                        architecture, TrainSpec.defaults(), InitialWeights.of(architecture, new double[] {0.5}, 1))) {
            TrainingLog log = new TrainingLog(List.of(), architecture.layers(), List.of(), 0, "", 16, 0);
            float[] halves = new float[regressor.weights().length];
            Arrays.fill(halves, 0.5f);
            regressor.step(
                    new float[] {
                        1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2
                    },
                    new float[] {0.7f},
                    1);
            return Checkpoint.of(
                    identity,
                    new Trainer.State(log, regressor.weights(), averages ? halves : null, begun),
                    session,
                    regressor);
        }
    }

    private Path file() {
        return new RunFolder(folder).path(RunFolder.CHECKPOINT);
    }

    private @Nullable Checkpoint newest() throws IOException {
        return Checkpoint.newest(file(), said::add);
    }

    @Test
    void keepsAllThatATrainingGoesOnFrom() throws IOException {
        Trainer.Begun begun = new Trainer.Begun(7, 0.25, new double[] {1, 2}, new double[] {0.5, Double.NaN}, 3.5);
        Checkpoint written = checkpoint("a", true, begun);
        written.write(file());
        Checkpoint read = Objects.requireNonNull(newest());
        assertThat(read.identity()).isEqualTo("a");
        assertThat(read.computed())
                .isEqualTo(new Checkpoint.Computed(
                        "dl4j", "cpu", Runtime.getRuntime().availableProcessors()))
                .hasToString("dl4j on cpu with " + Runtime.getRuntime().availableProcessors() + " threads");
        assertThat(read.state().log()).isEqualTo(written.state().log());
        assertThat(read.state().bestWeights()).containsExactly(written.state().bestWeights());
        assertThat(read.state().averages()).containsOnly(0.5f);
        Trainer.Begun readBegun = Objects.requireNonNull(read.state().begun());
        assertThat(readBegun.steps()).isEqualTo(7);
        assertThat(readBegun.loss()).isEqualTo(0.25);
        assertThat(readBegun.gradientNorm()).containsExactly(1, 2);
        assertThat(readBegun.updateRatio()).containsExactly(0.5, Double.NaN);
        assertThat(read.architecture()).isEqualTo(written.architecture());
        assertThat(read.weights()).containsExactly(written.weights());
        assertThat(read.optimizer().step()).isEqualTo(1);
        assertThat(read.optimizer().moments()).containsOnlyKeys("m", "v");
        assertThat(read.optimizer()).usingRecursiveComparison().isEqualTo(written.optimizer());
        assertThat(said).isEmpty();
    }

    @Test
    void knowsATrainingBetweenTwoEpochs() throws IOException {
        checkpoint("a", false, null).write(file());
        Checkpoint read = Objects.requireNonNull(newest());
        assertThat(read.state().begun()).isNull();
        assertThat(read.state().averages()).isNull();
    }

    @Test
    void isNoneWhereNothingWasSaved() throws IOException {
        assertThat(newest()).isNull();
    }

    @Test
    void fallsBackToTheOneBeforeIfTheNewestIsCut() throws IOException {
        checkpoint("older", true, null).write(file());
        checkpoint("newer", true, null).write(file());
        assertThat(Objects.requireNonNull(newest()).identity()).isEqualTo("newer");
        Path file = file();
        byte[] content = Files.readAllBytes(file);
        List<Integer> lengths = new ArrayList<>(List.of(0, 1, content.length / 10, content.length / 2));
        // Just before each of the arrays' numbers.
        for (int at = content.length - 1; at > 8; at -= content.length / 9) {
            lengths.add(at);
        }
        for (int length : lengths) {
            Files.write(file, Arrays.copyOf(content, length));
            said.clear();
            assertThat(Objects.requireNonNull(newest()).identity()).isEqualTo("older");
            assertThat(said)
                    .singleElement()
                    .asString()
                    .startsWith(file + " is damaged: ")
                    .endsWith("; going on from the checkpoint before it");
        }
    }

    @Test
    void fallsBackIfBytesOfTheNewestHaveChanged() throws IOException {
        checkpoint("older", false, null).write(file());
        Checkpoint newer = checkpoint("newer", false, null);
        newer.write(file());
        int fallenBack = 0;
        Path file = file();
        byte[] intact = Files.readAllBytes(file);
        for (int at = 100; at < intact.length; at += 331) {
            byte[] content = intact.clone();
            content[at] ^= 0x10;
            Files.write(file, content);
            said.clear();
            Checkpoint read = Objects.requireNonNull(newest());
            if (said.isEmpty()) {
                // White space in the header: nothing that counts has changed.
                assertThat(read).usingRecursiveComparison().isEqualTo(newer);
            } else {
                assertThat(read.identity()).as("byte %d", at).isEqualTo("older");
                fallenBack++;
            }
        }
        assertThat(fallenBack).isGreaterThan(10);
    }

    /** Between two renames, a killed process leaves only the one before. */
    @Test
    void fallsBackIfTheNewestIsMissing() throws IOException {
        checkpoint("older", false, null).write(file());
        Files.move(file(), Checkpoint.previous(file()));
        assertThat(Objects.requireNonNull(newest()).identity()).isEqualTo("older");
        assertThat(said).singleElement().asString().contains("is missing; going on");
    }

    @Test
    void saysSoIfNoneCanBeRead() throws IOException {
        checkpoint("older", false, null).write(file());
        checkpoint("newer", false, null).write(file());
        Files.writeString(file(), "damaged");
        Files.writeString(Checkpoint.previous(file()), "damaged");
        assertThatThrownBy(this::newest)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("state.previous.safetensors")
                .hasMessageContaining("train again without --resume");
    }

    @Test
    void isForgottenWhenATrainingBeginsAnew() throws IOException {
        checkpoint("older", false, null).write(file());
        checkpoint("newer", false, null).write(file());
        Checkpoint.delete(file());
        assertThat(newest()).isNull();
    }
}
