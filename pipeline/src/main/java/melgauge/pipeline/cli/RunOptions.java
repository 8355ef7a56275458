package melgauge.pipeline.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import melgauge.data.AuditRow;
import melgauge.pipeline.Assignment;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.results.RunFolder;
import melgauge.pipeline.training.Training;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What every command on a {@code run.yaml} takes. */
final class RunOptions {
    static final String SHUFFLE =
            "The control: train on labels that are shuffled among the training and validation tracks,"
                    + " and see what chance gives. Goes to OUTPUT-shuffled.";

    @Parameters(
            index = "0",
            paramLabel = "RUN.yaml",
            description = "The settings, or the folder of a run.yaml; 'melgauge init DIR' writes one.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any key of the run file, such as --set training.epochs=5; values are YAML.")
    private List<String> sets = new ArrayList<>();

    @Mixin
    private CommonOptions common = new CommonOptions();

    /** Reads the settings. */
    RunSpec spec() {
        return spec(List.of());
    }

    /** Reads the settings, and more of them as if {@code --set} had given them last. */
    RunSpec spec(List<String> more) {
        return RunFile.read(
                settings(), Stream.concat(sets.stream(), more.stream()).toList());
    }

    /** A training with these settings. */
    Training training(Continuation continuation) {
        return Training.of(settings()).with(sets).with(continuation).with(monitor());
    }

    private Path settings() {
        return Files.isDirectory(file) ? file.resolve("run.yaml") : file;
    }

    /** Who hears of progress. */
    Monitor monitor() {
        return common.monitor();
    }

    /** Reads the settings, opens the run, its log included, and says what is learnt. */
    Run open() throws IOException {
        RunSpec spec = spec();
        return open(spec, Continuation.ASK, Assignment.ofSplit(spec));
    }

    /** Opens a run, its log included, and says what is learnt. */
    Run open(RunSpec spec, Continuation continuation, Assignment assignment) throws IOException {
        Run run = new Run(spec, monitor(), continuation, assignment);
        logTo(spec);
        run.announce();
        return run;
    }

    /** Refuses a device that can't be had, before any work is done. */
    static void useDevice(RunSpec spec) {
        spec.execution().open().close();
    }

    /** From now on, all is also written to the log in the run's folder. */
    static void logTo(RunSpec spec) throws IOException {
        try {
            Files.createDirectories(spec.output());
        } catch (IOException e) {
            throw new IOException("cannot make the folder output=" + spec.output() + ": " + e, e);
        }
        Logging.toFile(spec.output().resolve("log.txt"));
    }

    /** 3 if a track was rejected, else 0. */
    static int exitCode(RunFolder folder) throws IOException {
        return folder.read(RunFolder.AUDIT).stream().anyMatch(row -> row.status() == AuditRow.Status.REJECTED)
                ? Main.SOME_ERRORS
                : Main.OK;
    }
}
