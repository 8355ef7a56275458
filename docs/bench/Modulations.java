import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import melgauge.features.FrameSource;
import melgauge.features.MelSpec;
import melgauge.features.Modulation;
import melgauge.features.Spectrogram;
import melgauge.model.Example;
import melgauge.model.ModulationRegression;

/**
 * How long it takes to describe half a minute of audio by its modulation, and to fit the regression.
 *
 * <pre>java -cp 'pipeline/target/melgauge/lib/*' docs/bench/Modulations.java [TRACKS…]</pre>
 */
public final class Modulations {
    private static final int FRAMES = 1875;
    private static final int BANDS = 96;

    private Modulations() {}

    public static void main(String[] sizes) {
        Random random = new Random(1);
        Modulation modulation = new Modulation(MelSpec.defaults());
        FrameSource noise = noise(random, FRAMES);
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            long begin = System.nanoTime();
            modulation.of(noise);
            times.add((System.nanoTime() - begin) / 1e6);
        }
        List<Double> compiled = times.subList(100, 200).stream().sorted().toList();
        System.out.printf("describing 30 s: %.2f ms (median), %.2f ms (least)%n", compiled.get(50), compiled.get(0));
        for (String size : sizes) {
            // Tracks of one window: what is measured is the fit.
            List<Example> tracks = IntStream.range(0, Integer.parseInt(size))
                    .mapToObj(i -> new Example(
                            "track " + i, noise(random, 256), new float[] {random.nextFloat(), random.nextFloat()}))
                    .toList();
            long begin = System.nanoTime();
            ModulationRegression.fit(tracks, modulation);
            System.out.printf("learning from %s tracks: %.1f s%n", size, (System.nanoTime() - begin) / 1e9);
        }
    }

    private static FrameSource noise(Random random, int frames) {
        float[] values = new float[frames * BANDS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (3 + random.nextGaussian());
        }
        return FrameSource.of(new Spectrogram(values, frames, BANDS));
    }
}
