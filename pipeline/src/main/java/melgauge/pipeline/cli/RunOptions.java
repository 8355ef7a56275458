package melgauge.pipeline.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import melgauge.data.AuditRow;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.RunSpec;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What every command on a {@code run.yaml} takes. */
final class RunOptions {
    @Parameters(paramLabel = "RUN.yaml", description = "The settings; 'melgauge init DIR' writes a commented one.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any key of the run file, such as --set training.epochs=5; values are YAML.")
    private List<String> sets = new ArrayList<>();

    @Mixin
    private CommonOptions common = new CommonOptions();

    /** Reads the settings and opens the run, its log included. */
    Run open(boolean resume) throws IOException {
        RunSpec spec = RunFile.read(file, sets);
        Run run = new Run(spec, common.monitor(), resume);
        Files.createDirectories(spec.output());
        Logging.toFile(run.file("log.txt"));
        return run;
    }

    /** 3 if a track was rejected, else 0. */
    static int exitCode(Run run) throws IOException {
        return run.audits().stream().anyMatch(row -> row.status() == AuditRow.Status.REJECTED)
                ? Main.SOME_ERRORS
                : Main.OK;
    }
}
