package melgauge.model.training;

import java.util.SplittableRandom;
import melgauge.model.engine.Batch;

/**
 * Mixes each example of a batch with another one: share · own + (1 − share) · other, patches, labels and weights alike,
 * with a share of its own from Beta(α, α) (Zhang et al. 2018, mixup: Beyond Empirical Risk Minimization). A label is
 * unlabelled if either of the two is.
 */
final class Mixup {
    private Mixup() {}

    /** Mixes a batch in place; every example is mixed into exactly one other. */
    static void apply(Batch batch, int size, int targets, double alpha, SplittableRandom random) {
        int count = batch.count();
        if (count < 2) {
            return;
        }
        float[] firstPatch = copy(batch.patches(), 0, size);
        float[] firstLabels = copy(batch.labels(), 0, targets);
        float[] weights = batch.weights();
        float[] firstWeights = weights == null ? new float[0] : copy(weights, 0, targets);
        // The order of a batch is random already: its next one is any other.
        for (int i = 0; i < count; i++) {
            float share = (float) beta(alpha, random);
            boolean last = i == count - 1;
            mix(batch.patches(), i * size, last ? firstPatch : batch.patches(), last ? 0 : (i + 1) * size, size, share);
            mix(
                    batch.labels(),
                    i * targets,
                    last ? firstLabels : batch.labels(),
                    last ? 0 : (i + 1) * targets,
                    targets,
                    share);
            if (weights != null) {
                mix(weights, i * targets, last ? firstWeights : weights, last ? 0 : (i + 1) * targets, targets, share);
            }
        }
    }

    private static float[] copy(float[] from, int offset, int count) {
        float[] copy = new float[count];
        System.arraycopy(from, offset, copy, 0, count);
        return copy;
    }

    private static void mix(float[] own, int at, float[] other, int from, int count, float share) {
        for (int k = 0; k < count; k++) {
            own[at + k] = share * own[at + k] + (1 - share) * other[from + k];
        }
    }

    /** The larger of a number from Beta(α, α) and its complement: the example stays more itself than the other. */
    static double beta(double alpha, SplittableRandom random) {
        double x = gamma(alpha, random);
        double y = gamma(alpha, random);
        double share = x + y == 0 ? 1 : x / (x + y);
        return Math.max(share, 1 - share);
    }

    /** Marsaglia and Tsang 2000, A Simple Method for Generating Gamma Variables. */
    private static double gamma(double shape, SplittableRandom random) {
        if (shape < 1) {
            return gamma(shape + 1, random) * Math.pow(1 - random.nextDouble(), 1 / shape);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double normal =
                    Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble());
            double v = Math.pow(1 + c * normal, 3);
            if (v > 0 && Math.log(1 - random.nextDouble()) < 0.5 * normal * normal + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }
}
