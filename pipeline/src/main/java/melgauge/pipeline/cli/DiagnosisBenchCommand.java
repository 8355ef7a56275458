package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import melgauge.data.UsageException;
import melgauge.pipeline.gallery.Exhibit;
import melgauge.pipeline.gallery.Gallery;
import melgauge.pipeline.gallery.Outcome;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "diagnosis",
        description = "Trains on the demo corpus with one fault after the other, and without any, and sees whether the"
                + " diagnosis names the fault; one JSON object a line, totals last. What is finished is not trained"
                + " again.")
final class DiagnosisBenchCommand implements Callable<Integer> {
    @Option(names = "--seeds", paramLabel = "N", description = "Trainings of each fault; default: 1.")
    private int seeds = 1;

    @Option(
            names = "--faults",
            split = ",",
            paramLabel = "NAME",
            description = "Only these faults, separated by commas; default: all, and the healthy runs.")
    private @Nullable List<String> faults;

    @Option(names = "--fix", description = "Train every fault again with the remedies of its diagnosis.")
    private boolean fix;

    @Option(names = "--work", paramLabel = "DIR", description = "Folder for all runs; default: melgauge-gallery.")
    private Path work = Path.of("melgauge-gallery");

    @Option(
            names = "--corpus",
            paramLabel = "DIR",
            description = "A folder with labels.csv and the audio that it names; default: the demo corpus.")
    private @Nullable Path corpus;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any key of the run file, such as --set training.epochs=30; what makes a fault goes over it.")
    private List<String> sets = new ArrayList<>();

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (seeds < 1) {
            throw new UsageException("--seeds " + seeds + " must be at least 1");
        }
        List<Exhibit> exhibits = faults == null
                ? Exhibit.ALL
                : faults.stream().map(String::strip).map(Exhibit::named).toList();
        Path folder = corpus == null ? Home.demoCorpus() : corpus;
        if (!Files.isRegularFile(folder.resolve("labels.csv"))) {
            throw new UsageException("--corpus " + folder + " has no labels.csv; name a folder with a manifest of that"
                    + " name and the audio beside it");
        }
        Gallery gallery = new Gallery(folder, work, sets, common.monitor());
        RunOptions.useDevice(gallery.spec(exhibits.get(0), 1));
        Files.createDirectories(work);
        Logging.toFile(work.resolve("log.txt"));
        PrintWriter out = spec.commandLine().getOut();
        List<Outcome> outcomes = new ArrayList<>();
        for (Exhibit exhibit : exhibits) {
            for (int seed = 1; seed <= seeds; seed++) {
                Outcome outcome = gallery.run(exhibit, seed, fix);
                outcomes.add(outcome);
                out.println(outcome.toJson());
                out.flush();
            }
        }
        out.println(Outcome.totals(outcomes));
        out.flush();
        return outcomes.stream().allMatch(Outcome::succeeded) ? Main.OK : Main.SOME_ERRORS;
    }
}
