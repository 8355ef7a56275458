package melgauge.pipeline.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import melgauge.data.UsageException;
import melgauge.model.ModelBundle;
import melgauge.model.TrainingLog;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.Experiments;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.results.Checkpoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "diagnose", description = "Says again, in words, what became of a finished or running training.")
final class DiagnoseCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN_DIR|MODEL", description = "The folder of a run, or a .melgauge file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path path;

    @Option(
            names = "--deep",
            description =
                    "Experiment on a finished run: several short trainings, which take minutes; adds what they say to"
                            + " its diagnosis and its report.")
    private boolean deep;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Steps of each short training of --deep (default: ${DEFAULT-VALUE}).")
    private int steps = Experiments.DEFAULT_STEPS;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Diagnosis diagnosis = deep ? DeepDiagnosis.of(path, steps, common.monitor()) : diagnosis();
        spec.commandLine().getOut().print(diagnosis.summary());
        spec.commandLine().getOut().flush();
        return Main.OK;
    }

    private Diagnosis diagnosis() throws IOException {
        if (!Files.isDirectory(path)) {
            return Diagnosis.fromJson(ModelBundle.read(path).provenance().path("diagnosis"));
        }
        Path finished = path.resolve("diagnosis.json");
        if (Files.isRegularFile(finished)) {
            return Diagnosis.fromJson(new ObjectMapper().readTree(finished.toFile()));
        }
        Path running = path.resolve(Checkpoint.FILE);
        if (!Files.isRegularFile(running)) {
            throw new UsageException(path + " is no run that has finished an epoch: neither diagnosis.json nor "
                    + Checkpoint.FILE + " is there");
        }
        RunSpec run = RunFile.read(path.resolve("run.yaml"), List.of());
        TrainingLog log = Checkpoint.read(running).state().log();
        return Diagnosis.ofRunning(run.network(), log, run.corpus().read().targets());
    }
}
