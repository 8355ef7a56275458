package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.rules.Verdict;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Run;
import melgauge.pipeline.training.TrainedRun;
import melgauge.pipeline.training.Training;
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
        Training training = options.training(Continuation.of(resume, restart));
        Run opened = (shuffleLabels ? training.withLabelsShuffled() : training).open();
        RunOptions.logTo(opened.spec());
        TrainedRun run = Training.run(opened);
        PrintWriter out = spec.commandLine().getOut();
        if (shuffleLabels) {
            Control.print(out, run.results(), training.settings().output());
        }
        printResults(run, out);
        return RunOptions.exitCode(run.folder());
    }

    private static void printResults(TrainedRun run, PrintWriter out) throws Exception {
        ScoreTable.print(out, run.results());
        out.println();
        Diagnosis diagnosis = run.diagnosis();
        out.print(diagnosis.headline());
        if (diagnosis.verdict() != Verdict.HEALTHY) {
            out.println("melgauge diagnose " + run.folder().path()
                    + " says more; --fix writes the settings with the remedy, --deep makes experiments");
        }
        out.println();
        out.println("model:  " + run.model());
        out.println("report: " + run.report());
        out.flush();
    }
}
