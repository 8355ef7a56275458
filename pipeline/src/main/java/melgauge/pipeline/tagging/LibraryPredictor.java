package melgauge.pipeline.tagging;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.Function;
import melgauge.data.AudioException;
import melgauge.data.FileDigest;
import melgauge.data.Subset;
import melgauge.features.Modulation;
import melgauge.features.PatchCutter;
import melgauge.features.TrackStatistics;
import melgauge.model.Execution;
import melgauge.model.ModelBundle;
import melgauge.model.Predictor;
import melgauge.model.SeenTracks;
import melgauge.model.Session;
import melgauge.pipeline.TrackTask;
import melgauge.pipeline.Workers;
import melgauge.pipeline.decoding.Limits;
import melgauge.pipeline.decoding.Reading;
import melgauge.pipeline.decoding.TrackReader;
import org.jspecify.annotations.Nullable;

/**
 * Predicts any number of files with one model. Each of several threads has a worker process decode a file and compute its
 * frames, cuts them into patches as they come, and normalises those; one more thread sends them through the network. So
 * memory depends neither on how many files there are nor on how long they are, and a file that takes long holds up no
 * other.
 */
final class LibraryPredictor {
    private static final TrackOutcome NO_ANSWER = new TrackOutcome.Failed(ModelBundle.NO_ANSWER);

    private final ModelBundle bundle;
    private final Execution execution;
    private final int threads;
    private final Limits limits;
    private final PatchBatches.Wanted wanted;
    /** Null where the networks answer alone. */
    private final @Nullable Modulation modulation;

    private final SeenTracks seen;

    LibraryPredictor(ModelBundle bundle, Execution execution, int threads, Limits limits, PatchBatches.Wanted wanted) {
        this.bundle = bundle;
        this.execution = execution;
        this.threads = threads;
        this.limits = limits;
        this.wanted = wanted;
        this.seen = bundle.seen();
        this.modulation = bundle.blend() == null ? null : new Modulation(bundle.features());
    }

    /** Takes outcomes in any order, on any thread, one at a time for each item. */
    @FunctionalInterface
    interface Receiver<I> {
        void accept(I item, TrackOutcome outcome) throws IOException;
    }

    /**
     * Predicts files.
     *
     * @param file where an item's audio is
     * @param begun is told on the calling thread whenever another file has been decoded
     * @throws IOException if the receiver throws it, or no worker process can be started
     */
    <I> void predict(Iterator<I> items, Function<I, Path> file, Receiver<I> receiver, Runnable begun)
            throws IOException, InterruptedException {
        try (Session session = execution.openToPredict();
                Predictor network = bundle.open(session);
                PatchBatches batches = new PatchBatches(network, ModelBundle.BATCH, wanted);
                Workers workers = new Workers(threads)) {
            TrackTask<I, I> task = () -> new Worker<>(batches, file, receiver);
            workers.each(items, task, item -> begun.run());
            batches.flush();
        }
    }

    private final class Worker<I> implements TrackTask.Worker<I, I> {
        private final TrackReader reader =
                // Where the network waits for a core, all wait for the network.
                TrackReader.open(bundle.features(), limits, true);
        private final PatchBatches batches;
        private final Function<I, Path> file;
        private final Receiver<I> receiver;

        Worker(PatchBatches batches, Function<I, Path> file, Receiver<I> receiver) {
            this.batches = batches;
            this.file = file;
            this.receiver = receiver;
        }

        @Override
        public I apply(I item) throws IOException, InterruptedException {
            PatchBatches.Track track = batches.begin();
            int bands = bundle.shape().bands();
            TrackStatistics.Builder statistics = new TrackStatistics.Builder(bands);
            Modulation.@Nullable Builder modulations = modulation == null ? null : modulation.begin();
            PatchCutter cutter = new PatchCutter(bundle.patch(), bands, batches::array, patch -> add(track, patch));
            Reading reading;
            Subset side;
            try {
                reading = reader.read(file.apply(item), frame -> {
                    statistics.accept(frame);
                    if (modulations != null) {
                        modulations.accept(frame);
                    }
                    cutter.accept(frame);
                });
                cutter.finish();
                side = seen.isEmpty()
                        ? null
                        : seen.ofContent(FileDigest.ofAudio(file.apply(item))).orElse(null);
            } catch (AudioException e) {
                receiver.accept(item, new TrackOutcome.Failed(e.failure()));
                return item;
            }
            track.end(
                    bundle.patch().isShort(cutter.frames()),
                    (prediction, series, vector) -> receiver.accept(
                            item,
                            prediction.isFinite()
                                    ? new TrackOutcome.Predicted(
                                            reading,
                                            cutter.frames(),
                                            statistics.finish(),
                                            modulations == null ? new float[0] : modulations.finish(),
                                            prediction,
                                            series,
                                            vector,
                                            side)
                                    : NO_ANSWER));
            return item;
        }

        private void add(PatchBatches.Track track, float[] patch) throws IOException {
            bundle.normalizer().apply(patch, 0, bundle.patch().frames());
            try {
                track.add(patch);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
