package melgauge.model.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import melgauge.data.io.NamedArrays;
import melgauge.features.FrameSource;
import melgauge.features.Modulation;
import melgauge.features.Spectrogram;
import melgauge.model.Bundles;
import melgauge.model.task.Example;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModulationRegressionTest {
    private static final int INPUTS = 5;

    /** Tracks whose labels depend on products of logarithms, which no linear regression learns. */
    private static final class Corpus {
        final List<float[]> energies = new ArrayList<>();
        final List<float[]> labels = new ArrayList<>();

        Corpus(int tracks, long seed) {
            Random random = new Random(seed);
            for (int i = 0; i < tracks; i++) {
                float[] row = new float[INPUTS];
                for (int j = 0; j < INPUTS; j++) {
                    row[j] = (float) Math.exp(random.nextGaussian());
                }
                energies.add(row);
                double product = Math.log(row[0]) * Math.log(row[1]);
                labels.add(new float[] {
                    (float) (0.5 + 0.1 * product + 0.02 * random.nextGaussian()),
                    (float) (0.4 + 0.1 * Math.log(row[2]) + 0.1 * random.nextGaussian())
                });
            }
        }

        ModulationRegression fit() {
            return ModulationRegression.fit(energies, labels);
        }
    }

    @Test
    void isKernelRidgeRegression() {
        Corpus corpus = new Corpus(40, 1);
        corpus.labels.get(7)[1] = Float.NaN;
        ModulationRegression regression = corpus.fit();
        List<float[]> others = new Corpus(20, 2).energies;
        for (int t = 0; t < 2; t++) {
            double[] expected = solved(corpus, t, regression.penalties()[t], others);
            for (int i = 0; i < others.size(); i++) {
                assertThat(regression.predict(others.get(i))[t]).isCloseTo(expected[i], within(1e-5));
            }
        }
    }

    /** The bordered system of kernel ridge regression with an intercept that is not penalised. */
    private static double[] solved(Corpus corpus, int target, double penalty, List<float[]> others) {
        int n = corpus.energies.size();
        double[][] all = new double[n + others.size()][INPUTS];
        for (int j = 0; j < INPUTS; j++) {
            double mean = 0;
            for (float[] row : corpus.energies) {
                mean += row[j] / n;
            }
            for (int i = 0; i < all.length; i++) {
                float[] row = i < n ? corpus.energies.get(i) : others.get(i - n);
                all[i][j] = Math.log(row[j] + 0.3 * mean);
            }
            double centre = 0;
            double square = 0;
            for (int i = 0; i < n; i++) {
                centre += all[i][j] / n;
                square += all[i][j] * all[i][j] / n;
            }
            for (double[] row : all) {
                row[j] = (row[j] - centre) / Math.sqrt(square - centre * centre);
            }
        }
        double[] distances = IntStream.range(0, n)
                .boxed()
                .flatMapToDouble(a -> IntStream.range(0, a).mapToDouble(b -> distance(all[a], all[b])))
                .sorted()
                .toArray();
        double width = (distances[distances.length / 2] + distances[(distances.length - 1) / 2]) / 2;
        int[] known = IntStream.range(0, n)
                .filter(i -> !Float.isNaN(corpus.labels.get(i)[target]))
                .toArray();
        RealMatrix system = MatrixUtils.createRealMatrix(known.length + 1, known.length + 1);
        RealVector right = new ArrayRealVector(known.length + 1);
        for (int a = 0; a < known.length; a++) {
            for (int b = 0; b < known.length; b++) {
                system.setEntry(a, b, kernel(all[known[a]], all[known[b]], width) + (a == b ? penalty : 0));
            }
            system.setEntry(a, known.length, 1);
            system.setEntry(known.length, a, 1);
            right.setEntry(a, corpus.labels.get(known[a])[target]);
        }
        RealVector solution = new LUDecomposition(system).getSolver().solve(right);
        return IntStream.range(n, all.length)
                .mapToDouble(i -> {
                    double sum = solution.getEntry(known.length);
                    for (int a = 0; a < known.length; a++) {
                        sum += solution.getEntry(a) * kernel(all[i], all[known[a]], width);
                    }
                    return Math.max(0, Math.min(1, sum));
                })
                .toArray();
    }

    private static double distance(double[] a, double[] b) {
        return new ArrayRealVector(a).getDistance(new ArrayRealVector(b));
    }

    private static double kernel(double[] a, double[] b, double width) {
        return Math.exp(-Math.pow(distance(a, b) / width, 2) / 2);
    }

    @Test
    void learnsWhatNoLinearRegressionDoes() {
        Corpus corpus = new Corpus(200, 3);
        ModulationRegression regression = corpus.fit();
        Corpus others = new Corpus(100, 4);
        double[] predicted = others.energies.stream()
                .mapToDouble(row -> regression.predict(row)[0])
                .toArray();
        double[] labels = others.labels.stream().mapToDouble(row -> row[0]).toArray();
        assertThat(new PearsonsCorrelation().correlation(predicted, labels)).isGreaterThan(0.8);
    }

    @Test
    void tracksWithoutLabelsOrNumbersSpoilNothing() {
        Corpus corpus = new Corpus(30, 5);
        corpus.labels.forEach(row -> row[1] = Float.NaN);
        assertThat(corpus.fit().predict(corpus.energies.get(0))[1]).isEqualTo(0.5);
        corpus.energies.get(3)[2] = Float.NaN;
        corpus.energies.get(4)[2] = Float.POSITIVE_INFINITY;
        corpus.energies.forEach(row -> row[4] = 0);
        ModulationRegression regression = corpus.fit();
        for (float[] row : corpus.energies) {
            assertThat(regression.predict(row)[0]).isBetween(0.0, 1.0);
        }
        assertThatThrownBy(() -> regression.predict(new float[INPUTS + 1]))
                .hasMessageContaining("6 energies, must be 5");
        assertThatThrownBy(() -> ModulationRegression.fit(List.of(), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void learnsFromTracks() {
        Random random = new Random(6);
        List<Example> tracks = IntStream.range(0, 60)
                .mapToObj(i -> {
                    // Every band moves up and down, quickly by as much as the label says.
                    float label = random.nextFloat();
                    float[] values = new float[100 * 8];
                    for (int t = 0; t < 100; t++) {
                        double wave = label * Math.sin(Math.PI / 2 * t);
                        for (int band = 0; band < 8; band++) {
                            values[8 * t + band] = (float) (wave + 0.3 * random.nextGaussian());
                        }
                    }
                    FrameSource frames = FrameSource.of(new Spectrogram(values, 100, 8));
                    return new Example("track " + i, frames, new float[] {i % 10 == 0 ? Float.NaN : label});
                })
                .toList();
        Modulation modulation = new Modulation(Bundles.features(256, 8));
        ModulationRegression regression = ModulationRegression.fit(tracks, modulation);
        assertThat(regression.inputs()).isEqualTo(modulation.size());
        assertThat(regression.outputs()).isEqualTo(1);
        List<Example> labelled =
                tracks.stream().filter(track -> !Float.isNaN(track.labels()[0])).toList();
        double[] predicted = labelled.stream()
                .mapToDouble(track -> regression.predict(modulation.of(track.frames()))[0])
                .toArray();
        double[] labels =
                labelled.stream().mapToDouble(track -> track.labels()[0]).toArray();
        assertThat(new PearsonsCorrelation().correlation(predicted, labels)).isGreaterThan(0.9);
    }

    @Test
    void keepsItsAnswersInAFile() throws IOException {
        Corpus corpus = new Corpus(50, 8);
        ModulationRegression regression = corpus.fit();
        NamedArrays stored = stored(regression);
        ModulationRegression read = ModulationRegression.read(stored, "", INPUTS, 2);
        assertThat(read.penalties()).containsExactly(regression.penalties());
        for (float[] row : new Corpus(20, 9).energies) {
            assertThat(read.predict(row)).containsExactly(regression.predict(row), within(1e-4));
        }
    }

    private static NamedArrays stored(ModulationRegression regression) {
        NamedArrays.Builder arrays = NamedArrays.builder();
        regression.write(arrays, "");
        return arrays.build();
    }

    /** The same arrays with one number changed. */
    private static NamedArrays changed(NamedArrays stored, String name, double value) {
        NamedArrays.Array array = Objects.requireNonNull(stored.arrays().get(name));
        ByteBuffer bytes = ByteBuffer.wrap(array.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        if (array.type() == NamedArrays.Type.F32) {
            bytes.putFloat(bytes.capacity() - 4, (float) value);
        } else {
            bytes.putDouble(bytes.capacity() - 8, value);
        }
        return stored;
    }

    @Test
    void refusesPartsThatDoNotFitTogether() {
        NamedArrays stored = stored(new Corpus(20, 10).fit());
        assertThatThrownBy(() -> ModulationRegression.read(stored, "", INPUTS + 1, 2))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("its array centre is F32 [20, " + INPUTS + "], it must be F32 [20, ");
        assertThatThrownBy(() -> ModulationRegression.read(stored, "", INPUTS, 3))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("its array weight is F64 [2, 20], it must be F64 [3, 20]");
        NamedArrays none =
                NamedArrays.builder().floats("centre", new float[0], 0, INPUTS).build();
        assertThatThrownBy(() -> ModulationRegression.read(none, "", INPUTS, 2))
                .isInstanceOf(IOException.class)
                .hasMessage("its array centre has 0 rows, it must have 1 to 1000");
    }

    @ParameterizedTest
    @CsvSource({
        "width, 0, not above 0",
        "width, -1, not above 0",
        "scale, 0, not above 0",
        "floor, -1, not above 0",
        "width, NaN, NaN or infinite",
        "mean, Infinity, NaN or infinite",
        "weight, NaN, NaN or infinite",
        "intercept, -Infinity, NaN or infinite",
        "centre, NaN, NaN or infinite"
    })
    void refusesNumbersThatNoRegressionHas(String name, double value, String message) {
        NamedArrays damaged = changed(stored(new Corpus(20, 10).fit()), name, value);
        assertThatThrownBy(() -> ModulationRegression.read(damaged, "", INPUTS, 2))
                .isInstanceOf(IOException.class)
                .hasMessage("its array " + name + " holds a value that is " + message);
    }
}
