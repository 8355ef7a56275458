package melgauge.pipeline.gallery;

import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import melgauge.data.AtomicFile;
import melgauge.data.UsageException;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.scores.TargetScores;
import melgauge.model.training.TrainingLog;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.FixedRunFile;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Pipeline;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.results.RunFolder;
import melgauge.pipeline.stages.Stages;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains exhibits through the stages of {@code train}, each with each seed in a folder of its own below the gallery's. All
 * share one cache of spectrograms. What is finished is not trained again, but diagnosed again. For one thread.
 */
public final class Gallery {
    private static final Logger LOG = LoggerFactory.getLogger(Gallery.class);

    /**
     * A quarter of the default's values per patch and a quarter of its channels: a training takes a quarter of a minute on
     * one thread, and reaches what ridge regression does.
     */
    private static final String BASE = """
            corpus: {manifest: labels.csv}
            features: {hopLength: 512, nMels: 64, normalizer: band}
            patch: {frames: 128}
            network: {conv: [8, 16, 32, 32], dense: [32]}
            training:
              epochs: 20
              threads: 1
              augment: {timeMaskFrames: 20, bandMaskBands: 10, stretch: 0, shiftBands: 0}
            cache: ../../cache
            output: run
            """;

    private final Path corpus;
    private final Path work;
    private final List<String> sets;
    private final Monitor monitor;

    /**
     * A gallery in a folder.
     *
     * @param corpus a folder with {@code labels.csv} and the audio that it names
     * @param work where everything goes
     * @param sets settings that differ from the gallery's own base, as words for {@code --set}; what an exhibit sets goes
     *     over them
     */
    public Gallery(Path corpus, Path work, List<String> sets, Monitor monitor) {
        this.corpus = corpus.toAbsolutePath().normalize();
        this.work = work.toAbsolutePath().normalize();
        this.sets = List.copyOf(sets);
        this.monitor = monitor;
    }

    /**
     * The settings of an exhibit.
     *
     * @throws UsageException if the settings given with the gallery are wrong
     */
    public RunSpec spec(Exhibit exhibit, long seed) {
        Path folder = folder(exhibit, seed);
        List<String> all = new ArrayList<>(List.of("corpus.audio=" + TextNode.valueOf(corpus.toString())));
        all.addAll(sets);
        all.addAll(exhibit.settings());
        return RunFile.read(BASE, folder.resolve("run.yaml"), all)
                .withSeed(seed)
                .withOutput(folder.resolve("run"));
    }

    private Path folder(Exhibit exhibit, long seed) {
        return work.resolve(exhibit.name()).resolve("seed-" + seed);
    }

    /** Writes the manifest and the audio of an exhibit. */
    void write(Exhibit exhibit, long seed) throws IOException {
        exhibit.injection()
                .into(
                        Labels.read(corpus.resolve("labels.csv")),
                        work.resolve(exhibit.name()).resolve("audio"),
                        seed)
                .write(folder(exhibit, seed).resolve("labels.csv"));
    }

    /**
     * Trains an exhibit and diagnoses it. What goes wrong is part of the outcome.
     *
     * @param fix whether the remedies are tried as well, where it is a fault
     */
    public Outcome run(Exhibit exhibit, long seed, boolean fix) throws InterruptedException {
        String part = exhibit.name() + " seed " + seed;
        Attempt plain = attempt(part + ":", () -> {
            write(exhibit, seed);
            return spec(exhibit, seed);
        });
        Trained trained = plain.trained();
        if (trained == null || !fix || exhibit.isHealthy()) {
            return new Outcome(exhibit, seed, plain, null);
        }
        FixedRunFile file = FixedRunFile.of(spec(exhibit, seed), trained.diagnosis());
        if (file.changes().isEmpty()) {
            return new Outcome(exhibit, seed, plain, new Attempt(null, file.whyNot()));
        }
        return new Outcome(exhibit, seed, plain, attempt(part + " fixed:", () -> {
            Path written = folder(exhibit, seed).resolve("run").resolve(FixedRunFile.FILE);
            AtomicFile.writeString(written, file.text());
            return RunFile.read(written, List.of());
        }));
    }

    private interface Settings {
        RunSpec prepare() throws IOException;
    }

    private Attempt attempt(String part, Settings settings) throws InterruptedException {
        try {
            return new Attempt(train(settings.prepare(), monitor.part(part)), "");
        } catch (UsageException | IOException | UncheckedIOException e) {
            return new Attempt(null, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // Whatever an engine makes of odd settings; the other exhibits may do.
            LOG.error("{} failed", part, e);
            return new Attempt(null, e.toString());
        }
    }

    private static Trained train(RunSpec spec, Monitor monitor) throws IOException, InterruptedException {
        Run run = new Run(spec, monitor, Continuation.RESUME_IF_SAME);
        // Another version may find something else in the same training.
        run.folder().delete(RunFolder.DIAGNOSIS);
        new Pipeline(Stages.train()).run(run);
        Results results = run.folder().read(RunFolder.RESULTS);
        TrainingLog log = run.folder().read(RunFolder.CHECKPOINT).state().log();
        return new Trained(
                run.folder().read(RunFolder.DIAGNOSIS),
                results.network(results.scoredSide()).mean(TargetScores::r2),
                log.epochs().stream().mapToDouble(TrainingLog.Epoch::seconds).sum());
    }

    /**
     * What became of a training.
     *
     * @param diagnosis as the run's folder has it
     * @param r2 on held-out tracks, mean over targets
     * @param seconds that its epochs took, whenever that was
     */
    public record Trained(Diagnosis diagnosis, double r2, double seconds) {}

    /**
     * A training that may have come to nothing.
     *
     * @param trained null if it did
     * @param whyNot why; empty if it did not
     */
    public record Attempt(@Nullable Trained trained, String whyNot) {}
}
