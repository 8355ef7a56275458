package melgauge.pipeline.results;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import melgauge.data.AtomicFile;
import melgauge.data.Subset;
import melgauge.model.diagnosis.rules.EnsembleScores;
import melgauge.model.inference.TrackPrediction;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.Intervals;
import melgauge.model.scores.TargetScores;
import melgauge.model.task.Target;

/**
 * The trained network's and the baseline's predictions of every usable track, unrounded, and the scores that follow
 * from them.
 *
 * @param targets what was predicted
 * @param rows in the order of the manifest within each side of the split
 * @param modulationShare how much of an answer is the modulation regression's, from 0 to 1
 * @param shuffledLabels whether the training and validation tracks had each other's labels, as a control
 */
public record Results(List<Target> targets, List<Row> rows, double modulationShare, boolean shuffledLabels) {

    /** Fewer units make bootstrap intervals too narrow; see {@link Intervals}. */
    private static final int FEW_GROUPS = 20;

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    public Results {
        targets = List.copyOf(targets);
        rows = List.copyOf(rows);
    }

    /**
     * One track.
     *
     * @param path names it
     * @param group what it belongs to, such as an artist; its path where the manifest names none
     * @param split the side that it is on
     * @param mean the network's predictions in [0,1]
     * @param spread their standard deviation over patches
     * @param labels that the run had, in [0,1], NaN where unlabelled
     * @param ridge the baseline's predictions in [0,1]
     * @param modulation the modulation regression's, in [0,1]; empty if the model has none
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Row(
            String path,
            String group,
            Subset split,
            double[] mean,
            double[] spread,
            float[] labels,
            double[] ridge,
            double[] modulation) {
        public Row {
            Objects.requireNonNull(group, "group");
            modulation = Objects.requireNonNullElse(modulation, new double[0]);
        }

        /** This row on another side. */
        Row on(Subset other) {
            return new Row(path, group, other, mean, spread, labels, ridge, modulation);
        }
    }

    /** Writes it, atomically. */
    public void write(Path file) throws IOException {
        AtomicFile.write(file, out -> out.write(JSON.writeValueAsBytes(this)));
    }

    /** Reads what the evaluation left in a run's folder. */
    public static Results read(Path file) throws IOException {
        try {
            return JSON.readValue(file.toFile(), Results.class);
        } catch (IOException e) {
            throw new IOException(file + " cannot be read; train again: " + e.getMessage(), e);
        }
    }

    /** The tracks of one side. */
    public List<Row> rows(Subset subset) {
        return rows.stream().filter(row -> row.split() == subset).toList();
    }

    /**
     * The side whose scores are shown: the test tracks, else the validation tracks, else the training tracks. Only the
     * first are surely held out; {@link #caveats} says what the scores of the others are worth.
     */
    public Subset scoredSide() {
        return !rows(Subset.TEST).isEmpty()
                ? Subset.TEST
                : !rows(Subset.VALIDATION).isEmpty() ? Subset.VALIDATION : Subset.TRAIN;
    }

    /** The number of tracks on a side, such as {@code 75 test tracks}. */
    public String tracksInWords(Subset side) {
        int tracks = rows(side).size();
        return tracks + " " + side.inWords() + (tracks == 1 ? " track" : " tracks");
    }

    /** What a reader must know before trusting the scores of a side; empty if there is nothing. */
    public List<String> caveats(Subset side) {
        List<String> caveats = new ArrayList<>();
        if (side == Subset.TRAIN) {
            caveats.add("The model has learnt from these tracks: their scores say nothing about new tracks.");
        } else if (side == Subset.VALIDATION) {
            caveats.add(
                    "The validation tracks chose the weights that were kept: scores of new tracks may well be lower.");
        }
        int groups = (int) rows(side).stream().map(Row::group).distinct().count();
        if (groups < FEW_GROUPS) {
            String unit = groups == rows(side).size() ? "track" : "group";
            caveats.add("Only " + groups + " " + unit + (groups == 1 ? "" : "s")
                    + (side == Subset.TRAIN ? "" : groups == 1 ? " was held out" : " were held out")
                    + ": with fewer than " + FEW_GROUPS + ", scores depend on luck and intervals are too narrow.");
        }
        return caveats;
    }

    /** The model's scores beside those of its regression, on the scored side. */
    public EnsembleScores ensembleScores() {
        Subset side = scoredSide();
        return modulation(side)
                .map(regression -> new EnsembleScores(
                        modulationShare,
                        answers(side).mean(TargetScores::r2),
                        regression.mean(TargetScores::r2),
                        Intervals.ofDifference(
                                targets,
                                rows(side).stream().map(Row::modulation).toList(),
                                rows(side).stream().map(this::answer).toList(),
                                rows(side).stream().map(Row::labels).toList(),
                                rows(side).stream().map(Row::group).toList())))
                .orElse(EnsembleScores.UNKNOWN);
    }

    /** A row with the model's answer, which the modulation regression has its share in, in place of the network's. */
    public Row answered(Row row) {
        if (modulationShare == 0) {
            return row;
        }
        TrackPrediction network = new TrackPrediction(row.mean(), row.spread(), 1, false);
        TrackPrediction answer = network.blended(modulationShare, row.modulation());
        return new Row(
                row.path(),
                row.group(),
                row.split(),
                answer.mean(),
                answer.spread(),
                row.labels(),
                row.ridge(),
                row.modulation());
    }

    private double[] answer(Row row) {
        return modulationShare == 0
                ? row.mean()
                : TrackPrediction.blended(modulationShare, row.mean(), row.modulation());
    }

    /** Scores of the model's answers on one side. */
    public Evaluation answers(Subset subset) {
        return evaluate(subset, this::answer);
    }

    /** How sure the scores of the model's answers on one side are. */
    public Intervals intervals(Subset subset) {
        return intervals(subset, this::answer);
    }

    /** Scores of the network alone on one side. */
    public Evaluation network(Subset subset) {
        return evaluate(subset, Row::mean);
    }

    /** How sure the scores of the network alone on one side are. */
    public Intervals networkIntervals(Subset subset) {
        return intervals(subset, Row::mean);
    }

    private Intervals intervals(Subset subset, Function<Row, double[]> predictions) {
        List<Row> chosen = rows(subset);
        return Intervals.of(
                targets,
                chosen.stream().map(predictions).toList(),
                chosen.stream().map(Row::labels).toList(),
                chosen.stream().map(Row::group).toList());
    }

    /** Scores of ridge regression on one side. */
    public Evaluation ridge(Subset subset) {
        return evaluate(subset, Row::ridge);
    }

    /** Scores of the modulation regression on one side; none if there are no predictions of it. */
    public Optional<Evaluation> modulation(Subset subset) {
        return rows.stream().allMatch(row -> row.modulation().length == targets.size())
                ? Optional.of(evaluate(subset, Row::modulation))
                : Optional.empty();
    }

    /** Scores of the mean predictor on one side. */
    public Evaluation meanPredictor(Subset subset) {
        return Evaluation.ofMeanPredictor(
                targets, rows(subset).stream().map(Row::labels).toList());
    }

    /** Scores of the network alone on every side that has tracks. */
    public Map<Subset, Evaluation> networkEvaluations() {
        return onEverySide(this::network);
    }

    /** Scores of the model's answers on every side that has tracks. */
    public Map<Subset, Evaluation> evaluations() {
        return onEverySide(this::answers);
    }

    private Map<Subset, Evaluation> onEverySide(Function<Subset, Evaluation> scores) {
        Map<Subset, Evaluation> evaluations = new EnumMap<>(Subset.class);
        for (Subset subset : Subset.values()) {
            if (!rows(subset).isEmpty()) {
                evaluations.put(subset, scores.apply(subset));
            }
        }
        return evaluations;
    }

    private Evaluation evaluate(Subset subset, Function<Row, double[]> predictions) {
        List<Row> chosen = rows(subset);
        return Evaluation.of(
                targets,
                chosen.stream().map(predictions).toList(),
                chosen.stream().map(Row::labels).toList());
    }

    /** The scores of one side beside those of the baselines. */
    public Scores scores(Subset subset) {
        return new Scores(
                subset,
                caveats(subset),
                shuffledLabels,
                modulationShare,
                answers(subset),
                intervals(subset),
                new Scores.Beside(network(subset), meanPredictor(subset), ridge(subset), modulation(subset)));
    }

    /** The content of {@code metrics.json} for one side; see {@link Scores#toJson}. */
    public ObjectNode metrics(Subset subset) {
        return scores(subset).toJson();
    }

    /**
     * The content of {@code metrics.json} of tracks that are not the run's own: as {@link #metrics(Subset)}, with the scores
     * of tracks that the model has learnt from apart, under {@code seen}.
     */
    public ObjectNode foreignMetrics() {
        ObjectNode json = metrics(scoredSide());
        Results seen = new Results(
                targets,
                rows.stream()
                        .filter(row -> row.split() != Subset.TEST)
                        .map(row -> row.on(Subset.TRAIN))
                        .toList(),
                modulationShare,
                shuffledLabels);
        if (!seen.rows().isEmpty()) {
            json.putObject("seen")
                    .put("tracks", seen.rows().size())
                    .set("scores", Scores.withoutTracks(seen.answers(Subset.TRAIN)));
        }
        return json;
    }

    /** Writes the answer for every track as a table. */
    void writePredictions(Path file) throws IOException {
        Predictions.write(
                file,
                "split",
                targets,
                rows.stream().map(this::answered).toList(),
                row -> row.split().word());
    }
}
