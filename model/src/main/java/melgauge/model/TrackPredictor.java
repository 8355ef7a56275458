package melgauge.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import melgauge.features.FrameSource;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;

/**
 * Predicts whole tracks: cuts them into patches, sends those through the network in batches that may span tracks, and
 * averages. Memory does not grow with the number of tracks. Not thread-safe.
 */
public final class TrackPredictor {
    private final Predictor network;
    private final PatchSpec patch;
    private final Normalizer normalizer;
    private final int batchSize;
    private final float[] patches;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private int filled;

    /** A predictor that sends {@code batchSize} patches at a time. */
    public TrackPredictor(Predictor network, PatchSpec patch, Normalizer normalizer, int batchSize) {
        this.network = network;
        this.patch = patch;
        this.normalizer = normalizer;
        this.batchSize = batchSize;
        this.patches = new float[batchSize * network.shape().size()];
    }

    /** A track some of whose patches have not been predicted yet. */
    private static final class Pending {
        private final int patches;
        private final boolean isShort;
        private final TrackPrediction.Builder sums;
        private final Consumer<TrackPrediction> receiver;

        Pending(int patches, boolean isShort, int outputs, Consumer<TrackPrediction> receiver) {
            this.patches = patches;
            this.isShort = isShort;
            this.sums = new TrackPrediction.Builder(outputs);
            this.receiver = receiver;
        }
    }

    /**
     * Queues a track. Its prediction reaches {@code receiver}, on this thread, as soon as its last patch was in a full
     * batch; tracks arrive in the order in which they were added.
     *
     * @param frames at least one frame, not normalised; not read any more once this returns
     */
    public void add(FrameSource frames, Consumer<TrackPrediction> receiver) {
        int[] starts = patch.starts(frames.frames());
        pending.add(new Pending(starts.length, patch.isShort(frames.frames()), network.outputs(), receiver));
        int size = network.shape().size();
        for (int start : starts) {
            patch.cut(frames, start, patches, filled * size);
            normalizer.apply(patches, filled * size, patch.frames());
            filled++;
            if (filled == batchSize) {
                run();
            }
        }
    }

    /** Predicts what is still queued. */
    public void flush() {
        if (filled > 0) {
            run();
        }
    }

    private void run() {
        float[] outputs = network.predict(patches, filled);
        for (int row = 0; row < filled; row++) {
            Pending track = pending.getFirst();
            track.sums.add(outputs, row);
            if (track.sums.patches() == track.patches) {
                pending.removeFirst();
                track.receiver.accept(track.sums.finish(track.isShort));
            }
        }
        filled = 0;
    }

    /** Predicts tracks that are at hand, in their order. */
    public List<TrackPrediction> predict(List<Example> tracks, Progress progress) {
        List<TrackPrediction> predictions = new ArrayList<>(tracks.size());
        for (Example track : tracks) {
            add(track.frames(), predictions::add);
            progress.at(predictions.size(), tracks.size());
        }
        flush();
        progress.at(predictions.size(), tracks.size());
        return predictions;
    }
}
