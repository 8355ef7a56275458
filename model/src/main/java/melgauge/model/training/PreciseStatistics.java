package melgauge.model.training;

import java.util.List;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;
import melgauge.model.engine.Batch;
import melgauge.model.engine.Network;
import melgauge.model.spec.Sampling;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;

/**
 * Measures the statistics of batch normalisation that predictions use, on unvaried training patches and with the weights as
 * they are. The statistics that training steps gather are of varied patches and of earlier weights, and if weights are
 * averaged, of other weights altogether.
 *
 * <p>Every measurement uses the same patches. If they were drawn anew at each epoch, the smallest validation loss would
 * partly be that of the luckiest draw. With few tracks, several patches of each are measured.
 *
 * <p>For one thread; close it after use.
 */
public final class PreciseStatistics implements AutoCloseable {
    /** Patches that are enough: 10³ to 10⁴ by Wu and Johnson 2021, "Rethinking Batch in BatchNorm". */
    private static final int ENOUGH_PATCHES = 1000;

    /** With fewer tracks than this, more than one patch is cut from each. */
    private static final int LEAST_PATCHES = 256;

    /** More patches of one track overlap too much to add anything. */
    private static final int MOST_PASSES = 8;

    private final PatchFeed patches;
    private final Sampling sampling;
    private final int tracks;
    private final int batchSize;
    private final long seed;

    /**
     * Prepares measurements.
     *
     * @param train at least one track
     * @param seed of the places where tracks are cut
     */
    public PreciseStatistics(List<Example> train, TrainSpec spec, PatchSpec patch, Normalizer normalizer, long seed) {
        this.patches = new PatchFeed(train, spec.withoutVariation(), patch, normalizer, null, seed);
        this.sampling = spec.sampling();
        this.tracks = train.size();
        this.batchSize = spec.batchSize();
        this.seed = seed;
    }

    /** About how many patches a measurement on so many tracks takes. */
    public static long patches(int tracks) {
        return Math.min(ENOUGH_PATCHES, (long) tracks * passes(tracks));
    }

    /** How many patches are cut from each track. */
    private static int passes(int tracks) {
        return Math.min(MOST_PASSES, (LEAST_PATCHES + tracks - 1) / tracks);
    }

    /** Measures with the weights as they are, always on the same patches. */
    public void measure(Network network) {
        PatchFeed.Batches first = patches.epoch(1, 0);
        int steps = first.steps();
        // All patches are all: another pass would only repeat them.
        int passes = sampling == Sampling.ALL ? 1 : passes(tracks);
        int enough = (ENOUGH_PATCHES + batchSize - 1) / batchSize;
        network.seed(seed * 1_000_003L);
        network.measure(Math.min(passes * steps, enough), new Passes(first)::next);
    }

    /** The batches of one pass after the other. */
    private final class Passes {
        private PatchFeed.Batches pass;
        private int number = 1;
        private int taken;

        Passes(PatchFeed.Batches first) {
            this.pass = first;
        }

        Batch next() {
            if (taken == pass.steps()) {
                number++;
                pass = patches.epoch(number, 0);
                taken = 0;
            }
            taken++;
            return pass.next();
        }
    }

    @Override
    public void close() {
        patches.close();
    }
}
