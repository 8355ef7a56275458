package melgauge.pipeline.stages;

import java.util.List;
import java.util.stream.Stream;
import melgauge.pipeline.Stage;

/** Which stages there are, and in which order. */
public final class Stages {
    private Stages() {}

    /**
     * What {@code prepare} does.
     *
     * @param verify whether it reads again what seems unchanged
     */
    public static List<Stage> prepare(boolean verify) {
        return List.of(new SpectrogramStage(verify), new NormalizerStage(verify));
    }

    /** What every run of a corpus shares: the audit, and the spectrograms in the cache. */
    public static List<Stage> spectrograms() {
        return List.of(new SpectrogramStage(false));
    }

    /** What {@code train} does. */
    public static List<Stage> train() {
        return Stream.concat(spectrograms().stream(), trainPrepared().stream()).toList();
    }

    /** What {@code sweep} does with every combination of settings. */
    public static List<Stage> trial() {
        return List.of(
                new SpectrogramStage(false),
                new NormalizerStage(false),
                new TrainStage(),
                new EvaluateStage(),
                new DiagnoseStage());
    }

    /**
     * What {@code diagnose --deep} does with a finished run.
     *
     * @param steps of each short training
     */
    public static List<Stage> deepDiagnosis(int steps) {
        return List.of(new DiagnoseStage(), new ExperimentStage(steps), new BundleStage(), new ReportStage());
    }

    /** What {@code train} does once the run has its audit and the cache its spectrograms. */
    public static List<Stage> trainPrepared() {
        return List.of(
                new NormalizerStage(false),
                new TrainStage(),
                new EvaluateStage(),
                new DiagnoseStage(),
                new BundleStage(),
                new ReportStage());
    }
}
