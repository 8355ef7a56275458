package melgauge.model.diagnosis.experiments;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import melgauge.model.diagnosis.measure.Examiner;
import melgauge.model.scores.TargetScores;
import melgauge.model.spec.Loss;
import melgauge.model.task.Example;

/**
 * Patches of some tracks as the network reads them, to ask it about again and again. A track's answer is the mean over
 * its patches.
 */
final class Patches {
    private final int size;
    private final int bands;
    private final int batchSize;
    private final double[] labelMeans;
    private final List<float[]> values = new ArrayList<>();
    private final List<Integer> tracks = new ArrayList<>();
    private final List<float[]> labels = new ArrayList<>();

    /**
     * Cuts patches, evenly spread over each track.
     *
     * @param examples their tracks, in an order that keeps neighbours of the manifest apart
     * @param most patches of a track
     * @param labelMeans of the targets, about which R² is
     */
    Patches(Subject subject, List<Example> examples, int most, double[] labelMeans) {
        this.bands = subject.shape().bands();
        this.size = subject.shape().size();
        this.batchSize = subject.training().batchSize();
        this.labelMeans = labelMeans;
        for (Example example : examples) {
            int[] starts = subject.patch().starts(example.frames().frames());
            int count = Math.min(most, starts.length);
            for (int i = 0; i < count; i++) {
                float[] patch = new float[size];
                int start = starts[(int) ((2L * i + 1) * starts.length / (2L * count))];
                subject.patch().cut(example.frames(), start, patch, 0);
                subject.normalizer().apply(patch, 0, subject.patch().frames());
                values.add(patch);
                tracks.add(labels.size());
            }
            labels.add(example.labels());
        }
    }

    /** So many of some tracks, or all, evenly spread over the manifest and then shuffled. */
    static List<Example> some(List<Example> all, int most, long seed) {
        List<Example> some = new ArrayList<>(Examiner.spread(all, most));
        Collections.shuffle(some, new Random(seed));
        return some;
    }

    int trackCount() {
        return labels.size();
    }

    int bands() {
        return bands;
    }

    /** Each patch, normalised, {@code [frames, bands]}. */
    List<float[]> values() {
        return Collections.unmodifiableList(values);
    }

    /** A network, in one of the ways in which it can answer. */
    interface Forward {
        float[] answer(float[] patches, int count);
    }

    /** Something that is done to a patch, {@code [frames, bands]}, in place. */
    interface Change {
        /** Leaves it as it is. */
        Change NONE = (patch, number) -> {};

        /** @param number of the patch, from 0 */
        void apply(float[] patch, int number);
    }

    /** What a network answers, {@code [targets][tracks]}. */
    double[][] answers(Forward network, Change change) {
        double[][] sums = new double[labelMeans.length][labels.size()];
        int[] counts = new int[labels.size()];
        // Batches of nearly one size: batch normalisation by the batch's own statistics needs more than one patch.
        int batches = (values.size() + batchSize - 1) / batchSize;
        for (int b = 0; b < batches; b++) {
            int first = (int) ((long) values.size() * b / batches);
            int count = (int) ((long) values.size() * (b + 1) / batches) - first;
            float[] asked = new float[count * size];
            for (int i = 0; i < count; i++) {
                float[] patch = values.get(first + i).clone();
                change.apply(patch, first + i);
                System.arraycopy(patch, 0, asked, i * size, size);
            }
            float[] answers = network.answer(asked, count);
            for (int i = 0; i < count; i++) {
                int track = tracks.get(first + i);
                counts[track]++;
                for (int t = 0; t < labelMeans.length; t++) {
                    sums[t][track] += answers[i * labelMeans.length + t];
                }
            }
        }
        for (double[] ofTarget : sums) {
            for (int i = 0; i < counts.length; i++) {
                ofTarget[i] /= counts[i];
            }
        }
        return sums;
    }

    /** R² of a network's answers, mean over the targets for which it is defined. */
    double r2(Forward network) {
        return r2(answers(network, Change.NONE));
    }

    /** R² of answers, mean over the targets for which it is defined. */
    double r2(double[][] answers) {
        return IntStream.range(0, labelMeans.length)
                .mapToDouble(t ->
                        TargetScores.of(answers[t], labels(t), labelMeans[t]).r2())
                .filter(r2 -> !Double.isNaN(r2))
                .average()
                .orElse(Double.NaN);
    }

    /** A loss of a network's answers, mean over targets. */
    double loss(Forward network, Loss loss) {
        double[][] answers = answers(network, Change.NONE);
        return IntStream.range(0, labelMeans.length)
                .mapToDouble(t -> loss.of(answers[t], labels(t), null, null))
                .average()
                .orElseThrow();
    }

    /** The labels of a target. */
    double[] labels(int target) {
        return labels.stream().mapToDouble(row -> row[target]).toArray();
    }
}
