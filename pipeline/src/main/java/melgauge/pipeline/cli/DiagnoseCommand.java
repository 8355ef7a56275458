package melgauge.pipeline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import melgauge.data.AtomicFile;
import melgauge.data.UsageException;
import melgauge.model.ModelBundle;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.experiments.Experiments;
import melgauge.model.training.TrainingLog;
import melgauge.pipeline.FixedRunFile;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.results.RunFolder;
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
            names = "--fix",
            description = "Also write RUN_DIR/" + FixedRunFile.FILE
                    + ": the run's settings with the remedies of what was" + " found, to train again with.")
    private boolean fix;

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
        if (fix && Files.isRegularFile(path)) {
            throw new UsageException(path + " is a model, which does not know the files of its corpus; give --fix the"
                    + " folder of the run that it comes from");
        }
        Diagnosis diagnosis = deep ? DeepDiagnosis.of(path, steps, common.monitor()) : diagnosis();
        PrintWriter out = spec.commandLine().getOut();
        out.print(diagnosis.summary());
        if (fix) {
            out.println();
            fix(FixedRunFile.of(settings(), diagnosis), out);
        }
        out.flush();
        return Main.OK;
    }

    private void fix(FixedRunFile fixed, PrintWriter out) throws IOException {
        if (fixed.changes().isEmpty()) {
            out.println("no " + FixedRunFile.FILE + ": " + fixed.whyNot());
            return;
        }
        Path file = path.resolve(FixedRunFile.FILE);
        AtomicFile.writeString(file, fixed.text());
        out.println("fixed: " + file);
        fixed.changes().forEach(change -> out.println("  " + change));
        if (!fixed.byHand().isEmpty()) {
            out.println("left to do by hand:");
            fixed.byHand().forEach(left -> out.println("  " + left));
        }
        out.println("next:  melgauge train " + file);
    }

    private RunSpec settings() {
        return RunFile.read(path.resolve("run.yaml"), List.of());
    }

    private Diagnosis diagnosis() throws IOException {
        if (!Files.isDirectory(path)) {
            ModelBundle bundle = ModelBundle.read(path);
            try {
                return Diagnosis.fromJson(bundle.provenance().path("diagnosis"));
            } catch (IOException e) {
                throw new IOException(path + ": its provenance holds no diagnosis; diagnose the folder of its run", e);
            }
        }
        RunFolder folder = new RunFolder(path);
        if (folder.has(RunFolder.DIAGNOSIS)) {
            return folder.read(RunFolder.DIAGNOSIS);
        }
        if (!folder.has(RunFolder.CHECKPOINT)) {
            throw new UsageException(path + " is no run that has finished an epoch: neither diagnosis.json nor "
                    + RunFolder.CHECKPOINT.name() + " is there");
        }
        RunSpec run = settings();
        TrainingLog log = folder.read(RunFolder.CHECKPOINT).state().log();
        return Diagnosis.ofRunning(run.network(), log, run.corpus().read().targets());
    }
}
