package melgauge.pipeline.gallery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import melgauge.data.AtomicFile;
import melgauge.data.UsageException;
import melgauge.model.TargetScores;
import melgauge.model.TrainingLog;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.pipeline.FixedRunFile;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Pipeline;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.stages.Stages;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains exhibits through the stages of {@code train}, each with each seed in a folder of its own below the gallery's. All
 * share one cache of spectrograms, and what is finished is not done again. For one thread.
 */
public final class Gallery {
    private static final Logger LOG = LoggerFactory.getLogger(Gallery.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A quarter of the default's values per patch and a quarter of its channels: a training takes a quarter of a minute on
     * one thread, and reaches what ridge regression does.
     */
    private static final String BASE = """
            corpus: {manifest: labels.csv}
            features: {hopLength: 512, nMels: 64}
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
     * Trains an exhibit and looks at its diagnosis. What goes wrong is part of the outcome.
     *
     * @param fix whether the diagnosis's remedies are tried as well
     */
    public Outcome run(Exhibit exhibit, long seed, boolean fix) throws InterruptedException {
        try {
            write(exhibit, seed);
            RunSpec spec = spec(exhibit, seed);
            Trained trained = train(spec, exhibit.name() + " seed " + seed + ":");
            boolean healed = fix && !exhibit.isHealthy();
            return new Outcome(exhibit, seed, trained, healed ? fixed(spec, trained, exhibit, seed) : null, "");
        } catch (UsageException | IOException | UncheckedIOException e) {
            return new Outcome(exhibit, seed, null, null, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // Whatever an engine makes of odd settings; the other exhibits may do.
            LOG.error("{} failed", exhibit.name(), e);
            return new Outcome(exhibit, seed, null, null, e.toString());
        }
    }

    private Outcome.Fixed fixed(RunSpec spec, Trained trained, Exhibit exhibit, long seed) throws InterruptedException {
        FixedRunFile file = FixedRunFile.of(spec, trained.diagnosis());
        if (file.changes().isEmpty()) {
            return new Outcome.Fixed(null, file.whyNot());
        }
        try {
            Path written = spec.output().resolve(FixedRunFile.FILE);
            AtomicFile.writeString(written, file.text());
            return new Outcome.Fixed(
                    train(RunFile.read(written, List.of()), exhibit.name() + " seed " + seed + " fixed:"), "");
        } catch (UsageException | IOException | UncheckedIOException e) {
            return new Outcome.Fixed(null, String.valueOf(e.getMessage()));
        }
    }

    private Trained train(RunSpec spec, String part) throws IOException, InterruptedException {
        Run run = new Run(spec, monitor.part(part), false);
        new Pipeline(Stages.train()).run(run);
        JsonNode diagnosis = JSON.readTree(run.file("diagnosis.json").toFile());
        Results results = Results.read(run.file(Results.FILE));
        TrainingLog log = Checkpoint.read(run.file(Checkpoint.FILE)).state().log();
        return new Trained(
                Diagnosis.fromJson(diagnosis),
                results.network(results.heldOut()).mean(TargetScores::r2),
                log.epochs().stream().mapToDouble(TrainingLog.Epoch::seconds).sum());
    }

    /**
     * What became of a training.
     *
     * @param r2 on held-out tracks, mean over targets
     * @param seconds that its epochs took, whenever that was
     */
    record Trained(Diagnosis diagnosis, double r2, double seconds) {}
}
