package melgauge.pipeline.tagging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.Function;
import melgauge.data.AudioException;
import melgauge.data.FileDigest;
import melgauge.data.Subset;
import melgauge.features.TrackStatistics;
import melgauge.model.ModelBundle;
import melgauge.model.SeenTracks;
import melgauge.model.engine.Execution;
import melgauge.model.engine.Session;
import melgauge.model.inference.Ensemble;
import melgauge.model.inference.Inference;
import melgauge.pipeline.TrackTask;
import melgauge.pipeline.Workers;
import melgauge.pipeline.decoding.Limits;
import melgauge.pipeline.decoding.Reading;
import melgauge.pipeline.decoding.TrackReader;

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
    private final Inference.Wanted wanted;
    private final SeenTracks seen;

    LibraryPredictor(ModelBundle bundle, Execution execution, int threads, Limits limits, Inference.Wanted wanted) {
        this.bundle = bundle;
        this.execution = execution;
        this.threads = threads;
        this.limits = limits;
        this.wanted = wanted;
        this.seen = bundle.seen();
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
                Ensemble ensemble = bundle.open(session);
                Inference inference = Inference.onOwnThread(ensemble, bundle.cut(), ModelBundle.BATCH, wanted);
                Workers workers = new Workers(threads)) {
            TrackTask<I, I> task = () -> new Worker<>(inference, file, receiver);
            workers.each(items, task, item -> begun.run());
            inference.flush();
        }
    }

    private final class Worker<I> implements TrackTask.Worker<I, I> {
        private final TrackReader reader =
                // Where the network waits for a core, all wait for the network.
                TrackReader.open(bundle.features(), limits, true);
        private final Inference inference;
        private final Function<I, Path> file;
        private final Receiver<I> receiver;

        Worker(Inference inference, Function<I, Path> file, Receiver<I> receiver) {
            this.inference = inference;
            this.file = file;
            this.receiver = receiver;
        }

        @Override
        public I apply(I item) throws IOException, InterruptedException {
            Inference.Track track = inference.begin();
            TrackStatistics.Builder statistics =
                    new TrackStatistics.Builder(bundle.shape().bands());
            Reading reading;
            Subset side;
            try {
                reading = reader.read(file.apply(item), frame -> {
                    statistics.accept(frame);
                    track.accept(frame);
                });
                side = seen.isEmpty()
                        ? null
                        : seen.ofContent(FileDigest.ofAudio(file.apply(item))).orElse(null);
            } catch (AudioException e) {
                receiver.accept(item, new TrackOutcome.Failed(e.failure()));
                return item;
            }
            track.end(answer -> receiver.accept(
                    item,
                    answer.prediction().isFinite()
                            ? new TrackOutcome.Predicted(reading, track.frames(), statistics.finish(), answer, side)
                            : NO_ANSWER));
            return item;
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
