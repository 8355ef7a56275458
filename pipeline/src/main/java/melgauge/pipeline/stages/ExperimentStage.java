package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import melgauge.data.Subset;
import melgauge.data.UsageException;
import melgauge.features.Gain;
import melgauge.model.Engine;
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

/**
 * Makes experiments on a finished run. Leaves them in {@code diagnosis.json}, beside what is there: they are part of no
 * other stage's inputs but the report's, so that a later {@code train} of the same run finds nothing to do.
 */
final class ExperimentStage implements Stage {
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
    public boolean isComplete(Run run) {
        return DiagnoseStage.hasExperiments(run);
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
        List<Experiment> experiments;
        try (Monitor.Task task = run.monitor().begin("experiments", "steps")) {
            experiments = Experiments.run(subject(run, checkpoint, results, measurements), steps, task);
        }
        DiagnoseStage.write(run, diagnosis.with(experiments));
        return experiments.get(experiments.size() - 1).text();
    }

    private static Subject subject(Run run, Checkpoint checkpoint, Results results, Measurements measurements)
            throws IOException {
        TrainingLog log = checkpoint.state().log();
        TrainSpec training = run.spec()
                .training()
                .resolved(log.batchSize(), log.threads(), run.spec().features());
        Engine engine = Engine.named(checkpoint.engine());
        engine.useThreads(log.threads());
        return new Subject(
                engine,
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
                checkpoint.state().bestParameters(),
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
