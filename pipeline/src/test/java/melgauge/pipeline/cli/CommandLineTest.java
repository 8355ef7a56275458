package melgauge.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import melgauge.data.FileDigest;
import melgauge.data.tags.AudioTags;
import melgauge.features.CacheFolder;
import melgauge.features.Npy;
import melgauge.model.ModelBundle;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.Version;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.RunFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole job through the command line, on a handful of real clips. Later steps use what earlier ones left. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CommandLineTest {
    private static final Path DEMO = Path.of("../data/demo").toAbsolutePath().normalize();
    private static final int CLIPS = 24;

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

    private static String[] run(String command, String... more) {
        List<String> args =
                new ArrayList<>(List.of(command, folder.resolve("run.yaml").toString()));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    @BeforeAll
    static void writeACorpus() throws IOException {
        List<String> rows = Files.readAllLines(DEMO.resolve("labels.csv"));
        List<String> chosen = new ArrayList<>(List.of(rows.get(0)));
        for (int i = 0; i < CLIPS; i++) {
            chosen.add(rows.get(1 + i * 20));
        }
        Files.createDirectory(folder.resolve("bad"));
        Files.writeString(folder.resolve("bad/text.mp3"), "no music at all ".repeat(100));
        chosen.add(folder.resolve("bad/text.mp3") + ",bad,0.5,0.5,0.5,0.5,0.5");
        Files.write(folder.resolve("labels.csv"), chosen);
        Files.writeString(folder.resolve("run.yaml"), """
                corpus: {manifest: labels.csv, audio: "%s"}
                network: {conv: [4, 8, 8, 8], dense: [16]}
                training: {epochs: 2, batchSize: 8}
                cache: cache
                output: out
                """.formatted(DEMO));
    }

    private static JsonNode json(String name) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(name).toFile());
    }

    @Test
    @Order(1)
    void prepareFillsTheCacheAndSaysWhatItRejects() throws IOException {
        assertThat(melgauge(run("prepare"))).isEqualTo(Main.SOME_ERRORS);
        List<String> audit = Files.readAllLines(folder.resolve("out/audit.csv"));
        assertThat(audit).hasSize(1 + CLIPS + 1);
        assertThat(audit.get(0))
                .isEqualTo(
                        "path,status,reason,durationSeconds,declaredSeconds,sampleRate,channels,codec,peakDb,rmsDb,sha256");
        assertThat(audit.get(CLIPS + 1))
                .contains("text.mp3,rejected,not-audio: is not an audio file that can be decoded");
        assertThat(err)
                .contains("1 rejected")
                .startsWith("learning density, register, percussion, polyphony and majorness\n");
        assertThat(folder.resolve("out/log.txt")).content().contains("learning density, register");
        assertThat(melgauge(run("prepare"))).isEqualTo(Main.SOME_ERRORS);
        assertThat(err).contains("spectrograms: unchanged, skipped").contains("normaliser: unchanged, skipped");
    }

    @Test
    @Order(2)
    void trainLeavesEveryFileOfARun() throws IOException {
        assertThat(melgauge(run("train"))).isEqualTo(Main.SOME_ERRORS);
        assertThat(err).contains("spectrograms: unchanged, skipped");
        assertThat(out).contains("density").contains("mean of targets").contains("report.html");
        for (String file : List.of(
                "run.yaml",
                "audit.csv",
                "history.csv",
                "metrics.json",
                "predictions.csv",
                "diagnosis.json",
                "model.melgauge",
                "report.html",
                "log.txt")) {
            assertThat(folder.resolve("out").resolve(file)).isNotEmptyFile();
        }
        assertThat(Files.readAllLines(folder.resolve("out/history.csv"))).hasSize(3);

        JsonNode metrics = json("out/metrics.json");
        assertThat(metrics.path("split").asText()).isEqualTo("test");
        for (String score : List.of("r2", "pearson", "ccc", "rmse", "mae", "predictedStd", "targetStd")) {
            assertThat(metrics.path("targets").path("density").has(score))
                    .as(score)
                    .isTrue();
            assertThat(metrics.path("mean").has(score)).as(score).isTrue();
            assertThat(metrics.at("/baseline/ridge/mean").has(score)).as(score).isTrue();
        }
        for (String score : List.of("r2", "pearson", "ccc", "rmse", "mae")) {
            assertThat(metrics.at("/intervals/targets/density").has(score))
                    .as(score)
                    .isTrue();
            assertThat(metrics.at("/intervals/mean").has(score)).as(score).isTrue();
        }
        assertThat(metrics.at("/intervals/level").asDouble()).isEqualTo(0.95);
        assertThat(out).contains("95 %").contains("WARNING: Only ").contains("were held out");
        assertThat(metrics.at("/baseline/meanPredictor/mean/r2").asDouble()).isLessThanOrEqualTo(0);

        List<String> predictions = Files.readAllLines(folder.resolve("out/predictions.csv"));
        assertThat(predictions).hasSize(1 + CLIPS);
        assertThat(predictions.get(0)).startsWith("path,split,density,density_true,density_spread,register,");

        JsonNode diagnosis = json("out/diagnosis.json");
        assertThat(diagnosis.path("verdict").asText()).isEqualTo("none");
        assertThat(diagnosis.path("reason").asText()).contains("10 are needed");
        assertThat(diagnosis.path("answers")).hasSize(5);
        assertThat(diagnosis.path("findings").isArray()).isTrue();
    }

    @Test
    @Order(3)
    void theReportLoadsNothing() throws IOException {
        String page = Files.readString(folder.resolve("out/report.html"));
        assertThat(page).contains("Chart.js v4").doesNotContain("/*DATA*/").doesNotContain("/*CHARTS*/");
        assertThat(page)
                .doesNotContainPattern("<script[^>]*\\ssrc=")
                .doesNotContainPattern("<link[^>]*href=")
                .doesNotContain("sourceMappingURL")
                .doesNotContain("url(http");
    }

    @Test
    @Order(4)
    void aSecondTrainSkipsEverything() {
        assertThat(melgauge(run("train"))).isEqualTo(Main.SOME_ERRORS);
        assertThat(err.lines().filter(line -> line.endsWith("unchanged, skipped")))
                .hasSize(7);
    }

    @Test
    @Order(5)
    void resumeRefusesOtherSettings() {
        assertThat(melgauge(run("train", "--resume", "--set", "training.batchSize=4")))
                .isEqualTo(Main.USAGE);
        assertThat(err).contains("was begun with other settings").doesNotContain("\tat ");
    }

    @Test
    @Order(5)
    void severalNetworksAreTrainedOneByOneAndAnswerWithTheirMean() throws IOException {
        String output = "output=" + folder.resolve("together");
        String[] train = run("train", "--set", "training.networks=2", "--set", output);
        assertThat(melgauge(train)).isEqualTo(Main.SOME_ERRORS);
        assertThat(err).contains("network 1 of 2, epoch 2").contains("network 2 of 2, epoch 2");
        Path together = folder.resolve("together");
        // The first is the network that a run of one network trains.
        assertThat(epochs(together.resolve("history.csv"))).isEqualTo(epochs(folder.resolve("out/history.csv")));
        assertThat(epochs(together.resolve("history-2.csv")))
                .hasSize(3)
                .isNotEqualTo(epochs(folder.resolve("out/history.csv")));
        byte[] first = Files.readAllBytes(together.resolve("model.melgauge"));
        assertThat(melgauge(train)).isEqualTo(Main.SOME_ERRORS);
        assertThat(err.lines().filter(line -> line.endsWith("unchanged, skipped")))
                .hasSize(7);

        // As if the second network's training had not begun.
        Checkpoint.delete(new RunFolder(together).path(RunFolder.checkpoint(1)));
        List<String> resumed = new ArrayList<>(List.of(train));
        resumed.add("--resume");
        assertThat(melgauge(resumed.toArray(String[]::new))).isEqualTo(Main.SOME_ERRORS);
        assertThat(err).doesNotContain("network 1 of 2, epoch").contains("network 2 of 2, epoch 1");
        assertThat(together.resolve("model.melgauge")).hasBinaryContent(first);

        String model = together.resolve("model.melgauge").toString();
        assertThat(melgauge("inspect", model, "--network", "2")).isZero();
        assertThat(out).contains("the mean of 2 networks").contains("network 2 of 2");
        assertThat(melgauge("inspect", model, "--network", "3")).isEqualTo(Main.USAGE);
        assertThat(err).contains("--network 3 must be from 1 to 2");

        assertThat(melgauge(run("train", "--set", output))).isEqualTo(Main.SOME_ERRORS);
        assertThat(together.resolve("history.csv")).exists();
        assertThat(together.resolve("history-2.csv")).doesNotExist();
    }

    @Test
    @Order(5)
    void networksThatTakeTurnsAreJudgedByTracksThatTheyDidNotLearnFrom() throws IOException {
        Path turns = folder.resolve("turns");
        assertThat(melgauge(run(
                        "train",
                        "--set",
                        "training.networks=2",
                        "--set",
                        "training.holdOut=rotate",
                        "--set",
                        "output=" + turns)))
                .isEqualTo(Main.SOME_ERRORS);
        assertThat(epochs(turns.resolve("history.csv"))).isEqualTo(epochs(folder.resolve("out/history.csv")));
        assertThat(epochs(turns.resolve("history-2.csv"))).hasSize(3);
        // Only the first network has not learnt from the validation tracks.
        assertThat(predictions(turns, "validation"))
                .isNotEmpty()
                .isEqualTo(predictions(folder.resolve("out"), "validation"));
        assertThat(predictions(turns, "train"))
                .isNotEmpty()
                .doesNotContainAnyElementsOf(predictions(folder.resolve("out"), "train"));
    }

    private static List<String> predictions(Path run, String side) throws IOException {
        return Files.readAllLines(run.resolve("predictions.csv")).stream()
                .filter(line -> line.contains("," + side + ","))
                .toList();
    }

    /** A history without its times. */
    private static List<String> epochs(Path history) throws IOException {
        return Files.readAllLines(history).stream()
                .map(line -> line.replaceAll("^((?:[^,]*,){5})[^,]*,", "$1"))
                .toList();
    }

    @Test
    @Order(6)
    void tagGivesARowForEveryInput() throws IOException {
        Path input = Files.createDirectories(folder.resolve("in/sub"));
        Files.copy(DEMO.resolve("audio/freedoom_d-bunny_012.mp3"), input.resolve("a, \"b\".mp3"));
        Files.copy(DEMO.resolve("audio/freedoom_d-dm06_085.flac"), input.resolve("c.flac"));
        Files.writeString(input.resolve("d.mp3"), "not music");
        Files.writeString(input.resolve("notes.txt"), "not audio by its name");
        Path tags = folder.resolve("tags.csv");
        assertThat(melgauge(
                        "tag",
                        "--model",
                        model(),
                        "--out",
                        tags.toString(),
                        folder.resolve("in").toString(),
                        "/no/such.mp3"))
                .isEqualTo(Main.SOME_ERRORS);
        List<String> rows = Files.readAllLines(tags);
        assertThat(rows).hasSize(5);
        assertThat(rows.get(0)).startsWith("path,status,code,error,durationSeconds,patches,density,density_spread,");
        assertThat(rows.get(1)).contains("a, \"\"b\"\".mp3\",ok,,,8.0").contains(",2,0.");
        assertThat(rows.get(2)).contains("c.flac,ok,,,8.0");
        assertThat(err).contains("d.mp3: is not an audio file").contains("/no/such.mp3: there is no such file");
        assertThat(rows.get(3)).contains("d.mp3,error,not-audio,is not an audio file that can be decoded");
        assertThat(rows.get(4)).startsWith("/no/such.mp3,error,missing,there is no such file,,0,,");
        assertThat(folder.resolve("tags.csv.lock")).doesNotExist();
    }

    @Test
    @Order(6)
    void aFolderStandsForItsRunFileAndAnUnknownOptionForASetting() {
        assertThat(melgauge("prepare", folder.toString())).isEqualTo(Main.SOME_ERRORS);
        assertThat(err).contains("unchanged, skipped");
        assertThat(melgauge(run("train", "--epochs", "5"))).isEqualTo(Main.USAGE);
        assertThat(err).contains("--set training.epochs=VALUE");
        assertThat(melgauge(run("train", "--batch-size=8"))).isEqualTo(Main.USAGE);
        assertThat(err).contains("--set training.batchSize=VALUE");
    }

    @Test
    @Order(6)
    void tagWritesIntoTheFilesIfAskedAndSaysWhichItCannotWrite() throws IOException {
        Path input = Files.createDirectories(folder.resolve("library"));
        Path clip = Files.copy(DEMO.resolve("audio/freedoom_d-bunny_012.mp3"), input.resolve("a.mp3"));
        Files.copy(DEMO.resolve("audio/freedoom_d-bunny_040.opus"), input.resolve("b.opus"));
        Path tags = folder.resolve("written.csv");
        String[] command = {"tag", "--write-tags", "--model", model(), "--out", tags.toString(), input.toString()};
        assertThat(melgauge(command)).isEqualTo(Main.SOME_ERRORS);
        assertThat(err)
                .contains("not tagged: " + input.resolve("b.opus") + ": unsupported: is Ogg Opus")
                .contains("2 inputs, 0 errors, 1 file tagged, 1 not tagged")
                .doesNotContain("jaudiotagger");
        List<String> rows = Files.readAllLines(tags);
        assertThat(rows.get(2)).contains("b.opus,ok,").endsWith("not-tagged");
        String density = rows.get(1).split(",", -1)[6];
        assertThat(AudioTags.read(clip, Set.of("MELGAUGE_DENSITY")))
                .containsExactly(Map.entry("MELGAUGE_DENSITY", density));
        Files.delete(input.resolve("b.opus"));
        assertThat(melgauge(command)).isZero();
        assertThat(err).contains("1 known before, 0 files tagged, 0 not tagged");
    }

    @Test
    @Order(7)
    void tagWritesOtherFormatsByTheNamesEnding() throws IOException {
        Path clip = DEMO.resolve("audio/freedoom_d-bunny_012.mp3");
        Path playlist = Files.writeString(folder.resolve("list.m3u"), "#EXTM3U\n" + clip + "\n\nmissing.mp3\n");
        assertThat(melgauge(
                        "tag",
                        "--model",
                        model(),
                        "--out",
                        folder.resolve("t.jsonl").toString(),
                        playlist.toString()))
                .isEqualTo(Main.SOME_ERRORS);
        List<String> lines = Files.readAllLines(folder.resolve("t.jsonl"));
        assertThat(lines).hasSize(2);
        JsonNode first = new ObjectMapper().readTree(lines.get(0));
        assertThat(first.path("status").asText()).isEqualTo("ok");
        assertThat(first.path("density").asDouble()).isBetween(0.0, 1.0);
        assertThat(new ObjectMapper().readTree(lines.get(1)).path("density").isNull())
                .isTrue();
        assertThat(melgauge(
                        "tag",
                        "--model",
                        model(),
                        "--out",
                        folder.resolve("t.parquet").toString(),
                        clip.toString()))
                .isZero();
        byte[] parquet = Files.readAllBytes(folder.resolve("t.parquet"));
        String bytes = new String(parquet, StandardCharsets.ISO_8859_1);
        assertThat(bytes)
                .startsWith("PAR1")
                .contains("melgauge.model")
                .contains(FileDigest.of(Path.of(model())))
                .contains("melgauge.version")
                .contains(Version.text());
        assertThat(melgauge(
                        "tag",
                        "--model",
                        model(),
                        "--out",
                        folder.resolve("t.xls").toString(),
                        clip.toString()))
                .isEqualTo(Main.USAGE);
    }

    @Test
    @Order(7)
    void tagWritesRowsToStandardOutputAndEverythingElseToStandardError() {
        String clip = DEMO.resolve("audio/freedoom_d-bunny_012.mp3").toString();
        assertThat(melgauge("tag", "--model", model(), "--out", "-", clip, "/no/such.mp3"))
                .isEqualTo(Main.SOME_ERRORS);
        List<String> rows = out.lines().toList();
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0)).startsWith("path,status,code,error,durationSeconds,patches,density,density_spread,");
        assertThat(rows.get(1)).startsWith(clip + ",ok,,,8.0");
        assertThat(rows.get(2)).startsWith("/no/such.mp3,error,missing,");
        assertThat(err).contains("/no/such.mp3: there is no such file").contains("2 inputs, 1 error");
        assertThat(melgauge("tag", "--model", model(), "--out", "-", "--format", "jsonl", clip))
                .isZero();
        assertThat(out)
                .startsWith("{\"path\":\"" + clip + "\",\"status\":\"ok\"")
                .hasLineCount(1);
        assertThat(Path.of("-.catalog")).doesNotExist();
    }

    @Test
    @Order(7)
    void tagListsAFewFilesOnTheConsole() throws IOException {
        String clip = DEMO.resolve("audio/freedoom_d-bunny_012.mp3").toString();
        assertThat(melgauge("tag", "--model", model(), clip, "/no/such.mp3")).isEqualTo(Main.SOME_ERRORS);
        List<String> lines = out.lines().toList();
        assertThat(lines).hasSize(3).allMatch(line -> line.length() <= 100);
        assertThat(lines.get(0)).startsWith("path ").contains("density");
        assertThat(lines.get(1)).contains("freedoom_d-bunny_012.mp3").containsPattern(" 0\\.\\d{3}");
        assertThat(lines.get(2)).isEqualTo("/no/such.mp3: there is no such file");
        Path many = Files.writeString(folder.resolve("many.m3u"), "x.mp3\n".repeat(101));
        assertThat(melgauge("tag", "--model", model(), many.toString())).isEqualTo(Main.USAGE);
        assertThat(err).contains("more than 100 inputs; name a table by --out FILE");
    }

    @Test
    @Order(8)
    void evaluateScoresAModelOnALabelledCorpus() throws IOException {
        assertThat(melgauge(
                        "evaluate",
                        model(),
                        folder.resolve("labels.csv").toString(),
                        "--audio",
                        DEMO.toString(),
                        "--out",
                        folder.resolve("eval").toString()))
                .isEqualTo(Main.SOME_ERRORS);
        assertThat(out).contains("mean of targets").contains("They are scored apart");
        JsonNode metrics = json("eval/metrics.json");
        assertThat(metrics.path("split").asText()).isEqualTo("test");
        int seen = metrics.at("/seen/tracks").asInt();
        assertThat(seen).isGreaterThan(CLIPS / 2);
        assertThat(metrics.path("tracks").asInt()).isEqualTo(CLIPS - seen);
        // The same clips got the same predictions in training; there from the cache, in half precision.
        String trained = row("out/predictions.csv");
        String evaluated = row("eval/predictions.csv");
        assertThat(Double.parseDouble(evaluated)).isCloseTo(Double.parseDouble(trained), within(2e-3));
    }

    @Test
    @Order(9)
    void evaluateScoresTheTargetsThatThereAreLabelsFor() throws IOException {
        List<String> rows = Files.readAllLines(folder.resolve("labels.csv"));
        List<String> fewer = new ArrayList<>(List.of("file;register;mood"));
        rows.subList(1, 1 + CLIPS).forEach(row -> {
            String[] cells = row.split(",", -1);
            fewer.add(cells[0] + ";" + cells[3].replace('.', ',') + ";0,5");
        });
        Path manifest = Files.write(folder.resolve("fewer.csv"), fewer);
        String eval = folder.resolve("fewerEval").toString();
        assertThat(melgauge("evaluate", model(), manifest.toString(), "--audio", DEMO.toString(), "--out", eval))
                .isZero();
        assertThat(err)
                .contains("fewer.csv is read with ; between cells; column file is read as path")
                .contains(
                        "scoring register; not scoring: density, percussion, polyphony and majorness (no such column),"
                                + " mood (the model does not predict it)");
        assertThat(out).contains("register").doesNotContain("density");
        assertThat(json("fewerEval/metrics.json").path("targets").properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("register");
        assertThat(Files.readAllLines(folder.resolve("fewerEval/predictions.csv"))
                        .get(0))
                .isEqualTo("path,split,register,register_true,register_spread");
        Files.writeString(manifest, "path,mood\na.mp3,0.5\n");
        assertThat(melgauge("evaluate", model(), manifest.toString(), "--audio", DEMO.toString()))
                .isEqualTo(Main.USAGE);
        assertThat(err).contains("has labels for none of the model's targets").doesNotContain("corpus.");
    }

    /** The prediction of a clip that the run tests: those that validate are predicted by what has not learnt from them. */
    private static String row(String file) throws IOException {
        String path = tested();
        return Files.readAllLines(folder.resolve(file)).stream()
                .filter(line -> line.startsWith(path + ","))
                .findFirst()
                .orElseThrow()
                .split(",", -1)[2];
    }

    private static String tested() throws IOException {
        return Files.readAllLines(folder.resolve("out/predictions.csv")).stream()
                .map(line -> line.split(",", -1))
                .filter(cells -> cells[1].equals("test"))
                .findFirst()
                .orElseThrow()[0];
    }

    @Test
    @Order(9)
    void aRegressionTakesItsShareInTheAnswersOfANetworkThatIsTrained() throws IOException {
        Path shared = folder.resolve("shared");
        copy(folder.resolve("out"), shared);
        assertThat(melgauge(run("train", "--set", "modulationShare=0.25", "--set", "output=" + shared)))
                .isEqualTo(Main.SOME_ERRORS);
        assertThat(err).contains("training: unchanged, skipped");
        assertThat(out).contains("network with 25 % of modulation regression").contains("the network alone: R² ");
        assertThat(json("shared/metrics.json").path("modulationShare").asDouble())
                .isEqualTo(0.25);
        assertThat(json("shared/metrics.json").at("/network/mean"))
                .isEqualTo(json("out/metrics.json").at("/network/mean"));

        JsonNode tracks = json("shared/checkpoint/results.json").path("rows");
        List<String> lines = Files.readAllLines(shared.resolve("predictions.csv"));
        for (int i = 0; i < CLIPS; i++) {
            double network = tracks.at("/" + i + "/mean/0").asDouble();
            double regression = tracks.at("/" + i + "/modulation/0").asDouble();
            assertThat(Double.parseDouble(lines.get(i + 1).split(",", -1)[2]))
                    .isCloseTo(0.75 * network + 0.25 * regression, within(1e-6));
        }

        // The model answers so wherever it is taken.
        String model = shared.resolve("model.melgauge").toString();
        assertThat(melgauge(
                        "evaluate",
                        model,
                        folder.resolve("labels.csv").toString(),
                        "--audio",
                        DEMO.toString(),
                        "--out",
                        folder.resolve("sharedEval").toString()))
                .isEqualTo(Main.SOME_ERRORS);
        assertThat(out).contains("network with 25 % of modulation regression");
        String evaluated = row("sharedEval/predictions.csv");
        assertThat(Double.parseDouble(evaluated))
                .isCloseTo(Double.parseDouble(row("shared/predictions.csv")), within(2e-3));
        Path clip = DEMO.resolve(tested());
        Path tags = folder.resolve("shared.csv");
        Path segments = folder.resolve("shared-segments.csv");
        assertThat(melgauge(
                        "tag",
                        "--model",
                        model,
                        "--out",
                        tags.toString(),
                        "--segments",
                        segments.toString(),
                        clip.toString()))
                .isZero();
        double tagged = Double.parseDouble(Files.readAllLines(tags).get(1).split(",", -1)[6]);
        assertThat(tagged).isCloseTo(Double.parseDouble(evaluated), within(1e-5));
        assertThat(Files.readAllLines(segments).stream()
                        .skip(1)
                        .mapToDouble(line -> Double.parseDouble(line.split(",", -1)[3]))
                        .average()
                        .orElseThrow())
                .isCloseTo(tagged, within(1e-5));
        assertThat(melgauge("inspect", model)).isZero();
        assertThat(out)
                .contains("1 network, share 0.750; modulation regression from ", " numbers of a track, share 0.250");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    @Test
    @Order(9)
    void diagnoseAndInspectReadWhatIsThere() {
        assertThat(melgauge("diagnose", folder.resolve("out").toString())).isZero();
        String ofRun = out;
        assertThat(ofRun).startsWith("Verdict: ").contains("1. What did the untrained network predict");
        assertThat(melgauge("diagnose", model())).isZero();
        assertThat(out).isEqualTo(ofRun);
        Path exported = folder.resolve("exported.zip");
        assertThat(melgauge("inspect", model(), "--export", exported.toString()))
                .isZero();
        assertThat(out).contains("exported.zip").contains("[patches, 1, ");
        assertThat(exported).isNotEmptyFile();
        assertThat(melgauge("inspect", folder.resolve("out").toString(), "--export", exported.toString()))
                .isEqualTo(Main.USAGE);
        assertThat(err).contains("--export needs a model");
        assertThat(melgauge("inspect", folder.resolve("out").toString())).isZero();
        assertThat(out).contains("2 epochs").contains("1 tracks rejected");
        assertThat(melgauge("inspect", folder.resolve("cache").toString())).isZero();
        assertThat(out).contains(CLIPS + " spectrograms");
    }

    @Test
    @Order(9)
    void inspectShowsAModelOnOnePage() throws IOException {
        assertThat(melgauge("inspect", model())).isZero();
        assertThat(out)
                .contains("sha256 " + FileDigest.of(Path.of(model())))
                .contains("verdict     none — ", "downmix=mean", "in patches of ", "1 network", "made by     melgauge ")
                .containsPattern("conv1 +\\[4, 1, 3, 3] +\\d+  3×3 convolution, batch normalisation, PReLU")
                .containsPattern(
                        "trained on  \\d+ training tracks, \\d+ validation tracks?, \\d+ test tracks?; 2 epochs, best")
                .containsPattern("total +" + String.format(Locale.ROOT, "%,d", numbers(model())));
        StringWriter scores = new StringWriter();
        ScoreTable.print(new PrintWriter(scores), new RunFolder(folder.resolve("out")).read(RunFolder.RESULTS));
        assertThat(out).endsWith(scores.toString());
        assertThat(out.lines()).hasSizeLessThanOrEqualTo(60).allMatch(line -> line.length() <= 100);
    }

    @Test
    @Order(9)
    void inspectPrintsAllOfAModelAsJson() throws IOException {
        assertThat(melgauge("inspect", "--json", model())).isZero();
        JsonNode all = new ObjectMapper().readTree(out);
        ModelBundle model = ModelBundle.read(Path.of(model()));
        assertThat(all.path("provenance")).isEqualTo(model.provenance());
        assertThat(all.at("/layers/0/parameters/0/shape").toString()).isEqualTo("[4,1,3,3]");
        assertThat(all.at("/layers/0/parameters/0/std").asDouble()).isPositive();
        assertThat(all.path("numbers").asLong()).isEqualTo(numbers(model()));
        assertThat(all.path("features").toString()).isEqualTo(model.features().canonicalJson());
        assertThat(melgauge("inspect", "--json", folder.resolve("out").toString()))
                .isEqualTo(Main.USAGE);
        assertThat(err).contains("--json needs a model, and ", "a run keeps its model in model.melgauge");
    }

    @Test
    @Order(10)
    void inspectSaysWhatAModelsProvenanceLacks() throws IOException {
        ModelBundle model = ModelBundle.read(Path.of(model()));
        String poor = folder.resolve("poor.melgauge").toString();
        with(model, new ObjectMapper().readTree("{}"), model.networks().get(0)).write(Path.of(poor));
        assertThat(melgauge("inspect", poor)).isZero();
        assertThat(out)
                .contains("verdict     none: the model carries no diagnosis")
                .contains("trained on  tracks: its provenance does not say")
                .contains("made by     its provenance does not say")
                .contains("scores      the model carries none");
        JsonNode odd = new ObjectMapper()
                .readTree("{\"scores\": {\"split\": \"test\", \"targets\": {\"v\": {\"r2\": -1e300}}}, \"software\": \""
                        + "x".repeat(5000) + "\", \"diagnosis\": 7}");
        with(model, odd, model.networks().get(0)).write(Path.of(poor));
        assertThat(melgauge("inspect", poor)).isZero();
        assertThat(out).contains("-1e+300").contains("none: the diagnosis that the model carries is no diagnosis");
        assertThat(out.lines()).hasSizeLessThanOrEqualTo(60).allMatch(line -> line.length() <= 100);
        with(
                        model,
                        new ObjectMapper().readTree("{\"scores\": {\"split\": \"some\"}}"),
                        model.networks().get(0))
                .write(Path.of(poor));
        assertThat(melgauge("inspect", poor)).isZero();
        assertThat(out.replaceAll("\\s+", " "))
                .contains("cannot be read: split=some must be train, validation or test");
    }

    @Test
    @Order(10)
    void aModelWhoseNumbersAreNoneIsShownButNotUsed() throws IOException {
        ModelBundle model = ModelBundle.read(Path.of(model()));
        float[] parameters = model.networks().get(0).clone();
        parameters[17] = Float.NaN;
        String diverged = folder.resolve("diverged.melgauge").toString();
        with(model, model.provenance(), parameters).write(Path.of(diverged));
        assertThat(melgauge("inspect", diverged)).isZero();
        assertThat(out.replaceAll("\\s+", " "))
                .contains("WARNING network.0.conv1.weight holds a value that is NaN or infinite (at 17)")
                .contains("conv1");
        assertThat(melgauge("inspect", "--json", diverged)).isZero();
        assertThat(new ObjectMapper()
                        .readTree(out).path("layers").findValues("notFinite").stream()
                                .mapToInt(JsonNode::asInt))
                .contains(1);
        assertThat(melgauge("diagnose", diverged)).isZero();
        assertThat(out).startsWith("Verdict: ");
        String tags = folder.resolve("diverged.csv").toString();
        assertThat(melgauge(
                        "tag", "--model", diverged, "--out", tags, DEMO.resolve("audio") + "/freedoom_d-dm06_085.flac"))
                .isEqualTo(Main.FAILED);
        assertThat(err)
                .contains("diverged.melgauge: network.0.conv1.weight holds a value that is NaN or infinite (at 17)")
                .contains("melgauge diagnose may say why");
    }

    @Test
    @Order(10)
    void diagnoseRefusesAModelWhoseProvenanceHoldsNoDiagnosis() throws IOException {
        ModelBundle model = ModelBundle.read(Path.of(model()));
        for (String text : List.of(
                "{}",
                "{\"diagnosis\": 7}",
                "{\"diagnosis\": {\"verdict\": \"weak\", \"findings\": [{}], \"answers\": []}}",
                "{\"diagnosis\": {\"verdict\": \"weak\", \"findings\": [{\"code\": \"x\"}], \"answers\": []}}",
                "{\"diagnosis\": {\"verdict\": \"weak\", \"findings\": [], \"answers\": [null]}}")) {
            JsonNode provenance = new ObjectMapper().readTree(text);
            with(model, provenance, model.networks().get(0)).write(folder.resolve("silent.melgauge"));
            assertThat(melgauge("diagnose", folder.resolve("silent.melgauge").toString()))
                    .as(text)
                    .isEqualTo(Main.FAILED);
            assertThat(err)
                    .contains("silent.melgauge: its provenance holds no diagnosis")
                    .doesNotContain("should not");
        }
    }

    private static ModelBundle with(ModelBundle model, JsonNode provenance, float[] parameters) {
        return new ModelBundle(
                model.features(),
                model.patch(),
                model.network(),
                model.training(),
                model.targets(),
                model.normalizer(),
                model.baseline(),
                List.of(),
                model.seen(),
                provenance,
                List.of(parameters),
                "the model");
    }

    /** As a training leaves it whose last step overflowed: the best weights are of an epoch before. */
    @Test
    @Order(13)
    void aModelKnowsNothingOfAnUpdateRuleThatOverflowed() throws IOException {
        byte[] before = Files.readAllBytes(Path.of(model()));
        Checkpoint checkpoint = new RunFolder(folder.resolve("out")).read(RunFolder.CHECKPOINT);
        checkpoint.optimizer().moments().values().forEach(moment -> Arrays.fill(moment, Float.NaN));
        new RunFolder(folder.resolve("out")).write(RunFolder.CHECKPOINT, checkpoint);
        assertThat(melgauge(run("train"))).isEqualTo(Main.SOME_ERRORS);
        assertThat(err).contains("training: unchanged, skipped").doesNotContain("model: unchanged");
        assertThat(Path.of(model())).hasBinaryContent(before);
    }

    @Test
    @Order(10)
    void featuresWritesAnArrayForNumpy() throws IOException {
        Path file = folder.resolve("x.npy");
        assertThat(melgauge(
                        "features",
                        DEMO.resolve("audio/freedoom_d-dm06_085.flac").toString(),
                        "--out",
                        file.toString()))
                .isZero();
        assertThat(Npy.read(file).bands()).isEqualTo(96);
        assertThat(out).contains("float32 [");
    }

    @Test
    @Order(11)
    void initWritesAFileThatOnlyLacksItsManifest() {
        Path fresh = folder.resolve("fresh");
        assertThat(melgauge("init", fresh.toString())).isZero();
        assertThat(melgauge("init", fresh.toString())).isEqualTo(Main.USAGE);
        assertThat(err).contains("is there already");
        assertThat(melgauge("train", fresh.resolve("run.yaml").toString())).isEqualTo(Main.USAGE);
        // The sample's three tracks are too few to train on.
        assertThat(err).contains("labels.csv: ", "too few");
    }

    @Test
    @Order(10)
    void initWritesSettingsThatSuitTheCorpusAndLeavesLabelsAsTheyAre() throws IOException {
        Path few = folder.resolve("few");
        assertThat(melgauge("init", few.toString())).isZero();
        assertThat(RunFile.read(few.resolve("run.yaml"), List.of()).patch().frames())
                .isEqualTo(512);
        assertThat(few.resolve("labels.csv")).content().startsWith("path,group,");
        Path many = Files.createDirectory(folder.resolve("many"));
        String rows = "path,v\n" + "a.mp3,0.5\n".repeat(30_000);
        Files.writeString(many.resolve("labels.csv"), rows);
        assertThat(melgauge("init", many.toString())).isZero();
        assertThat(RunFile.read(many.resolve("run.yaml"), List.of()).training().epochs())
                .isEqualTo(20);
        assertThat(many.resolve("labels.csv")).hasContent(rows);
        Path every = folder.resolve("every");
        assertThat(melgauge("init", "--all", every.toString())).isZero();
        assertThat(every.resolve("run.yaml")).content().contains("checkpointSeconds");
    }

    @Test
    @Order(11)
    void initWritesTheManifestOfAPublishedCorpus() throws IOException {
        Path corpus = Files.createDirectories(folder.resolve("pmemo/annotations"));
        Files.writeString(
                corpus.resolve("static_annotations.csv"), "musicId,Arousal(mean),Valence(mean)\n1,0.4,0.575\n");
        String unpacked = folder.resolve("pmemo").toString();
        assertThat(melgauge("init", "--from", "pmemo", unpacked)).isZero();
        assertThat(out)
                .contains("labels.csv", "run.yaml", "learning valence and arousal")
                .contains("metadata.csv is not there")
                .contains("1 of 1 audio files are not in")
                .contains("Then: melgauge train ");
        assertThat(folder.resolve("pmemo/labels.csv")).hasContent("path,valence,arousal\n1.mp3,0.575,0.4\n");
        assertThat(melgauge("init", "--from", "pmemo", unpacked)).isEqualTo(Main.USAGE);
        assertThat(melgauge("init", "--from", "deem", unpacked)).isEqualTo(Main.USAGE);
        assertThat(err).contains("did you mean deam?");
        assertThat(melgauge("init", "--out", unpacked, unpacked)).isEqualTo(Main.USAGE);
        assertThat(err).contains("goes with --from");
    }

    @Test
    @Order(11)
    void cacheMeasuresVerifiesAndPrunes() throws IOException {
        String cache = folder.resolve("cache").toString();
        assertThat(melgauge("cache", "size", cache)).isZero();
        assertThat(out)
                .contains(CLIPS + " spectrograms of " + CLIPS + " tracks")
                .contains("(mel)");
        String size = out;
        assertThat(melgauge("cache", "size", folder.resolve("run.yaml").toString()))
                .isZero();
        assertThat(out).isEqualTo(size);
        assertThat(melgauge("cache", "verify", cache)).isZero();
        assertThat(out).contains(CLIPS + " spectrograms read, none damaged");
        assertThat(melgauge(
                        "cache", "prune", "--keep", folder.resolve("run.yaml").toString(), cache))
                .isZero();
        assertThat(out).isEqualToIgnoringNewLines("nothing to remove");

        Path entry = new CacheFolder(folder.resolve("cache")).items().get(0).file();
        byte[] bytes = Files.readAllBytes(entry);
        bytes[bytes.length / 2] ^= 1;
        Files.write(entry, bytes);
        assertThat(melgauge("cache", "verify", cache)).isEqualTo(Main.SOME_ERRORS);
        assertThat(out).contains("damaged: " + entry).contains("1 damaged; --repair removes them");
        assertThat(melgauge(run("prepare", "--verify"))).isEqualTo(Main.SOME_ERRORS);
        assertThat(err)
                .contains("its cache entry was damaged and was made anew")
                .contains("1 damaged and made anew");
        assertThat(melgauge("cache", "verify", cache)).isZero();

        bytes[bytes.length / 2] ^= 2;
        Files.write(entry, bytes);
        assertThat(melgauge("cache", "verify", "--repair", cache)).isEqualTo(Main.SOME_ERRORS);
        assertThat(out).contains("1 damaged and removed");
        assertThat(entry).doesNotExist();
        assertThat(melgauge("cache", "verify", cache)).isZero();
        assertThat(melgauge(run("prepare"))).isEqualTo(Main.SOME_ERRORS);
        assertThat(entry).exists();

        Files.writeString(folder.resolve("hop.yaml"), "corpus: {manifest: labels.csv}\nfeatures: {hopLength: 512}\n");
        assertThat(melgauge(
                        "cache",
                        "prune",
                        "--dry-run",
                        "--keep",
                        folder.resolve("hop.yaml").toString(),
                        cache))
                .isZero();
        assertThat(out).contains("other settings: " + entry).contains("would be freed; nothing was removed");
        assertThat(entry).exists();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    train none.yaml                                        | 2 | there is no such run file
                    train RUN --set features.hopLength=0                   | 2 | features.hopLength=0 must be at least 1
                    train RUN --set training.epoch=5                       | 2 | did you mean epochs?
                    train RUN --set modulationShare=2                           | 2 | --set modulationShare=2: modulationShare=2.0 must be from 0
                    train RUN --set modulationShare=some                        | 2 | modulationShare=some must be a number from 0 to 1, or auto
                    train RUN --set training.device=cuda:0 --set output=D/gpu | 2 | no CUDA backend
                    train RUN --set output=/proc/none                      | 1 | /proc/none
                    train RUN --set network.conv=[1,1,1,1,1,1,1,1] --set patch.frames=100 | 2 | use at most 6 blocks
                    train RUN --set features.kind=constantq                | 2 | features.fMin=0.0 must be above 0 Hz
                    train RUN --set features.kind=chroma --set features.nChroma=0 | 2 | features.nChroma=0 must lie
                    tag --model D/labels.csv --out D/x.csv D/in            | 1 | is not a Melgauge model
                    tag --model D/none.melgauge --out D/x.csv D/in         | 1 | there is no such model
                    tag --model MODEL --out D/x.csv D/empty                | 2 | no audio files in
                    tag --model MODEL --out /proc/x.csv D/in               | 1 | cannot write /proc/x.csv
                    tag --out D/x.csv D/in                                 | 2 | Missing required option: '--model=MODEL'
                    tag --model MODEL --out - --segments D/s.csv D/in      | 2 | --segments needs --out FILE
                    tag --model MODEL --write-tags D/in                    | 2 | --write-tags needs --out FILE
                    tag --model MODEL --out D/x.csv --format jsonl D/in    | 2 | --format is for --out -
                    tag --model MODEL --out - D/empty                      | 2 | no audio files in
                    features D/bad/text.mp3 --out D/y.npy                  | 1 | text.mp3: is not an audio file
                    inspect D/bad                                          | 2 | is neither a run
                    diagnose D/bad                                         | 2 | is no run that has finished an epoch
                    cache                                                  | 2 | Missing required subcommand: size, verify or prune
                    cache shrink D/cache                                   | 2 | shrink
                    cache size                                             | 2 | Missing required parameter
                    cache size D/bad                                       | 2 | is no feature cache: it holds no catalog.sqlite
                    cache verify D/none                                    | 2 | there is no such folder or run file
                    cache prune D/cache --keep D/none.yaml                 | 2 | there is no such run file
                    bench swim                                             | 2 | swim
                    trian                                                  | 2 | train
                    """)
    @Order(12)
    void saysWhatIsWrongInASentence(String command, int code, String message) throws IOException {
        Files.createDirectories(folder.resolve("empty"));
        String[] args = Arrays.stream(command.split(" ", -1))
                .map(arg -> switch (arg) {
                    case "RUN" -> folder.resolve("run.yaml").toString();
                    case "MODEL" -> model();
                    default -> arg.replace("D/", folder + "/");
                })
                .toArray(String[]::new);
        assertThat(melgauge(args)).as(err).isEqualTo(code);
        assertThat(err).contains(message).doesNotContain("\tat ").doesNotContain("should not have happened");
    }

    @Test
    @Order(14)
    void everyCommandExplainsItself() {
        assertThat(melgauge("--help")).isZero();
        for (String command : List.of(
                "demo",
                "init",
                "prepare",
                "train",
                "crossvalidate",
                "sweep",
                "evaluate",
                "diagnose",
                "tag",
                "features",
                "inspect",
                "cache",
                "bench",
                "devices")) {
            assertThat(out).contains(command);
        }
        assertThat(melgauge("tag", "--help")).isZero();
        assertThat(out).contains("--model").contains(".parquet");
        assertThat(melgauge("--version")).isZero();
        assertThat(out).startsWith("melgauge 0.");
        assertThat(melgauge("devices")).isZero();
        assertThat(out).contains("cpu:");
    }

    private static long numbers(String file) throws IOException {
        ModelBundle model = ModelBundle.read(Path.of(file));
        return model.network().parameters(model.shape(), model.targets().size());
    }

    private static String model() {
        return folder.resolve("out/model.melgauge").toString();
    }
}
