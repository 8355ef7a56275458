package melgauge.pipeline.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import melgauge.data.UsageException;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.experiments.Experiments;
import melgauge.pipeline.Assignment;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Pipeline;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.results.RunFolder;
import melgauge.pipeline.stages.Stages;

/** What {@code diagnose --deep} does. */
final class DeepDiagnosis {
    private DeepDiagnosis() {}

    /**
     * Experiments on a finished run and leaves what was found in its diagnosis and its report.
     *
     * @param folder of the run
     * @param steps of each short training
     */
    static Diagnosis of(Path folder, int steps, Monitor monitor) throws IOException, InterruptedException {
        Experiments.requireSteps(steps);
        if (!Files.isDirectory(folder)) {
            throw new UsageException("--deep trains on the tracks of a run, and " + folder
                    + " is no folder of one; name the run's folder instead of its model");
        }
        requireFinished(folder);
        RunSpec spec = RunFile.read(folder.resolve("run.yaml"), List.of())
                .withOutput(folder.toAbsolutePath().normalize());
        RunOptions.useDevice(spec);
        boolean shuffled = new RunFolder(folder).read(RunFolder.RESULTS).shuffledLabels();
        Run run = new Run(
                spec, monitor, Continuation.ASK, Assignment.ofSplit(spec).withLabelsShuffled(shuffled));
        RunOptions.logTo(spec);
        new Pipeline(Stages.deepDiagnosis(steps)).run(run);
        return run.folder().read(RunFolder.DIAGNOSIS);
    }

    private static void requireFinished(Path path) throws IOException {
        RunFolder folder = new RunFolder(path);
        boolean begun = folder.has(RunFolder.CHECKPOINT);
        boolean trained = begun && folder.read(RunFolder.CHECKPOINT).isTrained();
        if (!trained || !folder.has(RunFolder.RESULTS)) {
            throw new UsageException(path + " is no finished run, and --deep needs one: 'melgauge train RUN.yaml"
                    + (begun ? " --resume'" : "'") + " finishes it");
        }
    }
}
