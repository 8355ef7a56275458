package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.results.FoldResults;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.selection.CrossValidation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "crossvalidate",
        description = "Parts the corpus into folds that keep groups together, trains once without each, and tests it:"
                + " how good the settings are on tracks that were not heard, and how much that varies.")
final class CrossvalidateCommand implements Callable<Integer> {
    private static final String FOLDER = "crossvalidation";

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(names = "--folds", paramLabel = "N", description = "How many folds; at least 2; default: 5.")
    private int folds = 5;

    @Option(names = "--fold", paramLabel = "K", description = "Run this fold only, from 1, and print its scores.")
    private @Nullable Integer fold;

    @Option(names = "--shuffle-labels", description = RunOptions.SHUFFLE)
    private boolean shuffleLabels;

    @Option(names = "--resume", description = "Go on with a fold's unfinished training.")
    private boolean resume;

    @Option(names = "--restart", description = "Begin anew even if a fold holds an unfinished training.")
    private boolean restart;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec command;

    @Override
    public Integer call() throws Exception {
        RunSpec settings = options.spec();
        RunSpec truth = inItsOwnFolder(settings);
        RunSpec spec = shuffleLabels ? inItsOwnFolder(settings.forShuffledLabels()) : truth;
        RunOptions.useDevice(spec);
        CrossValidation validation =
                new CrossValidation(spec, folds, shuffleLabels, Continuation.of(resume, restart), options.monitor());
        if (fold != null) {
            validation.checkFold(fold);
        }
        RunOptions.logTo(spec);
        PrintWriter out = command.commandLine().getOut();
        Run whole = validation.prepare();
        if (fold != null) {
            Results results = validation.run(fold);
            if (shuffleLabels) {
                Control.print(out, results, FoldResults.folder(truth.output(), fold));
            }
            ScoreTable.print(out, results);
            out.println();
            out.println("fold:        " + FoldResults.folder(spec.output(), fold));
        } else {
            FoldResults results = validation.runAll();
            if (shuffleLabels) {
                Control.print(out, results, truth.output());
            }
            FoldTable.print(out, results);
            out.println();
            out.println("scores:      " + whole.folder().file(FoldResults.TABLE));
            out.println("predictions: " + whole.folder().file(FoldResults.PREDICTIONS));
        }
        out.flush();
        return RunOptions.exitCode(whole.folder());
    }

    /** A run that was trained with other settings may be in the folder above, and what is there belongs to it. */
    private static RunSpec inItsOwnFolder(RunSpec settings) {
        return settings.withOutput(settings.output().resolve(FOLDER));
    }
}
