package melgauge.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import melgauge.pipeline.Corpus;
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

/** Cross-validation, control and search through the command line. Later steps use what earlier ones left. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SelectionTest {
    private static final int GROUPS = 9;
    private static final int TRACKS = 2 * GROUPS;

    @TempDir
    static Path folder;

    private static Path runFile = Path.of("");

    @BeforeAll
    static void writeACorpus() throws IOException {
        Corpus corpus = new Corpus(folder);
        for (int i = 0; i < TRACKS; i++) {
            corpus.add("t" + i + ".wav", "artist" + i / 2, i < 4 ? "train" : "", i * 7 % TRACKS / (double) TRACKS, i);
        }
        runFile = corpus.runFile();
    }

    private static Outcome melgauge(String command, String... more) {
        List<String> args = new ArrayList<>(List.of(
                command,
                runFile.toString(),
                "--set",
                "training.epochs=1",
                "--set",
                "training.batchSize=4",
                "--set",
                "cache=" + folder.resolve("cache")));
        args.addAll(List.of(more));
        return Outcome.of(args.toArray(String[]::new));
    }

    private static JsonNode json(String name) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(name).toFile());
    }

    /** A table, read by the path of a track and the number of a column. */
    private record Table(List<String> lines) {
        static Table read(String name) throws IOException {
            return new Table(Files.readAllLines(folder.resolve(name)));
        }

        String cell(String path, int column) {
            return lines.stream()
                    .filter(line -> line.startsWith(path + ","))
                    .map(line -> line.split(",", -1)[column])
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    @Order(1)
    void crossValidationTestsEveryTrackOnce() throws IOException {
        Outcome outcome = melgauge("crossvalidate", "--folds", "3");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.err()).contains("column split is ignored").containsOnlyOnce("spectrograms: ");
        assertThat(outcome.out())
                .contains("3 folds, 18 tracks")
                .contains("mean of targets")
                .contains(" ± ");

        Table tested = Table.read("out/crossvalidation/crossvalidation-predictions.csv");
        assertThat(tested.lines()).hasSize(1 + TRACKS).startsWith("path,fold,v,v_true,v_spread");
        assertThat(tested.lines().get(1)).startsWith("t0.wav,");
        double sum = 0;
        for (int fold = 1; fold <= 3; fold++) {
            String number = String.valueOf(fold);
            Table own = Table.read("out/crossvalidation/fold-" + fold + "/predictions.csv");
            for (int i = 0; i < TRACKS; i++) {
                String track = "t" + i + ".wav";
                assertThat(own.cell(track, 1).equals("test"))
                        .isEqualTo(tested.cell(track, 1).equals(number));
                if (tested.cell(track, 1).equals(number)) {
                    assertThat(tested.cell(track, 2)).isEqualTo(own.cell(track, 2));
                    assertThat(tested.cell("t" + (i ^ 1) + ".wav", 1))
                            .as("the other track of the artist")
                            .isEqualTo(number);
                }
            }
            sum += json("out/crossvalidation/fold-" + fold + "/metrics.json")
                    .at("/targets/v/rmse")
                    .asDouble();
        }
        JsonNode scores = json("out/crossvalidation/crossvalidation.json");
        assertThat(scores.at("/targets/v/blend/rmse/mean").asDouble()).isCloseTo(sum / 3, within(1e-12));
        for (String predictor : List.of("network", "modulation", "ridge")) {
            assertThat(scores.at("/mean/" + predictor + "/r2/folds")).hasSize(3);
        }
        assertThat(Files.readAllLines(folder.resolve("out/crossvalidation/crossvalidation.csv")))
                .hasSize(1 + 2 * 5)
                .first()
                .isEqualTo("target,predictor,folds,r2,r2Sd,pearson,pearsonSd,ccc,cccSd,rmse,rmseSd,mae,maeSd");
    }

    @Test
    @Order(2)
    void aCrossValidationGoesOnWhereItWas() throws IOException {
        String before = Files.readString(folder.resolve("out/crossvalidation/crossvalidation.json"));
        Files.delete(folder.resolve("out/crossvalidation/fold-2/checkpoint/state.safetensors"));
        Outcome outcome = melgauge("crossvalidate", "--folds", "3");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.err())
                .contains("fold 1 of 3: training: unchanged, skipped")
                .contains("fold 2 of 3: epoch 1")
                .contains("fold 3 of 3: training: unchanged, skipped");
        assertThat(Files.readString(folder.resolve("out/crossvalidation/crossvalidation.json")))
                .isEqualTo(before);
        Outcome one = melgauge("crossvalidate", "--folds", "3", "--fold", "2");
        assertThat(one.code()).isZero();
        assertThat(one.err()).contains("fold 2 of 3").doesNotContain("fold 1 of 3");
        assertThat(one.out()).contains("test tracks");
    }

    @Test
    @Order(3)
    void theControlLearnsFromOthersLabelsAndIsTestedOnTrueOnes() throws IOException {
        assertThat(melgauge("train").code()).isZero();
        String real = Files.readString(folder.resolve("out/metrics.json"));
        Outcome outcome = melgauge("train", "--shuffle-labels");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("what chance gives").contains("beside that of the true labels");
        assertThat(Files.readString(folder.resolve("out/metrics.json"))).isEqualTo(real);
        assertThat(json("out/metrics.json").has("shuffledLabels")).isFalse();
        assertThat(json("out/metrics.json").at("/intervals/unit").asText()).isEqualTo("group");
        assertThat(json("out-shuffled/metrics.json").path("shuffledLabels").asBoolean())
                .isTrue();
        assertThat(Outcome.of(
                                "inspect",
                                folder.resolve("out-shuffled/model.melgauge").toString())
                        .out())
                .containsPattern("with\\s+shuffled\\s+labels");

        Table truth = Table.read("out/predictions.csv");
        Table control = Table.read("out-shuffled/predictions.csv");
        List<String> labels = new ArrayList<>();
        List<String> shuffled = new ArrayList<>();
        for (int i = 0; i < TRACKS; i++) {
            String track = "t" + i + ".wav";
            String side = truth.cell(track, 1);
            assertThat(control.cell(track, 1)).isEqualTo(side);
            if (side.equals("test")) {
                assertThat(control.cell(track, 3)).isEqualTo(truth.cell(track, 3));
            } else {
                labels.add(truth.cell(track, 3));
                shuffled.add(control.cell(track, 3));
            }
        }
        assertThat(shuffled).isNotEqualTo(labels).containsExactlyInAnyOrderElementsOf(labels);
        assertThat(Files.readString(folder.resolve("out/checkpoint/normalizer.json")))
                .isEqualTo(Files.readString(folder.resolve("out-shuffled/checkpoint/normalizer.json")));

        Outcome again = melgauge("train", "--shuffle-labels");
        assertThat(again.err()).contains("training: unchanged, skipped");
        Outcome unshuffled = melgauge("train", "--set", "output=" + folder.resolve("out-shuffled"));
        assertThat(unshuffled.err()).contains("training: 1 epochs").doesNotContain("training: unchanged");
    }

    @Test
    @Order(4)
    void theControlOfACrossValidationStandsBesideIt() throws IOException {
        Outcome outcome = melgauge("crossvalidate", "--folds", "3", "--shuffle-labels");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("what chance gives").contains("true labels in " + folder.resolve("out"));
        assertThat(json("out-shuffled/crossvalidation/crossvalidation.json")
                        .path("shuffledLabels")
                        .asBoolean())
                .isTrue();
        assertThat(Table.read("out-shuffled/crossvalidation/crossvalidation-predictions.csv")
                        .cell("t5.wav", 3))
                .isEqualTo(Table.read("out/crossvalidation/crossvalidation-predictions.csv")
                        .cell("t5.wav", 3));
    }

    @Test
    @Order(5)
    void aSweepRanksByTheValidationTracksAndNeverPredictsTestTracks() throws IOException {
        Outcome outcome = melgauge(
                "sweep",
                "--seeds",
                "2",
                "--vary",
                "training.learningRate=0.01,-1",
                "--vary",
                "network.dense=[2],[3, 2]");
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(Main.SOME_ERRORS);
        assertThat(outcome.out())
                .contains("4 combinations, 2 seeds each")
                .contains("training.learningRate=-1.0 must be above 0")
                .contains("best: --set training.learningRate=0.01 --set ");
        List<String> rows = Files.readAllLines(folder.resolve("out/sweep.csv"));
        assertThat(rows).hasSize(5);
        assertThat(rows.get(0))
                .isEqualTo(
                        "sweep,training.learningRate,network.dense,seeds,validationLoss,validationLossMin,"
                                + "validationLossMax,validationR2,validationPearson,ridgeR2,ridgePearson,bestEpoch,seconds,error");
        assertThat(rows.get(1)).matches("00[12],0.01,.*");
        assertThat(rows.get(3)).startsWith("003,-1,[2],0,,,");
        double best =
                Double.parseDouble(rows.get(1).replaceFirst(".*],?\"?,2,", "").split(",", -1)[0]);
        double next =
                Double.parseDouble(rows.get(2).replaceFirst(".*],?\"?,2,", "").split(",", -1)[0]);
        assertThat(best).isLessThanOrEqualTo(next);

        // The seed of the weights changes, the split and the normaliser do not.
        Table first = Table.read("out/sweep-001/seed-1/predictions.csv");
        Table second = Table.read("out/sweep-001/seed-2/predictions.csv");
        assertThat(json("out/sweep-001/seed-1/metrics.json").path("split").asText())
                .isEqualTo("validation");
        Table run = Table.read("out/predictions.csv");
        int differing = 0;
        for (String line : run.lines().subList(1, run.lines().size())) {
            String track = line.substring(0, line.indexOf(','));
            if (run.cell(track, 1).equals("test")) {
                assertThat(first.lines()).noneMatch(each -> each.startsWith(track + ","));
            } else {
                assertThat(first.cell(track, 1)).isEqualTo(run.cell(track, 1));
                assertThat(second.cell(track, 1)).isEqualTo(run.cell(track, 1));
                differing += first.cell(track, 2).equals(second.cell(track, 2)) ? 0 : 1;
            }
        }
        assertThat(differing).isPositive();
        assertThat(Files.readString(folder.resolve("out/sweep-001/seed-1/checkpoint/normalizer.json")))
                .isEqualTo(Files.readString(folder.resolve("out/sweep-001/seed-2/checkpoint/normalizer.json")))
                .isEqualTo(Files.readString(folder.resolve("out/checkpoint/normalizer.json")));
    }

    @Test
    @Order(6)
    void aSweepTrainsOnlyWhatIsNew() throws IOException {
        Outcome outcome = melgauge(
                "sweep", "--seeds", "2", "--vary", "training.learningRate=0.02,0.01", "--vary", "network.dense=[3, 2]");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.err())
                .contains("sweep-002 seed 2: training: unchanged, skipped")
                .contains("sweep-005 seed 1: training: 1 epochs")
                .doesNotContain("sweep-001");
    }

    @Test
    @Order(7)
    void aRandomSweepDrawsFromRanges() throws IOException {
        Outcome outcome = melgauge(
                "sweep",
                "--seeds",
                "1",
                "--random",
                "2",
                "--by",
                "r",
                "--vary",
                "training.learningRate=[1e-3..1e-1]",
                "--vary",
                "training.batchSize=[3..6]");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("2 combinations, 1 seeds each, best first by the mean r");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    crossvalidate --folds 10          | 2 | folds=10 must be at most the number of groups, which is 9
                    crossvalidate --folds 1           | 2 | folds=1 must be at least 2
                    crossvalidate --folds 3 --fold 4  | 2 | fold=4 must be from 1 to folds=3
                    crossvalidate --folds x           | 2 | --folds
                    crossvalidate --shuffle-labels --set output=/ | 2 | output=/ has no name
                    sweep --vary patch.frames=64 --set output=/proc/none | 1 | cannot make the folder output=/proc/none
                    sweep                             | 2 | Missing required option: '--vary=KEY=VALUES'
                    sweep --vary training.epoch=1,2   | 2 | did you mean epochs?
                    sweep --vary training.epochs      | 2 | must be KEY=VALUE,VALUE
                    sweep --vary seed=1,2             | 2 | the seed is not one of the settings to choose
                    sweep --vary training.networks=1,3 | 2 | a sweep trains one network a seed
                    sweep --vary training.holdOut=same,rotate | 2 | training.holdOut is about several
                    sweep --vary modulationShare=0,0.5     | 2 | modulationShare=auto finds the share
                    sweep --vary corpus.targets=v     | 2 | scores on different tracks or targets cannot be compared
                    sweep --vary patch.frames=[64..96] | 2 | is a range, which only --random N can draw from
                    sweep --vary patch.frames=64 --seeds 0 | 2 | seeds=0 must be at least 1
                    sweep --vary patch.frames=64 --random 0 | 2 | random=0 must be at least 1
                    sweep --vary patch.frames=64 --by luck | 2 | luck
                    sweep --vary patch.frames=64 --set corpus.split.validation=0 --set corpus.split.train=0.85 | 2 | no validation tracks
                    """)
    @Order(9)
    void saysWhatIsWrongInASentence(String command, int code, String message) {
        String[] words = command.split(" ", -1);
        Outcome outcome =
                melgauge(words[0], List.of(words).subList(1, words.length).toArray(String[]::new));
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(code);
        assertThat(outcome.err()).contains(message).doesNotContain("should not have happened");
    }
}
