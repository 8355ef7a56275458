package melgauge.model.dl4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import melgauge.model.engine.Small;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormPoolTest {
    @BeforeAll
    static void useSeveralThreads() {
        Parallel.useThreads(2);
    }

    @AfterAll
    static void useOneThread() {
        Parallel.useThreads(Small.THREADS);
    }

    private static final int CHANNELS = 12;
    private static final int SIDE = 4;

    /** The same maps in pieces of four channels. */
    private static float[] inPieces(float[] values, Maps maps) {
        float[] turned = new float[values.length];
        int next = 0;
        for (int example = 0; example < maps.examples(); example++) {
            for (int pixel = 0; pixel < maps.height() * maps.width(); pixel++) {
                for (int channel = 0; channel < CHANNELS; channel++) {
                    int block = example * (CHANNELS / SIDE) + channel / SIDE;
                    turned[(block * maps.height() * maps.width() + pixel) * SIDE + channel % SIDE] = values[next++];
                }
            }
        }
        return turned;
    }

    /** What all passes give, one after the other: statistics, pooled maps, gradients. */
    private static float[][] passes(float[] x, float[] epsilon, Maps maps) {
        FloatBuffer in = FloatBuffer.wrap(x);
        float[][] statistics = NormPool.statistics(in, maps);
        Norm norm = Norm.of(
                statistics[0],
                statistics[1],
                1e-5,
                Small.noise(3, CHANNELS),
                Small.noise(4, CHANNELS),
                Small.noise(5, CHANNELS));
        NormPool pool = new NormPool();
        float[] pooled = new float[maps.pooledLength()];
        pool.forward(in, FloatBuffer.wrap(pooled), maps, norm, false, true);
        Norm.Gradients gradients = pool.sums(FloatBuffer.wrap(epsilon), maps, norm);
        float[] slope = new float[x.length];
        pool.backward(in, FloatBuffer.wrap(slope), maps, gradients);
        return new float[][] {
            statistics[0], statistics[1], pooled, gradients.gamma(), gradients.beta(), gradients.alpha(), slope
        };
    }

    @ParameterizedTest(name = "{0} × {1}, pooled by 2 × {2}")
    @CsvSource({"4, 6, 2", "7, 9, 2", "37, 5, 2", "6, 1, 1", "7, 5, 1"})
    void givesTheSameBitsHoweverMapsLie(int height, int width, int poolWidth) {
        Maps together = new Maps(3, height, width, CHANNELS, CHANNELS, poolWidth);
        float[] x = Small.noise(1, 3 * height * width * CHANNELS);
        float[] epsilon = Small.noise(2, together.pooledLength());

        float[][] expected = passes(x, epsilon, together);
        float[][] actual = passes(inPieces(x, together), epsilon, together.inPieces(SIDE));

        expected[6] = inPieces(expected[6], together);
        assertThat(actual).isDeepEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} × {1}, pooled by 2 × {2}")
    @CsvSource({"4, 6, 2", "7, 9, 2", "37, 5, 2", "6, 1, 1", "7, 5, 1"})
    void handsPiecesOn(int height, int width, int poolWidth) {
        Maps maps = new Maps(3, height, width, CHANNELS, SIDE, poolWidth);
        Norm norm = Norm.of(
                Small.noise(6, CHANNELS),
                Small.uniform(7, CHANNELS),
                1e-5,
                Small.noise(3, CHANNELS),
                Small.noise(4, CHANNELS),
                Small.noise(5, CHANNELS));
        FloatBuffer in = FloatBuffer.wrap(Small.noise(1, 3 * height * width * CHANNELS));
        float[] together = new float[maps.pooledLength()];
        new NormPool().forward(in, FloatBuffer.wrap(together), maps, norm, false, false);
        float[] pieces = new float[maps.pooledLength()];
        new NormPool().forward(in, FloatBuffer.wrap(pieces), maps, norm, true, false);
        Maps pooled = new Maps(3, maps.pooledHeight(), maps.pooledWidth(), CHANNELS, SIDE, poolWidth);
        assertThat(pieces).containsExactly(inPieces(together, pooled));
    }
}
