package melgauge.pipeline.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import melgauge.data.UsageException;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Pipeline;
import melgauge.pipeline.Run;
import melgauge.pipeline.inputs.Inputs;
import melgauge.pipeline.stages.LibraryPreparation;
import melgauge.pipeline.stages.Stages;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "prepare",
        description =
                "Audits, decodes and caches the spectrograms of a corpus, then fits the normaliser. With PATHs, audits"
                        + " and caches these files instead of the corpus, with the same features, into the same cache.")
final class PrepareCommand implements Callable<Integer> {
    @Option(
            names = "--verify",
            description = "Trust nothing: read every audio file and every cache entry again, whatever the file system"
                    + " says, and make anew what has changed or is damaged.")
    private boolean verify;

    @Option(
            names = "--audit",
            paramLabel = "AUDIT.csv",
            description = "With PATHs: where their audit goes, a row for each input.")
    private @Nullable Path audit;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "PATH", description = InputOptions.PATHS)
    private List<String> paths = new ArrayList<>();

    @Mixin
    private InputOptions inputs = new InputOptions();

    @Mixin
    private RunOptions options = new RunOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (!paths.isEmpty()) {
            return prepareLibrary();
        }
        if (audit != null) {
            throw new UsageException(
                    "--audit " + audit + " goes with PATHs; a corpus's audit is audit.csv in its output");
        }
        Run run = options.open();
        Stages.requireOwnFolder(run);
        new Pipeline(Stages.prepare(verify)).run(run);
        return RunOptions.exitCode(run.folder());
    }

    private int prepareLibrary() throws Exception {
        Path output = audit;
        if (output == null) {
            throw new UsageException("with PATHs, --audit AUDIT.csv says where their audit goes");
        }
        Monitor monitor = options.monitor();
        Inputs.Found[] found = new Inputs.Found[1];
        LibraryPreparation.Summary summary = new LibraryPreparation(options.spec(), verify)
                .prepare(adder -> found[0] = inputs.find(paths, adder, monitor), output, monitor);
        monitor.say(String.format(
                Locale.ROOT,
                "spectrograms: %d inputs; %d ok, %d suspect, %d rejected%s",
                summary.rows(),
                summary.rows() - summary.suspect() - summary.rejected(),
                summary.suspect(),
                summary.rejected(),
                found[0].skipped() > 0 ? "; " + found[0].skipped() + " other files skipped" : ""));
        spec.commandLine().getOut().println(output);
        return summary.rejected() > 0 ? Main.SOME_ERRORS : Main.OK;
    }
}
