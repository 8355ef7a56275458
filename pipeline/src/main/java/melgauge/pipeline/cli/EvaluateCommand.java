package melgauge.pipeline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import melgauge.data.AudioException;
import melgauge.data.Decoder;
import melgauge.data.Manifest;
import melgauge.data.Scale;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.features.FeatureExtractor;
import melgauge.features.FrameSource;
import melgauge.features.MelSpec;
import melgauge.features.Spectrogram;
import melgauge.features.TrackStatistics;
import melgauge.model.ModelBundle;
import melgauge.model.Regressor;
import melgauge.model.Target;
import melgauge.model.TrackPredictor;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.TrackTask;
import melgauge.pipeline.Workers;
import melgauge.pipeline.results.Results;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "evaluate", description = "Scores a model on labelled tracks, beside both of its baselines.")
final class EvaluateCommand implements Callable<Integer> {
    private static final int BATCH = 16;

    @Parameters(index = "0", paramLabel = "MODEL", description = "The model, a .melgauge file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path model;

    @Parameters(index = "1", paramLabel = "MANIFEST.csv", description = "Tracks and labels; a column for each target.")
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
    private CommonOptions common = new CommonOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        ModelBundle bundle = ModelBundle.read(model);
        Map<String, Scale> scales = new HashMap<>();
        List<String> names = bundle.targets().stream().map(Target::name).toList();
        bundle.targets().forEach(target -> scales.put(target.name(), target.scale()));
        List<Track> tracks = Manifest.read(manifest, audio, names, scales).tracks();
        List<Results.Row> rows = new ArrayList<>();
        Monitor monitor = common.monitor();
        int[] failed = new int[1];
        try (Regressor regressor = bundle.open();
                Workers workers = new Workers(Runtime.getRuntime().availableProcessors());
                Monitor.Task task = monitor.begin("evaluation", "tracks")) {
            TrackPredictor predictor = new TrackPredictor(regressor, bundle.patch(), bundle.normalizer(), BATCH);
            int[] done = new int[1];
            workers.map(tracks.iterator(), new Extract(bundle.features()), extracted -> {
                Track track = extracted.track();
                Spectrogram spectrogram = extracted.spectrogram();
                if (spectrogram == null) {
                    failed[0]++;
                    monitor.say(track.path() + ": " + extracted.error());
                } else {
                    FrameSource frames = FrameSource.of(spectrogram);
                    double[] ridge = bundle.baseline().predict(TrackStatistics.of(frames));
                    predictor.add(
                            frames,
                            prediction -> rows.add(new Results.Row(
                                    track.path(),
                                    Subset.TEST,
                                    prediction.mean(),
                                    prediction.spread(),
                                    track.labels(),
                                    ridge)));
                }
                task.at(++done[0], tracks.size());
            });
            predictor.flush();
        }
        if (rows.isEmpty()) {
            throw new IOException("none of the " + tracks.size() + " tracks could be decoded; check --audio " + audio);
        }
        Results results = new Results(bundle.targets(), rows);
        PrintWriter console = spec.commandLine().getOut();
        ScoreTable.print(console, results);
        if (out != null) {
            results.writeTables(out);
            console.println(out.resolve("metrics.json"));
            console.println(out.resolve("predictions.csv"));
            console.flush();
        }
        return failed[0] > 0 ? Main.SOME_ERRORS : Main.OK;
    }

    private record Extracted(Track track, @Nullable Spectrogram spectrogram, String error) {}

    private record Extract(MelSpec features) implements TrackTask<Track, Extracted> {
        @Override
        public Worker<Track, Extracted> open() {
            Decoder decoder = Decoder.standard();
            FeatureExtractor extractor = features.kind().open(features);
            return track -> {
                try {
                    Spectrogram spectrogram = extractor.extract(
                            decoder.decode(track.file(), features.sampleRate()).audio());
                    return spectrogram.frames() == 0
                            ? new Extracted(track, null, "is too short for a single frame")
                            : new Extracted(track, spectrogram, "");
                } catch (AudioException e) {
                    return new Extracted(track, null, String.valueOf(e.getMessage()));
                }
            };
        }
    }
}
