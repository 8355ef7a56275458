package melgauge.pipeline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import melgauge.data.Subset;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.tagging.TagJob;
import melgauge.pipeline.tagging.Tagger;
import melgauge.pipeline.training.TrainedRun;
import melgauge.pipeline.training.Training;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = "The whole job on the corpus that comes with Melgauge: prepare, train, evaluate, diagnose, tag.")
final class DemoCommand implements Callable<Integer> {
    private static final int CLIPS_TO_TAG = 5;

    @Option(names = "--work", paramLabel = "DIR", description = "Folder for all results; default: melgauge-demo.")
    private Path work = Path.of("melgauge-demo");

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the split and the training; default: 1.")
    private long seed = 1;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any key of the run file, such as --set training.epochs=5.")
    private List<String> sets = new ArrayList<>();

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        long begin = System.nanoTime();
        Path corpus = Home.demoCorpus();
        Path file = work.toAbsolutePath().normalize().resolve("run.yaml");
        String settings = """
                # The corpus that comes with Melgauge; this file can be copied and trained on its own.
                corpus: {manifest: "%s", audio: "%s"}
                # The register of the notes is one target, and where a patch has its energy tells it.
                features: {normalizer: band}
                # Half as wide as the default: as good on so few clips, and done in minutes.
                network: {conv: [16, 32, 64, 64, 64]}
                training:
                  epochs: 40
                  # The five targets are measured from notes: another tempo or pitch would be another label.
                  augment: {stretch: 0, shiftBands: 0}
                seed: %d
                cache: cache
                output: run
                """.formatted(corpus.resolve("labels.csv"), corpus, seed);
        Files.createDirectories(file.getParent());
        Files.writeString(file, settings);
        Monitor monitor = common.monitor();
        Run opened = Training.of(file).with(sets).with(monitor).open();
        RunOptions.logTo(opened.spec());
        TrainedRun run = Training.run(opened);

        PrintWriter out = spec.commandLine().getOut();
        Path tags = work.toAbsolutePath().normalize().resolve("tags.csv");
        tag(run, opened.spec(), corpus, tags, monitor);
        out.println();
        Diagnosis diagnosis = run.diagnosis();
        out.println(diagnosis.summary());
        ScoreTable.print(out, run.results());
        out.println();
        out.println("Tags of " + CLIPS_TO_TAG + " clips that training never saw (" + tags + "):");
        Files.readAllLines(tags).forEach(out::println);
        out.println();
        out.printf("done in %d s%n", (System.nanoTime() - begin) / 1_000_000_000);
        out.println("model:  " + run.model());
        out.println("report: " + run.report());
        out.flush();
        return RunOptions.exitCode(run.folder());
    }

    private static void tag(TrainedRun run, RunSpec spec, Path corpus, Path tags, Monitor monitor)
            throws IOException, InterruptedException {
        List<Path> clips = run.results().rows(Subset.TEST).stream()
                .limit(CLIPS_TO_TAG)
                .map(row -> corpus.resolve(row.path()))
                .toList();
        new Tagger(run.model(), spec.execution(), spec.threads(), spec.decoding())
                .tag(
                        adder -> {
                            for (Path clip : clips) {
                                adder.add(clip.toString(), clip, null);
                            }
                        },
                        TagJob.of(tags),
                        monitor);
    }
}
