package melgauge.pipeline.stages;

import java.util.List;
import java.util.stream.Stream;
import melgauge.data.UsageException;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.SettingDifferences;
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

    /**
     * Refuses to prepare a corpus into the folder of a training that has other settings: what is there belongs to its model.
     *
     * @throws UsageException naming the settings that differ
     */
    public static void requireOwnFolder(Run run) {
        RunSpec settings = run.formerSettings();
        SettingDifferences differences =
                settings == null ? SettingDifferences.NONE : SettingDifferences.of(settings, run.spec());
        if (FormerTraining.of(run).exists() && !differences.isEmpty()) {
            throw new UsageException(run.spec().output() + " holds a training with other settings (" + differences
                    + "); prepare into another folder, such as --set output=runs/second");
        }
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
