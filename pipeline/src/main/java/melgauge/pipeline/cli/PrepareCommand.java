package melgauge.pipeline.cli;

import java.util.concurrent.Callable;
import melgauge.pipeline.Pipeline;
import melgauge.pipeline.Run;
import melgauge.pipeline.stages.Stages;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "prepare",
        description = "Audits, decodes and caches the spectrograms of a corpus, then fits the normaliser.")
final class PrepareCommand implements Callable<Integer> {
    @Mixin
    private RunOptions options = new RunOptions();

    @Override
    public Integer call() throws Exception {
        Run run = options.open(false);
        new Pipeline(Stages.prepare()).run(run);
        return RunOptions.exitCode(run);
    }
}
