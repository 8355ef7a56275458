package melgauge.model.regression;

import java.io.IOException;
import java.util.List;
import melgauge.data.io.NamedArrays;

/**
 * The classical baseline: ridge regression from the mean and standard deviation of each band over a track. Every
 * network is shown beside it. Inputs are standardised on the training tracks; the penalty of each target is the one
 * with the smallest leave-one-out error on them, as {@link Ridge} finds it. Predictions are kept in [0,1]. Immutable and
 * thread-safe.
 */
public final class RidgeBaseline {
    private static final double[] PENALTIES = new double[33];

    static {
        for (int i = 0; i < PENALTIES.length; i++) {
            PENALTIES[i] = Math.pow(10, -2 + 0.25 * i);
        }
    }

    private final Standardizer standardizer;
    private final LinearRegressions regressions;

    private RidgeBaseline(Standardizer standardizer, LinearRegressions regressions) {
        this.standardizer = standardizer;
        this.regressions = regressions;
    }

    /**
     * Fits one regression per target.
     *
     * @param inputs one array per training track, all of one length; what is not finite counts as the mean of the others
     * @param labels one array per track, in [0,1], NaN where unlabelled; a target with fewer than two labels is
     *     predicted as their mean, or 0.5
     */
    public static RidgeBaseline fit(List<float[]> inputs, List<float[]> labels) {
        if (inputs.isEmpty() || inputs.size() != labels.size()) {
            throw new IllegalArgumentException(inputs.size() + " inputs and " + labels.size() + " labels");
        }
        Standardizer standardizer = Standardizer.of(inputs);
        return new RidgeBaseline(
                standardizer,
                LinearRegressions.fit(
                        inputs.stream().map(standardizer::apply).toArray(double[][]::new), labels, PENALTIES));
    }

    /** Predicts one track, one number in [0,1] per target. */
    public double[] predict(float[] inputs) {
        if (inputs.length != inputs()) {
            throw new IllegalArgumentException(inputs.length + " inputs against " + inputs() + " of the baseline");
        }
        return regressions.predict(standardizer.apply(inputs));
    }

    /**
     * How far a track lies from the training tracks: the root mean square, over all inputs, of its distance from their mean
     * in their standard deviations. Training tracks have 1 on average; what is not finite counts as the mean.
     */
    public double distance(float[] inputs) {
        double sum = 0;
        for (double value : standardizer.apply(inputs)) {
            sum += value * value;
        }
        return Math.sqrt(sum / inputs());
    }

    /** The penalty that leave-one-out chose for each target; 0 for a target without enough labels. */
    public double[] penalties() {
        return regressions.penalties().clone();
    }

    /**
     * Adds it to arrays: {@code mean} and {@code scale} {@code [inputs]}, {@code intercept} and {@code penalty} {@code
     * [targets]}, {@code weight} {@code [targets, inputs]}, all float64.
     *
     * @param prefix of the arrays' names
     */
    public void write(NamedArrays.Builder arrays, String prefix) {
        standardizer.write(arrays, prefix);
        regressions.write(arrays, prefix);
    }

    /** Numbers that it predicts from. */
    public int inputs() {
        return standardizer.mean().length;
    }

    /** Numbers that it predicts. */
    public int outputs() {
        return regressions.intercepts().length;
    }

    /**
     * Reads what {@link #write} added.
     *
     * @param inputs numbers of a track
     * @throws IOException if the parts do not fit together, or hold something else than numbers
     */
    public static RidgeBaseline read(NamedArrays arrays, String prefix, int inputs, int outputs) throws IOException {
        return new RidgeBaseline(
                Standardizer.read(arrays, prefix, inputs), LinearRegressions.read(arrays, prefix, inputs, outputs));
    }
}
