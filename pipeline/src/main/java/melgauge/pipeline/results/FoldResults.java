package melgauge.pipeline.results;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import melgauge.data.AtomicFile;
import melgauge.data.Subset;
import melgauge.model.Evaluation;
import melgauge.model.JsonNumbers;
import melgauge.model.Score;
import melgauge.model.Target;

/**
 * What a cross-validation found: the results of all folds, and the mean and the spread over them of each score on the
 * fold that was tested.
 *
 * @param folds in order; each has test tracks
 */
public record FoldResults(List<Results> folds) {
    /** Name of the scores in the output folder. */
    public static final String FILE = "crossvalidation.json";

    /** Name of the table of scores in the output folder. */
    public static final String TABLE = "crossvalidation.csv";

    /** Name of the out-of-fold predictions: not that of a run's own predictions, which may lie in the same folder. */
    public static final String PREDICTIONS = "crossvalidation-predictions.csv";

    /** What stands for the mean over the targets where a target is named. */
    public static final String MEAN = "mean of targets";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Whose predictions are scored. */
    public enum Predictor {
        NETWORK("network", results -> results.network(Subset.TEST)),
        RIDGE("ridge", results -> results.ridge(Subset.TEST)),
        MEAN("meanPredictor", results -> results.meanPredictor(Subset.TEST));

        private final String word;

        @SuppressWarnings("ImmutableEnumChecker") // holds nothing
        private final Function<Results, Evaluation> scores;

        Predictor(String word, Function<Results, Evaluation> scores) {
            this.word = word;
            this.scores = scores;
        }
    }

    /**
     * A score over folds.
     *
     * @param mean over the folds for which it is defined; NaN if there are none
     * @param sd standard deviation over these, divisor n − 1; NaN below two
     * @param folds its value in each fold, NaN where it is not defined
     */
    public record Summary(double mean, double sd, List<Double> folds) {
        public Summary {
            folds = List.copyOf(folds);
        }

        static Summary of(List<Double> folds) {
            double[] defined = folds.stream()
                    .filter(Double::isFinite)
                    .mapToDouble(Double::doubleValue)
                    .toArray();
            double mean = 0;
            for (double value : defined) {
                mean += value / defined.length;
            }
            double squares = 0;
            for (double value : defined) {
                squares += (value - mean) * (value - mean);
            }
            return new Summary(
                    defined.length == 0 ? Double.NaN : mean,
                    defined.length < 2 ? Double.NaN : Math.sqrt(squares / (defined.length - 1)),
                    folds);
        }
    }

    public FoldResults {
        folds = List.copyOf(folds);
    }

    /** The folder of a fold in that of a cross-validation. */
    public static Path folder(Path output, int fold) {
        return output.resolve("fold-" + fold);
    }

    /** Reads a finished cross-validation; nothing if there is none. */
    public static Optional<FoldResults> find(Path output) throws IOException {
        if (!Files.isRegularFile(output.resolve(FILE))) {
            return Optional.empty();
        }
        int count = JSON.readTree(output.resolve(FILE).toFile()).path("folds").asInt();
        List<Results> folds = new ArrayList<>();
        for (int fold = 1; fold <= count; fold++) {
            Path file = folder(output, fold).resolve(Results.FILE);
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            folds.add(Results.read(file));
        }
        return Optional.of(new FoldResults(folds));
    }

    /** What was predicted, by name. */
    public List<String> targets() {
        return folds.get(0).targets().stream().map(Target::name).toList();
    }

    /** How many tracks were tested. */
    public int tracks() {
        return folds.stream().mapToInt(fold -> fold.rows(Subset.TEST).size()).sum();
    }

    /** Whether this is the control. */
    public boolean shuffledLabels() {
        return folds.get(0).shuffledLabels();
    }

    /**
     * A score of one target over the folds.
     *
     * @param target its name; {@link #MEAN} for each fold's mean over its targets
     */
    public Summary summary(Predictor predictor, String target, Score score) {
        return summary(evaluations(predictor), target, score);
    }

    private List<Evaluation> evaluations(Predictor predictor) {
        return folds.stream().map(predictor.scores).toList();
    }

    private static Summary summary(List<Evaluation> evaluations, String target, Score score) {
        return Summary.of(evaluations.stream()
                .map(evaluation -> target.equals(MEAN)
                        ? evaluation.mean(score::of)
                        : score.of(Objects.requireNonNull(evaluation.targets().get(target), target)))
                .toList());
    }

    /** The content of {@code crossvalidation.json}. */
    public ObjectNode toJson() {
        ObjectNode json = JSON.createObjectNode();
        json.put("folds", folds.size());
        json.put("tracks", tracks());
        if (shuffledLabels()) {
            json.put("shuffledLabels", true);
        }
        ArrayNode sizes = json.putArray("sizes");
        for (Results fold : folds) {
            ObjectNode sides = sizes.addObject();
            for (Subset subset : Subset.values()) {
                sides.put(subset.word(), fold.rows(subset).size());
            }
        }
        ObjectNode byTarget = json.putObject("targets");
        targets().forEach(target -> scores(byTarget.putObject(target), target));
        scores(json.putObject("mean"), MEAN);
        return json;
    }

    private void scores(ObjectNode json, String target) {
        for (Predictor predictor : Predictor.values()) {
            ObjectNode scores = json.putObject(predictor.word);
            List<Evaluation> evaluations = evaluations(predictor);
            for (Score score : Score.OF_QUALITY) {
                Summary summary = summary(evaluations, target, score);
                ObjectNode cell = scores.putObject(score.word());
                cell.put("mean", JsonNumbers.orNull(summary.mean()));
                cell.put("sd", JsonNumbers.orNull(summary.sd()));
                ArrayNode values = cell.putArray("folds");
                summary.folds().forEach(value -> values.add(JsonNumbers.orNull(value)));
            }
        }
    }

    private String table() {
        StringBuilder csv = new StringBuilder("target,predictor,folds");
        for (Score score : Score.OF_QUALITY) {
            csv.append(',')
                    .append(score.word())
                    .append(',')
                    .append(score.word())
                    .append("Sd");
        }
        csv.append('\n');
        List<String> names = new ArrayList<>(targets());
        names.add(MEAN);
        for (String target : names) {
            for (Predictor predictor : Predictor.values()) {
                csv.append(quoted(target)).append(',').append(predictor.word).append(',');
                csv.append(folds.size());
                List<Evaluation> evaluations = evaluations(predictor);
                for (Score score : Score.OF_QUALITY) {
                    Summary summary = summary(evaluations, target, score);
                    csv.append(',').append(number(summary.mean()));
                    csv.append(',').append(number(summary.sd()));
                }
                csv.append('\n');
            }
        }
        return csv.toString();
    }

    private static String quoted(String name) {
        return name.matches("[^\",\r\n]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.6f", value) : "";
    }

    /**
     * Writes scores, their table, and the predictions of every track by the network that did not learn from it.
     *
     * @param order of the rows of predictions: the paths of the manifest
     */
    public void write(Path output, List<String> order) throws IOException {
        Map<String, Integer> place = new HashMap<>();
        order.forEach(path -> place.put(path, place.size()));
        Map<String, Integer> foldOf = new HashMap<>();
        List<Results.Row> rows = new ArrayList<>();
        for (int i = 0; i < folds.size(); i++) {
            for (Results.Row row : folds.get(i).rows(Subset.TEST)) {
                foldOf.put(row.path(), i + 1);
                rows.add(row);
            }
        }
        rows.sort(Comparator.comparing(row -> Objects.requireNonNull(place.get(row.path()))));
        Predictions.write(
                output.resolve(PREDICTIONS),
                "fold",
                folds.get(0).targets(),
                rows,
                row -> String.valueOf(foldOf.get(row.path())));
        AtomicFile.writeString(output.resolve(TABLE), table());
        AtomicFile.write(output.resolve(FILE), out -> out.write(JSON.writeValueAsBytes(toJson())));
    }
}
