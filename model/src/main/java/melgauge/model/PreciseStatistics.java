package melgauge.model;

import java.util.List;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;

/**
 * Measures by what a network normalises its predictions, on training patches as predictions meet patches: not varied, and
 * with the weights as they are by then. What steps gather on their way is of varied patches and of earlier weights, and
 * where weights are averaged, of other weights altogether.
 *
 * <p>For one thread; to be closed.
 */
public final class PreciseStatistics implements AutoCloseable {
    /** So many patches tell what a network has to be normalised by: 10³ to 10⁴ by Wu and Johnson 2021. */
    private static final int ENOUGH_PATCHES = 1000;

    private final PatchFeed patches;
    private final int enoughBatches;
    private final long seed;

    /**
     * What is measured on.
     *
     * @param train at least one track
     * @param seed of the places where tracks are cut
     */
    public PreciseStatistics(List<Example> train, TrainSpec spec, PatchSpec patch, Normalizer normalizer, long seed) {
        this.patches = new PatchFeed(train, spec.withoutVariation(), patch, normalizer, null, seed);
        this.enoughBatches = (ENOUGH_PATCHES + spec.batchSize() - 1) / spec.batchSize();
        this.seed = seed;
    }

    /**
     * Measures on the patches of an epoch, or on the first thousand of them.
     *
     * @param epoch counted from 1
     */
    public void measure(Regressor regressor, int epoch) {
        PatchFeed.Batches batches = patches.epoch(epoch, 0);
        regressor.seed(seed * 1_000_003L + epoch);
        regressor.measure(Math.min(batches.steps(), enoughBatches), batches::next);
    }

    @Override
    public void close() {
        patches.close();
    }
}
