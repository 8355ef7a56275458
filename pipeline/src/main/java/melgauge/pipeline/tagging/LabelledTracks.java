package melgauge.pipeline.tagging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import melgauge.data.Manifest;
import melgauge.data.Scale;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.model.Blend;
import melgauge.model.ModelBundle;
import melgauge.model.Target;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.decoding.Limits;
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
    public static LabelledTracks predict(
            ModelBundle bundle, Path manifest, Path audio, int threads, Limits limits, Monitor monitor)
            throws IOException, InterruptedException {
        List<String> names = bundle.targets().stream().map(Target::name).toList();
        Map<String, Scale> scales =
                new HashMap<>(bundle.targets().stream().collect(Collectors.toMap(Target::name, Target::scale)));
        List<Track> tracks = Manifest.read(manifest, audio, names, scales).tracks();
        AtomicReferenceArray<TrackOutcome> outcomes = new AtomicReferenceArray<>(tracks.size());
        int[] done = new int[1];
        try (Monitor.Task task = monitor.begin("evaluation", "tracks")) {
            new LibraryPredictor(bundle, threads, limits, new PatchBatches.Wanted(false, false))
                    .predict(
                            IntStream.range(0, tracks.size()).iterator(),
                            number -> tracks.get(number).file(),
                            outcomes::set,
                            () -> task.at(++done[0], tracks.size()));
        }
        Blend blend = bundle.blend();
        Results.Row[] rows = new Results.Row[tracks.size()];
        for (int i = 0; i < rows.length; i++) {
            Track track = tracks.get(i);
            TrackOutcome outcome = outcomes.get(i);
            if (outcome instanceof TrackOutcome.Failed failed) {
                monitor.say(track.path() + ": " + failed.failure().reason());
            } else if (outcome instanceof TrackOutcome.Predicted predicted) {
                rows[i] = new Results.Row(
                        track.path(),
                        track.group(),
                        Subset.TEST,
                        predicted.prediction().mean(),
                        predicted.prediction().spread(),
                        track.labels(),
                        bundle.baseline().predict(predicted.statistics()),
                        blend == null ? new double[0] : blend.regression().predict(predicted.modulation()));
            }
        }
        List<Results.Row> usable = Arrays.stream(rows).filter(Objects::nonNull).toList();
        if (usable.isEmpty()) {
            throw new IOException("none of the " + tracks.size() + " tracks could be decoded; check --audio " + audio);
        }
        return new LabelledTracks(
                new Results(bundle.targets(), usable, blend == null ? 0 : blend.share(), false),
                tracks.size() - usable.size());
    }
}
