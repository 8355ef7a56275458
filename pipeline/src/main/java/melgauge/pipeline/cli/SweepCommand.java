package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.selection.SearchSpace;
import melgauge.pipeline.selection.Sweep;
import melgauge.pipeline.selection.Sweep.Criterion;
import melgauge.pipeline.selection.Sweep.Row;
import melgauge.pipeline.selection.Sweep.Trial;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "sweep",
        description =
                "Tries settings: trains every combination with several seeds on the run's own split, and ranks them"
                        + " by the validation tracks. Test tracks are withheld.")
final class SweepCommand implements Callable<Integer> {
    @Mixin
    private RunOptions options = new RunOptions();

    @Option(
            names = "--vary",
            required = true,
            paramLabel = "KEY=VALUES",
            description = "A key of the run file and its values in YAML, separated by commas, such as"
                    + " training.learningRate=0.001,0.003 or \"network.conv=[8, 16],[16, 32]\"; with --random also a"
                    + " range, such as training.learningRate=[1e-4..1e-2], logarithmic over a factor of 10 or more"
                    + " ([1..100 linear] is not). Can be given for several keys.")
    private List<String> vary = new ArrayList<>();

    @Option(names = "--random", paramLabel = "N", description = "Try N combinations at random, not all of them.")
    private @Nullable Integer random;

    @Option(names = "--seeds", paramLabel = "N", description = "Trainings of each combination; default: 3.")
    private int seeds = 3;

    @Option(
            names = "--by",
            paramLabel = "loss|r2|r",
            description =
                    "What ranks: the median validation loss, or the mean validation R² or r; default: loss, and r2"
                            + " where training.loss is varied.")
    private @Nullable Criterion by;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec command;

    @Override
    public Integer call() throws Exception {
        RunSpec base = options.spec();
        SearchSpace space = SearchSpace.parse(vary);
        List<List<String>> combinations = random == null ? space.grid() : space.random(random, base.seed());
        Criterion criterion = by != null
                ? by
                : Criterion.of(space.axes().stream().map(SearchSpace.Axis::key).toList());
        RunOptions.useDevice(base);
        Sweep sweep = new Sweep(base, options::spec, seeds, criterion, options.monitor());
        RunOptions.logTo(base);
        Sweep.Ranking ranking = sweep.run(combinations);
        PrintWriter out = command.commandLine().getOut();
        print(out, ranking);
        out.println();
        out.println("table: " + base.output().resolve(Sweep.FILE));
        out.flush();
        if (ranking.rows().stream().noneMatch(Row::succeeded)) {
            return Main.FAILED;
        }
        return ranking.rows().stream().allMatch(Row::succeeded) ? Main.OK : Main.SOME_ERRORS;
    }

    private void print(PrintWriter out, Sweep.Ranking ranking) {
        out.printf(
                "%d combinations, %d seeds each, best first by %s on %d validation tracks; test tracks were withheld%n",
                ranking.rows().size(),
                seeds,
                switch (ranking.criterion()) {
                    case LOSS -> "the median loss";
                    case R2 -> "the mean R²";
                    case R -> "the mean r";
                },
                ranking.validationTracks());
        List<List<String>> lines = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("sweep"));
        ranking.rows().get(0).settings().forEach(setting -> header.add(Sweep.key(setting)));
        header.addAll(List.of("loss", "least", "most", "R²", "r", "ridge R²", "ridge r", "epoch", "s"));
        lines.add(header);
        for (Row row : ranking.rows()) {
            List<String> line = new ArrayList<>(List.of(String.format(Locale.ROOT, "%03d", row.number())));
            row.settings().forEach(setting -> line.add(Sweep.value(setting)));
            if (row.succeeded()) {
                line.add(number("%.5f", row.median(Trial::loss)));
                line.add(number("%.5f", row.min(Trial::loss)));
                line.add(number("%.5f", row.max(Trial::loss)));
                line.add(number("%.3f", row.mean(Trial::r2)));
                line.add(number("%.3f", row.mean(Trial::pearson)));
                line.add(number("%.3f", row.mean(Trial::ridgeR2)));
                line.add(number("%.3f", row.mean(Trial::ridgePearson)));
                line.add(number("%.0f", row.median(Trial::bestEpoch)));
                line.add(number(
                        "%.0f",
                        row.trials().stream().mapToDouble(Trial::seconds).sum()));
            }
            lines.add(line);
        }
        int[] widths = new int[header.size()];
        lines.forEach(line -> {
            for (int i = 0; i < line.size(); i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        });
        for (int l = 0; l < lines.size(); l++) {
            StringBuilder text = new StringBuilder();
            List<String> line = lines.get(l);
            for (int i = 0; i < line.size(); i++) {
                text.append(String.format("%" + widths[i] + "s  ", line.get(i)));
            }
            if (l > 0) {
                text.append(ranking.rows().get(l - 1).error());
            }
            out.println(text.toString().stripTrailing());
        }
        Row best = ranking.rows().get(0);
        if (best.succeeded() && Double.isFinite(best.median(Trial::loss))) {
            out.println();
            out.println("best: "
                    + best.settings().stream()
                            .map(setting -> "--set " + Shell.word(setting))
                            .collect(Collectors.joining(" ")));
            out.println("Its validation scores are too good, because it was chosen by them: 'train' or 'crossvalidate'"
                    + " with these settings tells how good it is.");
        }
    }

    private static String number(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "–";
    }
}
