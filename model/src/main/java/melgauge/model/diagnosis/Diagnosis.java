package melgauge.model.diagnosis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import melgauge.data.Subset;
import melgauge.model.Evaluation;
import melgauge.model.JsonNumbers;
import melgauge.model.NetworkSpec;
import melgauge.model.OutputBias;
import melgauge.model.Regressor;
import melgauge.model.TargetScores;
import melgauge.model.TrainingLog;

/**
 * The diagnosis of a run.
 *
 * @param verdict in a word
 * @param findings what is wrong; this version looks for no causes yet, and {@link #note} says so
 * @param answers to the questions, in order
 * @param note what this diagnosis does not cover
 */
public record Diagnosis(Verdict verdict, List<Finding> findings, List<Answer> answers, String note) {
    /** Below this share of the labels' standard deviation, predictions count as all the same. */
    static final double COLLAPSED_SPREAD = 0.1;

    /** Below this R², predictions that hardly vary count as no better than the mean. */
    static final double COLLAPSED_R2 = 0.05;

    private static final String NOTE = "This version measures and answers four questions. It does not yet search for"
            + " causes, so an empty list of findings does not mean that there is nothing to find.";
    private static final String MOVEMENT =
            "How much does each layer move per step (‖Δw‖/‖w‖), and which layers hardly move?";
    private static final ObjectMapper JSON = new ObjectMapper();

    public Diagnosis {
        findings = List.copyOf(findings);
        answers = List.copyOf(answers);
    }

    /**
     * Diagnoses a run.
     *
     * @param network what was trained
     * @param log how it was trained
     * @param evaluations of the trained network, by side of the split; a side without tracks is missing
     */
    public static Diagnosis of(NetworkSpec network, TrainingLog log, Map<Subset, Evaluation> evaluations) {
        return new Diagnosis(
                verdict(log, evaluations),
                List.of(),
                List.of(untrained(network, log, evaluations), movement(log), parameters(log), distance(evaluations)),
                NOTE);
    }

    /**
     * Diagnoses a training that is still running, by its last epoch's validation tracks.
     *
     * @param targets names of the targets
     */
    public static Diagnosis ofRunning(NetworkSpec network, TrainingLog log, List<String> targets) {
        TrainingLog.Epoch last = log.epochs().get(log.epochs().size() - 1);
        Map<String, TargetScores> scores = new LinkedHashMap<>();
        for (int t = 0; t < targets.size(); t++) {
            double r2 = last.validationR2().isEmpty()
                    ? Double.NaN
                    : last.validationR2().get(t);
            double spread = last.validationSpread().isEmpty()
                    ? Double.NaN
                    : last.validationSpread().get(t);
            // Only R² and the spread, as a share of the labels', are known of a running epoch.
            scores.put(
                    targets.get(t), new TargetScores(0, r2, Double.NaN, Double.NaN, Double.NaN, Double.NaN, spread, 1));
        }
        return of(network, log, Map.of(Subset.VALIDATION, new Evaluation(0, scores)));
    }

    private static Verdict verdict(TrainingLog log, Map<Subset, Evaluation> evaluations) {
        if (log.diverged()) {
            return Verdict.DIVERGED;
        }
        Evaluation heldOut = heldOut(evaluations);
        double r2 = heldOut.mean(TargetScores::r2);
        if (heldOut.mean(TargetScores::spreadRatio) < COLLAPSED_SPREAD && !(r2 >= COLLAPSED_R2)) {
            return Verdict.COLLAPSED;
        }
        return r2 > 0 ? Verdict.HEALTHY : Verdict.WEAK;
    }

    /** The tracks that tell most about new ones: the test tracks, else the validation tracks, else what there is. */
    private static Evaluation heldOut(Map<Subset, Evaluation> evaluations) {
        for (Subset subset : List.of(Subset.TEST, Subset.VALIDATION, Subset.TRAIN)) {
            Evaluation evaluation = evaluations.get(subset);
            if (evaluation != null) {
                return evaluation;
            }
        }
        throw new IllegalArgumentException("nothing was evaluated");
    }

    private static Answer untrained(NetworkSpec network, TrainingLog log, Map<Subset, Evaluation> evaluations) {
        List<String> names = new ArrayList<>(heldOut(evaluations).targets().keySet());
        ArrayNode rows = JSON.createArrayNode();
        double distance = 0;
        double spread = 0;
        for (int t = 0; t < log.untrained().size(); t++) {
            TrainingLog.Untrained answer = log.untrained().get(t);
            distance = Math.max(distance, Math.abs(answer.mean() - answer.labelMean()));
            spread += answer.std() / log.untrained().size();
            ObjectNode row = rows.addObject();
            row.put("target", names.get(t));
            row.put("mean", JsonNumbers.orNull(answer.mean()));
            row.put("std", JsonNumbers.orNull(answer.std()));
            row.put("labelMean", JsonNumbers.orNull(answer.labelMean()));
        }
        String start = network.outputBias() == OutputBias.MEAN
                ? "The output bias starts at the logit of the mean training label (network.outputBias: mean)"
                : "The output bias starts at 0 (network.outputBias: zero), whose sigmoid is 0.5";
        String weights = "; what the random weights of the last layer add moves each target's answers away from there,"
                + " and makes them differ from track to track.";
        String norm = network.batchNorm()
                ? " Batch normalisation is in inference mode here and its running statistics are still mean 0 and"
                        + " variance 1, so it does not even that out yet."
                : "";
        String expected = " That is expected: training begins by removing it.";
        return new Answer(
                1,
                "What did the untrained network predict, and is that expected?",
                format(
                        "Before the first step its answers were at most %.3f away from the mean label of a target, and"
                                + " varied between tracks with a standard deviation of %.3f (mean over targets). %s%s%s%s",
                        distance, spread, start, weights, norm, expected),
                rows);
    }

    private static Answer movement(TrainingLog log) {
        ArrayNode rows = JSON.createArrayNode();
        Map<String, Double> mean = new LinkedHashMap<>();
        for (int i = 0; i < log.layers().size(); i++) {
            Regressor.Layer layer = log.layers().get(i);
            if (layer.parameters().stream().noneMatch(Regressor.Parameter::trained)) {
                continue;
            }
            int index = i;
            ObjectNode row = rows.addObject();
            row.put("layer", layer.name());
            ArrayNode updates = row.putArray("updateRatio");
            ArrayNode gradients = row.putArray("gradientNorm");
            for (TrainingLog.Epoch epoch : log.epochs()) {
                updates.add(JsonNumbers.orNull(epoch.movement().get(index).updateRatio()));
                gradients.add(JsonNumbers.orNull(epoch.movement().get(index).gradientNorm()));
            }
            double average = log.epochs().stream()
                    .mapToDouble(epoch -> epoch.movement().get(index).updateRatio())
                    .filter(Double::isFinite)
                    .average()
                    .orElse(Double.NaN);
            row.put("meanUpdateRatio", JsonNumbers.orNull(average));
            if (layer.name().matches("(conv|dense)\\d+|output") && Double.isFinite(average)) {
                mean.put(layer.name(), average);
            }
        }
        if (mean.isEmpty()) {
            return new Answer(2, MOVEMENT, "No epoch was finished, so nothing moved.", rows);
        }
        Map.Entry<String, Double> least =
                mean.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
        Map.Entry<String, Double> most =
                mean.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
        Map.Entry<String, Double> first = mean.entrySet().iterator().next();
        return new Answer(
                2,
                MOVEMENT,
                format(
                        "Of the layers with weights, %s moved least: %s of its size per step on average; %s moved most,"
                                + " by %s. The first layer, %s, moved by %s per step; it has %d weights, and a small"
                                + " change of them changes every later layer's input.",
                        least.getKey(),
                        percent(least.getValue()),
                        most.getKey(),
                        percent(most.getValue()),
                        first.getKey(),
                        percent(first.getValue()),
                        weights(log, first.getKey())),
                rows);
    }

    private static int weights(TrainingLog log, String name) {
        return log.layers().stream()
                .filter(layer -> layer.name().equals(name))
                .flatMap(layer -> layer.parameters().stream())
                .mapToInt(Regressor.Parameter::size)
                .sum();
    }

    private static Answer parameters(TrainingLog log) {
        ArrayNode rows = JSON.createArrayNode();
        long trained = 0;
        long running = 0;
        for (Regressor.Layer layer : log.layers()) {
            for (Regressor.Parameter parameter : layer.parameters()) {
                ObjectNode row = rows.addObject();
                row.put("layer", layer.name());
                row.put("kind", layer.kind());
                row.put("parameter", parameter.name());
                row.set("shape", JSON.valueToTree(parameter.shape()));
                row.put("order", String.valueOf(parameter.order()));
                row.put("offset", parameter.offset());
                row.put("size", parameter.size());
                row.put("trained", parameter.trained());
                row.put("initialisation", parameter.initialisation());
                if (parameter.trained()) {
                    trained += parameter.size();
                } else {
                    running += parameter.size();
                }
            }
        }
        String order = log.layers().stream()
                .filter(layer -> !layer.parameters().isEmpty())
                .limit(3)
                .map(layer -> layer.name() + " ("
                        + layer.parameters().stream()
                                .map(parameter -> parameter.name() + " " + parameter.shape())
                                .collect(Collectors.joining(", "))
                        + ")")
                .collect(Collectors.joining(", then "));
        return new Answer(
                3,
                "Which parameters does each layer hold, in which order and shape, and how do they start?",
                format(
                        "%,d numbers follow gradients and %,d are running statistics of batch normalisation. They are"
                                + " stored in the order of the layers: %s, and so on; the table has them all.",
                        trained, running, order),
                rows);
    }

    private static Answer distance(Map<Subset, Evaluation> evaluations) {
        ArrayNode rows = JSON.createArrayNode();
        evaluations.forEach((subset, evaluation) -> evaluation.targets().forEach((name, scores) -> {
            ObjectNode row = rows.addObject();
            row.put("split", subset.word());
            row.put("target", name);
            row.put("spreadRatio", JsonNumbers.orNull(scores.spreadRatio()));
            row.put("r2", JsonNumbers.orNull(scores.r2()));
            row.put("pearson", JsonNumbers.orNull(scores.pearson()));
        }));
        Evaluation heldOut = heldOut(evaluations);
        List<Map.Entry<String, TargetScores>> defined = heldOut.targets().entrySet().stream()
                .filter(entry -> Double.isFinite(entry.getValue().r2()))
                .sorted(Comparator.comparingDouble(entry -> entry.getValue().r2()))
                .toList();
        String extremes = defined.isEmpty()
                ? "No target varies enough to be scored."
                : format(
                        "Best on held-out tracks is %s (R² %.3f), worst is %s (R² %.3f).",
                        defined.get(defined.size() - 1).getKey(),
                        defined.get(defined.size() - 1).getValue().r2(),
                        defined.get(0).getKey(),
                        defined.get(0).getValue().r2());
        String sides = Arrays.stream(Subset.values())
                .filter(evaluations::containsKey)
                .map(subset -> format(
                        "%.0f %% on the %s tracks (R² %.3f)",
                        100 * mean(evaluations, subset, TargetScores::spreadRatio),
                        subset == Subset.TRAIN ? "training" : subset.word(),
                        mean(evaluations, subset, TargetScores::r2)))
                .collect(Collectors.joining(", "));
        return new Answer(
                4,
                "How far are the predictions from the mean predictor?",
                "The mean predictor has a spread of 0 % of the labels' and an R² of 0 or below. Averaged over targets, the"
                        + " predictions' standard deviation is " + sides + " of the labels'. " + extremes,
                rows);
    }

    private static double mean(
            Map<Subset, Evaluation> evaluations, Subset subset, ToDoubleFunction<TargetScores> score) {
        Evaluation evaluation = evaluations.get(subset);
        return evaluation == null ? Double.NaN : evaluation.mean(score);
    }

    /** A few plain sentences for the console. */
    public String summary() {
        String meaning = switch (verdict) {
            case HEALTHY -> "the network predicts held-out tracks better than their mean does.";
            case WEAK -> "the network's predictions vary, but are no better than the mean on held-out tracks.";
            case COLLAPSED -> "the network predicts about the same for every track.";
            case DIVERGED -> "the loss stopped being a number.";
        };
        StringBuilder text = new StringBuilder("Verdict: " + verdict.word() + " — " + meaning + "\n");
        for (Answer answer : answers) {
            text.append('\n')
                    .append(answer.question())
                    .append(". ")
                    .append(answer.title())
                    .append("\n   ");
            text.append(answer.text()).append('\n');
        }
        return text.append('\n').append(note).append('\n').toString();
    }

    /** The content of {@code diagnosis.json}. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("verdict", verdict.word());
        json.set("findings", JSON.valueToTree(findings));
        json.set("answers", JSON.valueToTree(answers));
        json.put("note", note);
        return json;
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws IOException if it is something else
     */
    public static Diagnosis fromJson(JsonNode json) throws IOException {
        try {
            return new Diagnosis(
                    Verdict.valueOf(json.path("verdict").asText().toUpperCase(Locale.ROOT)),
                    List.of(JSON.treeToValue(json.path("findings"), Finding[].class)),
                    List.of(JSON.treeToValue(json.path("answers"), Answer[].class)),
                    json.path("note").asText());
        } catch (RuntimeException e) {
            throw new IOException("is no diagnosis: " + e.getMessage(), e);
        }
    }

    private static String percent(double share) {
        return format(share < 0.001 ? "%.4f %%" : "%.2f %%", 100 * share);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
