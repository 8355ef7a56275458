package melgauge.pipeline.stages;

import java.io.IOException;
import melgauge.data.AtomicFile;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.Version;
import melgauge.pipeline.report.HtmlReport;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Results;

/** Draws {@code report.html}. */
final class ReportStage implements Stage {
    static final String FILE = "report.html";

    @Override
    public String name() {
        return "report";
    }

    @Override
    public String inputs(Run run) throws IOException {
        return Version.text()
                + run.spec()
                + run.digest("audit.csv")
                + Networks.digest(run)
                + run.digest(Results.FILE)
                + run.digest(DiagnoseStage.FILE);
    }

    @Override
    public boolean isComplete(Run run) {
        return run.has(FILE);
    }

    @Override
    public String run(Run run) throws IOException {
        String page = HtmlReport.page(
                run.spec(),
                run.audits(),
                Checkpoint.read(run.file(Checkpoint.FILE)).state().log(),
                Results.read(run.file(Results.FILE)),
                DiagnoseStage.read(run));
        AtomicFile.writeString(run.file(FILE), page);
        return run.file(FILE).toString();
    }
}
