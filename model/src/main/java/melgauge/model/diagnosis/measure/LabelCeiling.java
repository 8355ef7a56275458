package melgauge.model.diagnosis.measure;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import melgauge.data.LabelNoise;

/**
 * How well a target can be predicted at best, because its labels are means of few raters' answers. Classical test theory
 * takes a label for a true value, what endlessly many such raters would say, plus noise independent of it. Then the
 * share of the labels' variance that is true is their reliability ρ = 1 − mean noise variance / variance of the labels
 * (Lord and Novick 1968, chapter 3), and whoever knew every true value would reach R² = ρ and, with noise attenuating
 * the correlation, r = √ρ (Spearman 1904). A model may seem better by luck on a few tracks, not otherwise.
 *
 * <p>Noise that is known as {@link LabelNoise#AT_MOST} makes these a lower bound of the ceiling, exact where each rater
 * answered yes or no. NaN where the noise is unknown, or where there are fewer than two labels, or none that differ.
 *
 * @param tracks that have a label of known noise
 * @param noise where the noise is known from
 * @param reliability in [0,1]; 0 also where the noise is more than labels vary
 * @param r2 the highest R²
 * @param r the highest Pearson correlation
 */
public record LabelCeiling(String target, int tracks, LabelNoise noise, double reliability, double r2, double r) {
    /**
     * The ceiling of each target.
     *
     * @param labels of each track in [0,1], NaN where unlabelled
     * @param variances of each track's labels' noise, such as {@link melgauge.data.Track#noise} gives; NaN where unknown
     * @param noise where each target's variances are known from
     */
    public static List<LabelCeiling> of(
            List<String> targets, List<float[]> labels, List<double[]> variances, List<LabelNoise> noise) {
        if (labels.size() != variances.size() || targets.size() != noise.size()) {
            throw new IllegalArgumentException("labels of " + labels.size() + " tracks against noise of "
                    + variances.size() + ", " + targets.size() + " targets against " + noise.size()
                    + " kinds of noise; give one for each");
        }
        return IntStream.range(0, targets.size())
                .mapToObj(t -> {
                    int[] known = IntStream.range(0, labels.size())
                            .filter(i -> !Float.isNaN(labels.get(i)[t])
                                    && !Double.isNaN(variances.get(i)[t]))
                            .toArray();
                    double reliability = reliability(
                            IntStream.of(known)
                                    .mapToDouble(i -> labels.get(i)[t])
                                    .toArray(),
                            IntStream.of(known)
                                    .mapToDouble(i -> variances.get(i)[t])
                                    .toArray());
                    return new LabelCeiling(
                            targets.get(t),
                            known.length,
                            noise.get(t),
                            reliability,
                            reliability,
                            Math.sqrt(reliability));
                })
                .toList();
    }

    private static double reliability(double[] labels, double[] variances) {
        if (labels.length < 2) {
            return Double.NaN;
        }
        double mean = Arrays.stream(labels).average().orElseThrow();
        double variance = Arrays.stream(labels)
                        .map(label -> (label - mean) * (label - mean))
                        .sum()
                / (labels.length - 1);
        double noise = Arrays.stream(variances).average().orElseThrow();
        return variance > 0 ? Math.max(0, 1 - noise / variance) : Double.NaN;
    }
}
