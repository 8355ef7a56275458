package melgauge.model.scores;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import melgauge.model.task.Target;

/**
 * How sure scores are, given how few tracks they come from: percentile intervals of the bootstrap (Efron 1979; Davison
 * and Hinkley, <i>Bootstrap Methods and their Application</i>, 1997, sections 3.8 and 5.3). Where tracks come in groups,
 * whole groups are drawn, because tracks of one artist are not independent. The predictions are kept as they are: what
 * another training would have given is not in the interval.
 *
 * <p>With few groups, fewer than about 20, intervals of this kind are too narrow.
 *
 * @param level the share of resamples that lies inside
 * @param resamples how many were drawn
 * @param units how many groups, or tracks, each draws from
 * @param grouped whether these are groups
 * @param targets by target, then by score, in the targets' order
 * @param mean of the scores' means over targets
 */
public record Intervals(
        double level,
        int resamples,
        int units,
        boolean grouped,
        Map<String, Map<Score, Interval>> targets,
        Map<Score, Interval> mean) {
    /**
     * Groups, or tracks, that an interval takes. Four have only 35 different resamples; five have 126, so that the outer 2.5 %
     * on either side hold some.
     */
    public static final int LEAST_UNITS = 5;

    private static final String GROUP = "group";
    private static final double LEVEL = 0.95;
    private static final int RESAMPLES = 1000;

    /** Fixed, so that equal predictions have equal intervals wherever they are scored. */
    private static final long SEED = 1;

    public Intervals {
        targets = new LinkedHashMap<>(targets);
        mean = new EnumMap<>(mean);
    }

    /**
     * Where a score lies; NaN twice where this cannot be told, because there are fewer than {@link #LEAST_UNITS} units or because the
     * score is undefined in more than half of the resamples.
     */
    public record Interval(double low, double high) {
        /** Of a score whose place cannot be told. */
        public static final Interval UNKNOWN = new Interval(Double.NaN, Double.NaN);

        /** The middle part of some values, the ends linear between neighbours; NaN among the values does not count. */
        static Interval of(double[] values, double level) {
            double[] sorted =
                    Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
            return 2 * sorted.length < values.length || sorted.length == 0
                    ? UNKNOWN
                    : new Interval(quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2));
        }

        private static double quantile(double[] sorted, double share) {
            double place = share * (sorted.length - 1);
            int below = (int) place;
            int above = Math.min(below + 1, sorted.length - 1);
            return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
        }
    }

    /**
     * Intervals of the scores that {@link Evaluation#of} gives.
     *
     * @param groups one for each track; each its own where tracks are independent
     */
    public static Intervals of(
            List<Target> targets, List<double[]> predictions, List<float[]> labels, List<String> groups) {
        return of(targets, predictions, labels, groups, RESAMPLES, SEED);
    }

    static Intervals of(
            List<Target> targets,
            List<double[]> predictions,
            List<float[]> labels,
            List<String> groups,
            int resamples,
            long seed) {
        int[][] units = units(groups);
        List<Evaluation> drawn = drawn(targets, predictions, labels, units, resamples, seed);
        Map<String, Map<Score, Interval>> byTarget = new LinkedHashMap<>();
        for (Target target : targets) {
            byTarget.put(
                    target.name(),
                    intervals(
                            drawn,
                            score -> evaluation -> score.of(
                                    Objects.requireNonNull(evaluation.targets().get(target.name())))));
        }
        return new Intervals(
                LEVEL,
                resamples,
                units.length,
                units.length < groups.size(),
                byTarget,
                intervals(drawn, score -> evaluation -> evaluation.mean(score::of)));
    }

    /**
     * The interval of a difference: the mean R² of some predictions minus that of others of the same tracks. Both are scored
     * on the same resamples, so that what makes tracks hard for both cancels out.
     *
     * @param groups one for each track; each its own if tracks are independent
     */
    public static Interval ofDifference(
            List<Target> targets,
            List<double[]> predictions,
            List<double[]> others,
            List<float[]> labels,
            List<String> groups) {
        int[][] units = units(groups);
        List<Evaluation> first = drawn(targets, predictions, labels, units, RESAMPLES, SEED);
        List<Evaluation> second = drawn(targets, others, labels, units, RESAMPLES, SEED);
        double[] differences = IntStream.range(0, first.size())
                .mapToDouble(
                        i -> first.get(i).mean(TargetScores::r2) - second.get(i).mean(TargetScores::r2))
                .toArray();
        return Interval.of(differences, LEVEL);
    }

    /** The tracks of each group. */
    private static int[][] units(List<String> groups) {
        return IntStream.range(0, groups.size())
                .boxed()
                .collect(Collectors.groupingBy(groups::get, LinkedHashMap::new, Collectors.toList()))
                .values()
                .stream()
                .map(tracks -> tracks.stream().mapToInt(Integer::intValue).toArray())
                .toArray(int[][]::new);
    }

    /** Scores of the resamples; none if there are too few units. */
    private static List<Evaluation> drawn(
            List<Target> targets,
            List<double[]> predictions,
            List<float[]> labels,
            int[][] units,
            int resamples,
            long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long[] seeds =
                IntStream.range(0, resamples).mapToLong(i -> random.nextLong()).toArray();
        // In parallel, each from a seed of its own: the same whatever the number of threads.
        return units.length < LEAST_UNITS
                ? List.of()
                : Arrays.stream(seeds)
                        .parallel()
                        .mapToObj(one -> draw(targets, predictions, labels, units, new SplittableRandom(one)))
                        .toList();
    }

    private static Evaluation draw(
            List<Target> targets,
            List<double[]> predictions,
            List<float[]> labels,
            int[][] units,
            SplittableRandom random) {
        List<double[]> drawnPredictions = new ArrayList<>(predictions.size());
        List<float[]> drawnLabels = new ArrayList<>(labels.size());
        for (int i = 0; i < units.length; i++) {
            for (int track : units[random.nextInt(units.length)]) {
                drawnPredictions.add(predictions.get(track));
                drawnLabels.add(labels.get(track));
            }
        }
        return Evaluation.of(targets, drawnPredictions, drawnLabels);
    }

    private static Map<Score, Interval> intervals(
            List<Evaluation> drawn, Function<Score, Function<Evaluation, Double>> value) {
        Map<Score, Interval> intervals = new EnumMap<>(Score.class);
        for (Score score : Score.OF_QUALITY) {
            double[] values =
                    drawn.stream().mapToDouble(value.apply(score)::apply).toArray();
            intervals.put(score, Interval.of(values, LEVEL));
        }
        return intervals;
    }

    /** The interval of a target's score; {@link Interval#UNKNOWN} if there is none. */
    public Interval of(String target, Score score) {
        return targets.getOrDefault(target, Map.of()).getOrDefault(score, Interval.UNKNOWN);
    }

    /** The interval of the mean of a score over targets; {@link Interval#UNKNOWN} if there is none. */
    public Interval ofMean(Score score) {
        return mean.getOrDefault(score, Interval.UNKNOWN);
    }

    /** What was drawn: {@code group} or {@code track}. */
    public String unit() {
        return grouped ? GROUP : "track";
    }

    /**
     * {@code {"level", "resamples", "seed", "unit", "units", "targets": {NAME: {"r2": [low, high], …}}, "mean": {…}}}; an
     * unknown interval is null.
     */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("level", level);
        json.put("resamples", resamples);
        json.put("seed", SEED);
        json.put("unit", unit());
        json.put("units", units);
        ObjectNode byTarget = json.putObject("targets");
        targets.forEach((name, intervals) -> write(byTarget.putObject(name), intervals));
        write(json.putObject("mean"), mean);
        return json;
    }

    private static void write(ObjectNode json, Map<Score, Interval> intervals) {
        intervals.forEach((score, interval) -> {
            if (Double.isNaN(interval.low())) {
                json.putNull(score.word());
            } else {
                json.putArray(score.word()).add(interval.low()).add(interval.high());
            }
        });
    }

    /** Reads what {@link #toJson} wrote; an interval that is missing or no pair of numbers is unknown. */
    public static Intervals fromJson(JsonNode json) {
        Map<String, Map<Score, Interval>> byTarget = new LinkedHashMap<>();
        json.path("targets").properties().forEach(target -> byTarget.put(target.getKey(), read(target.getValue())));
        return new Intervals(
                json.path("level").asDouble(LEVEL),
                json.path("resamples").asInt(),
                json.path("units").asInt(),
                json.path("unit").asText().equals(GROUP),
                byTarget,
                read(json.path("mean")));
    }

    private static Map<Score, Interval> read(JsonNode json) {
        Map<Score, Interval> intervals = new EnumMap<>(Score.class);
        for (Score score : Score.OF_QUALITY) {
            JsonNode ends = json.path(score.word());
            intervals.put(
                    score,
                    ends.path(0).isNumber() && ends.path(1).isNumber()
                            ? new Interval(ends.path(0).asDouble(), ends.path(1).asDouble())
                            : Interval.UNKNOWN);
        }
        return intervals;
    }
}
