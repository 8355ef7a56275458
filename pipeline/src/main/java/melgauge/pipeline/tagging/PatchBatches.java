package melgauge.pipeline.tagging;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import melgauge.model.Predictor;
import melgauge.model.TrackPrediction;
import org.jspecify.annotations.Nullable;

/**
 * Sends the patches of many tracks through one network, on a thread of its own. A batch takes patches of whichever tracks
 * have some, and always has the same size, filled up with zeros at the end: what the network says of a patch then does not
 * depend on its company to the last bit, so that neither timing nor an interruption changes a result. A few patches wait at
 * most; whoever brings more has to wait. A batch that nobody fills goes after a second: inputs may be listed slowly, and
 * results are wanted as they come.
 */
final class PatchBatches implements AutoCloseable {
    private static final int WAITING_BATCHES = 3;
    private static final int LOOK_MILLIS = 20;
    private static final int PATIENCE_MILLIS = 1000;

    private final Predictor network;
    private final int batchSize;
    private final Wanted wanted;
    private final BlockingQueue<Patch> waiting;
    /** Arrays of patches that have been predicted: they are large, and would soon make old garbage. */
    private final Queue<float[]> spare = new ConcurrentLinkedQueue<>();

    private final float[] batch;
    private final Thread thread;
    private volatile boolean ended;
    private volatile @Nullable Throwable failure;

    /**
     * What is kept beside the prediction of a whole track.
     *
     * @param series the prediction of each patch
     * @param vector what the last hidden layer says
     */
    record Wanted(boolean series, boolean vector) {}

    /** Takes a finished track, on the network's thread. */
    @FunctionalInterface
    interface Receiver {
        void accept(TrackPrediction prediction, float[] series, float[] vector) throws IOException;
    }

    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    private record Patch(Track track, float[] values) {}

    PatchBatches(Predictor network, int batchSize, Wanted wanted) {
        this.network = network;
        this.batchSize = batchSize;
        this.wanted = wanted;
        this.waiting = new ArrayBlockingQueue<>(WAITING_BATCHES * batchSize);
        this.batch = new float[batchSize * network.shape().size()];
        this.thread = new Thread(this::run, "melgauge-network");
        this.thread.setDaemon(true);
        this.thread.start();
    }

    /** A track some of whose patches are still to come. */
    final class Track {
        private final List<float[]> series = new ArrayList<>();
        private final TrackPrediction.Builder sums = new TrackPrediction.Builder(network.outputs());
        private double[] vector = new double[0];
        private int brought;
        private boolean isShort;
        private @Nullable Receiver receiver;

        /**
         * Brings a patch, normalised, which belongs to this object from now on. Waits where too many are waiting.
         *
         * @throws IOException if the network, or somebody who took a result, has failed
         */
        void add(float[] patch) throws IOException, InterruptedException {
            brought++;
            Patch next = new Patch(this, patch);
            while (!waiting.offer(next, 100, TimeUnit.MILLISECONDS)) {
                check();
            }
        }

        /**
         * No patch is to come. A track that is never ended is forgotten.
         *
         * @param short_ whether the track was too short for a whole patch
         */
        synchronized void end(boolean short_, Receiver taker) throws IOException {
            isShort = short_;
            receiver = taker;
            finishIfDone();
        }

        private synchronized void take(float[] outputs, float[] hidden, int row) throws IOException {
            sums.add(outputs, row);
            if (wanted.series()) {
                int count = network.outputs();
                series.add(Arrays.copyOfRange(outputs, row * count, (row + 1) * count));
            }
            if (wanted.vector()) {
                int size = hidden.length / batchSize;
                vector = vector.length == 0 ? new double[size] : vector;
                for (int i = 0; i < size; i++) {
                    vector[i] += hidden[row * size + i];
                }
            }
            finishIfDone();
        }

        private void finishIfDone() throws IOException {
            Receiver taker = receiver;
            if (taker == null || sums.patches() < brought) {
                return;
            }
            int count = network.outputs();
            float[] all = new float[series.size() * count];
            for (int i = 0; i < series.size(); i++) {
                System.arraycopy(series.get(i), 0, all, i * count, count);
            }
            float[] mean = new float[vector.length];
            for (int i = 0; i < mean.length; i++) {
                mean[i] = (float) (vector[i] / sums.patches());
            }
            taker.accept(sums.finish(isShort), all, mean);
        }
    }

    /** An array for a patch, with whatever in it. */
    float[] array() {
        float[] array = spare.poll();
        return array == null ? new float[network.shape().size()] : array;
    }

    /** A new track, for one thread. */
    Track begin() {
        return new Track();
    }

    private void check() throws IOException {
        Throwable failed = failure;
        if (failed instanceof IOException) {
            throw new IOException(failed.getMessage(), failed);
        }
        if (failed != null) {
            throw new IllegalStateException("the network has failed: " + failed, failed);
        }
    }

    private void run() {
        List<Patch> patches = new ArrayList<>(batchSize);
        try {
            int quietMillis = 0;
            while (true) {
                Patch next = waiting.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                quietMillis = next == null ? quietMillis + LOOK_MILLIS : 0;
                if (next != null) {
                    patches.add(next);
                    waiting.drainTo(patches, batchSize - patches.size());
                }
                boolean last = next == null && ended;
                boolean due = last || quietMillis >= PATIENCE_MILLIS;
                if (patches.size() == batchSize || (due && !patches.isEmpty())) {
                    predict(patches);
                    patches.clear();
                } else if (last) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
            waiting.clear();
        }
    }

    private void predict(List<Patch> patches) throws IOException {
        int size = network.shape().size();
        for (int row = 0; row < patches.size(); row++) {
            System.arraycopy(patches.get(row).values(), 0, batch, row * size, size);
            spare.add(patches.get(row).values());
        }
        Arrays.fill(batch, patches.size() * size, batch.length, 0);
        float[] outputs;
        float[] hidden = {};
        if (wanted.vector()) {
            Predictor.Answer answer = network.answer(batch, batchSize);
            outputs = answer.outputs();
            hidden = answer.hidden();
        } else {
            outputs = network.predict(batch, batchSize);
        }
        for (int row = 0; row < patches.size(); row++) {
            patches.get(row).track().take(outputs, hidden, row);
        }
    }

    /**
     * Predicts all that waits; nothing is to be added any more.
     *
     * @throws IOException if the network, or somebody who took a result, has failed
     */
    void flush() throws IOException, InterruptedException {
        ended = true;
        thread.join();
        check();
    }

    /** Ends the thread, whatever waits. */
    @Override
    public void close() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // the network is in use until its thread has ended
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
