package melgauge.pipeline.stages;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import melgauge.data.AtomicFile;
import melgauge.data.Subset;
import melgauge.features.TrackStatistics;
import melgauge.model.Example;
import melgauge.model.Predictor;
import melgauge.model.Progress;
import melgauge.model.RidgeBaseline;
import melgauge.model.TargetScores;
import melgauge.model.TrackPrediction;
import melgauge.model.TrackPredictor;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Results;

/**
 * Predicts every track with the best weights of each network, validation tracks of those that have not learnt from them;
 * fits the classical baseline, and scores both. Leaves {@code metrics.json} and {@code predictions.csv}.
 */
final class EvaluateStage implements Stage {
    static final String BASELINE = "checkpoint/baseline.json";

    @Override
    public String name() {
        return "evaluation";
    }

    @Override
    public String inputs(Run run) throws IOException {
        return Networks.digest(run);
    }

    @Override
    public boolean isComplete(Run run) {
        return run.has(Results.FILE) && run.has(BASELINE) && run.has("metrics.json") && run.has("predictions.csv");
    }

    @Override
    public String run(Run run) throws IOException {
        RidgeBaseline baseline = baseline(run.examples(Subset.TRAIN));
        AtomicFile.writeString(run.file(BASELINE), new ObjectMapper().writeValueAsString(baseline.toJson()));
        List<Results.Row> rows = new ArrayList<>();
        List<Checkpoint> checkpoints = Networks.read(run);
        try (Monitor.Task task = run.monitor().begin("evaluation", "tracks")) {
            int total = run.examples().values().stream().mapToInt(List::size).sum();
            for (Subset subset : Subset.values()) {
                List<Example> tracks = run.examples(subset);
                int before = rows.size();
                int judges = Rotation.judges(run.spec().training(), subset);
                List<TrackPrediction> predictions = predict(
                        run, checkpoints.subList(0, judges), tracks, (done, ignored) -> task.at(before + done, total));
                for (int i = 0; i < tracks.size(); i++) {
                    Example track = tracks.get(i);
                    rows.add(new Results.Row(
                            track.path(),
                            run.group(track.path()),
                            subset,
                            predictions.get(i).mean(),
                            predictions.get(i).spread(),
                            track.labels(),
                            baseline.predict(TrackStatistics.of(track.frames()))));
                }
            }
        }
        Results results = new Results(run.targets(), rows, run.assignment().labelsShuffled());
        results.write(run.file(Results.FILE));
        results.writeTables(run.spec().output());
        Subset side = results.heldOut();
        return String.format(
                Locale.ROOT,
                "%d %s tracks, mean over targets: R² %.3f, r %.3f (ridge regression: R² %.3f, r %.3f)",
                results.rows(side).size(),
                side.word(),
                results.network(side).mean(TargetScores::r2),
                results.network(side).mean(TargetScores::pearson),
                results.ridge(side).mean(TargetScores::r2),
                results.ridge(side).mean(TargetScores::pearson));
    }

    private static List<TrackPrediction> predict(
            Run run, List<Checkpoint> networks, List<Example> tracks, Progress progress) throws IOException {
        int batchSize = networks.get(0).state().log().batchSize();
        try (Predictor together = Networks.openBest(networks)) {
            return new TrackPredictor(together, run.spec().patch(), run.normalizer(), batchSize)
                    .predict(tracks, progress);
        }
    }

    private static RidgeBaseline baseline(List<Example> train) {
        return RidgeBaseline.fit(
                train.stream().map(track -> TrackStatistics.of(track.frames())).toList(),
                train.stream().map(Example::labels).toList());
    }
}
