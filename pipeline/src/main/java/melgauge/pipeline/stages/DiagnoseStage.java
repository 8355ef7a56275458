package melgauge.pipeline.stages;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import melgauge.data.AtomicFile;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Results;

/** Says what became of the training. Leaves {@code diagnosis.json}. */
final class DiagnoseStage implements Stage {
    static final String FILE = "diagnosis.json";

    @Override
    public String name() {
        return "diagnosis";
    }

    @Override
    public String inputs(Run run) throws IOException {
        return run.digest(Checkpoint.FILE) + run.digest(Results.FILE);
    }

    @Override
    public boolean isComplete(Run run) {
        return run.has(FILE);
    }

    @Override
    public String run(Run run) throws IOException {
        Diagnosis diagnosis = Diagnosis.of(
                run.spec().network(),
                Checkpoint.read(run.file(Checkpoint.FILE)).state().log(),
                Results.read(run.file(Results.FILE)).evaluations());
        AtomicFile.writeString(
                run.file(FILE),
                new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(diagnosis.toJson()));
        return diagnosis.verdict().word();
    }
}
