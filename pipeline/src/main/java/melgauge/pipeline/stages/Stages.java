package melgauge.pipeline.stages;

import java.util.List;
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

    /** What {@code train} does. */
    public static List<Stage> train() {
        return List.of(
                new SpectrogramStage(false),
                new NormalizerStage(false),
                new TrainStage(),
                new EvaluateStage(),
                new DiagnoseStage(),
                new BundleStage(),
                new ReportStage());
    }
}
