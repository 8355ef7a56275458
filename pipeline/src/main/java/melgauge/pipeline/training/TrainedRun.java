package melgauge.pipeline.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import melgauge.data.AuditRow;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.results.RunFolder;

/**
 * A finished training.
 *
 * <pre>{@code
 * TrainedRun run = new TrainedRun(new RunFolder(Path.of("run")));
 * Subset side = run.results().scoredSide();
 * double r2 = run.results().answers(side).mean(TargetScores::r2);
 * }</pre>
 *
 * @param folder where all is that it left
 */
public record TrainedRun(RunFolder folder) {
    /** The predictions for every track, and their scores. */
    public Results results() throws IOException {
        return folder.read(RunFolder.RESULTS);
    }

    /** Whether the model learned anything, and if not, why. */
    public Diagnosis diagnosis() throws IOException {
        return folder.read(RunFolder.DIAGNOSIS);
    }

    /** What was found out about each track's file, in the manifest's order. */
    public List<AuditRow> audit() throws IOException {
        return folder.read(RunFolder.AUDIT);
    }

    /** The file of the model. */
    public Path model() {
        return folder.path(RunFolder.MODEL);
    }

    /** The page that tells it all. */
    public Path report() {
        return folder.path(RunFolder.REPORT);
    }
}
