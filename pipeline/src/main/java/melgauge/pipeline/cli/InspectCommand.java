package melgauge.pipeline.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import melgauge.data.AuditRow;
import melgauge.data.UsageException;
import melgauge.data.catalog.Catalog;
import melgauge.model.ModelBundle;
import melgauge.model.engine.Execution;
import melgauge.model.engine.Session;
import melgauge.model.training.TrainingLog;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.results.RunFolder;
import melgauge.pipeline.upkeep.CacheUpkeep;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "inspect",
        description = "Shows what is in a model, on a page, in a run's folder or in a feature cache.")
final class InspectCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    @Parameters(paramLabel = "MODEL|RUN_DIR|CACHE", description = "A .melgauge file, or a folder.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path path;

    @Option(
            names = "--export",
            paramLabel = "FILE.zip",
            description = "Also writes MODEL's network in Deeplearning4j's own layers, which"
                    + " ModelSerializer.restoreMultiLayerNetwork opens without Melgauge. It takes patches that are"
                    + " normalised as the model does it, as [patches, 1, frames, bands].")
    private @Nullable Path export;

    @Option(
            names = "--network",
            paramLabel = "N",
            defaultValue = "1",
            description = "Which network to show and export, where MODEL has several (default: ${DEFAULT-VALUE}).")
    private int network;

    @Option(
            names = "--json",
            description =
                    "Print all that is in MODEL as JSON: its settings, the shape and statistics of each parameter,"
                            + " its provenance.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if ((export != null || json) && Files.isDirectory(path)) {
            throw new UsageException((export != null ? "--export" : "--json") + " needs a model, and " + path
                    + " is a folder; a run keeps its model in model.melgauge");
        }
        if (!Files.isDirectory(path)) {
            model(out);
        } else if (Files.isRegularFile(path.resolve("run.yaml"))) {
            run(out);
        } else if (Files.isRegularFile(path.resolve(Catalog.FILE))) {
            CacheCommand.print(CacheUpkeep.of(path), out);
        } else {
            throw new UsageException(path + " is neither a run (no run.yaml) nor a feature cache (no catalog.sqlite)");
        }
        out.flush();
        return Main.OK;
    }

    private void model(PrintWriter out) throws IOException {
        ModelBundle bundle = ModelBundle.read(path);
        if (network < 1 || network > bundle.networks().size()) {
            throw new UsageException("--network " + network + " must be from 1 to "
                    + bundle.networks().size() + ", the networks of " + path);
        }
        ModelPage page = new ModelPage(path, bundle, network - 1);
        if (json) {
            ObjectNode all = page.toJson();
            if (export != null) {
                export(bundle, export);
                all.put("exported", export.toString());
            }
            out.println(JSON.writeValueAsString(all));
            return;
        }
        page.print(out);
        if (export != null) {
            export(bundle, export);
            out.println();
            out.println("exported    " + export + ", for input [patches, 1, "
                    + bundle.shape().frames() + ", " + bundle.shape().bands() + "]");
        }
    }

    private void export(ModelBundle bundle, Path file) throws IOException {
        try (Session session = new Execution("dl4j", "cpu", 0, 1).openToPredict()) {
            bundle.export(session, network - 1, file);
        }
    }

    private void run(PrintWriter out) throws IOException {
        out.println(Files.readString(path.resolve("run.yaml")));
        RunFolder folder = new RunFolder(path);
        if (folder.has(RunFolder.AUDIT)) {
            Map<AuditRow.Status, Integer> counts = new TreeMap<>();
            folder.read(RunFolder.AUDIT).forEach(row -> counts.merge(row.status(), 1, Integer::sum));
            counts.forEach((status, count) -> out.println(count + " tracks " + status.word()));
        }
        if (folder.has(RunFolder.RESULTS)) {
            Results results = folder.read(RunFolder.RESULTS);
            results.evaluations().forEach((side, scores) -> out.println(scores.tracks() + " tracks " + side.word()));
        }
        if (folder.has(RunFolder.CHECKPOINT)) {
            TrainingLog log = folder.read(RunFolder.CHECKPOINT).state().log();
            out.println(log.epochs().size() + " epochs, best " + log.bestEpoch() + "; "
                    + (log.end().isEmpty() ? "not finished" : log.end()));
        }
        if (folder.has(RunFolder.MODEL)) {
            out.println("model: " + folder.path(RunFolder.MODEL));
        }
    }
}
