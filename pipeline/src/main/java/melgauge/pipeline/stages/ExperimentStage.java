package melgauge.pipeline.stages;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import melgauge.data.AtomicFile;
import melgauge.data.Subset;
import melgauge.data.UsageException;
import melgauge.features.Gain;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.experiments.Experiment;
import melgauge.model.diagnosis.experiments.Experiments;
import melgauge.model.diagnosis.experiments.Subject;
import melgauge.model.diagnosis.measure.Measurements;
import melgauge.model.engine.Session;
import melgauge.model.spec.TrainSpec;
import melgauge.model.training.TrainingLog;
import melgauge.pipeline.Dependency;
import melgauge.pipeline.Identity;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.results.Artifact;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Input;
import melgauge.pipeline.results.Product;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.results.RunFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes experiments on a finished run. Leaves them in the diagnosis, beside what is there: they are part of no
 * other stage's inputs but the report's, so that a later {@code train} of the same run finds nothing to do. Each is
 * stored when it is finished; after an interruption the stage goes on with the rest.
 */
final class ExperimentStage implements Stage {
    private static final Logger LOG = LoggerFactory.getLogger(ExperimentStage.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Artifact<Unfinished> UNFINISHED = new Artifact<>(
            "checkpoint/experiments.json",
            file -> JSON.readValue(file.toFile(), Unfinished.class),
            (file, unfinished) -> AtomicFile.writeString(file, JSON.writeValueAsString(unfinished)));

    private final int steps;

    /** @param steps of each short training */
    ExperimentStage(int steps) {
        this.steps = steps;
    }

    @Override
    public String name() {
        return "experiments";
    }

    @Override
    public void check(Run run) throws IOException {
        requireSameTracks(run, run.folder().read(RunFolder.RESULTS));
    }

    @Override
    public List<Input<?>> reads(Run run) {
        return List.of(RunFolder.CHECKPOINT, RunFolder.NORMALIZER, RunFolder.RESULTS, RunFolder.FINDINGS);
    }

    @Override
    public List<Dependency> dependsOn() {
        return List.of(Dependency.VERSION, Dependency.fact("--steps", run -> Integer.toString(steps)));
    }

    @Override
    public List<Product<?>> writes(Run run) {
        return List.of(RunFolder.DIAGNOSIS);
    }

    @Override
    public boolean isComplete(Run run) throws IOException {
        return Experiments.areComplete(run.read(RunFolder.DIAGNOSIS).experiments());
    }

    @Override
    public String run(Run run, Identity identity) throws IOException {
        Diagnosis diagnosis = run.read(RunFolder.FINDINGS);
        Measurements measurements = diagnosis.measurements();
        if (measurements == null) {
            throw new UsageException(run.folder().path(RunFolder.DIAGNOSIS)
                    + " is of an older Melgauge and lacks measurements; delete it and say 'diagnose --deep' again");
        }
        Checkpoint checkpoint = run.read(RunFolder.CHECKPOINT);
        Results results = run.read(RunFolder.RESULTS);
        try (Session session = run.spec().execution().open()) {
            return experiment(
                    run, identity.digest(), diagnosis, subject(run, session, checkpoint, results, measurements));
        }
    }

    private String experiment(Run run, String identity, Diagnosis diagnosis, Subject subject) throws IOException {
        List<Experiment> finished = finished(run, identity);
        announce(run, Experiments.estimate(subject, steps, finished), finished);
        List<Experiment> experiments;
        try (Monitor.Task task = run.monitor().begin("experiments", "steps")) {
            experiments = Experiments.run(
                    subject,
                    steps,
                    finished,
                    soFar -> {
                        run.folder().write(UNFINISHED, new Unfinished(identity, soFar));
                        run.write(RunFolder.DIAGNOSIS, diagnosis.with(soFar));
                        ReportStage.draw(run.folder(), run.spec());
                    },
                    task);
        }
        run.write(RunFolder.DIAGNOSIS, diagnosis.with(experiments));
        run.folder().delete(UNFINISHED);
        return experiments.get(experiments.size() - 1).text();
    }

    /**
     * Experiments that were interrupted.
     *
     * @param identity of the stage's inputs
     * @param experiments that are finished
     */
    private record Unfinished(String identity, List<Experiment> experiments) {}

    /** Those that an interrupted stage with equal inputs has finished. */
    private static List<Experiment> finished(Run run, String identity) {
        if (!run.folder().has(UNFINISHED)) {
            return List.of();
        }
        try {
            Unfinished unfinished = run.folder().read(UNFINISHED);
            return unfinished.identity().equals(identity) ? unfinished.experiments() : List.of();
        } catch (IOException e) {
            LOG.warn("{} cannot be read, so every experiment is made again: {}", UNFINISHED.name(), e.getMessage());
            return List.of();
        }
    }

    private static void announce(Run run, Experiments.Estimate estimate, List<Experiment> finished) {
        if (!finished.isEmpty()) {
            // The last entry says what is missing.
            run.monitor()
                    .say("experiments: " + (finished.size() - 1) + " were finished before; going on with the rest");
        }
        run.monitor()
                .say(String.format(
                        Locale.ROOT,
                        "experiments: %,d steps, about %s as fast as the first few were; what is finished is kept if you"
                                + " end it",
                        estimate.steps(),
                        estimate.seconds() < 90
                                ? Math.round(estimate.seconds()) + " s"
                                : Math.round(estimate.seconds() / 60) + " minutes"));
    }

    private static Subject subject(
            Run run, Session session, Checkpoint checkpoint, Results results, Measurements measurements)
            throws IOException {
        TrainingLog log = checkpoint.state().log();
        TrainSpec training =
                run.spec().training().resolved(log.batchSize(), run.spec().features());
        return new Subject(
                session,
                run.spec().network(),
                training,
                run.spec().patch(),
                run.read(RunFolder.NORMALIZER),
                training.augment().gainDb() > 0 ? Gain.of(run.spec().features()) : null,
                results.targets(),
                run.corpus().examples(),
                run.corpus().examples(Subset.TRAIN).stream()
                        .map(track -> run.corpus().group(track.path()))
                        .toList(),
                checkpoint.state().bestWeights(),
                results.network(results.scoredSide()),
                measurements,
                run.spec().seed());
    }

    /** The corpus may have changed since, and folds of a cross-validation have other sides than their settings say. */
    private static void requireSameTracks(Run run, Results results) throws IOException {
        Map<String, String> then = results.rows().stream()
                .collect(Collectors.toMap(Results.Row::path, row -> labelled(row.split(), row.labels())));
        Map<String, String> now = run.corpus().examples().entrySet().stream()
                .flatMap(side -> side.getValue().stream().map(track -> Map.entry(side.getKey(), track)))
                .collect(Collectors.toMap(
                        entry -> entry.getValue().path(),
                        entry -> labelled(entry.getKey(), entry.getValue().labels())));
        List<String> changed = Stream.concat(then.keySet().stream(), now.keySet().stream())
                .distinct()
                .filter(path -> !String.valueOf(then.get(path)).equals(now.get(path)))
                .sorted()
                .toList();
        if (!changed.isEmpty()) {
            throw new UsageException(run.spec().output() + ": " + changed.size()
                    + " tracks have other labels or are on another side of the split than when it was trained, such as "
                    + changed.get(0)
                    + "; train again if the corpus has changed. Parts of a cross-validation or a sweep can't be"
                    + " experimented on: train their settings as a run of its own");
        }
    }

    private static String labelled(Subset side, float[] labels) {
        return side.word() + Arrays.toString(labels);
    }
}
