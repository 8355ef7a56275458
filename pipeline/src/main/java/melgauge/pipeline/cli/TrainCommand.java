package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.rules.Verdict;
import melgauge.pipeline.Assignment;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Pipeline;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.results.RunFolder;
import melgauge.pipeline.stages.Stages;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "train",
        description = "Prepares if needed, trains, scores on the test split, diagnoses, and writes model and report.")
final class TrainCommand implements Callable<Integer> {
    @Mixin
    private RunOptions options = new RunOptions();

    @Option(
            names = "--resume",
            description =
                    "Go on with an unfinished training of the same settings. With more training.epochs and a schedule"
                            + " of constant or plateau, a finished training goes on, too.")
    private boolean resume;

    @Option(names = "--restart", description = "Begin anew even if the folder holds an unfinished training.")
    private boolean restart;

    @Option(names = "--shuffle-labels", description = RunOptions.SHUFFLE)
    private boolean shuffleLabels;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        RunSpec truth = options.spec();
        RunSpec settings = shuffleLabels ? RunOptions.shuffled(truth) : truth;
        RunOptions.useDevice(settings);
        Run run = options.open(
                settings,
                Continuation.of(resume, restart),
                Assignment.ofSplit(settings).withLabelsShuffled(shuffleLabels));
        new Pipeline(Stages.train()).run(run);
        PrintWriter out = spec.commandLine().getOut();
        if (shuffleLabels) {
            Control.print(out, run.folder().read(RunFolder.RESULTS), truth.output());
        }
        printResults(run, out);
        return RunOptions.exitCode(run);
    }

    static void printResults(Run run, PrintWriter out) throws Exception {
        ScoreTable.print(out, run.folder().read(RunFolder.RESULTS));
        out.println();
        Diagnosis diagnosis = run.folder().read(RunFolder.DIAGNOSIS);
        out.print(diagnosis.headline());
        if (diagnosis.verdict() != Verdict.HEALTHY) {
            out.println("melgauge diagnose " + run.spec().output()
                    + " says more; --fix writes the settings with the remedy, --deep makes experiments");
        }
        out.println();
        out.println("model:  " + run.folder().path(RunFolder.MODEL));
        out.println("report: " + run.folder().path(RunFolder.REPORT));
        out.flush();
    }
}
