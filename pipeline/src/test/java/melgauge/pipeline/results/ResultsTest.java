package melgauge.pipeline.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import melgauge.data.Scale;
import melgauge.data.Subset;
import melgauge.model.scores.Score;
import melgauge.model.scores.TargetScores;
import melgauge.model.task.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    @TempDir
    Path folder;

    private static Results results(double share) {
        double[][] network = {{0.2}, {0.4}, {0.6}};
        double[][] regression = {{0.4}, {0.4}, {0.8}};
        float[][] labels = {{0.3f}, {0.5f}, {0.7f}};
        return new Results(
                List.of(new Target("v", Scale.UNIT, 0.5)),
                List.of(
                        row("a", network[0], regression[0], labels[0]),
                        row("b", network[1], regression[1], labels[1]),
                        row("c", network[2], regression[2], labels[2])),
                share,
                false);
    }

    private static Results.Row row(String path, double[] network, double[] regression, float[] labels) {
        return new Results.Row(
                path, path, Subset.TEST, network, new double[] {0.1}, labels, new double[] {0.5}, regression);
    }

    @Test
    void answersAreThoseOfTheNetworkAndTheRegression() {
        JsonNode metrics = results(0.5).metrics(Subset.TEST);
        // Answers 0.3, 0.4 and 0.7 beside labels 0.3, 0.5 and 0.7, whose mean is that of the training labels.
        assertThat(metrics.at("/mean/r2").asDouble()).isCloseTo(1 - 0.01 / 0.08, within(1e-6));
        // 0.2, 0.4 and 0.6; 0.4, 0.4 and 0.8.
        assertThat(metrics.at("/network/mean/r2").asDouble()).isCloseTo(1 - 0.03 / 0.08, within(1e-6));
        assertThat(metrics.at("/baseline/modulation/mean/r2").asDouble()).isCloseTo(1 - 0.03 / 0.08, within(1e-6));
        assertThat(metrics.path("modulationShare").asDouble()).isEqualTo(0.5);
        Results.Row answered = results(0.5).answered(results(0.5).rows().get(2));
        assertThat(answered.mean()).containsExactly(new double[] {0.7}, within(1e-12));
        assertThat(answered.spread()).containsExactly(new double[] {0.05}, within(1e-12));
    }

    @Test
    void aNetworkThatAnswersAloneHasItsScoresOnce() {
        Results alone = results(0);
        JsonNode metrics = alone.metrics(Subset.TEST);
        assertThat(metrics.at("/mean/r2").asDouble()).isCloseTo(1 - 0.03 / 0.08, within(1e-6));
        assertThat(metrics.has("network")).isFalse();
        assertThat(metrics.at("/baseline/modulation/mean/r2").asDouble()).isCloseTo(1 - 0.03 / 0.08, within(1e-6));
    }

    @Test
    void scoresThatWereWrittenAreReadAsTheyWere() throws IOException {
        for (double share : new double[] {0, 0.5}) {
            JsonNode written = results(share).metrics(Subset.TEST);
            Scores read = Scores.fromJson(written);
            assertThat(read.toJson().toString()).isEqualTo(written.toString());
            assertThat(read.beside().network().mean(TargetScores::r2))
                    .isEqualTo(results(share).network(Subset.TEST).mean(TargetScores::r2));
            assertThat(read.tracksInWords()).isEqualTo("3 test tracks");
        }
    }

    @Test
    void scoresOfAnEarlierProgramLackWhatItDidNotWrite() throws IOException {
        ObjectNode written = results(0).metrics(Subset.TEST);
        written.remove(List.of("caveats", "intervals", "baseline"));
        Scores read = Scores.fromJson(written);
        assertThat(read.caveats()).isEmpty();
        assertThat(read.intervals().of("v", Score.R2).low()).isNaN();
        assertThat(read.beside().ridge().mean(TargetScores::r2)).isNaN();
        assertThat(read.beside().modulation()).isEmpty();
    }

    @Test
    void readsWhatAnEarlierProgramLeft() throws IOException {
        Path file = folder.resolve("results.json");
        Files.writeString(file, """
                {"targets": [{"name": "v", "scale": {"low": 0, "high": 1}, "trainingMean": 0.5}],
                 "rows": [{"path": "a", "group": "a", "split": "TEST", "mean": [0.2], "spread": [0.1], "labels": [0.3],
                           "ridge": [0.5]}],
                 "shuffledLabels": false}
                """);
        Results read = Results.read(file);
        assertThat(read.modulationShare()).isZero();
        assertThat(read.modulation(Subset.TEST)).isEmpty();
        assertThat(read.answers(Subset.TEST).mean(TargetScores::rmse)).isCloseTo(0.1, within(1e-6));
        assertThat(read.metrics(Subset.TEST).path("baseline").has("modulation")).isFalse();
    }
}
