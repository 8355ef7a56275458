package melgauge.pipeline.stages;

import java.util.List;
import melgauge.pipeline.Stage;

/** Which stages there are, and in which order. */
public final class Stages {
    private Stages() {}

    /** What {@code prepare} does. */
    public static List<Stage> prepare() {
        return List.of(new SpectrogramStage(), new NormalizerStage());
    }

    /** What {@code train} does. */
    public static List<Stage> train() {
        return List.of(
                new SpectrogramStage(),
                new NormalizerStage(),
                new TrainStage(),
                new EvaluateStage(),
                new DiagnoseStage(),
                new BundleStage(),
                new ReportStage());
    }
}
