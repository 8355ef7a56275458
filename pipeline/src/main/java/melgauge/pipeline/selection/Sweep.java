package melgauge.pipeline.selection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import melgauge.data.AtomicFile;
import melgauge.data.Manifest;
import melgauge.data.Subset;
import melgauge.data.UsageException;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.TargetScores;
import melgauge.model.training.TrainingLog;
import melgauge.pipeline.Assignment;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Pipeline;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.results.Csv;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.results.RunFolder;
import melgauge.pipeline.stages.Stages;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains combinations of settings, each with several seeds, and ranks them by what they reach on the validation tracks.
 * The split is that of the run's own seed in all of them, and test tracks are withheld from training and prediction:
 * they are left to judge what was chosen.
 *
 * <p>Each training is a run in a folder of its own, whose stages are skipped when they have been done. A combination
 * keeps its folder when a later sweep of the same output tries it again among others. For one thread.
 */
public final class Sweep {
    /** Name of the table in the output folder. */
    public static final String FILE = "sweep.csv";

    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);
    private static final String SETTINGS = "settings.txt";

    private final RunSpec base;
    private final Function<List<String>, RunSpec> reader;
    private final int seeds;
    private final Criterion criterion;
    private final Monitor monitor;

    /** What makes a combination better. */
    public enum Criterion {
        /** A smaller median of the validation loss. */
        LOSS(Comparator.comparingDouble(row -> row.median(Trial::loss))),
        /** A larger mean R² on the validation tracks. */
        R2(Comparator.comparingDouble(row -> -row.mean(Trial::r2))),
        /** A larger mean correlation on the validation tracks. */
        R(Comparator.comparingDouble(row -> -row.mean(Trial::pearson)));

        @SuppressWarnings("ImmutableEnumChecker") // holds nothing
        private final Comparator<Row> order;

        Criterion(Comparator<Row> order) {
            this.order = order;
        }

        /**
         * The loss, unless losses of different kinds would be compared.
         *
         * @param keys what is varied
         */
        public static Criterion of(List<String> keys) {
            return keys.stream().anyMatch(key -> key.startsWith("training.loss") || key.equals("training")) ? R2 : LOSS;
        }
    }

    /**
     * One training.
     *
     * @param seed of weights and sampling
     * @param loss the smallest validation loss; infinite if it never was a number
     * @param r2 of the validation tracks with the weights of that epoch, mean over targets
     * @param pearson likewise
     * @param ridgeR2 what ridge regression on the training tracks reaches on the validation tracks
     * @param ridgePearson likewise
     * @param bestEpoch the epoch with that loss
     * @param seconds that its epochs took
     */
    public record Trial(
            long seed,
            double loss,
            double r2,
            double pearson,
            double ridgeR2,
            double ridgePearson,
            int bestEpoch,
            double seconds) {}

    /**
     * One combination.
     *
     * @param number of its folder
     * @param settings words for {@code --set}
     * @param trials one for each seed, if nothing went wrong
     * @param error what went wrong; empty if nothing
     */
    public record Row(int number, List<String> settings, List<Trial> trials, String error) {
        public Row {
            settings = List.copyOf(settings);
            trials = List.copyOf(trials);
        }

        /** The mean over seeds; NaN without trials. */
        public double mean(ToDoubleFunction<Trial> value) {
            return trials.stream().mapToDouble(value).average().orElse(Double.NaN);
        }

        /** The median over seeds, between the two middle ones of an even number; NaN without trials. */
        public double median(ToDoubleFunction<Trial> value) {
            double[] sorted = trials.stream().mapToDouble(value).sorted().toArray();
            int middle = sorted.length / 2;
            return sorted.length == 0
                    ? Double.NaN
                    : sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }

        /** The smallest over seeds; NaN without trials. */
        public double min(ToDoubleFunction<Trial> value) {
            return trials.stream().mapToDouble(value).min().orElse(Double.NaN);
        }

        /** The largest over seeds; NaN without trials. */
        public double max(ToDoubleFunction<Trial> value) {
            return trials.stream().mapToDouble(value).max().orElse(Double.NaN);
        }

        /** Whether it was trained with every seed. */
        public boolean succeeded() {
            return error.isEmpty();
        }
    }

    /**
     * What a sweep found.
     *
     * @param rows best first, failed ones last
     * @param validationTracks how many tracks the ranking rests on
     */
    public record Ranking(List<Row> rows, Criterion criterion, int validationTracks) {
        public Ranking {
            rows = List.copyOf(rows);
        }
    }

    /**
     * A sweep in the output folder of {@code base}.
     *
     * @param base the settings without any combination; its seed splits, and is the first to train with
     * @param reader adds a combination to these settings
     * @param seeds trainings of each combination, at least 1
     */
    public Sweep(
            RunSpec base, Function<List<String>, RunSpec> reader, int seeds, Criterion criterion, Monitor monitor) {
        if (seeds < 1) {
            throw new UsageException("seeds=" + seeds + " must be at least 1; 3 are usual");
        }
        this.base = base;
        this.reader = reader;
        this.seeds = seeds;
        this.criterion = criterion;
        this.monitor = monitor;
    }

    /**
     * Trains all combinations and writes {@code sweep.csv}, after each anew.
     *
     * @param combinations words for {@code --set}
     * @throws UsageException if there are no validation tracks to choose by, or no combination can be read
     */
    public Ranking run(List<List<String>> combinations) throws IOException, InterruptedException {
        Manifest manifest = base.corpus().read();
        if (!Assignment.ofSplit(base).sides().apply(manifest).containsValue(Subset.VALIDATION)) {
            throw new UsageException("the split has no validation tracks, by which a sweep chooses; give"
                    + " corpus.split.validation a share");
        }
        failIfNoneCanBeRead(combinations);
        Run.announce(manifest, monitor);
        Map<List<String>, Integer> numbers = numbered(combinations);
        List<Row> rows = new ArrayList<>();
        int validationTracks = 0;
        for (List<String> combination : combinations) {
            int number = Objects.requireNonNull(numbers.get(combination));
            Row row = row(number, combination);
            rows.add(row);
            if (row.succeeded()) {
                validationTracks = new RunFolder(folder(number, base.seed()))
                        .read(RunFolder.RESULTS)
                        .rows(Subset.VALIDATION)
                        .size();
            }
            // A loss that is not a number is behind every other.
            rows.sort(Comparator.comparing((Row each) -> !each.succeeded()).thenComparing(criterion.order));
            write(rows);
        }
        return new Ranking(rows, criterion, validationTracks);
    }

    private void failIfNoneCanBeRead(List<List<String>> combinations) {
        UsageException first = null;
        for (List<String> combination : combinations) {
            try {
                RunSpec ignored = reader.apply(combination);
                return;
            } catch (UsageException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private Path folder(int number) {
        return base.output().resolve(String.format(Locale.ROOT, "sweep-%03d", number));
    }

    private Path folder(int number, long seed) {
        return folder(number).resolve("seed-" + seed);
    }

    /** Numbers that combinations had before, and the next ones for those that are new. */
    private Map<List<String>, Integer> numbered(List<List<String>> combinations) throws IOException {
        Map<List<String>, Integer> numbers = new HashMap<>();
        int last = 0;
        if (Files.isDirectory(base.output())) {
            try (Stream<Path> folders = Files.list(base.output())) {
                for (Path folder : folders.sorted().toList()) {
                    String name = String.valueOf(folder.getFileName());
                    Path settings = folder.resolve(SETTINGS);
                    if (name.matches("sweep-\\d{3,9}") && Files.isRegularFile(settings)) {
                        int number = Integer.parseInt(name.substring("sweep-".length()));
                        numbers.put(Files.readAllLines(settings), number);
                        last = Math.max(last, number);
                    }
                }
            }
        }
        for (List<String> combination : combinations) {
            if (!numbers.containsKey(combination)) {
                numbers.put(combination, ++last);
                AtomicFile.writeString(folder(last).resolve(SETTINGS), String.join("\n", combination) + "\n");
            }
        }
        return numbers;
    }

    private Row row(int number, List<String> combination) throws InterruptedException {
        List<Trial> trials = new ArrayList<>();
        try {
            RunSpec spec = reader.apply(combination);
            monitor.say(String.format(Locale.ROOT, "sweep-%03d: %s", number, String.join(" ", combination)));
            for (long seed = base.seed(); seed < base.seed() + seeds; seed++) {
                trials.add(trial(
                        spec.withSeed(seed).withOutput(folder(number, seed)).withSingleNetwork(), number));
            }
            return new Row(number, combination, trials, "");
        } catch (UsageException | IOException | UncheckedIOException e) {
            return failed(number, combination, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // Whatever an engine makes of odd settings; the other combinations may do.
            LOG.error("sweep-{} failed", number, e);
            return failed(number, combination, e.toString());
        }
    }

    private Row failed(int number, List<String> combination, String reason) {
        String error = reason.replaceAll("\\s+", " ");
        monitor.say(
                String.format(Locale.ROOT, "sweep-%03d: %s failed: %s", number, String.join(" ", combination), error));
        return new Row(number, combination, List.of(), error);
    }

    private Trial trial(RunSpec spec, int number) throws IOException, InterruptedException {
        Run run = new Run(
                spec,
                monitor.part(String.format(Locale.ROOT, "sweep-%03d seed %d:", number, spec.seed())),
                Continuation.RESUME_IF_SAME,
                Assignment.ofSplit(base).withoutTest());
        new Pipeline(Stages.trial()).run(run);
        TrainingLog log = run.folder().read(RunFolder.CHECKPOINT).state().log();
        Results results = run.folder().read(RunFolder.RESULTS);
        Evaluation validation = results.network(Subset.VALIDATION);
        Evaluation ridge = results.ridge(Subset.VALIDATION);
        double loss = log.bestEpoch() == 0
                ? Double.POSITIVE_INFINITY
                : log.epochs().get(log.bestEpoch() - 1).validationLoss();
        return new Trial(
                spec.seed(),
                Double.isNaN(loss) ? Double.POSITIVE_INFINITY : loss,
                validation.mean(TargetScores::r2),
                validation.mean(TargetScores::pearson),
                ridge.mean(TargetScores::r2),
                ridge.mean(TargetScores::pearson),
                log.bestEpoch(),
                log.epochs().stream().mapToDouble(TrainingLog.Epoch::seconds).sum());
    }

    private void write(List<Row> rows) throws IOException {
        List<String> header = new ArrayList<>(List.of("sweep"));
        rows.get(0).settings().forEach(setting -> header.add(key(setting)));
        header.addAll(List.of(
                "seeds",
                "validationLoss",
                "validationLossMin",
                "validationLossMax",
                "validationR2",
                "validationPearson",
                "ridgeR2",
                "ridgePearson",
                "bestEpoch",
                "seconds",
                "error"));
        Csv.write(base.output().resolve(FILE), header, printer -> {
            for (Row row : rows) {
                List<Object> cells = new ArrayList<>(List.of(String.format(Locale.ROOT, "%03d", row.number())));
                row.settings().forEach(setting -> cells.add(value(setting)));
                cells.add(row.trials().size());
                for (double score : new double[] {
                    row.median(Trial::loss),
                    row.min(Trial::loss),
                    row.max(Trial::loss),
                    row.mean(Trial::r2),
                    row.mean(Trial::pearson),
                    row.mean(Trial::ridgeR2),
                    row.mean(Trial::ridgePearson),
                    row.median(Trial::bestEpoch),
                    row.trials().stream().mapToDouble(Trial::seconds).sum()
                }) {
                    cells.add(row.succeeded() ? Csv.number(score) : "");
                }
                cells.add(row.error());
                printer.printRecord(cells);
            }
        });
    }

    /** The key of a word for {@code --set}. */
    public static String key(String setting) {
        return setting.substring(0, setting.indexOf('='));
    }

    /** The value of a word for {@code --set}. */
    public static String value(String setting) {
        return setting.substring(setting.indexOf('=') + 1);
    }
}
