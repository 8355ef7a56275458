package melgauge.model.diagnosis;

import static melgauge.model.diagnosis.measure.Phrases.decimals;
import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.percent;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import melgauge.data.Subset;
import melgauge.data.io.JsonNumbers;
import melgauge.model.diagnosis.measure.Examination;
import melgauge.model.diagnosis.measure.Measurements;
import melgauge.model.diagnosis.measure.Signal;
import melgauge.model.diagnosis.rules.Evidence;
import melgauge.model.diagnosis.rules.VanishingGradient;
import melgauge.model.engine.Architecture;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.TargetScores;
import melgauge.model.spec.Loss;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.OutputBias;
import melgauge.model.spec.TrainSpec;
import melgauge.model.training.TrainingLog;
import org.jspecify.annotations.Nullable;

/** The questions that a puzzled user asks, answered from measurements of that very run. */
final class Answers {
    private static final String MOVEMENT =
            "How much does each layer move per step (‖Δw‖/‖w‖), and which layers hardly move?";

    /** From here on two gradients say nearly the same: an angle of 45 degrees. */
    private static final double ALIKE = 0.7;

    private static final ObjectMapper JSON = new ObjectMapper();

    private Answers() {}

    /**
     * All that can be answered.
     *
     * @param measurements of data and network; null while training still runs
     */
    static List<Answer> all(
            NetworkSpec network,
            @Nullable TrainSpec training,
            TrainingLog log,
            Map<Subset, Evaluation> evaluations,
            @Nullable Measurements measurements) {
        Examination examination = measurements == null ? null : measurements.examination();
        List<Answer> answers = new ArrayList<>();
        answers.add(untrained(network, log, evaluations, examination));
        answers.add(movement(log, examination));
        answers.add(parameters(log));
        answers.add(distance(evaluations, measurements));
        if (examination != null && training != null) {
            answers.add(losses(training.loss(), examination));
        }
        return answers;
    }

    private static Answer untrained(
            NetworkSpec network,
            TrainingLog log,
            Map<Subset, Evaluation> evaluations,
            @Nullable Examination examination) {
        List<String> names = new ArrayList<>(scored(evaluations).targets().keySet());
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
        Optional<Examination.State> state =
                Optional.ofNullable(examination).flatMap(measured -> measured.at(Examination.Moment.UNTRAINED));
        state.ifPresent(measured -> {
            for (int t = 0; t < rows.size(); t++) {
                ObjectNode row = (ObjectNode) rows.get(t);
                row.put(
                        "meanAsInTraining",
                        JsonNumbers.orNull(measured.outputs().get(t).meanAsInTraining()));
                row.put(
                        "stdAsInTraining",
                        JsonNumbers.orNull(measured.outputs().get(t).stdAsInTraining()));
            }
        });
        String start = network.outputBias() == OutputBias.MEAN
                ? "The output bias starts at the logit of the mean training label (network.outputBias: mean)"
                : "The output bias starts at 0 (network.outputBias: zero), whose sigmoid is 0.5";
        String weights = "; what the random weights of the last layer add moves each target's answers away from there,"
                + " and makes them differ from track to track.";
        String norm = !network.batchNorm()
                ? ""
                : " Batch normalisation is in inference mode here and its running statistics are still mean 0 and"
                        + " variance 1, so it passes its input on as it is"
                        + state.map(measured -> format(
                                        ": normalised by each batch, as in training, the same weights would answer with a"
                                                + " standard deviation of %s.",
                                        number(measured.outputs().stream()
                                                .mapToDouble(Examination.Output::stdAsInTraining)
                                                .average()
                                                .orElse(Double.NaN))))
                                .orElse(".");
        double saturated = state.map(measured -> measured.outputs().stream()
                        .mapToDouble(Examination.Output::saturated)
                        .average()
                        .orElse(0))
                .orElse(0.0);
        String expected = spread < 0.005
                ? " So small a spread is not what random weights give on an input of size 1: what the network reads, or its"
                        + " first weights, are too small to move the answer."
                : saturated > 0.5
                        ? " So far away is not what random weights give on an input of size 1: what the network reads, or"
                                + " its first weights, are too large."
                        : " That is expected: training begins by removing it.";
        return new Answer(
                1,
                "What did the untrained network predict, and is that expected?",
                format(
                        "Before the first step its answers were at most %s away from the mean label of a target, and"
                                + " varied between tracks with a standard deviation of %s (mean over targets). %s%s%s%s",
                        decimals(distance), decimals(spread), start, weights, norm, expected),
                rows);
    }

    private static Answer movement(TrainingLog log, @Nullable Examination examination) {
        ArrayNode rows = JSON.createArrayNode();
        Map<String, Double> mean = new LinkedHashMap<>();
        for (int i = 0; i < log.layers().size(); i++) {
            Architecture.Layer layer = log.layers().get(i);
            if (layer.parameters().stream().noneMatch(Architecture.Parameter::trained)) {
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
            if (layer.hasWeights() && Double.isFinite(average)) {
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
                                "Of the layers with weights, %s moved least: %s of its size per step on average; %s moved"
                                        + " most, by %s. The first layer, %s, moved by %s per step.",
                                least.getKey(),
                                percent(least.getValue()),
                                most.getKey(),
                                percent(most.getValue()),
                                first.getKey(),
                                percent(first.getValue()))
                        + (examination == null ? "" : firstLayer(log, examination)),
                rows);
    }

    /** Whether the first layer's small change is a problem. */
    private static String firstLayer(TrainingLog log, Examination examination) {
        Optional<Examination.State> start = examination.at(Examination.Moment.UNTRAINED);
        Optional<Examination.State> end = examination.at(Examination.Moment.LAST);
        if (start.isEmpty() || end.isEmpty()) {
            return "";
        }
        Examination.LayerState first = start.get().layers().get(0);
        double largest = start.get().layers().stream()
                .mapToDouble(Examination.LayerState::gradientNorm)
                .max()
                .orElse(Double.NaN);
        if (largest == 0) {
            return " Before the first step no layer got any gradient at all: nothing of what the network reads reaches the loss,"
                    + " and this is the problem.";
        }
        double share = first.gradientNorm() / largest;
        double moved = end.get().layers().get(0).moved();
        String sum = format(
                " Over the whole training it moved by %s of its size; before the first step its gradient had %s of the size of"
                        + " the largest.",
                percent(moved), percent(share));
        return sum
                + (share < VanishingGradient.LEAST_GRADIENT || !Double.isFinite(share)
                        ? " So little of the loss reaches it that it cannot learn: this is a problem."
                        : format(
                                " That is no problem in itself: it has %d weights whose random filters pass on what the"
                                        + " later layers need, and a small change of them changes every later layer's input.",
                                weights(log, first.layer())));
    }

    private static int weights(TrainingLog log, String name) {
        return log.layers().stream()
                .filter(layer -> layer.name().equals(name))
                .flatMap(layer -> layer.parameters().stream())
                .mapToInt(Architecture.Parameter::size)
                .sum();
    }

    private static Answer parameters(TrainingLog log) {
        ArrayNode rows = JSON.createArrayNode();
        long trained = 0;
        long running = 0;
        for (Architecture.Layer layer : log.layers()) {
            for (Architecture.Parameter parameter : layer.parameters()) {
                ObjectNode row = rows.addObject();
                row.put("layer", layer.name());
                row.put("kind", layer.kind());
                row.put("parameter", parameter.name());
                row.set("shape", JSON.valueToTree(parameter.shape()));
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

    private static Answer distance(Map<Subset, Evaluation> evaluations, @Nullable Measurements measurements) {
        ArrayNode rows = JSON.createArrayNode();
        evaluations.forEach((subset, evaluation) -> evaluation.targets().forEach((name, scores) -> {
            ObjectNode row = rows.addObject();
            row.put("split", subset.word());
            row.put("target", name);
            row.put("spreadRatio", JsonNumbers.orNull(scores.spreadRatio()));
            row.put("r2", JsonNumbers.orNull(scores.r2()));
            row.put("pearson", JsonNumbers.orNull(scores.pearson()));
        }));
        Evaluation heldOut = scored(evaluations);
        List<Map.Entry<String, TargetScores>> defined = heldOut.targets().entrySet().stream()
                .filter(entry -> Double.isFinite(entry.getValue().r2()))
                .sorted(Comparator.comparingDouble(entry -> entry.getValue().r2()))
                .toList();
        String extremes = defined.isEmpty()
                ? "No target varies enough to be scored."
                : format(
                        "Best on the %s tracks is %s (R² %s), worst is %s (R² %s).",
                        Evidence.scoredSide(evaluations).inWords(),
                        defined.get(defined.size() - 1).getKey(),
                        decimals(defined.get(defined.size() - 1).getValue().r2()),
                        defined.get(0).getKey(),
                        decimals(defined.get(0).getValue().r2()));
        String sides = Arrays.stream(Subset.values())
                .filter(evaluations::containsKey)
                .map(subset -> format(
                        "%s on the %s tracks (R² %s)",
                        percent(mean(evaluations, subset, TargetScores::spreadRatio)),
                        subset.inWords(),
                        decimals(mean(evaluations, subset, TargetScores::r2))))
                .collect(Collectors.joining(", "));
        return new Answer(
                4,
                "How far are the predictions from the mean predictor?",
                "The mean predictor has a spread of 0 % of the labels' and an R² of 0 or below. Averaged over targets, the"
                        + " predictions' standard deviation is " + sides + " of the labels'. " + extremes
                        + (measurements == null ? "" : attainable(measurements)),
                rows);
    }

    private static Evaluation scored(Map<Subset, Evaluation> evaluations) {
        return Objects.requireNonNull(evaluations.get(Evidence.scoredSide(evaluations)));
    }

    /** What there is to learn, and how much of it at best. */
    private static String attainable(Measurements measurements) {
        Signal signal = measurements.signal();
        String text = !signal.known()
                ? ""
                : format(
                        " From each band's mean and deviation alone, in cross-validation, ridge regression reaches r %s and"
                                + " kernel ridge regression %s, mean over targets; labels dealt at random reach %s at best.",
                        number(signal.linear().r()),
                        number(signal.kernel().r()),
                        number(Math.max(
                                signal.linear().highestByChance(),
                                signal.kernel().highestByChance())));
        String ceilings = measurements.ceilings().stream()
                .filter(ceiling -> !Double.isNaN(ceiling.r2()))
                .map(ceiling -> format("%s %.2f", ceiling.target(), ceiling.r2()))
                .collect(Collectors.joining(", "));
        return ceilings.isEmpty() ? text : text + " Given how few raters there were, R² can reach " + ceilings + ".";
    }

    private static double mean(
            Map<Subset, Evaluation> evaluations, Subset subset, ToDoubleFunction<TargetScores> score) {
        Evaluation evaluation = evaluations.get(subset);
        return evaluation == null ? Double.NaN : evaluation.mean(score);
    }

    private static Answer losses(Loss own, Examination examination) {
        ArrayNode rows = JSON.createArrayNode();
        Map<Loss, Double> alike = new LinkedHashMap<>();
        for (Examination.State state : examination.states()) {
            for (Loss loss : Loss.values()) {
                Examination.Angle angle = state.losses().get(loss);
                if (angle != null && loss != own) {
                    ObjectNode row = rows.addObject();
                    row.put("moment", state.moment().name().toLowerCase(Locale.ROOT));
                    row.put("loss", loss.name().toLowerCase(Locale.ROOT));
                    row.put("cosine", JsonNumbers.orNull(angle.cosine()));
                    row.put("firstLayer", JsonNumbers.orNull(angle.firstLayer()));
                    if (state.moment() == Examination.Moment.UNTRAINED && Double.isFinite(angle.cosine())) {
                        alike.put(loss, angle.cosine());
                    }
                }
            }
        }
        String title = "Would another loss have changed it?";
        String trained = own.name().toLowerCase(Locale.ROOT);
        if (alike.isEmpty()) {
            return new Answer(
                    5,
                    title,
                    "No: at the untrained network the gradient of " + trained
                            + " is 0 or no number, and so is that of the other losses. What stops it stops them all.",
                    rows);
        }
        String cosines = alike.entrySet().stream()
                .map(entry -> format("%s %.2f", entry.getKey().name().toLowerCase(Locale.ROOT), entry.getValue()))
                .collect(Collectors.joining(", "));
        List<String> others = alike.entrySet().stream()
                .filter(entry -> !(entry.getValue() >= ALIKE))
                .map(entry -> entry.getKey().name().toLowerCase(Locale.ROOT))
                .toList();
        return new Answer(
                5,
                title,
                format(
                                "Cosines between the gradient of %s and those of other losses, at the same untrained weights on"
                                        + " the same %d patches: %s (1 is the same direction, 0 has nothing to do with it). ",
                                trained, examination.patches(), cosines)
                        + (others.isEmpty()
                                ? "All of them point the same way: with another loss the network would have gone the same way"
                                        + " to begin with, so the loss is not the cause."
                                : "The others point the same way and would have changed nothing to begin with; "
                                        + String.join(" and ", others)
                                        + (others.size() == 1 ? " asks" : " ask") + " for something else."),
                rows);
    }
}
