package melgauge.model.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;
import melgauge.data.Scale;
import melgauge.model.task.Target;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class EvaluationTest {
    private static final Offset<Double> EXACT = within(1e-6);
    private static final float NAN = Float.NaN;

    private static final List<Target> TARGETS = List.of(
            new Target("valence", new Scale(1, 9), 0.4),
            new Target("arousal", Scale.UNIT, 0.5),
            new Target("tempo", Scale.UNIT, 0.5));

    /* The first column is the example that TargetScoresTest works out by hand. */
    private static final List<double[]> PREDICTIONS = List.of(
            new double[] {0.3, 0.25, 0.5},
            new double[] {0.5, 0.25, 0.5},
            new double[] {0.7, 0.25, 0.5},
            new double[] {0.9, 0.25, 0.5},
            new double[] {0.6, 0.25, 0.5});
    private static final List<float[]> LABELS = List.of(
            new float[] {0.1f, 0.25f, NAN},
            new float[] {0.5f, 0.75f, NAN},
            new float[] {0.5f, NAN, NAN},
            new float[] {0.9f, NAN, NAN},
            new float[] {0.5f, NAN, NAN});

    private final Evaluation evaluation = Evaluation.of(TARGETS, PREDICTIONS, LABELS);

    @Test
    void scoresInUnitsOfTheRatingScale() {
        TargetScores valence = Objects.requireNonNull(evaluation.targets().get("valence"));
        assertThat(valence.r2()).isCloseTo(28.0 / 37, EXACT);
        assertThat(valence.pearson()).isCloseTo(0.3 * Math.sqrt(10), EXACT);
        assertThat(valence.ccc()).isCloseTo(0.096 / 0.114, EXACT);
        assertThat(valence.rmse()).isCloseTo(8 * Math.sqrt(0.018), EXACT);
        assertThat(valence.mae()).isCloseTo(0.8, EXACT);
        assertThat(valence.predictedStd()).isCloseTo(1.6, EXACT);
        assertThat(valence.targetStd()).isCloseTo(8 * Math.sqrt(0.064), EXACT);
    }

    @Test
    void writesUndefinedScoresAsNull() {
        ObjectNode json = evaluation.toJson();
        assertThat(json.fieldNames()).toIterable().containsExactly("tracks", "targets", "mean");
        assertThat(json.path("tracks").asInt()).isEqualTo(5);
        assertThat(json.path("targets").fieldNames()).toIterable().containsExactly("valence", "arousal", "tempo");
        for (JsonNode scores : json.path("targets")) {
            assertThat(scores.fieldNames())
                    .toIterable()
                    .containsExactly("r2", "pearson", "ccc", "rmse", "mae", "predictedStd", "targetStd");
        }
        JsonNode arousal = json.path("targets").path("arousal");
        assertThat(arousal.path("pearson").isNull()).isTrue();
        // Errors 0 and 0.5; SST about 0.5 is 2 · 0.0625.
        assertThat(arousal.path("r2").asDouble(9)).isCloseTo(1 - 0.25 / 0.125, EXACT);
        assertThat(arousal.path("mae").asDouble(9)).isCloseTo(0.25, EXACT);
        assertThat(json.path("targets").path("tempo")).allMatch(JsonNode::isNull);
    }

    @Test
    void averagesAScoreOverTheTargetsThatHaveIt() {
        JsonNode mean = evaluation.toJson().path("mean");
        assertThat(mean.path("r2").asDouble(9)).isCloseTo((28.0 / 37 - 1) / 2, EXACT);
        assertThat(mean.path("pearson").asDouble(9)).isCloseTo(0.3 * Math.sqrt(10), EXACT);
        assertThat(mean.path("mae").asDouble(9)).isCloseTo((0.8 + 0.25) / 2, EXACT);
        assertThat(evaluation.mean(scores -> Double.NaN)).isNaN();
    }

    @Test
    void scoresTheMeanPredictorAtZeroOrBelow() {
        Evaluation mean = Evaluation.ofMeanPredictor(TARGETS, LABELS);
        assertThat(mean.tracks()).isEqualTo(5);
        assertThat(mean.targets().get("valence"))
                .satisfies(scores -> assertThat(scores.r2()).isCloseTo(0, EXACT))
                // The training mean 0.4 stands for a rating of 4.2; the labels are 1.8, 5, 5, 8.2 and 5.
                .satisfies(scores -> assertThat(scores.mae()).isCloseTo((2.4 + 0.8 + 0.8 + 4 + 0.8) / 5, EXACT))
                .satisfies(scores -> assertThat(scores.pearson()).isNaN());
    }
}
