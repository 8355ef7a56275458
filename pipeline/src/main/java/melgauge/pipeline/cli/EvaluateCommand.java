package melgauge.pipeline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import melgauge.data.Subset;
import melgauge.model.ModelBundle;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.results.RunFolder;
import melgauge.pipeline.tagging.LabelledTracks;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "evaluate",
        description =
                "Scores a model on labelled tracks, beside both of its baselines: the targets that the manifest has"
                        + " labels for, on the model's scales.")
final class EvaluateCommand implements Callable<Integer> {
    private static final Map<Subset, String> WHAT = Map.of(
            Subset.TEST,
            " tracks that had no part in the training",
            Subset.VALIDATION,
            " tracks that validated the model",
            Subset.TRAIN,
            " tracks that trained the model");

    @Parameters(index = "0", paramLabel = "MODEL", description = "The model, a .melgauge file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path model;

    @Parameters(
            index = "1",
            paramLabel = "MANIFEST.csv",
            description = "Tracks and labels: a column for each target, or for some of them.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path manifest;

    @Option(
            names = "--audio",
            required = true,
            paramLabel = "DIR",
            description = "The folder that the manifest's paths start from.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path audio;

    @Option(names = "--out", paramLabel = "DIR", description = "Also write metrics.json and predictions.csv there.")
    private @Nullable Path out;

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
    public Integer call() throws IOException, InterruptedException {
        ModelBundle bundle = ModelBundle.read(model);
        device.check();
        LabelledTracks labelled = LabelledTracks.predict(
                bundle, device.execution(), manifest, audio, decoding.workers(), decoding.limits(), common.monitor());
        Results results = labelled.results();
        PrintWriter console = spec.commandLine().getOut();
        if (!labelled.seenInWords().isEmpty()) {
            console.println("WARNING: " + labelled.seenInWords());
        }
        for (Subset side : List.of(Subset.TEST, Subset.VALIDATION, Subset.TRAIN)) {
            int tracks = results.rows(side).size();
            if (tracks > 0) {
                ScoreTable.print(console, results, side, tracks + WHAT.get(side));
                console.println();
            }
        }
        if (out != null) {
            RunFolder folder = new RunFolder(out);
            folder.write(RunFolder.METRICS, results.foreignMetrics());
            folder.write(RunFolder.PREDICTIONS, results);
            console.println(folder.path(RunFolder.METRICS));
            console.println(folder.path(RunFolder.PREDICTIONS));
            console.flush();
        }
        return labelled.failed() > 0 ? Main.SOME_ERRORS : Main.OK;
    }
}
