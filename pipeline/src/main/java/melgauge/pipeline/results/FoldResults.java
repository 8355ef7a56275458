package melgauge.pipeline.results;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import melgauge.data.AtomicFile;
import melgauge.data.Subset;
import melgauge.data.io.JsonNumbers;
import melgauge.model.diagnosis.rules.Code;
import melgauge.model.diagnosis.rules.Finding;
import melgauge.model.diagnosis.rules.Severity;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.Score;
import melgauge.model.task.Target;

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

    /** A lead in R² below this is not worth another setting. */
    private static final double LEAST_LEAD = 0.05;

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Whose predictions are scored. */
    public enum Predictor {
        NETWORK("network", results -> results.network(Subset.TEST)),
        /** The model's answers, where the modulation regression has a share in them. */
        BLEND("blend", results -> results.answers(Subset.TEST)),
        MODULATION(
                "modulation",
                results -> results.modulation(Subset.TEST)
                        .orElseThrow(() -> new IllegalStateException("a fold has no modulation regression"))),
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
            RunFolder folder = new RunFolder(folder(output, fold));
            if (!folder.has(RunFolder.RESULTS)) {
                return Optional.empty();
            }
            folds.add(folder.read(RunFolder.RESULTS));
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

    /** Whose scores there are. */
    public List<Predictor> predictors() {
        return Arrays.stream(Predictor.values())
                .filter(predictor -> switch (predictor) {
                    case BLEND -> blends();
                    case MODULATION ->
                        folds.stream()
                                .allMatch(fold -> fold.modulation(Subset.TEST).isPresent());
                    default -> true;
                })
                .toList();
    }

    /** Whether the modulation regression has a share in the answers of a fold's model. */
    public boolean blends() {
        return folds.stream().anyMatch(fold -> fold.modulationShare() > 0);
    }

    /** Whose predictions the folds' models make: the network's, or with a share of the regression. */
    public Predictor model() {
        return blends() ? Predictor.BLEND : Predictor.NETWORK;
    }

    /** The finding that the regression beside the network is clearly better alone, in every fold. */
    public Optional<Finding> behindRegression() {
        if (!predictors().contains(Predictor.MODULATION)) {
            return Optional.empty();
        }
        Summary own = summary(model(), MEAN, Score.R2);
        Summary regression = summary(Predictor.MODULATION, MEAN, Score.R2);
        double lead = regression.mean() - own.mean();
        boolean always = IntStream.range(0, folds.size())
                .allMatch(fold -> regression.folds().get(fold) > own.folds().get(fold));
        return always && folds.size() > 1 && lead > LEAST_LEAD
                ? Optional.of(new Finding(
                        Code.BEHIND_REGRESSION,
                        Severity.WARNING,
                        "modulationShare",
                        lead,
                        LEAST_LEAD,
                        String.format(
                                Locale.ROOT,
                                "in each of %d folds the modulation regression alone is better than the model: mean R² %.3f"
                                        + " against %.3f.",
                                folds.size(),
                                regression.mean(),
                                own.mean()),
                        "The network makes the predictions worse: there are too few tracks for it, or something keeps it from"
                                + " learning.",
                        "Set modulationShare to 1: the regression then predicts alone. Or see the folds' diagnoses.",
                        Map.of("modulationShare", JSON.getNodeFactory().numberNode(1))))
                : Optional.empty();
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

    private ObjectNode toJson(Map<Predictor, List<Evaluation>> evaluations) {
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
        if (blends()) {
            ArrayNode shares = json.putArray("modulationShares");
            folds.forEach(fold -> shares.add(fold.modulationShare()));
        }
        ObjectNode byTarget = json.putObject("targets");
        targets().forEach(target -> scores(byTarget.putObject(target), target, evaluations));
        scores(json.putObject("mean"), MEAN, evaluations);
        ArrayNode findings = json.putArray("findings");
        behindRegression().ifPresent(finding -> findings.add(JSON.valueToTree(finding)));
        return json;
    }

    private static void scores(ObjectNode json, String target, Map<Predictor, List<Evaluation>> evaluations) {
        for (Predictor predictor : evaluations.keySet()) {
            ObjectNode scores = json.putObject(predictor.word);
            for (Score score : Score.OF_QUALITY) {
                Summary summary = summary(Objects.requireNonNull(evaluations.get(predictor)), target, score);
                ObjectNode cell = scores.putObject(score.word());
                cell.put("mean", JsonNumbers.orNull(summary.mean()));
                cell.put("sd", JsonNumbers.orNull(summary.sd()));
                ArrayNode values = cell.putArray("folds");
                summary.folds().forEach(value -> values.add(JsonNumbers.orNull(value)));
            }
        }
    }

    private void writeTable(Path file, Map<Predictor, List<Evaluation>> evaluations) throws IOException {
        List<String> header = new ArrayList<>(List.of("target", "predictor", "folds"));
        for (Score score : Score.OF_QUALITY) {
            header.add(score.word());
            header.add(score.word() + "Sd");
        }
        List<String> names = new ArrayList<>(targets());
        names.add(MEAN);
        Csv.write(file, header, printer -> {
            for (String target : names) {
                for (Predictor predictor : evaluations.keySet()) {
                    List<Object> cells = new ArrayList<>(List.of(target, predictor.word, folds.size()));
                    for (Score score : Score.OF_QUALITY) {
                        Summary summary = summary(Objects.requireNonNull(evaluations.get(predictor)), target, score);
                        cells.add(Csv.number(summary.mean()));
                        cells.add(Csv.number(summary.sd()));
                    }
                    printer.printRecord(cells);
                }
            }
        });
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
                rows.add(folds.get(i).answered(row));
            }
        }
        rows.sort(Comparator.comparing(row -> Objects.requireNonNull(place.get(row.path()))));
        Predictions.write(
                output.resolve(PREDICTIONS),
                "fold",
                folds.get(0).targets(),
                rows,
                row -> String.valueOf(foldOf.get(row.path())));
        Map<Predictor, List<Evaluation>> evaluations = new EnumMap<>(Predictor.class);
        for (Predictor predictor : predictors()) {
            evaluations.put(predictor, evaluations(predictor));
        }
        writeTable(output.resolve(TABLE), evaluations);
        AtomicFile.write(output.resolve(FILE), out -> out.write(JSON.writeValueAsBytes(toJson(evaluations))));
    }
}
