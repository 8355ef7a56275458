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
import melgauge.model.SeenTracks;
import melgauge.model.Target;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.decoding.Limits;
import melgauge.pipeline.results.Results;
import org.jspecify.annotations.Nullable;

/**
 * A model's predictions of tracks whose labels are known, beside those of its baseline.
 *
 * @param results of the tracks that could be decoded; those that trained or validated the model, or others of their group,
 *     are on that side, all others on the test side
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
        SeenTracks seen = SeenTracks.fromJson(bundle.provenance().path(SeenTracks.KEY));
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
                        side(seen, track, predicted.seen()),
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

    /** The side on which the model knows a track, by its content or else by its group; the test side if it does not. */
    private static Subset side(SeenTracks seen, Track track, @Nullable Subset byContent) {
        return byContent != null ? byContent : seen.ofGroup(track.group()).orElse(Subset.TEST);
    }

    /** Tells how many of the tracks the model knows; empty if it knows none. */
    public String seenInWords() {
        int train = results.rows(Subset.TRAIN).size();
        int validation = results.rows(Subset.VALIDATION).size();
        int all = results.rows().size();
        if (train + validation == 0) {
            return "";
        }
        return (train + validation) + " of " + all + " tracks, or others of their group, have trained (" + train
                + ") or validated (" + validation
                + ") this model. They are scored apart: scores of such tracks say nothing"
                + " about new ones.";
    }
}
