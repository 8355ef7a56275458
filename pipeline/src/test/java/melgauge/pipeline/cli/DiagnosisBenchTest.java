package melgauge.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.rules.Code;
import melgauge.model.diagnosis.rules.Finding;
import melgauge.model.diagnosis.rules.Severity;
import melgauge.model.diagnosis.rules.Verdict;
import melgauge.pipeline.Corpus;
import melgauge.pipeline.FixedRunFile;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.RunSpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The gallery and the fixed run file through the command line, on a tiny corpus. Later steps use what earlier ones left. */
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DiagnosisBenchTest {
    private static final List<String> TINY = List.of(
            "features={sampleRate: 8000, nFft: 256, winLength: 256, hopLength: 64, nMels: 24, fMax: 4000}",
            "patch.frames=64",
            "network={conv: [2], dense: [2]}",
            "training.epochs=2");

    @TempDir
    static Path folder;

    @BeforeAll
    static void writeACorpus() throws IOException {
        Corpus corpus = new Corpus(folder);
        for (int i = 0; i < 12; i++) {
            corpus.add("t" + i + ".wav", "artist" + i, "", i / 12.0, i);
        }
        Path ignored = corpus.runFile();
    }

    private static Outcome bench(String... more) {
        List<String> args = new ArrayList<>(List.of(
                "bench",
                "diagnosis",
                "--corpus",
                folder.toString(),
                "--work",
                folder.resolve("gallery").toString()));
        TINY.forEach(setting -> args.addAll(List.of("--set", setting)));
        args.addAll(List.of(more));
        return Outcome.of(args.toArray(String[]::new));
    }

    private static List<JsonNode> lines(Outcome outcome) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : outcome.out().lines().toList()) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }

    @Test
    @Order(1)
    void trainsEachFaultWithEachSeedAndTellsALineOfIt() throws IOException {
        Outcome outcome = bench("--faults", "shuffled-labels,healthy-base", "--seeds", "2", "--fix");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        List<JsonNode> lines = lines(outcome);
        assertThat(lines).hasSize(2 * 2 + 1);
        assertThat(lines.get(1).path("fault").asText()).isEqualTo("shuffled-labels");
        assertThat(lines.get(1).path("seed").asInt()).isEqualTo(2);
        assertThat(lines.get(1).path("verdict").asText()).isNotEmpty();
        assertThat(lines.get(1).path("right").isBoolean()).isTrue();
        assertThat(lines.get(1).has("r2Fixed") || lines.get(1).has("notFixed")).isTrue();
        assertThat(lines.get(2).path("falseAlarm").isBoolean()).isTrue();
        assertThat(lines.get(4).at("/totals/faults").asInt()).isEqualTo(2);
        assertThat(lines.get(4).at("/totals/healthy").asInt()).isEqualTo(2);
        assertThat(lines.get(4).at("/totals/errors").asInt()).isZero();
        // What was trained on is what the fault says.
        List<String> before = Files.readAllLines(folder.resolve("labels.csv"));
        List<String> after = Files.readAllLines(folder.resolve("gallery/shuffled-labels/seed-1/labels.csv"));
        assertThat(after).isNotEqualTo(before).hasSameSizeAs(before);
        assertThat(Files.readAllLines(folder.resolve("gallery/healthy-base/seed-1/labels.csv")))
                .isEqualTo(before);
    }

    @Test
    @Order(2)
    void whatIsFinishedIsNotTrainedAgain() {
        Outcome again = bench("--faults", "healthy-base");
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.err()).contains("healthy-base seed 1: training: unchanged, skipped");
    }

    @Test
    @Order(3)
    void aFaultThatCannotBeTrainedIsALineToo() throws IOException {
        Outcome outcome = bench("--faults", "wrong-scale,healthy-base");
        assertThat(outcome.code()).isEqualTo(Main.SOME_ERRORS);
        assertThat(lines(outcome).get(0).path("error").asText()).contains("is no target");
        assertThat(lines(outcome).get(1).path("verdict").asText()).isNotEmpty();
        assertThat(lines(outcome).get(2).at("/totals/errors").asInt()).isEqualTo(1);
    }

    @Test
    @Order(4)
    void diagnoseWritesAFileThatTrains() throws IOException {
        Path run = folder.resolve("gallery/healthy-base/seed-1/run");
        Diagnosis diagnosis = new Diagnosis(
                Verdict.WEAK,
                "for a reason.",
                List.of(
                        finding(Code.UNDERTRAINED, "training.epochs", "3"),
                        finding(Code.INPUT_UNSCALED, "network.batchNormDecay", "0.8")),
                List.of(),
                null,
                List.of(),
                "");
        String before = Files.readString(run.resolve("diagnosis.json"));
        Files.writeString(run.resolve("diagnosis.json"), diagnosis.toJson().toString());
        Outcome outcome = Outcome.of("diagnose", run.toString(), "--fix");
        Files.writeString(run.resolve("diagnosis.json"), before);
        Path file = run.resolve("run.fixed.yaml");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .startsWith("Verdict: weak")
                .contains("fixed: " + file)
                .contains("training.epochs: 3, was: 2 (UNDERTRAINED)")
                .endsWith("next:  melgauge train " + file + System.lineSeparator());

        Outcome trained = Outcome.of("train", file.toString());
        assertThat(trained.code()).as(trained.err()).isZero();
        RunSpec spec = RunFile.read(run.resolveSibling("run-fixed").resolve("run.yaml"), List.of());
        assertThat(spec.training().epochs()).isEqualTo(3);
        assertThat(spec.network().batchNormDecay()).isEqualTo(0.8);
        assertThat(Files.readAllLines(run.resolveSibling("run-fixed").resolve("history.csv")))
                .hasSize(1 + 3);
    }

    private static Finding finding(Code code, String key, String value) throws IOException {
        return new Finding(
                code, Severity.ERROR, "", 2, 1, "", "why", "what", Map.of(key, new ObjectMapper().readTree(value)));
    }

    @Test
    @Order(5)
    void diagnoseSaysWhyThereIsNothingToFix() throws IOException {
        Path run = folder.resolve("gallery/healthy-base/seed-2/run");
        Files.writeString(
                run.resolve("diagnosis.json"),
                new Diagnosis(Verdict.HEALTHY, "for a reason.", List.of(), List.of(), null, List.of(), "")
                        .toJson()
                        .toString());
        Outcome outcome = Outcome.of("diagnose", run.toString(), "--fix");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.out()).contains("no run.fixed.yaml: the diagnosis found nothing to change");
        assertThat(run.resolve(FixedRunFile.FILE)).doesNotExist();
        Outcome model = Outcome.of("diagnose", run.resolve("model.melgauge").toString(), "--fix");
        assertThat(model.code()).isEqualTo(Main.USAGE);
        assertThat(model.err()).contains("is a model").contains("the folder of the run");
    }

    @Test
    @Order(6)
    void theOtherSubjectsOfBenchAreThereAndOneIsNeeded() {
        Outcome none = Outcome.of("bench");
        assertThat(none.code()).isEqualTo(Main.USAGE);
        assertThat(none.err()).contains("Missing required parameter: front, train, infer or diagnosis");
        Outcome unknown = bench("--faults", "healty-base");
        assertThat(unknown.code()).isEqualTo(Main.USAGE);
        assertThat(unknown.err()).contains("did you mean healthy-base?");
        Outcome infer = Outcome.of("bench", "infer", "--batch", "1", "--steps", "1", "--threads", "1");
        assertThat(infer.code()).as(infer.err()).isZero();
        assertThat(infer.out()).contains("\"bench\":\"infer\"");
    }
}
