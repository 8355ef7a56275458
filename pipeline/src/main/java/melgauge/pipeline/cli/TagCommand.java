package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import melgauge.data.UsageException;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.inputs.Inputs;
import melgauge.pipeline.tagging.TagJob;
import melgauge.pipeline.tagging.Tagger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "tag",
        description =
                "Predicts any number of audio files, one row each. The same command goes on after an interruption,"
                        + " and works only on what is new or has changed when it is run again.")
final class TagCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "The model, a .melgauge file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path model;

    @Option(
            names = "--out",
            paramLabel = "OUT",
            description = "The table to write; .csv, .jsonl or .parquet by its ending. What is known so far is kept in"
                    + " OUT.catalog beside it. - writes rows to standard output as they are known, and keeps nothing."
                    + " Without --out, a few files are listed on the console.")
    private @Nullable Path out;

    @Option(
            names = "--format",
            paramLabel = "csv|jsonl",
            description = "The format of rows on standard output (--out -); default: csv.")
    private Tagger.@Nullable StreamFormat format;

    @Option(
            names = "--segments",
            paramLabel = "FILE",
            description =
                    "Also write a time line: a row for each patch, with its start and end in seconds; .csv, .jsonl or"
                            + " .parquet.")
    private @Nullable Path segments;

    @Option(
            names = "--embeddings",
            paramLabel = "FILE.npy",
            description =
                    "Also write what the last hidden layer says of each input, [inputs, units], in the order of OUT.")
    private @Nullable Path embeddings;

    @Option(
            names = "--write-tags",
            description =
                    "Also write the value of each target into the audio file's own metadata, as MELGAUGE_TARGET, and the"
                            + " beginning of the model's SHA-256, as MELGAUGE_MODEL. A file is replaced by a copy that"
                            + " differs in nothing else, or left as it is: its row is then flagged not-tagged, and the"
                            + " exit code is 3. MP3, FLAC, Ogg Vorbis, M4A, WAV, AIFF and WMA.")
    private boolean writeTags;

    @Option(names = "--retry", description = "Try inputs again that failed before, although they have not changed.")
    private boolean retry;

    @Parameters(arity = "1..*", paramLabel = "PATH", description = InputOptions.PATHS)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private List<String> paths;

    @Mixin
    private InputOptions inputs = new InputOptions();

    @Mixin
    private DecodingOptions decoding = new DecodingOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        boolean streams = out != null && out.toString().equals("-");
        if (format != null && !streams) {
            throw new UsageException("--format is for --out -; the name of a file says its format");
        }
        if (out == null || streams) {
            requireFile("--segments", segments != null);
            requireFile("--embeddings", embeddings != null);
            requireFile("--write-tags", writeTags);
            requireFile("--retry", retry);
        }
        Path table = out;
        TagJob job = table == null || streams ? null : new TagJob(table, segments, embeddings, retry, writeTags);
        Tagger tagger = new Tagger(model, device.execution(), decoding.workers(), decoding.limits());
        device.check();
        Monitor monitor = job == null ? common.monitorBesideRows() : common.monitor();
        AtomicReference<Inputs.Found> found = new AtomicReference<>();
        Tagger.Source source = adder -> found.set(inputs.find(paths, adder, monitor));
        long begin = System.nanoTime();
        Tagger.Summary summary;
        if (job != null) {
            summary = tagger.tag(source, job, monitor);
        } else if (streams) {
            Tagger.StreamFormat rows = format == null ? Tagger.StreamFormat.CSV : format;
            summary = tagger.stream(source, new StandardOutput(), rows, monitor);
        } else {
            summary = new TagListing(tagger.targets(), spec.commandLine().getOut()).list(tagger, source, monitor);
        }
        say(summary, Objects.requireNonNull(found.get()), System.nanoTime() - begin, monitor);
        if (job != null) {
            PrintWriter console = spec.commandLine().getOut();
            Stream.of(table, segments, embeddings).filter(Objects::nonNull).forEach(console::println);
        }
        return summary.errors() + summary.untagged() > 0 ? Main.SOME_ERRORS : Main.OK;
    }

    private static void requireFile(String option, boolean given) {
        if (given) {
            throw new UsageException(option + " needs --out FILE, beside which results are kept");
        }
    }

    private void say(Tagger.Summary summary, Inputs.Found found, long nanos, Monitor monitor) {
        long fresh = summary.rows() - summary.earlier();
        List<String> parts = new ArrayList<>();
        parts.add(count(summary.rows(), "input"));
        parts.add(count(summary.errors(), "error"));
        if (summary.earlier() > 0) {
            parts.add(summary.earlier() + " known before");
        }
        if (writeTags) {
            parts.add(count(summary.tagged(), "file") + " tagged");
            parts.add(summary.untagged() + " not tagged");
        }
        if (found.skipped() > 0) {
            parts.add(count(found.skipped(), "other file") + " skipped");
        }
        if (fresh > 0) {
            parts.add(String.format(Locale.ROOT, "%.0f tracks a minute", fresh / (nanos / 6e10)));
        }
        monitor.say("tag: " + String.join(", ", parts));
        if (summary.seen() > 0) {
            monitor.say("tag: " + summary.seen()
                    + (summary.seen() == 1 ? " input is a file" : " inputs are files")
                    + " that the model has learnt from or was validated by (flag seen): predictions of such files are better"
                    + " than those of new ones");
        }
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
