package melgauge.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import melgauge.pipeline.Corpus;
import melgauge.pipeline.Identity;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Experiments on a run of a few synthesised tracks, through the command line. Later steps use what earlier ones left. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DeepDiagnosisTest {
    private static final String SKIPPED = "unchanged, skipped";

    @TempDir
    static Path folder;

    private String out = "";
    private String err = "";

    private int melgauge(String... args) {
        Outcome outcome = Outcome.of(args);
        out = outcome.out();
        err = outcome.err();
        return outcome.code();
    }

    private static String runFile() {
        return folder.resolve("run.yaml").toString();
    }

    private static String run() {
        return folder.resolve("out").toString();
    }

    private static JsonNode experiments() throws IOException {
        return new ObjectMapper()
                .readTree(folder.resolve("out/diagnosis.json").toFile())
                .path("experiments");
    }

    private int train(String... more) {
        List<String> args = new ArrayList<>(List.of("train", runFile()));
        args.addAll(List.of(more));
        return melgauge(args.toArray(String[]::new));
    }

    @BeforeAll
    static void writeACorpus() throws IOException {
        Corpus corpus = new Corpus(folder);
        for (int i = 0; i < 12; i++) {
            corpus.add(
                    "t" + i + ".wav", "g" + i / 2, i < 6 ? "train" : i < 10 ? "validation" : "test", (i % 5) / 4.0, i);
        }
        Files.writeString(
                corpus.runFile(), "training: {epochs: 2, batchSize: 4, threads: 1}\n", StandardOpenOption.APPEND);
    }

    @Test
    @Order(1)
    void refusesARunThatHasNotBegun() throws IOException {
        Files.createDirectories(folder.resolve("out"));
        assertThat(melgauge("diagnose", run(), "--deep")).isEqualTo(Main.USAGE);
        assertThat(err).contains("is no finished run", "'melgauge train RUN.yaml' finishes it");
    }

    @Test
    @Order(2)
    void leavesExperimentsInTheDiagnosisAndTheReport() throws IOException {
        assertThat(train()).as(err).isZero();
        assertThat(experiments()).isEmpty();
        byte[] model = Files.readAllBytes(folder.resolve("out/model.melgauge"));

        assertThat(melgauge("diagnose", run(), "--deep", "--steps", "10"))
                .as(err)
                .isZero();
        assertThat(out)
                .startsWith("Verdict: ")
                .contains("Experiment: Can this network learn a few tracks by heart?")
                .contains("Experiment: What do the experiments say together?");
        assertThat(err).contains("diagnosis: " + SKIPPED, "model: " + SKIPPED, "report: ");
        assertThat(experiments()).hasSize(9);
        assertThat(folder.resolve("out/report.html")).content().contains("\"name\":\"conclusion\"");
        assertThat(folder.resolve("out/model.melgauge")).hasBinaryContent(model);
        assertThat(melgauge("diagnose", run())).isZero();
        assertThat(out).contains("Experiment: ");
        assertThat(melgauge("diagnose", run() + "/model.melgauge")).isZero();
        assertThat(out).doesNotContain("Experiment: ");
    }

    @Test
    @Order(3)
    void trainingAgainFindsNothingToDoAndKeepsThem() throws IOException {
        assertThat(train()).as(err).isZero();
        assertThat(err.lines().filter(line -> line.endsWith(SKIPPED))).hasSize(7);
        assertThat(experiments()).hasSize(9);
    }

    @Test
    @Order(4)
    void makesThemAgainOnlyWithOtherSteps() throws IOException {
        assertThat(melgauge("diagnose", run(), "--deep", "--steps", "10")).isZero();
        assertThat(err).contains("experiments: " + SKIPPED).contains("report: " + SKIPPED);
        assertThat(melgauge("diagnose", run(), "--deep", "--steps", "12")).isZero();
        assertThat(err).doesNotContain("experiments: " + SKIPPED);
        assertThat(experiments().at("/1/measurements/truth/steps/5").asInt()).isEqualTo(12);
    }

    @Test
    @Order(5)
    void refusesWhatIsNoRunOrNoNumberOfSteps() {
        assertThat(melgauge("diagnose", run() + "/model.melgauge", "--deep")).isEqualTo(Main.USAGE);
        assertThat(err).contains("name the run's folder instead of its model");
        assertThat(melgauge("diagnose", run(), "--deep", "--steps", "3")).isEqualTo(Main.USAGE);
        assertThat(err).contains("steps=3 must be from 10");
    }

    @Test
    @Order(6)
    void refusesARunWhoseLabelsHaveChanged() throws IOException {
        Path manifest = folder.resolve("labels.csv");
        String before = Files.readString(manifest);
        Files.writeString(manifest, before.replace("t3.wav,g1,train,0.75", "t3.wav,g1,train,0.5"));
        assertThat(melgauge("diagnose", run(), "--deep", "--steps", "14")).isEqualTo(Main.USAGE);
        assertThat(err).contains("1 tracks have other labels", "t3.wav", "train again");
        Files.writeString(manifest, before);
        assertThat(experiments()).hasSize(9);
    }

    @Test
    @Order(6)
    void goesOnWithTheExperimentsThatAnInterruptionLeftOut() throws IOException {
        assertThat(melgauge("diagnose", run(), "--deep", "--steps", "11"))
                .as(err)
                .isZero();
        assertThat(err).containsPattern("experiments: 167 steps, about \\d+ (s|minutes) as fast as the first few were");
        JsonNode whole = experiments();
        assertThat(folder.resolve("out/checkpoint/experiments.json")).doesNotExist();

        // As the fourth would leave it if it were interrupted.
        ObjectMapper mapper = new ObjectMapper();
        ArrayNode finished = mapper.createArrayNode();
        for (int i = 0; i < 3; i++) {
            finished.add(whole.get(i));
        }
        finished.addObject()
                .put("name", "conclusion")
                .put("question", "What do the experiments say together?")
                .put("text", "Missing are five.")
                .putObject("measurements")
                .putArray("missing")
                .add("modes");
        Path diagnosis = folder.resolve("out/diagnosis.json");
        ObjectNode interrupted = (ObjectNode) mapper.readTree(diagnosis.toFile());
        interrupted.set("experiments", finished);
        mapper.writeValue(diagnosis.toFile(), interrupted);
        ObjectNode unfinished = mapper.createObjectNode();
        JsonNode stages =
                mapper.readTree(folder.resolve("out/checkpoint/stages.json").toFile());
        unfinished.put(
                "identity",
                mapper.treeToValue(stages.path("experiments"), Identity.class).digest());
        unfinished.set("experiments", finished);
        mapper.writeValue(folder.resolve("out/checkpoint/experiments.json").toFile(), unfinished);
        assertThat(melgauge("diagnose", run())).isZero();
        assertThat(out).contains("Missing are five.");

        assertThat(melgauge("diagnose", run(), "--deep", "--steps", "11"))
                .as(err)
                .isZero();
        assertThat(err).contains("experiments: 3 were finished before; going on with the rest");
        assertThat(out).doesNotContain("Missing are");
        assertThat(experiments()).isEqualTo(whole);
        assertThat(folder.resolve("out/checkpoint/experiments.json")).doesNotExist();
    }

    @Test
    @Order(7)
    void saysWhenAnotherTrainingMakesThemObsolete() throws IOException {
        assertThat(train("--set", "training.learningRate=0.002")).as(err).isZero();
        assertThat(err).contains("out --deep' makes them again");
        assertThat(experiments()).isEmpty();
    }
}
