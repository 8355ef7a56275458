package melgauge.pipeline.tagging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import melgauge.data.Manifest;
import melgauge.data.Scale;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.data.UsageException;
import melgauge.model.ModelBundle;
import melgauge.model.SeenTracks;
import melgauge.model.engine.Execution;
import melgauge.model.inference.Inference;
import melgauge.model.task.Target;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
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
     * Predicts the tracks of a manifest. It need not have labels for all that the model predicts; what it has none for is
     * left out of the results, and said.
     *
     * @param execution where the networks compute
     * @param audio the folder that its paths start from
     * @throws UsageException if the manifest has labels for nothing that the model predicts
     * @throws IOException if no track could be decoded
     */
    public static LabelledTracks predict(
            ModelBundle bundle,
            Execution execution,
            Path manifest,
            Path audio,
            int threads,
            Limits limits,
            Monitor monitor)
            throws IOException, InterruptedException {
        LinkedHashMap<String, Scale> known = new LinkedHashMap<>();
        bundle.targets().forEach(target -> known.put(target.name(), target.scale()));
        Manifest labels = Manifest.readToScore(manifest, audio, known);
        Run.announce(labels, monitor);
        int[] scored = labels.targets().stream()
                .mapToInt(List.copyOf(known.keySet())::indexOf)
                .toArray();
        List<Track> tracks = labels.tracks();
        AtomicReferenceArray<TrackOutcome> outcomes = new AtomicReferenceArray<>(tracks.size());
        int[] done = new int[1];
        try (Monitor.Task task = monitor.begin("evaluation", "tracks")) {
            new LibraryPredictor(bundle, execution, threads, limits, Inference.Wanted.NOTHING)
                    .predict(
                            IntStream.range(0, tracks.size()).iterator(),
                            number -> tracks.get(number).file(),
                            outcomes::set,
                            () -> task.at(++done[0], tracks.size()));
        }
        SeenTracks seen = bundle.seen();
        Results.Row[] rows = new Results.Row[tracks.size()];
        for (int i = 0; i < rows.length; i++) {
            Track track = tracks.get(i);
            TrackOutcome outcome = outcomes.get(i);
            if (outcome instanceof TrackOutcome.Failed failed) {
                monitor.say(
                        track.path() + ": " + track.failure(failed.failure()).reason());
            } else if (outcome instanceof TrackOutcome.Predicted predicted) {
                rows[i] = new Results.Row(
                        track.path(),
                        track.group(),
                        side(seen, track, predicted.seen()),
                        chosen(predicted.answer().ofNetworks().mean(), scored),
                        chosen(predicted.answer().ofNetworks().spread(), scored),
                        track.labels(),
                        chosen(bundle.baseline().predict(predicted.statistics()), scored),
                        predicted.answer().ofRegressions().stream()
                                .findFirst()
                                .map(values -> chosen(values, scored))
                                .orElse(new double[0]));
            }
        }
        List<Results.Row> usable = Arrays.stream(rows).filter(Objects::nonNull).toList();
        if (usable.isEmpty()) {
            throw new IOException("none of the " + tracks.size() + " tracks could be decoded; check --audio " + audio);
        }
        List<Target> targets =
                IntStream.of(scored).mapToObj(bundle.targets()::get).toList();
        return new LabelledTracks(
                new Results(targets, usable, bundle.modulationShare(), false), tracks.size() - usable.size());
    }

    private static double[] chosen(double[] values, int[] targets) {
        return IntStream.of(targets).mapToDouble(target -> values[target]).toArray();
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
