package melgauge.model.scores;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import melgauge.data.Scale;
import melgauge.data.io.JsonNumbers;
import melgauge.model.task.Target;

/**
 * Scores of some tracks, target by target.
 *
 * @param tracks how many were predicted
 * @param targets scores by target, in the targets' order, in units of each target's rating scale
 */
public record Evaluation(int tracks, Map<String, TargetScores> targets) {
    /**
     * Labelled tracks that a statement about the spread of predictions needs. A standard deviation from n values has a
     * relative standard error of about 1/√(2(n − 1)), which is 24 % for 10 values and 50 % for 3.
     */
    public static final int LEAST_TRACKS = 10;

    public Evaluation {
        targets = new LinkedHashMap<>(targets);
    }

    /**
     * Scores predictions.
     *
     * @param targets what was predicted, with scales and training means
     * @param predictions one array of outputs in [0,1] per track
     * @param labels one array per track, in [0,1], NaN where unlabelled
     */
    public static Evaluation of(List<Target> targets, List<double[]> predictions, List<float[]> labels) {
        Map<String, TargetScores> scores = new LinkedHashMap<>();
        for (int t = 0; t < targets.size(); t++) {
            Scale scale = targets.get(t).scale();
            double[] predicted = new double[predictions.size()];
            double[] labelled = new double[predictions.size()];
            for (int i = 0; i < predicted.length; i++) {
                predicted[i] = scale.fromUnit(predictions.get(i)[t]);
                labelled[i] = scale.fromUnit(labels.get(i)[t]);
            }
            scores.put(
                    targets.get(t).name(),
                    TargetScores.of(
                            predicted, labelled, scale.fromUnit(targets.get(t).trainingMean())));
        }
        return new Evaluation(predictions.size(), scores);
    }

    /** The scores of always answering the mean of the training labels. */
    public static Evaluation ofMeanPredictor(List<Target> targets, List<float[]> labels) {
        double[] means = targets.stream().mapToDouble(Target::trainingMean).toArray();
        return of(targets, labels.stream().map(ignored -> means).toList(), labels);
    }

    /** The largest number of labelled tracks that a target was scored on. */
    public int labelledTracks() {
        return targets.values().stream().mapToInt(TargetScores::tracks).max().orElse(0);
    }

    /** The mean of a score over the targets for which it is defined; NaN if there are none. */
    public double mean(ToDoubleFunction<TargetScores> score) {
        return targets.values().stream()
                .mapToDouble(score)
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN);
    }

    /** {@code {"tracks", "targets": {NAME: {"r2", …}}, "mean": {"r2", …}}}; an undefined score is null. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("tracks", tracks);
        ObjectNode byTarget = json.putObject("targets");
        targets.forEach((name, scores) -> {
            ObjectNode row = byTarget.putObject(name);
            for (Score score : Score.values()) {
                row.put(score.word(), JsonNumbers.orNull(score.of(scores)));
            }
        });
        ObjectNode means = json.putObject("mean");
        for (Score score : Score.values()) {
            means.put(score.word(), JsonNumbers.orNull(mean(score::of)));
        }
        return json;
    }

    /** Reads what {@link #toJson} wrote; a score that is missing or no number is undefined. */
    public static Evaluation fromJson(JsonNode json) {
        int tracks = json.path("tracks").asInt();
        Map<String, TargetScores> scores = new LinkedHashMap<>();
        json.path("targets").properties().forEach(target -> {
            JsonNode row = target.getValue();
            scores.put(
                    target.getKey(),
                    new TargetScores(
                            tracks,
                            number(row, Score.R2),
                            number(row, Score.PEARSON),
                            number(row, Score.CCC),
                            number(row, Score.RMSE),
                            number(row, Score.MAE),
                            number(row, Score.PREDICTED_STD),
                            number(row, Score.TARGET_STD)));
        });
        return new Evaluation(tracks, scores);
    }

    private static double number(JsonNode row, Score score) {
        return row.path(score.word()).asDouble(Double.NaN);
    }
}
