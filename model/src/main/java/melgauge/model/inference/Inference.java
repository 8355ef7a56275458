package melgauge.model.inference;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import melgauge.features.FrameSink;
import melgauge.features.FrameSource;
import melgauge.features.Modulation;
import melgauge.features.Normalizer;
import melgauge.features.PatchCutter;
import melgauge.features.PatchSpec;
import melgauge.model.engine.Network;
import melgauge.model.task.Example;
import melgauge.model.task.Progress;
import org.jspecify.annotations.Nullable;

/**
 * The way from the frames of tracks to values: frames are cut into patches and normalised, patches go through the networks of
 * an {@link Ensemble} in batches, and a track's value is the mean over its patches, together with the regressions' values.
 *
 * <p>A batch takes patches of whichever tracks have some, and always has the same size, filled up with zeros at the end. So a
 * patch's output is bit-identical whatever else is in its batch, and neither timing nor an interruption changes a result.
 * Memory grows neither with the number of tracks nor with their lengths, except for the series if asked for.
 *
 * <p>{@link #here} computes on the calling thread and is for one thread. {@link #onOwnThread} computes on a thread of its own
 * while other threads bring tracks.
 */
public abstract sealed class Inference implements AutoCloseable {
    private final Ensemble ensemble;
    private final Cut cut;
    private final Wanted wanted;
    final int batchSize;
    private final int size;
    private final float[] batch;

    /**
     * How tracks become patches.
     *
     * @param patch how frames are cut
     * @param normalizer of patches
     */
    public record Cut(PatchSpec patch, Normalizer normalizer) {}

    /**
     * What is kept beside the prediction of a track.
     *
     * @param series the prediction of each patch
     * @param vector the last hidden layers
     */
    public record Wanted(boolean series, boolean vector) {
        /** The prediction alone. */
        public static final Wanted NOTHING = new Wanted(false, false);
    }

    /** Takes the answer for a track, on the thread that computes. */
    @FunctionalInterface
    public interface Receiver {
        void accept(TrackAnswer answer) throws IOException;
    }

    private Inference(Ensemble ensemble, Cut cut, int batchSize, Wanted wanted) {
        this.ensemble = ensemble;
        this.cut = cut;
        this.batchSize = batchSize;
        this.wanted = wanted;
        this.size = ensemble.shape().size();
        this.batch = new float[batchSize * size];
    }

    /**
     * An inference that computes on the calling thread, as soon as a batch is full.
     *
     * @param ensemble stays the caller's
     */
    public static Inference here(Ensemble ensemble, Cut cut, int batchSize, Wanted wanted) {
        return new Here(ensemble, cut, batchSize, wanted);
    }

    /**
     * An inference that computes on a thread of its own. A few patches wait at most; threads that bring more wait. A batch
     * that nobody fills is computed after a second: tracks may come slowly, and answers are wanted as they come.
     *
     * @param ensemble stays the caller's
     */
    public static Inference onOwnThread(Ensemble ensemble, Cut cut, int batchSize, Wanted wanted) {
        return new OnOwnThread(ensemble, cut, batchSize, wanted);
    }

    /** Begins a track, for one thread. One that is never ended is forgotten. */
    public final Track begin() {
        return new Track();
    }

    /**
     * Computes all that waits; nothing is to be added any more.
     *
     * @throws IOException if the computing thread, or a receiver, has failed
     */
    public abstract void flush() throws IOException, InterruptedException;

    /** Frees the thread, whatever waits. */
    @Override
    public abstract void close();

    /** Takes a patch, which is this object's from then on. Waits where too many are waiting. */
    abstract void add(Patch patch) throws IOException;

    /** An array for a patch, with whatever in it. */
    abstract float[] array();

    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    record Patch(Track track, float[] values) {}

    /**
     * Predicts tracks that are at hand with the networks, in their order.
     *
     * @return the answers of the networks alone
     */
    public final List<TrackPrediction> predict(List<Example> tracks, Progress progress) {
        List<TrackPrediction> predictions = new ArrayList<>(tracks.size());
        try {
            for (Example example : tracks) {
                Track track = new Track();
                track.cutAll(example.frames());
                track.end(answer -> predictions.add(answer.ofNetworks()));
                progress.at(predictions.size(), tracks.size());
            }
            flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException("interrupted"));
        }
        progress.at(predictions.size(), tracks.size());
        return predictions;
    }

    /** A track whose frames arrive one by one. */
    public final class Track implements FrameSink {
        private final PatchCutter cutter =
                new PatchCutter(cut.patch(), ensemble.shape().bands(), Inference.this::array, this::add);
        private final List<Modulation.Builder> modulations = ensemble.regressions().stream()
                .map(one -> one.reading().begin())
                .toList();
        private final TrackPrediction.Builder sums = new TrackPrediction.Builder(ensemble.outputs());
        private final List<float[]> series = new ArrayList<>();
        private double[] vector = new double[0];
        private int frames;
        private int brought;
        private List<double[]> ofRegressions = List.of();
        private @Nullable Receiver receiver;

        private Track() {}

        /** @throws IOException if the computing thread, or a receiver, has failed */
        @Override
        public void accept(float[] frame) throws IOException {
            frames++;
            for (Modulation.Builder modulation : modulations) {
                modulation.accept(frame);
            }
            cutter.accept(frame);
        }

        /** Frames so far. */
        public int frames() {
            return frames;
        }

        private void cutAll(FrameSource source) throws IOException {
            frames = source.frames();
            for (int start : cut.patch().starts(frames)) {
                float[] patch = array();
                cut.patch().cut(source, start, patch, 0);
                add(patch);
            }
        }

        private void add(float[] patch) throws IOException {
            cut.normalizer().apply(patch, 0, cut.patch().frames());
            brought++;
            Inference.this.add(new Patch(this, patch));
        }

        /**
         * Ends the track, which has at least one frame.
         *
         * @param taker gets the answer as soon as the last patch was computed; tracks of one thread in their order
         * @throws IOException if the computing thread, or a receiver, has failed
         */
        public void end(Receiver taker) throws IOException {
            cutter.finish();
            List<double[]> values = new ArrayList<>();
            for (int i = 0; i < modulations.size(); i++) {
                values.add(ensemble.regressions()
                        .get(i)
                        .fitted()
                        .predict(modulations.get(i).finish()));
            }
            synchronized (this) {
                ofRegressions = values;
                receiver = taker;
                finishIfDone();
            }
        }

        private synchronized void take(float[] outputs, float[] hidden, int row) throws IOException {
            sums.add(outputs, row);
            if (wanted.series()) {
                int count = ensemble.outputs();
                series.add(Arrays.copyOfRange(outputs, row * count, (row + 1) * count));
            }
            if (wanted.vector()) {
                int units = hidden.length / batchSize;
                vector = vector.length == 0 ? new double[units] : vector;
                for (int i = 0; i < units; i++) {
                    vector[i] += hidden[row * units + i];
                }
            }
            finishIfDone();
        }

        private void finishIfDone() throws IOException {
            Receiver taker = receiver;
            if (taker == null || sums.patches() < brought) {
                return;
            }
            int count = ensemble.outputs();
            float[] all = new float[series.size() * count];
            for (int i = 0; i < series.size(); i++) {
                System.arraycopy(series.get(i), 0, all, i * count, count);
            }
            float[] mean = new float[vector.length];
            for (int i = 0; i < mean.length; i++) {
                mean[i] = (float) (vector[i] / sums.patches());
            }
            TrackPrediction ofNetworks = sums.finish(cut.patch().isShort(frames));
            taker.accept(new TrackAnswer(
                    ensemble.together(ofNetworks, ofRegressions),
                    ofNetworks,
                    ofRegressions,
                    ensemble.together(all, ofRegressions),
                    mean));
        }
    }

    /** Computes a batch of at least one patch, and hands the outputs to their tracks. */
    final void compute(List<Patch> patches, Queue<float[]> used) throws IOException {
        for (int row = 0; row < patches.size(); row++) {
            System.arraycopy(patches.get(row).values(), 0, batch, row * size, size);
            used.add(patches.get(row).values());
        }
        Arrays.fill(batch, patches.size() * size, batch.length, 0);
        float[] outputs;
        float[] hidden = {};
        if (wanted.vector()) {
            Network.Answer answer = ensemble.answer(batch, batchSize);
            outputs = answer.outputs();
            hidden = answer.hidden();
        } else {
            outputs = ensemble.predict(batch, batchSize);
        }
        for (int row = 0; row < patches.size(); row++) {
            patches.get(row).track().take(outputs, hidden, row);
        }
    }

    final float[] array(Queue<float[]> spare) {
        float[] array = spare.poll();
        return array == null ? new float[size] : array;
    }

    private static final class Here extends Inference {
        private final List<Patch> waiting = new ArrayList<>();
        private final Queue<float[]> spare = new ArrayDeque<>();

        Here(Ensemble ensemble, Cut cut, int batchSize, Wanted wanted) {
            super(ensemble, cut, batchSize, wanted);
        }

        @Override
        float[] array() {
            return array(spare);
        }

        @Override
        void add(Patch patch) throws IOException {
            waiting.add(patch);
            if (waiting.size() == batchSize) {
                flush();
            }
        }

        @Override
        public void flush() throws IOException {
            if (!waiting.isEmpty()) {
                compute(waiting, spare);
                waiting.clear();
            }
        }

        @Override
        public void close() {
            waiting.clear();
        }
    }

    private static final class OnOwnThread extends Inference {
        private static final int WAITING_BATCHES = 3;
        private static final int LOOK_MILLIS = 20;
        private static final int PATIENCE_MILLIS = 1000;

        private final BlockingQueue<Patch> waiting;
        /** Arrays of patches that have been computed: they are large, and would soon make old garbage. */
        private final Queue<float[]> spare = new ConcurrentLinkedQueue<>();

        private final Thread thread;
        private volatile boolean ended;
        private volatile @Nullable Throwable failure;

        OnOwnThread(Ensemble ensemble, Cut cut, int batchSize, Wanted wanted) {
            super(ensemble, cut, batchSize, wanted);
            this.waiting = new ArrayBlockingQueue<>(WAITING_BATCHES * batchSize);
            this.thread = new Thread(this::run, "melgauge-network");
            this.thread.setDaemon(true);
            this.thread.start();
        }

        @Override
        float[] array() {
            return array(spare);
        }

        @Override
        void add(Patch patch) throws IOException {
            try {
                while (!waiting.offer(patch, 100, TimeUnit.MILLISECONDS)) {
                    check();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
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
                        compute(patches, spare);
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

        @Override
        public void flush() throws IOException, InterruptedException {
            ended = true;
            thread.join();
            check();
        }

        @Override
        public void close() {
            boolean interrupted = false;
            while (thread.isAlive()) {
                thread.interrupt();
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true; // the networks are in use until the thread has ended
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
