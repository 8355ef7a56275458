package melgauge.pipeline.stages;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
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
import melgauge.model.Session;
import melgauge.model.TrainSpec;
import melgauge.model.TrainingLog;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.Experiment;
import melgauge.model.diagnosis.Experiments;
import melgauge.model.diagnosis.Measurements;
import melgauge.model.diagnosis.Subject;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.Version;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Results;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes experiments on a finished run. Leaves them in {@code diagnosis.json}, beside what is there: they are part of no
 * other stage's inputs but the report's, so that a later {@code train} of the same run finds nothing to do. Each is
 * stored when it is finished; after an interruption the stage goes on with the rest.
 */
final class ExperimentStage implements Stage {
    private static final String UNFINISHED = "checkpoint/experiments.json";
    private static final Logger LOG = LoggerFactory.getLogger(ExperimentStage.class);
    private static final ObjectMapper JSON = new ObjectMapper();

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
    public String inputs(Run run) throws IOException {
        return Version.text() + run.digest(Checkpoint.FILE) + run.digest(Results.FILE) + steps;
    }

    @Override
    public boolean isComplete(Run run) throws IOException {
        return DiagnoseStage.hasExperiments(run)
                && Experiments.areComplete(DiagnoseStage.read(run).experiments());
    }

    @Override
    public String run(Run run) throws IOException {
        Diagnosis diagnosis = DiagnoseStage.read(run);
        Measurements measurements = diagnosis.measurements();
        if (measurements == null) {
            throw new UsageException(run.file(DiagnoseStage.FILE)
                    + " is of an older Melgauge and lacks measurements; delete it and say 'diagnose --deep' again");
        }
        Checkpoint checkpoint = Checkpoint.read(run.file(Checkpoint.FILE));
        Results results = Results.read(run.file(Results.FILE));
        requireSameTracks(run, results);
        try (Session session = run.spec().execution().open()) {
            return experiment(run, diagnosis, subject(run, session, checkpoint, results, measurements));
        }
    }

    private String experiment(Run run, Diagnosis diagnosis, Subject subject) throws IOException {
        List<Experiment> finished = finished(run);
        announce(run, Experiments.estimate(subject, steps, finished), finished);
        List<Experiment> experiments;
        try (Monitor.Task task = run.monitor().begin("experiments", "steps")) {
            experiments = Experiments.run(
                    subject,
                    steps,
                    finished,
                    soFar -> {
                        AtomicFile.writeString(
                                run.file(UNFINISHED),
                                JSON.writeValueAsString(new Unfinished(run.stageFingerprint(), soFar)));
                        DiagnoseStage.write(run, diagnosis.with(soFar));
                        new ReportStage().run(run);
                    },
                    task);
        }
        DiagnoseStage.write(run, diagnosis.with(experiments));
        Files.deleteIfExists(run.file(UNFINISHED));
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
    private static List<Experiment> finished(Run run) {
        if (!run.has(UNFINISHED)) {
            return List.of();
        }
        try {
            Unfinished unfinished = JSON.readValue(run.file(UNFINISHED).toFile(), Unfinished.class);
            return unfinished.identity().equals(run.stageFingerprint()) ? unfinished.experiments() : List.of();
        } catch (IOException e) {
            LOG.warn("{} cannot be read, so every experiment is made again: {}", run.file(UNFINISHED), e.getMessage());
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
                run.normalizer(),
                training.augment().gainDb() > 0 ? Gain.of(run.spec().features()) : null,
                results.targets(),
                run.examples(),
                run.examples(Subset.TRAIN).stream()
                        .map(track -> run.group(track.path()))
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
        Map<String, String> now = run.examples().entrySet().stream()
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
