package melgauge.model.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import melgauge.features.FrameSource;
import melgauge.features.NoNormalizer;
import melgauge.features.PatchSpec;
import melgauge.features.Spectrogram;
import melgauge.model.engine.Batch;
import melgauge.model.engine.Network;
import melgauge.model.engine.Small;
import melgauge.model.spec.Loss;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import org.junit.jupiter.api.Test;

class PreciseStatisticsTest {
    private static final int FRAMES = 4 * Small.SHAPE.frames();

    private static List<Example> tracks(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Example(
                        "track" + i,
                        FrameSource.of(new Spectrogram(
                                Small.uniform(i, FRAMES * Small.SHAPE.bands()), FRAMES, Small.SHAPE.bands())),
                        new float[] {0.5f}))
                .toList();
    }

    /** The patches of each measurement, one array for a batch. */
    private static List<List<float[]>> measured(int tracks, int times) {
        List<List<float[]>> measurements = new ArrayList<>();
        Network listening = (Network) Proxy.newProxyInstance(
                Network.class.getClassLoader(), new Class<?>[] {Network.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("measure")) {
                        List<float[]> batches = new ArrayList<>();
                        @SuppressWarnings("unchecked")
                        Supplier<Batch> supplier = (Supplier<Batch>) arguments[1];
                        for (int i = 0; i < (int) arguments[0]; i++) {
                            Batch batch = supplier.get();
                            batches.add(Arrays.copyOf(batch.patches(), batch.count() * Small.SHAPE.size()));
                        }
                        measurements.add(batches);
                    }
                    return null;
                });
        TrainSpec spec = Small.training(1, 0.001, Optimizer.ADAM, Loss.MSE, 0);
        try (PreciseStatistics statistics = new PreciseStatistics(
                tracks(tracks), spec, new PatchSpec(Small.SHAPE.frames()), new NoNormalizer(Small.SHAPE.bands()), 7)) {
            for (int i = 0; i < times; i++) {
                statistics.measure(listening);
            }
        }
        return measurements;
    }

    @Test
    void measuresOnTheSamePatchesEveryTime() {
        List<List<float[]>> measurements = measured(10, 3);
        assertThat(measurements).hasSize(3);
        for (List<float[]> other : measurements.subList(1, 3)) {
            assertThat(Arrays.deepEquals(other.toArray(), measurements.get(0).toArray()))
                    .isTrue();
        }
    }

    @Test
    void cutsSeveralPatchesFromEachOfFewTracksAndOneFromEachOfMany() {
        assertThat(patches(10)).isEqualTo(80);
        assertThat(patches(100)).isEqualTo(300);
        assertThat(patches(300)).isEqualTo(300);
    }

    private static int patches(int tracks) {
        return measured(tracks, 1).get(0).stream()
                .mapToInt(batch -> batch.length / Small.SHAPE.size())
                .sum();
    }
}
