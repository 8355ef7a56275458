package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import melgauge.data.Subset;
import melgauge.features.Modulation;
import melgauge.features.TrackStatistics;
import melgauge.model.engine.Session;
import melgauge.model.inference.Ensemble;
import melgauge.model.inference.Inference;
import melgauge.model.inference.TrackPrediction;
import melgauge.model.regression.ModulationRegression;
import melgauge.model.regression.RidgeBaseline;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.TargetScores;
import melgauge.model.task.Example;
import melgauge.model.task.Progress;
import melgauge.pipeline.Dependency;
import melgauge.pipeline.Identity;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.results.Artifact;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Input;
import melgauge.pipeline.results.Product;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.results.RunFolder;

/**
 * Predicts every track with the best weights of each network, validation tracks of those that have not learnt from them;
 * fits the classical baseline and the modulation regression, and scores all.
 */
final class EvaluateStage implements Stage {
    /** The baseline, and the modulation regression without the validation tracks and with them. */
    private static final int FITS = 3;

    @Override
    public String name() {
        return "evaluation";
    }

    @Override
    public List<Input<?>> reads(Run run) {
        return Stream.<Input<?>>concat(Stream.of(RunFolder.NORMALIZER), Networks.artifacts(run).stream())
                .toList();
    }

    @Override
    public List<Dependency> dependsOn() {
        return List.of(Dependency.TRACKS, Dependency.LABELS, Dependency.settings("modulationShare"));
    }

    @Override
    public List<Product<?>> writes(Run run) {
        return List.of(baseline(run), modulation(run), RunFolder.RESULTS, RunFolder.METRICS, RunFolder.PREDICTIONS);
    }

    /** The ridge regression that the scores are compared with. */
    static Artifact<RidgeBaseline> baseline(Run run) {
        return RunFolder.baseline(
                2 * run.shape().bands(), run.corpus().manifest().targets().size());
    }

    /** The modulation regression of the model. */
    static Artifact<ModulationRegression> modulation(Run run) {
        return RunFolder.modulation(
                new Modulation(run.spec().features()).size(),
                run.corpus().manifest().targets().size());
    }

    @Override
    public String run(Run run, Identity identity) throws IOException {
        Modulation modulation = new Modulation(run.spec().features());
        RidgeBaseline baseline;
        Map<Subset, ModulationRegression> regressions;
        try (Monitor.Task task = run.monitor().begin("regressions", "fits")) {
            task.at(0, FITS);
            baseline = baseline(run.corpus().examples(Subset.TRAIN));
            run.write(baseline(run), baseline);
            task.at(1, FITS);
            regressions = regressions(run, modulation, task);
            task.at(FITS, FITS);
        }
        List<Results.Row> rows = new ArrayList<>();
        List<Checkpoint> checkpoints = Networks.read(run);
        try (Monitor.Task task = run.monitor().begin("evaluation", "tracks")) {
            int total = run.corpus().examples().values().stream()
                    .mapToInt(List::size)
                    .sum();
            for (Subset subset : Subset.values()) {
                List<Example> tracks = run.corpus().examples(subset);
                int before = rows.size();
                int judges = Rotation.judges(run.spec().training(), subset);
                List<TrackPrediction> predictions = predict(
                        run, checkpoints.subList(0, judges), tracks, (done, ignored) -> task.at(before + done, total));
                ModulationRegression regression = Objects.requireNonNull(regressions.get(subset));
                List<double[]> modulations = tracks.parallelStream()
                        .map(track -> regression.predict(modulation.of(track.frames())))
                        .toList();
                for (int i = 0; i < tracks.size(); i++) {
                    Example track = tracks.get(i);
                    rows.add(new Results.Row(
                            track.path(),
                            run.corpus().group(track.path()),
                            subset,
                            predictions.get(i).mean(),
                            predictions.get(i).spread(),
                            track.labels(),
                            baseline.predict(TrackStatistics.of(track.frames())),
                            modulations.get(i)));
                }
            }
        }
        Results results = new Results(
                run.corpus().targets(),
                rows,
                modulationShare(run, rows),
                run.corpus().assignment().labelsShuffled());
        run.write(RunFolder.RESULTS, results);
        run.write(RunFolder.METRICS, results.metrics(results.scoredSide()));
        run.write(RunFolder.PREDICTIONS, results);
        Subset side = results.scoredSide();
        return results.tracksInWords(side) + ", mean over targets: " + scores(results.answers(side))
                + (results.modulationShare() == 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", %.0f %% of each answer the modulation regression's",
                                100 * results.modulationShare()))
                + " (ridge regression: " + scores(results.ridge(side)) + ")";
    }

    private static String scores(Evaluation evaluation) {
        return "R² " + score(evaluation.mean(TargetScores::r2)) + ", r "
                + score(evaluation.mean(TargetScores::pearson));
    }

    private static String score(double value) {
        return Double.isNaN(value) ? "undefined" : String.format(Locale.ROOT, "%.3f", value);
    }

    /**
     * The regression that answers on each side: the model's, which has learnt from all tracks that are not tested, as it has
     * no other use for those that validate; and for these one that has not learnt from them.
     */
    private static Map<Subset, ModulationRegression> regressions(Run run, Modulation modulation, Progress progress)
            throws IOException {
        List<Example> train = run.corpus().examples(Subset.TRAIN);
        List<Example> validation = run.corpus().examples(Subset.VALIDATION);
        ModulationRegression ofTrain = ModulationRegression.fit(train, modulation);
        progress.at(2, FITS);
        ModulationRegression ofBoth = validation.isEmpty()
                ? ofTrain
                : ModulationRegression.fit(
                        Stream.concat(train.stream(), validation.stream()).toList(), modulation);
        run.write(modulation(run), ofBoth);
        return Map.of(Subset.TRAIN, ofBoth, Subset.VALIDATION, ofTrain, Subset.TEST, ofBoth);
    }

    /** By the validation tracks, where the run leaves it to them: they alone are new to the regression and to who judges. */
    private static double modulationShare(Run run, List<Results.Row> rows) {
        List<Results.Row> validation =
                rows.stream().filter(row -> row.split() == Subset.VALIDATION).toList();
        return run.spec()
                .modulationShare()
                .of(
                        validation.stream().map(Results.Row::mean).toList(),
                        validation.stream().map(Results.Row::modulation).toList(),
                        validation.stream().map(Results.Row::labels).toList());
    }

    private static List<TrackPrediction> predict(
            Run run, List<Checkpoint> networks, List<Example> tracks, Progress progress) throws IOException {
        int batchSize = networks.get(0).state().log().batchSize();
        try (Session session = run.spec().execution().open();
                Ensemble together = Networks.openBest(run, session, networks)) {
            return Inference.here(
                            together,
                            new Inference.Cut(run.spec().patch(), run.read(RunFolder.NORMALIZER)),
                            batchSize,
                            Inference.Wanted.NOTHING)
                    .predict(tracks, progress);
        }
    }

    private static RidgeBaseline baseline(List<Example> train) {
        return RidgeBaseline.fit(
                train.stream().map(track -> TrackStatistics.of(track.frames())).toList(),
                train.stream().map(Example::labels).toList());
    }
}
