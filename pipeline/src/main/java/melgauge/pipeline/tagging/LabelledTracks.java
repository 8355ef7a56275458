package melgauge.pipeline.tagging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import melgauge.data.Manifest;
import melgauge.data.Scale;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.features.FrameSource;
import melgauge.features.TrackStatistics;
import melgauge.model.ModelBundle;
import melgauge.model.Regressor;
import melgauge.model.Target;
import melgauge.model.TrackPredictor;
import melgauge.pipeline.ExtractTask;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.TrackOutcome;
import melgauge.pipeline.Workers;
import melgauge.pipeline.results.Results;

/**
 * A model's predictions of tracks whose labels are known, beside those of its baseline.
 *
 * @param results of the tracks that could be decoded, all on the test side
 * @param failed how many could not
 */
public record LabelledTracks(Results results, int failed) {
    /**
     * Predicts the tracks of a manifest.
     *
     * @param audio the folder that its paths start from
     * @throws IOException if no track could be decoded
     */
    public static LabelledTracks predict(ModelBundle bundle, Path manifest, Path audio, int threads, Monitor monitor)
            throws IOException, InterruptedException {
        List<String> names = bundle.targets().stream().map(Target::name).toList();
        Map<String, Scale> scales =
                new HashMap<>(bundle.targets().stream().collect(Collectors.toMap(Target::name, Target::scale)));
        List<Track> tracks = Manifest.read(manifest, audio, names, scales).tracks();
        List<Results.Row> rows = new ArrayList<>();
        int[] done = new int[1];
        try (Regressor regressor = bundle.open();
                Workers workers = new Workers(threads);
                Monitor.Task task = monitor.begin("evaluation", "tracks")) {
            TrackPredictor predictor =
                    new TrackPredictor(regressor, bundle.patch(), bundle.normalizer(), ModelBundle.BATCH);
            workers.map(tracks.iterator(), new ExtractTask<>(bundle.features(), Track::file), outcome -> {
                Track track = outcome.item();
                if (outcome instanceof TrackOutcome.Failed<Track> failure) {
                    monitor.say(track.path() + ": " + failure.failure().reason());
                } else if (outcome instanceof TrackOutcome.Extracted<Track> extracted) {
                    FrameSource frames = FrameSource.of(extracted.spectrogram());
                    double[] ridge = bundle.baseline().predict(TrackStatistics.of(frames));
                    predictor.add(
                            frames,
                            prediction -> rows.add(new Results.Row(
                                    track.path(),
                                    track.group(),
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
        return new LabelledTracks(new Results(bundle.targets(), rows, false), tracks.size() - rows.size());
    }
}
