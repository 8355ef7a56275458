package melgauge.model.regression;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import melgauge.data.UsageException;

/**
 * How much of a model's answer is that of {@link ModulationRegression}. It and a network are wrong in different places, so
 * an answer of both, (1 − share) · network + share · regression, can be nearer to the labels than either (Bates and Granger
 * 1969, <em>The combination of forecasts</em>; Wolpert 1992, <em>Stacked generalization</em>).
 *
 * @param value 0 to 1; NaN, in files {@code auto}: what suits the validation tracks
 */
public record ModulationShare(double value) {
    /** The network alone. */
    public static final ModulationShare NONE = new ModulationShare(0);

    /** What suits the validation tracks. */
    public static final ModulationShare AUTO = new ModulationShare(Double.NaN);

    private static final String WORD = "auto";
    /** As many tracks speak for one half as there are. */
    private static final int TRACKS_FOR_HALF = 50;
    /** Labels whose variance is less are one number, but for rounding. */
    private static final double EQUAL = 1e-12;

    public ModulationShare {
        if (value < 0 || value > 1) {
            throw new UsageException("modulationShare=" + value + " must be from 0 (the network alone) to 1, or auto");
        }
    }

    @JsonCreator
    static ModulationShare of(JsonNode node) {
        if (node.isNumber() && Double.isFinite(node.doubleValue())) {
            return new ModulationShare(node.doubleValue());
        }
        if (node.isTextual() && node.asText().equals(WORD)) {
            return AUTO;
        }
        throw new UsageException("modulationShare=" + node.asText() + " must be a number from 0 to 1, or auto");
    }

    /** What stands in a file. */
    @JsonValue
    Object word() {
        return isAuto() ? WORD : value;
    }

    /** Whether tracks decide. */
    public boolean isAuto() {
        return Double.isNaN(value);
    }

    /**
     * The share for a model: its own number, or what n tracks say that neither part has learnt from. The share with the
     * least squared error on them, each target's error as a part of its labels' variance, is
     *
     * <pre>s = Σ (y − a)·(k − a)/σ² / Σ (k − a)²/σ²</pre>
     *
     * <p>over tracks and targets, with the label y, the network's answer a and the regression's k. Few tracks say little:
     * shares that were estimated from few forecasts are regularly worse than equal ones (Clemen 1989, <em>Combining
     * forecasts</em>; Smith and Wallis 2009). And what they say is in favour of the network, the weights of which were
     * chosen by these very tracks. So as if 50 more tracks had spoken for one half, the share is (n·s + 50/2)/(n + 50), kept
     * in [0,1].
     *
     * @param network its predictions, one array per track
     * @param regression likewise
     * @param labels likewise, NaN where unlabelled
     * @return 0.5 for {@code auto} if no target has two different labels, or both parts say the same
     */
    public double of(List<double[]> network, List<double[]> regression, List<float[]> labels) {
        if (!isAuto()) {
            return value;
        }
        double product = 0;
        double square = 0;
        int targets = labels.isEmpty() ? 0 : labels.get(0).length;
        for (int t = 0; t < targets; t++) {
            double variance = variance(labels, t);
            for (int i = 0; i < labels.size() && variance > EQUAL; i++) {
                double label = labels.get(i)[t];
                if (!Double.isNaN(label)) {
                    double answer = network.get(i)[t];
                    double towards = regression.get(i)[t] - answer;
                    product += (label - answer) * towards / variance;
                    square += towards * towards / variance;
                }
            }
        }
        int n = square > 0 ? labels.size() : 0;
        double spoken = square > 0 ? n * product / square : 0;
        return Math.max(0, Math.min(1, (spoken + 0.5 * TRACKS_FOR_HALF) / (n + TRACKS_FOR_HALF)));
    }

    private static double variance(List<float[]> labels, int target) {
        double[] known = labels.stream()
                .mapToDouble(row -> row[target])
                .filter(label -> !Double.isNaN(label))
                .toArray();
        double mean = 0;
        for (double label : known) {
            mean += label / known.length;
        }
        double variance = 0;
        for (double label : known) {
            variance += (label - mean) * (label - mean) / known.length;
        }
        return variance;
    }
}
