package melgauge.model.diagnosis.experiments;

import java.util.List;
import melgauge.model.engine.Batch;
import melgauge.model.engine.Network;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import melgauge.model.training.PatchFeed;
import org.jspecify.annotations.Nullable;

/**
 * Training steps one by one, at any learning rate. A {@link melgauge.model.training.Trainer} counts in epochs, scores each on
 * whole tracks, and decides when to end; an experiment wants so many steps and looks where it likes.
 */
final class Steps implements AutoCloseable {
    private final Network network;
    private final PatchFeed feed;
    private final double clipNorm;
    private final long seed;
    private PatchFeed.@Nullable Batches epoch;
    private int epochs;
    private int leftInEpoch;
    private long taken;

    /** Steps of a network on some tracks, with the batches and the variation of some settings. */
    Steps(Subject subject, Network network, List<Example> tracks, TrainSpec spec, long seed) {
        this.network = network;
        this.feed = new PatchFeed(tracks, spec, subject.patch(), subject.normalizer(), subject.gain(), seed);
        this.clipNorm = spec.clipNorm();
        this.seed = seed;
    }

    /** The next patches to learn from. */
    Batch next() {
        PatchFeed.Batches batches = epoch;
        if (batches == null || leftInEpoch == 0) {
            epochs++;
            batches = feed.epoch(epochs, 0);
            epoch = batches;
            leftInEpoch = batches.steps();
        }
        leftInEpoch--;
        return batches.next();
    }

    /** One step; returns the loss before it, penalties included. */
    double step(Batch batch, double rate) {
        network.learningRate(rate);
        network.seed(seed + ++taken);
        return network.step(batch, clipNorm).loss();
    }

    @Override
    public void close() {
        feed.close();
    }
}
