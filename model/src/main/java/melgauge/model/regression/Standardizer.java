package melgauge.model.regression;

import java.io.IOException;
import java.util.List;
import melgauge.data.io.NamedArrays;

/**
 * Brings each of some inputs to a mean of 0 and a standard deviation of 1 on the tracks that it was made from. Immutable
 * and thread-safe.
 *
 * @param mean of each input
 * @param scale its standard deviation, divisor n; 1 where it is one number
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Standardizer(double[] mean, double[] scale) {
    /**
     * From one array per track, at least one, all of one length; what is not finite counts as the mean of the others.
     */
    static Standardizer of(List<float[]> inputs) {
        int features = inputs.get(0).length;
        double[] mean = new double[features];
        double[] scale = new double[features];
        for (int j = 0; j < features; j++) {
            int input = j;
            double[] known = inputs.stream()
                    .mapToDouble(row -> row[input])
                    .filter(Double::isFinite)
                    .toArray();
            for (double value : known) {
                mean[j] += value / known.length;
            }
            for (double value : known) {
                scale[j] += (value - mean[j]) * (value - mean[j]) / known.length;
            }
            scale[j] = scale[j] > 1e-20 * (1 + mean[j] * mean[j]) ? Math.sqrt(scale[j]) : 1;
        }
        return new Standardizer(mean, scale);
    }

    /** A track's inputs, standardised. */
    double[] apply(float[] inputs) {
        double[] result = new double[inputs.length];
        for (int j = 0; j < inputs.length; j++) {
            // What is no number, as in a damaged track, counts as the mean: it must not spoil the others.
            result[j] = Float.isFinite(inputs[j]) ? (inputs[j] - mean[j]) / scale[j] : 0;
        }
        return result;
    }

    void write(NamedArrays.Builder arrays, String prefix) {
        arrays.doubles(prefix + "mean", mean, mean.length);
        arrays.doubles(prefix + "scale", scale, scale.length);
    }

    static Standardizer read(NamedArrays arrays, String prefix, int inputs) throws IOException {
        return new Standardizer(
                StoredNumbers.finite(arrays, prefix + "mean", inputs),
                StoredNumbers.positive(arrays, prefix + "scale", inputs));
    }
}
