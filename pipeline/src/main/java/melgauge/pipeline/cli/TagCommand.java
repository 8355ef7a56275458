package melgauge.pipeline.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import melgauge.data.UsageException;
import melgauge.model.Engine;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.tagging.Inputs;
import melgauge.pipeline.tagging.TagTable;
import melgauge.pipeline.tagging.Tagger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "tag",
        description =
                "Predicts any number of audio files, one row each. The same command goes on after an interruption.")
final class TagCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "The model, a .melgauge file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path model;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "OUT",
            description = "The table to write; .csv, .jsonl or .parquet by its ending.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path out;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads that decode; 0, the default, is one per core.")
    private int workers;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "Audio files, folders, .m3u playlists, or manifests (.csv with a column path).")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private List<String> paths;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (workers < 0) {
            throw new UsageException("--workers=" + workers + " must be at least 0");
        }
        TagTable.Format.of(out);
        Tagger tagger = new Tagger(model, workers == 0 ? Runtime.getRuntime().availableProcessors() : workers);
        device.use(Engine.named(tagger.engine()));
        List<Inputs.Input> inputs = new ArrayList<>();
        Inputs.Found found = Inputs.find(paths, new Inputs.Options(false, false), System.in, inputs::add);
        Monitor monitor = common.monitor();
        long begin = System.nanoTime();
        Tagger.Summary summary = tagger.tag(inputs, out, monitor);
        double minutes = (System.nanoTime() - begin) / 6e10;
        monitor.say(String.format(
                Locale.ROOT,
                "tag: %d tracks, %d errors%s, %.0f tracks a minute",
                summary.rows(),
                summary.errors(),
                found.skipped() > 0 ? ", " + found.skipped() + " other files skipped" : "",
                (summary.rows() - summary.earlier()) / minutes));
        spec.commandLine().getOut().println(out);
        return summary.errors() > 0 ? Main.SOME_ERRORS : Main.OK;
    }
}
