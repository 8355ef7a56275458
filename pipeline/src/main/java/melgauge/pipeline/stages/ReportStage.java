package melgauge.pipeline.stages;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import melgauge.pipeline.Dependency;
import melgauge.pipeline.Identity;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.Stage;
import melgauge.pipeline.report.HtmlReport;
import melgauge.pipeline.results.Input;
import melgauge.pipeline.results.Product;
import melgauge.pipeline.results.RunFolder;

/** Draws the page that tells what became of the run. */
final class ReportStage implements Stage {
    @Override
    public String name() {
        return "report";
    }

    @Override
    public List<Input<?>> reads(Run run) {
        return Stream.<Input<?>>concat(
                        Stream.of(RunFolder.AUDIT, RunFolder.RESULTS, RunFolder.DIAGNOSIS),
                        Networks.artifacts(run).stream())
                .toList();
    }

    @Override
    public List<Dependency> dependsOn() {
        return List.of(Dependency.VERSION, Dependency.allSettings());
    }

    @Override
    public List<Product<?>> writes(Run run) {
        return List.of(RunFolder.REPORT);
    }

    @Override
    public String run(Run run, Identity identity) throws IOException {
        return draw(run.folder(), run.spec()).toString();
    }

    /**
     * Draws it from what is in the folder.
     *
     * @return the file
     */
    static Path draw(RunFolder folder, RunSpec spec) throws IOException {
        folder.write(
                RunFolder.REPORT,
                HtmlReport.page(
                        spec,
                        folder.read(RunFolder.AUDIT),
                        folder.read(RunFolder.CHECKPOINT).state().log(),
                        folder.read(RunFolder.RESULTS),
                        folder.read(RunFolder.DIAGNOSIS)));
        return folder.path(RunFolder.REPORT);
    }
}
