package melgauge.model.diagnosis.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import melgauge.data.Folds;
import melgauge.features.TrackStatistics;
import melgauge.model.diagnosis.measure.Signal.Alignment;
import melgauge.model.diagnosis.measure.Signal.OfTarget;
import melgauge.model.diagnosis.measure.Signal.Strength;
import melgauge.model.regression.RadialKernel;
import melgauge.model.regression.Ridge;
import melgauge.model.scores.TargetScores;
import melgauge.model.task.Example;

/**
 * Asks whether there is anything in the data that a network could learn, without a network: ridge regression and kernel
 * ridge regression predict the labels of held-out tracks from the mean and standard deviation of each band over a track.
 *
 * <p><b>Probes.</b> The statistics are standardised over all tracks, which no label takes part in. The kernel is radial
 * ({@link RadialKernel}), its width the median distance between tracks. Both penalties are chosen by leave-one-out on the
 * tracks that are learnt from ({@link Ridge}). Tracks are in five folds that keep groups together ({@link Folds}), fewer
 * where there are fewer groups.
 *
 * <p><b>Chance.</b> The same with labels dealt anew 39 times, so that a correlation above all of theirs has p = 1/40
 * (Ojala and Garriga 2010). Whole label rows are dealt, so that targets keep what they have in common, and rows of a
 * group stay together: groups come in a random order, the rows within each too, and go to the tracks one after the
 * other. Dealing tracks singly would take tracks of an artist for independent, and find a signal in every corpus of a
 * few artists. Where a label is missing, the one that would come to the track from there is followed on, so that each
 * target's labels are dealt among the tracks that have one.
 *
 * <p><b>Alignment.</b> The linear probe again with labels moved by up to five rows of the manifest, the ends joined.
 *
 * <p>Of more than 2,000 labelled tracks as many are taken, evenly spaced in the manifest. Every group is thinned alike,
 * and what is left of it stays on one side; a shift still moves labels by rows of the whole manifest.
 */
public final class Probe {
    static final int FOLDS = 5;
    static final int PERMUTATIONS = 39;
    static final int LEAST_TRACKS = 20;
    static final int MOST_TRACKS = 2000;
    static final int FURTHEST_SHIFT = 5;

    /** Beyond this many coordinates the kernel is approximate. */
    private static final int MOST_COORDINATES = 400;

    private static final double[] LINEAR_PENALTIES = halfDecades(-2, 6);
    private static final double[] KERNEL_PENALTIES = halfDecades(-3, 4);

    /** Of the tracks that are measured. */
    private final List<String> groups;

    private final int[] folds;
    private final double[][] statistics;

    private Probe(List<String> groups, int[] folds, double[][] statistics) {
        this.groups = groups;
        this.folds = folds;
        this.statistics = statistics;
    }

    private static double[] halfDecades(int from, int to) {
        return IntStream.rangeClosed(2 * from, 2 * to)
                .mapToDouble(half -> Math.pow(10, half / 2.0))
                .toArray();
    }

    /**
     * Measures a corpus. With fewer than two groups, or for a target with fewer than 20 labels or with labels that are
     * all equal or all in one fold, the result is unknown.
     *
     * @param examples in the order of the manifest
     * @param groups of each example
     * @param targets names of the labels
     * @param seed of the folds and of chance
     */
    public static Signal measure(List<Example> examples, List<String> groups, List<String> targets, long seed) {
        return measure(
                i -> finite(TrackStatistics.of(examples.get(i).frames())),
                examples.stream().map(Example::labels).toList(),
                groups,
                targets,
                seed);
    }

    /** A statistic of values that are no numbers says nothing; it must not spoil those that do. */
    private static float[] finite(float[] statistics) {
        for (int i = 0; i < statistics.length; i++) {
            if (!Float.isFinite(statistics[i])) {
                statistics[i] = 0;
            }
        }
        return statistics;
    }

    /** @param statistics of each track, asked for only where they are needed */
    static Signal measure(
            IntFunction<float[]> statistics,
            List<float[]> labels,
            List<String> groups,
            List<String> targets,
            long seed) {
        if (groups.size() != labels.size()) {
            throw new IllegalArgumentException(
                    labels.size() + " tracks against " + groups.size() + " groups; give one for each track");
        }
        int[] labelled = IntStream.range(0, labels.size())
                .filter(i -> IntStream.range(0, targets.size()).anyMatch(t -> !Float.isNaN(labels.get(i)[t])))
                .toArray();
        int[] rows = evenly(labelled, MOST_TRACKS);
        List<String> groupsOfRows = Arrays.stream(rows).mapToObj(groups::get).toList();
        int groupCount = (int) groupsOfRows.stream().distinct().count();
        int foldCount = Math.min(FOLDS, groupCount);
        // columns[shift + FURTHEST_SHIFT][target][track]
        double[][][] columns = IntStream.rangeClosed(-FURTHEST_SHIFT, FURTHEST_SHIFT)
                .mapToObj(shift -> IntStream.range(0, targets.size())
                        .mapToObj(t -> Arrays.stream(rows)
                                .mapToDouble(i -> labels.get(Math.floorMod(i + shift, labels.size()))[t])
                                .toArray())
                        .toArray(double[][]::new))
                .toArray(double[][][]::new);
        double[][] unshifted = columns[FURTHEST_SHIFT];
        int[] folds = folds(groupsOfRows, foldCount, seed);
        int[] known = IntStream.range(0, targets.size())
                .filter(t -> groupCount >= 2 && canBeProbed(unshifted[t], folds))
                .toArray();
        Measured measured = known.length == 0
                ? Measured.nothing()
                : new Probe(groupsOfRows, folds, standardised(rows, statistics)).measure(columns, known, seed);
        List<OfTarget> ofTargets = new ArrayList<>();
        for (int t = 0; t < targets.size(); t++) {
            int at = Arrays.binarySearch(known, t);
            ofTargets.add(new OfTarget(
                    targets.get(t),
                    (int) count(unshifted[t]),
                    at < 0 ? Strength.UNKNOWN : measured.linear().get(at),
                    at < 0 ? Strength.UNKNOWN : measured.kernel().get(at)));
        }
        return new Signal(
                rows.length,
                labelled.length,
                groupCount,
                foldCount,
                PERMUTATIONS,
                ofTargets,
                measured.linearMean(),
                measured.kernelMean(),
                measured.alignment());
    }

    private static int[] evenly(int[] all, int most) {
        int count = Math.min(all.length, most);
        return IntStream.range(0, count)
                .map(i -> all[(int) ((long) i * all.length / count)])
                .toArray();
    }

    private static int[] folds(List<String> groups, int count, long seed) {
        if (count < 2) {
            return new int[groups.size()];
        }
        Map<String, Integer> ofGroup = Folds.ofGroups(groups, count, seed);
        return groups.stream().mapToInt(ofGroup::get).toArray();
    }

    private static long count(double[] labels) {
        return Arrays.stream(labels).filter(label -> !Double.isNaN(label)).count();
    }

    /** Labels in two folds mean that every fold has others to learn from. */
    private static boolean canBeProbed(double[] labels, int[] folds) {
        int[] labelled = IntStream.range(0, labels.length)
                .filter(i -> !Double.isNaN(labels[i]))
                .toArray();
        return labelled.length >= LEAST_TRACKS
                && Arrays.stream(labelled).map(i -> folds[i]).distinct().count() > 1
                && Arrays.stream(labelled)
                                .mapToDouble(i -> labels[i])
                                .distinct()
                                .count()
                        > 1;
    }

    private static double[][] standardised(int[] rows, IntFunction<float[]> statistics) {
        double[][] result = Arrays.stream(rows)
                .mapToObj(statistics)
                .map(row ->
                        IntStream.range(0, row.length).mapToDouble(j -> row[j]).toArray())
                .toArray(double[][]::new);
        for (int j = 0; j < result[0].length; j++) {
            int column = j;
            double mean = Arrays.stream(result)
                    .mapToDouble(row -> row[column])
                    .average()
                    .orElseThrow();
            double variance = Arrays.stream(result)
                    .mapToDouble(row -> (row[column] - mean) * (row[column] - mean))
                    .average()
                    .orElseThrow();
            // What rounding leaves of a constant stays as small as it is.
            double scale = variance > 1e-20 * (1 + mean * mean) ? Math.sqrt(variance) : 1;
            for (double[] row : result) {
                row[j] = (row[j] - mean) / scale;
            }
        }
        return result;
    }

    /** What a probe found for the targets that are known, in their order. */
    private record Measured(
            List<Strength> linear,
            List<Strength> kernel,
            Strength linearMean,
            Strength kernelMean,
            Alignment alignment) {
        static Measured nothing() {
            return new Measured(
                    List.of(),
                    List.of(),
                    Strength.UNKNOWN,
                    Strength.UNKNOWN,
                    new Alignment(
                            Collections.nCopies(2 * FURTHEST_SHIFT + 1, Double.NaN),
                            0,
                            Double.NaN,
                            Double.NaN,
                            Double.NaN));
        }
    }

    private Measured measure(double[][][] columns, int[] targets, long seed) {
        double[][] labels =
                Arrays.stream(targets).mapToObj(t -> columns[FURTHEST_SHIFT][t]).toArray(double[][]::new);
        List<double[][]> dealt = new ArrayList<>();
        dealt.add(labels);
        Random random = new Random(seed);
        for (int i = 0; i < PERMUTATIONS; i++) {
            int[] from = dealing(groups, random);
            dealt.add(Arrays.stream(labels).map(column -> deal(column, from)).toArray(double[][]::new));
        }
        List<double[][]> shifted = Arrays.stream(columns)
                .map(ofShift -> Arrays.stream(targets).mapToObj(t -> ofShift[t]).toArray(double[][]::new))
                .toList();
        List<double[][]> both = new ArrayList<>(shifted);
        both.addAll(dealt);

        List<Outcome> linear = outcomes(statistics, both, shifted.size(), LINEAR_PENALTIES);
        double[][] coordinates = RadialKernel.of(statistics, RadialKernel.medianDistance(statistics), MOST_COORDINATES)
                .coordinates();
        List<Outcome> kernel = outcomes(coordinates, dealt, 0, KERNEL_PENALTIES);
        List<Outcome> linearOfDealt = linear.subList(shifted.size(), linear.size());
        Strength linearMean = strength(linearOfDealt, Outcome::mean);
        return new Measured(
                ofTargets(linearOfDealt, targets.length),
                ofTargets(kernel, targets.length),
                linearMean,
                strength(kernel, Outcome::mean),
                alignment(linear.subList(0, shifted.size()), linearMean.highestByChance()));
    }

    /** How well the targets are predicted under one arrangement of the labels. */
    private record Outcome(List<Scored> targets) {
        Scored mean() {
            return new Scored(
                    targets.stream().mapToDouble(Scored::r).average().orElseThrow(),
                    targets.stream().mapToDouble(Scored::r2).average().orElseThrow());
        }
    }

    private record Scored(double r, double r2) {
        static Scored of(double[] predicted, double[] labels, double[] trainingMeans) {
            double error = 0;
            double total = 0;
            for (int i = 0; i < labels.length; i++) {
                if (!Double.isNaN(labels[i])) {
                    error += (labels[i] - predicted[i]) * (labels[i] - predicted[i]);
                    total += (labels[i] - trainingMeans[i]) * (labels[i] - trainingMeans[i]);
                }
            }
            return new Scored(TargetScores.of(predicted, labels, Double.NaN).pearson(), 1 - error / total);
        }
    }

    /** @param completed how many of the first arrangements may take missing labels for their mean */
    private List<Outcome> outcomes(double[][] rows, List<double[][]> arrangements, int completed, double[] penalties) {
        int targets = arrangements.get(0).length;
        double[][] columns = arrangements.stream().flatMap(Arrays::stream).toArray(double[][]::new);
        HeldOut heldOut = HeldOut.of(rows, folds, columns, completed * targets, penalties);
        return IntStream.range(0, arrangements.size())
                .mapToObj(a -> new Outcome(IntStream.range(a * targets, (a + 1) * targets)
                        .mapToObj(c -> Scored.of(heldOut.predicted()[c], columns[c], heldOut.trainingMeans()[c]))
                        .toList()))
                .toList();
    }

    private static List<Strength> ofTargets(List<Outcome> dealt, int targets) {
        return IntStream.range(0, targets)
                .mapToObj(t -> strength(dealt, outcome -> outcome.targets().get(t)))
                .toList();
    }

    /** @param dealt the labels as they are, then as dealt anew */
    private static Strength strength(List<Outcome> dealt, Function<Outcome, Scored> part) {
        Scored truth = part.apply(dealt.get(0));
        double[] byChance = dealt.stream()
                .skip(1)
                .mapToDouble(outcome -> part.apply(outcome).r())
                .toArray();
        return Double.isNaN(truth.r())
                ? Strength.UNKNOWN
                : new Strength(
                        truth.r(),
                        truth.r2(),
                        DoubleStream.of(byChance).max().orElseThrow(),
                        (1.0
                                        + DoubleStream.of(byChance)
                                                .filter(r -> r >= truth.r())
                                                .count())
                                / dealt.size());
    }

    private static Alignment alignment(List<Outcome> shifted, double highestByChance) {
        List<Double> r = shifted.stream().map(outcome -> outcome.mean().r()).toList();
        int best = FURTHEST_SHIFT;
        for (int away = 1; away <= FURTHEST_SHIFT; away++) {
            for (int i : new int[] {FURTHEST_SHIFT - away, FURTHEST_SHIFT + away}) {
                if (r.get(i) > r.get(best)) {
                    best = i;
                }
            }
        }
        return new Alignment(r, best - FURTHEST_SHIFT, r.get(best), r.get(FURTHEST_SHIFT), highestByChance);
    }

    /** Whose label each track gets when labels are dealt anew, groups as wholes. */
    public static int[] dealing(List<String> groups, Random random) {
        List<List<Integer>> tracks = new ArrayList<>(IntStream.range(0, groups.size())
                .boxed()
                .collect(Collectors.groupingBy(groups::get, LinkedHashMap::new, Collectors.toList()))
                .values());
        int[] to = tracks.stream()
                .flatMap(List::stream)
                .mapToInt(Integer::intValue)
                .toArray();

        Collections.shuffle(tracks, random);
        tracks.forEach(group -> Collections.shuffle(group, random));
        int[] from = tracks.stream()
                .flatMap(List::stream)
                .mapToInt(Integer::intValue)
                .toArray();
        int[] dealing = new int[to.length];
        for (int i = 0; i < to.length; i++) {
            dealing[to[i]] = from[i];
        }
        return dealing;
    }

    /**
     * Deals labels anew among the tracks that have one. Leaving the others out of the cycles of a uniformly random
     * permutation leaves a uniformly random one.
     */
    public static double[] deal(double[] labels, int[] dealing) {
        double[] dealt = new double[labels.length];
        for (int i = 0; i < labels.length; i++) {
            if (Double.isNaN(labels[i])) {
                dealt[i] = Double.NaN;
                continue;
            }
            int from = dealing[i];
            while (Double.isNaN(labels[from])) {
                from = dealing[from];
            }
            dealt[i] = labels[from];
        }
        return dealt;
    }
}
