package melgauge.pipeline.cli;

import java.util.concurrent.Callable;
import melgauge.pipeline.Pipeline;
import melgauge.pipeline.Run;
import melgauge.pipeline.stages.Stages;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "prepare",
        description = "Audits, decodes and caches the spectrograms of a corpus, then fits the normaliser.")
final class PrepareCommand implements Callable<Integer> {
    @Option(
            names = "--verify",
            description = "Trust nothing: read every audio file and every cache entry again, whatever the file system"
                    + " says, and make anew what has changed or is damaged.")
    private boolean verify;

    @Mixin
    private RunOptions options = new RunOptions();

    @Override
    public Integer call() throws Exception {
        Run run = options.open(false);
        new Pipeline(Stages.prepare(verify)).run(run);
        return RunOptions.exitCode(run);
    }
}
