package melgauge.pipeline.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import melgauge.pipeline.Assignment;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Pipeline;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.stages.Stages;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model on a corpus, as the command {@code train} does: audit, spectrograms, training, evaluation, diagnosis. What
 * was done before and has not changed is not done again.
 *
 * <pre>{@code
 * TrainedRun run = Training.of(Path.of("run.yaml"))
 *         .with("corpus.manifest", "labels.csv")
 *         .with("training.epochs", 40)
 *         .run();
 * System.out.println(run.diagnosis().headline());
 * try (Model model = Model.open(run.model())) {
 *     double valence = model.predict(Path.of("song.mp3")).value("valence");
 * }
 * }</pre>
 *
 * <p>Immutable. Audio is decoded in worker processes, so that a broken file ends none but its worker.
 */
public final class Training {
    private final Path file;
    private final List<String> settings;
    private final Continuation continuation;
    private final Monitor monitor;
    private final @Nullable Path output;
    private final boolean labelsShuffled;

    private Training(
            Path file,
            List<String> settings,
            Continuation continuation,
            Monitor monitor,
            @Nullable Path output,
            boolean labelsShuffled) {
        this.file = file;
        this.settings = List.copyOf(settings);
        this.continuation = continuation;
        this.monitor = monitor;
        this.output = output;
        this.labelsShuffled = labelsShuffled;
    }

    /**
     * A training with the settings of a file.
     *
     * @param file a {@code run.yaml}; relative paths in it start from its folder
     */
    public static Training of(Path file) {
        return new Training(file, List.of(), Continuation.RESUME_IF_SAME, Monitor.SILENT, null, false);
    }

    /**
     * This one with another setting.
     *
     * @param key of {@code run.yaml}, such as {@code training.epochs}
     * @param value as it would stand in the file; a relative path starts from the working directory
     */
    public Training with(String key, Object value) {
        return with(List.of(key + "=" + value));
    }

    /**
     * This one with other settings.
     *
     * @param sets such as {@code training.epochs=5}
     */
    public Training with(List<String> sets) {
        List<String> all = new ArrayList<>(settings);
        all.addAll(sets);
        return new Training(file, all, continuation, monitor, output, labelsShuffled);
    }

    /**
     * This one with another rule for a training that is in the folder already; without, one of the same settings goes on,
     * and one of others is replaced.
     */
    public Training with(Continuation other) {
        return new Training(file, settings, other, monitor, output, labelsShuffled);
    }

    /** This one with somebody who hears of progress. */
    public Training with(Monitor other) {
        return new Training(file, settings, continuation, other, output, labelsShuffled);
    }

    /**
     * A control: this one with labels that are shuffled among the training and validation tracks. Its scores are what chance
     * gives. Its folder has the name of the output with {@code -shuffled} behind it.
     */
    public Training withLabelsShuffled() {
        return new Training(file, settings, continuation, monitor, output, true);
    }

    /**
     * The settings.
     *
     * @throws melgauge.data.UsageException naming the line and the key of what is wrong
     */
    public RunSpec settings() {
        RunSpec spec = RunFile.read(file, settings);
        return labelsShuffled ? spec.forShuffledLabels() : spec;
    }

    /**
     * Opens the run, and does nothing yet.
     *
     * @throws melgauge.data.UsageException if settings or manifest are wrong, or the device cannot be had
     */
    public Run open() {
        RunSpec spec = settings();
        spec.execution().open().close();
        return new Run(spec, monitor, continuation, Assignment.ofSplit(spec).withLabelsShuffled(labelsShuffled));
    }

    /**
     * Trains.
     *
     * @throws melgauge.data.UsageException before any work, if settings or manifest are wrong, or the device cannot be had
     * @throws IOException if the run's folder cannot be written, or another process is at work in it
     */
    public TrainedRun run() throws IOException, InterruptedException {
        return run(open());
    }

    /** Trains in a run that was opened. */
    public static TrainedRun run(Run run) throws IOException, InterruptedException {
        run.announce();
        new Pipeline(Stages.train()).run(run);
        return new TrainedRun(run.folder());
    }
}
