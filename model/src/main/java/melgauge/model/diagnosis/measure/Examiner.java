package melgauge.model.diagnosis.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.Batch;
import melgauge.model.engine.Network;
import melgauge.model.spec.Loss;
import melgauge.model.task.Example;

/**
 * Measures the training tracks of a run, and its network on some of their patches at several moments. It costs as much as
 * some dozens of training steps. Not thread-safe.
 */
public final class Examiner {
    /** At least so many patches, and two batches, are asked. */
    private static final int PATCHES = 64;

    /** At most so many tracks are looked at, so many patches of each. */
    private static final int TRACKS = 200;

    private static final int PATCHES_OF_A_TRACK = 4;

    private static final double STILL = 1e-4;

    private final List<Example> train;
    private final List<float[]> corpus;
    private final List<String> targets;
    private final PatchSpec patch;
    private final Normalizer normalizer;
    private final int batchSize;
    private final Loss loss;

    /**
     * An examiner of one run.
     *
     * @param train at least one track
     * @param corpus the labels of all tracks of the manifest, used or not, for the range that a scale must have
     * @param targets their names
     * @param batchSize that the run trained with
     * @param loss that it made small
     */
    public Examiner(
            List<Example> train,
            List<float[]> corpus,
            List<String> targets,
            PatchSpec patch,
            Normalizer normalizer,
            int batchSize,
            Loss loss) {
        this.train = List.copyOf(train);
        this.corpus = List.copyOf(corpus);
        this.targets = List.copyOf(targets);
        this.patch = patch;
        this.normalizer = normalizer;
        this.batchSize = batchSize;
        this.loss = loss;
    }

    /**
     * Examines data and network.
     *
     * @param network the network; gets its parameters back
     * @param moments the parameters at each moment, that of {@link Examination.Moment#UNTRAINED} among them
     */
    public Examination examine(Network network, Map<Examination.Moment, float[]> moments) {
        float[] before = network.weights();
        float[] untrained = moments.get(Examination.Moment.UNTRAINED);
        if (untrained == null) {
            throw new IllegalArgumentException("the untrained network is missing");
        }
        Asked asked = new Asked();
        List<Examination.State> states = new ArrayList<>();
        new EnumMap<>(moments).forEach((moment, parameters) -> {
            network.load(parameters);
            states.add(state(network, moment, parameters, untrained, asked));
        });
        network.load(before);
        return new Examination(input(), labels(), states, asked.count(), batchSize);
    }

    private Examination.Input input() {
        int bands = train.get(0).frames().bands();
        float[] values = new float[patch.frames() * bands];
        double sum = 0;
        double squares = 0;
        long finite = 0;
        long all = 0;
        double commonest = 0;
        int patches = 0;
        int still = 0;
        double largest = 0;
        List<String> broken = new ArrayList<>();
        List<Example> tracks = spread(train, TRACKS);
        for (Example track : tracks) {
            double least = Double.POSITIVE_INFINITY;
            double most = Double.NEGATIVE_INFINITY;
            long finiteBefore = finite;
            long allBefore = all;
            int[] starts = patch.starts(track.frames().frames());
            for (int start : spread(Arrays.stream(starts).boxed().toList(), PATCHES_OF_A_TRACK)) {
                patch.cut(track.frames(), start, values, 0);
                normalizer.apply(values, 0, patch.frames());
                for (float value : values) {
                    if (Float.isFinite(value)) {
                        finite++;
                        sum += value;
                        squares += (double) value * value;
                        least = Math.min(least, value);
                        most = Math.max(most, value);
                    }
                }
                all += values.length;
                commonest += commonest(values);
                patches++;
            }
            if (!(most - least >= STILL)) {
                still++;
            }
            double extreme = finite > finiteBefore ? Math.max(most, -least) : 0;
            largest = Math.max(largest, extreme);
            boolean none = finite - finiteBefore < all - allBefore;
            if ((none || extreme > Examination.Input.LARGEST) && broken.size() < 5) {
                broken.add(track.path());
            }
        }
        double mean = sum / finite;
        return new Examination.Input(
                tracks.size(),
                mean,
                Math.sqrt(Math.max(0, squares / finite - mean * mean)),
                commonest / patches,
                still,
                largest,
                (all - finite) / (double) all,
                broken);
    }

    /** The share of values that are the commonest number among them. */
    private static double commonest(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return longestRun(doubles) / (double) values.length;
    }

    /** How often the commonest number is among some values. */
    private static int longestRun(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int longest = 0;
        int run = 0;
        for (int i = 0; i < sorted.length; i++) {
            run = i > 0 && Double.compare(sorted[i], sorted[i - 1]) == 0 ? run + 1 : 1;
            longest = Math.max(longest, run);
        }
        return longest;
    }

    private List<Examination.Labels> labels() {
        return IntStream.range(0, targets.size())
                .mapToObj(t -> {
                    double[] labels = column(train.stream().map(Example::labels), t);
                    Spread spread = Spread.of(labels);
                    Spread range = Spread.of(column(corpus.stream(), t));
                    return new Examination.Labels(
                            targets.get(t),
                            labels.length,
                            spread.mean,
                            spread.std,
                            range.least,
                            range.most,
                            labels.length - longestRun(labels));
                })
                .toList();
    }

    private static double[] column(Stream<float[]> labels, int target) {
        return labels.mapToDouble(all -> all[target])
                .filter(label -> !Double.isNaN(label))
                .toArray();
    }

    private record Spread(double mean, double std, double least, double most) {
        static Spread of(double[] values) {
            double mean = Arrays.stream(values).average().orElse(Double.NaN);
            double variance = Arrays.stream(values)
                    .map(value -> (value - mean) * (value - mean))
                    .average()
                    .orElse(Double.NaN);
            return new Spread(
                    mean,
                    Math.sqrt(variance),
                    Arrays.stream(values).min().orElse(Double.NaN),
                    Arrays.stream(values).max().orElse(Double.NaN));
        }
    }

    /** So many of some things, or all, evenly spread. */
    public static <T> List<T> spread(List<T> all, int most) {
        int count = Math.min(all.size(), most);
        return IntStream.range(0, count)
                .mapToObj(i -> all.get((int) ((2L * i + 1) * all.size() / (2L * count))))
                .toList();
    }

    /** The patches that the network is asked about, in batches of the run's size. */
    private final class Asked {
        private final List<Batch> batches = new ArrayList<>();

        Asked() {
            int size = Math.min(batchSize, Math.max(2, train.size()));
            int wanted = Math.max(2, (PATCHES + size - 1) / size);
            List<Example> tracks = spread(train, wanted * size);
            int bands = tracks.get(0).frames().bands();
            int length = patch.frames() * bands;
            for (int b = 0; b < wanted; b++) {
                float[] patches = new float[size * length];
                float[] labels = new float[size * targets.size()];
                for (int i = 0; i < size; i++) {
                    // Far apart in the manifest, where neighbours may be of one artist; again from the first if few.
                    Example track = tracks.get((i * wanted + b) % tracks.size());
                    int[] starts = patch.starts(track.frames().frames());
                    patch.cut(track.frames(), starts[starts.length / 2], patches, i * length);
                    normalizer.apply(patches, i * length, patch.frames());
                    System.arraycopy(track.labels(), 0, labels, i * targets.size(), targets.size());
                }
                batches.add(new Batch(patches, labels, null, size));
            }
        }

        int count() {
            return batches.stream().mapToInt(Batch::count).sum();
        }

        /** One target's column of some answers, batch by batch. */
        double[] column(List<float[]> answers, int target) {
            double[] column = new double[count()];
            int at = 0;
            for (int b = 0; b < batches.size(); b++) {
                for (int i = 0; i < batches.get(b).count(); i++) {
                    column[at++] = answers.get(b)[i * targets.size() + target];
                }
            }
            return column;
        }
    }

    private Examination.State state(
            Network network, Examination.Moment moment, float[] parameters, float[] untrained, Asked asked) {
        int notFinite = 0;
        for (float parameter : parameters) {
            notFinite += Float.isFinite(parameter) ? 0 : 1;
        }
        List<float[]> predicted = new ArrayList<>();
        List<float[]> asInTraining = new ArrayList<>();
        for (Batch batch : asked.batches) {
            predicted.add(network.predict(batch.patches(), batch.count()));
            asInTraining.add(network.forward(batch.patches(), batch.count(), Network.Mode.TRAINING));
        }
        List<Examination.Output> outputs = new ArrayList<>();
        double[] r2 = new double[targets.size()];
        double[] r2AsInTraining = new double[targets.size()];
        double[] gap = new double[targets.size()];
        List<float[]> labels = asked.batches.stream().map(Batch::labels).toList();
        for (int t = 0; t < targets.size(); t++) {
            double[] label = asked.column(labels, t);
            double[] answer = asked.column(predicted, t);
            double[] inTraining = asked.column(asInTraining, t);
            outputs.add(output(targets.get(t), answer, inTraining, label));
            r2[t] = r2(answer, label);
            r2AsInTraining[t] = r2(inTraining, label);
            double squares = 0;
            for (int i = 0; i < answer.length; i++) {
                squares += (answer[i] - inTraining[i]) * (answer[i] - inTraining[i]) / answer.length;
            }
            double std = Spread.of(Arrays.stream(label)
                            .filter(value -> !Double.isNaN(value))
                            .toArray())
                    .std;
            gap[t] = std > 0 ? Math.sqrt(squares) / std : Double.NaN;
        }
        Map<Loss, float[]> gradients = gradients(network, moment, asked);
        float[] own = gradients.get(loss);
        Batch first = asked.batches.get(0);
        return new Examination.State(
                moment,
                notFinite,
                layers(network, parameters, untrained, own == null ? new float[parameters.length] : own),
                first.count() > 1 ? network.activity(first.patches(), first.count()) : activity(network, asked),
                outputs,
                mean(r2),
                mean(r2AsInTraining),
                mean(gap),
                angles(network, gradients));
    }

    /** Of all patches at once, where batches are of one patch. */
    private List<Network.Activity> activity(Network network, Asked asked) {
        int length = asked.batches.get(0).patches().length;
        float[] patches = new float[asked.count() * length];
        for (int b = 0; b < asked.batches.size(); b++) {
            System.arraycopy(asked.batches.get(b).patches(), 0, patches, b * length, length);
        }
        return network.activity(patches, asked.count());
    }

    private static Examination.Output output(String target, double[] answers, double[] asInTraining, double[] labels) {
        Spread spread = Spread.of(answers);
        Spread inTraining = Spread.of(asInTraining);
        int saturated = 0;
        for (int i = 0; i < answers.length; i++) {
            boolean atTheEnd = answers[i] < 0.01 || answers[i] > 0.99;
            // An unlabelled one counts: its label is hardly at the end.
            if (atTheEnd && !(labels[i] <= 0.02 || labels[i] >= 0.98)) {
                saturated++;
            }
        }
        return new Examination.Output(
                target, spread.mean, spread.std, inTraining.mean, inTraining.std, saturated / (double) answers.length);
    }

    private static double r2(double[] answers, double[] labels) {
        double mean = Arrays.stream(labels)
                .filter(label -> !Double.isNaN(label))
                .average()
                .orElse(Double.NaN);
        double errors = 0;
        double total = 0;
        for (int i = 0; i < labels.length; i++) {
            if (!Double.isNaN(labels[i])) {
                errors += (answers[i] - labels[i]) * (answers[i] - labels[i]);
                total += (labels[i] - mean) * (labels[i] - mean);
            }
        }
        return total > 0 ? 1 - errors / total : Double.NaN;
    }

    private static double mean(double[] values) {
        return Arrays.stream(values)
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN);
    }

    /** Of all losses before and after training; after the last step, which may not be what was kept, of the run's own. */
    private Map<Loss, float[]> gradients(Network network, Examination.Moment moment, Asked asked) {
        Map<Loss, float[]> gradients = new EnumMap<>(Loss.class);
        for (Loss one : moment == Examination.Moment.LAST ? new Loss[] {loss} : Loss.values()) {
            float[] sum = new float[network.weights().length];
            for (Batch batch : asked.batches) {
                float[] gradient = network.gradient(batch, one);
                for (int k = 0; k < sum.length; k++) {
                    sum[k] += gradient[k] / asked.batches.size();
                }
            }
            gradients.put(one, sum);
        }
        return gradients;
    }

    private List<Examination.LayerState> layers(
            Network network, float[] parameters, float[] untrained, float[] gradient) {
        List<Examination.LayerState> layers = new ArrayList<>();
        for (Architecture.Layer layer : network.architecture().layers()) {
            layer.weights().ifPresent(weights -> {
                double start = norm(untrained, weights);
                double moved = 0;
                for (int k = weights.offset(); k < weights.offset() + weights.size(); k++) {
                    moved += (parameters[k] - (double) untrained[k]) * (parameters[k] - (double) untrained[k]);
                }
                layers.add(new Examination.LayerState(
                        layer.name(), norm(parameters, weights), Math.sqrt(moved) / start, norm(gradient, weights)));
            });
        }
        return layers;
    }

    private static double norm(float[] values, Architecture.Parameter parameter) {
        return Math.sqrt(dot(values, values, parameter.offset(), parameter.offset() + parameter.size()));
    }

    private static double dot(float[] a, float[] b, int from, int to) {
        double sum = 0;
        for (int k = from; k < to; k++) {
            sum += (double) a[k] * b[k];
        }
        return sum;
    }

    private Map<Loss, Examination.Angle> angles(Network network, Map<Loss, float[]> gradients) {
        Map<Loss, Examination.Angle> angles = new EnumMap<>(Loss.class);
        float[] own = gradients.get(loss);
        if (gradients.size() > 1 && own != null) {
            Architecture.Parameter first =
                    network.architecture().layers().get(0).weights().orElseThrow();
            gradients.forEach((other, gradient) -> angles.put(
                    other,
                    new Examination.Angle(
                            cosine(own, gradient, 0, own.length),
                            cosine(own, gradient, first.offset(), first.offset() + first.size()))));
        }
        return angles;
    }

    private static double cosine(float[] a, float[] b, int from, int to) {
        return dot(a, b, from, to) / Math.sqrt(dot(a, a, from, to) * dot(b, b, from, to));
    }
}
