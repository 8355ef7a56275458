package melgauge.model.regression;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import melgauge.data.io.NamedArrays;
import melgauge.features.Modulation;
import melgauge.model.task.Example;

/**
 * Kernel ridge regression from how a track's bands are modulated ({@link Modulation}): what can be learnt in seconds from a
 * description that was made by thought. From a few hundred tracks it learns about as much as a network, and errs elsewhere
 * ({@link ModulationShare}).
 *
 * <p>Each energy e becomes log(e + 0.3·m), with m its mean over the training tracks, and is standardised over these. The
 * kernel is radial, its width the median distance between tracks ({@link RadialKernel}). The penalty of each target is the
 * one with the smallest leave-one-out error on the training tracks ({@link Ridge}). Predictions are kept in [0,1].
 *
 * <p>Of more than 4,000 labelled tracks as many are learnt from, evenly spaced; beyond 1,000 the kernel is approximate, from
 * as many tracks. Immutable and thread-safe.
 */
public final class ModulationRegression {
    static final int MOST_TRACKS = 4000;
    static final int MOST_CENTRES = 1000;

    private static final double FLOOR = 0.3;
    /** Where all training tracks have no energy at all. */
    private static final double LEAST_FLOOR = 1e-20;

    private static final double[] PENALTIES = IntStream.rangeClosed(0, 20)
            .mapToDouble(i -> Math.pow(10, -3 + 0.25 * i))
            .toArray();

    private static final String CENTRE = "centre";

    /** Added to each energy. */
    private final double[] floor;

    private final Standardizer standardizer;
    /** The tracks that others are compared with, standardised, {@code [centres][inputs]}. */
    private final double[][] centres;

    private final double width;
    /** From the kernel's values for all centres. */
    private final LinearRegressions regressions;

    private ModulationRegression(
            double[] floor,
            Standardizer standardizer,
            double[][] centres,
            double width,
            LinearRegressions regressions) {
        this.floor = floor;
        this.standardizer = standardizer;
        this.centres = centres;
        this.width = width;
        this.regressions = regressions;
    }

    /**
     * Learns from tracks, on all cores.
     *
     * @param tracks at least one, and none without frames
     * @param modulation that describes them
     */
    public static ModulationRegression fit(List<Example> tracks, Modulation modulation) {
        List<Example> labelled =
                tracks.stream().filter(track -> isLabelled(track.labels())).toList();
        List<Example> some = evenly(labelled.isEmpty() ? tracks : labelled);
        return fit(
                some.parallelStream()
                        .map(track -> modulation.of(track.frames()))
                        .toList(),
                some.stream().map(Example::labels).toList());
    }

    private static boolean isLabelled(float[] labels) {
        return IntStream.range(0, labels.length).anyMatch(t -> !Float.isNaN(labels[t]));
    }

    private static <T> List<T> evenly(List<T> all) {
        int count = Math.min(all.size(), MOST_TRACKS);
        return IntStream.range(0, count)
                .mapToObj(i -> all.get((int) ((long) i * all.size() / count)))
                .toList();
    }

    /**
     * Learns from descriptions.
     *
     * @param energies one array per track, all of one length, at least 0; what is not finite counts as the mean of the others
     * @param labels one array per track, in [0,1], NaN where unlabelled; a target with fewer than two labels is predicted as
     *     their mean, or 0.5
     */
    public static ModulationRegression fit(List<float[]> energies, List<float[]> labels) {
        if (energies.isEmpty() || energies.size() != labels.size()) {
            throw new IllegalArgumentException(energies.size() + " descriptions and " + labels.size() + " labels");
        }
        double[] floor = new double[energies.get(0).length];
        Arrays.setAll(
                floor,
                j -> Math.max(
                        LEAST_FLOOR,
                        FLOOR
                                * energies.stream()
                                        .mapToDouble(row -> row[j])
                                        .filter(Double::isFinite)
                                        .average()
                                        .orElse(0)));
        List<float[]> logarithms =
                energies.stream().map(row -> logarithms(row, floor)).toList();
        Standardizer standardizer = Standardizer.of(logarithms);
        double[][] rows = logarithms.stream().map(standardizer::apply).toArray(double[][]::new);
        RadialKernel kernel = RadialKernel.of(rows, RadialKernel.medianDistance(rows), MOST_CENTRES);
        LinearRegressions ofCoordinates = LinearRegressions.fit(kernel.coordinates(), labels, PENALTIES);
        return new ModulationRegression(
                floor,
                standardizer,
                Arrays.stream(kernel.pivots()).mapToObj(i -> rows[i]).toArray(double[][]::new),
                kernel.width(),
                new LinearRegressions(
                        Arrays.stream(ofCoordinates.weights())
                                .map(kernel::ofValues)
                                .toArray(double[][]::new),
                        ofCoordinates.intercepts(),
                        ofCoordinates.penalties()));
    }

    private static float[] logarithms(float[] energies, double[] floor) {
        float[] logarithms = new float[energies.length];
        for (int j = 0; j < energies.length; j++) {
            logarithms[j] = (float) Math.log(energies[j] + floor[j]);
        }
        return logarithms;
    }

    /**
     * Predicts one track.
     *
     * @param energies from {@link Modulation}
     * @return one number in [0,1] per target
     */
    public double[] predict(float[] energies) {
        if (energies.length != inputs()) {
            throw new IllegalArgumentException(energies.length + " energies, must be " + inputs());
        }
        double[] row = standardizer.apply(logarithms(energies, floor));
        return regressions.predict(Arrays.stream(centres)
                .mapToDouble(centre -> RadialKernel.value(row, centre, width))
                .toArray());
    }

    /** Energies that it predicts from. */
    public int inputs() {
        return floor.length;
    }

    /** Numbers that it predicts. */
    public int outputs() {
        return regressions.intercepts().length;
    }

    /** The penalty that leave-one-out chose for each target; 0 for a target without enough labels. */
    public double[] penalties() {
        return regressions.penalties().clone();
    }

    /**
     * Adds it to arrays, with n inputs, t targets and c centres: in float64 {@code width} {@code [1]}, {@code floor}, {@code
     * mean} and {@code scale} {@code [n]}, {@code intercept} and {@code penalty} {@code [t]}, {@code weight} {@code [t, c]};
     * in float32 {@code centre} {@code [c, n]}.
     *
     * @param prefix of the arrays' names
     */
    public void write(NamedArrays.Builder arrays, String prefix) {
        arrays.doubles(prefix + "width", new double[] {width}, 1);
        arrays.doubles(prefix + "floor", floor, floor.length);
        standardizer.write(arrays, prefix);
        regressions.write(arrays, prefix);
        float[] values = new float[centres.length * inputs()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) centres[i / inputs()][i % inputs()];
        }
        arrays.floats(prefix + CENTRE, values, centres.length, inputs());
    }

    /**
     * Reads what {@link #write} added; predictions differ by the rounding of the centres.
     *
     * @throws IOException if it does not fit together, or holds something else than numbers
     */
    public static ModulationRegression read(NamedArrays arrays, String prefix, int inputs, int outputs)
            throws IOException {
        int count = arrays.rows(prefix + CENTRE);
        if (count < 1 || count > MOST_CENTRES) {
            throw new IOException(
                    "its array " + prefix + CENTRE + " has " + count + " rows, it must have 1 to " + MOST_CENTRES);
        }
        double[][] centres = StoredNumbers.finiteFloats(arrays, prefix + CENTRE, count, inputs);
        return new ModulationRegression(
                StoredNumbers.positive(arrays, prefix + "floor", inputs),
                Standardizer.read(arrays, prefix, inputs),
                centres,
                StoredNumbers.positive(arrays, prefix + "width", 1)[0],
                LinearRegressions.read(arrays, prefix, count, outputs));
    }
}
