package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import melgauge.model.Engine;
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
            required = true,
            paramLabel = "OUT",
            description = "The table to write; .csv, .jsonl or .parquet by its ending. What is known so far is kept in"
                    + " OUT.catalog beside it.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path out;

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
        TagJob job = new TagJob(out, segments, embeddings, retry, writeTags);
        Tagger tagger = new Tagger(model, decoding.workers(), decoding.limits());
        device.use(Engine.named(tagger.engine()));
        Monitor monitor = common.monitor();
        long begin = System.nanoTime();
        Inputs.Found[] found = new Inputs.Found[1];
        Tagger.Summary summary = tagger.tag(adder -> found[0] = inputs.find(paths, adder, monitor), job, monitor);
        double minutes = (System.nanoTime() - begin) / 6e10;
        monitor.say(String.format(
                Locale.ROOT,
                "tag: %s, %s%s%s%s%s",
                count(summary.rows(), "input"),
                count(summary.errors(), "error"),
                summary.earlier() > 0 ? ", " + summary.earlier() + " known before" : "",
                writeTags ? ", " + summary.tagged() + " files tagged, " + summary.untagged() + " not tagged" : "",
                found[0].skipped() > 0 ? ", " + found[0].skipped() + " other files skipped" : "",
                summary.rows() > summary.earlier()
                        ? String.format(
                                Locale.ROOT, ", %.0f tracks a minute", (summary.rows() - summary.earlier()) / minutes)
                        : ""));
        if (summary.seen() > 0) {
            monitor.say("tag: " + summary.seen()
                    + (summary.seen() == 1 ? " input is a file" : " inputs are files")
                    + " that the model has learnt from or was validated by (flag seen): predictions of such files are better"
                    + " than those of new ones");
        }
        PrintWriter console = spec.commandLine().getOut();
        console.println(out);
        if (segments != null) {
            console.println(segments);
        }
        if (embeddings != null) {
            console.println(embeddings);
        }
        return summary.errors() + summary.untagged() > 0 ? Main.SOME_ERRORS : Main.OK;
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
