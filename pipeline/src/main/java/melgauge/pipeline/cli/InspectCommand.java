package melgauge.pipeline.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import melgauge.data.AuditCsv;
import melgauge.data.AuditRow;
import melgauge.data.UsageException;
import melgauge.data.catalog.Catalog;
import melgauge.model.Blend;
import melgauge.model.ModelBundle;
import melgauge.model.Regressor;
import melgauge.model.Target;
import melgauge.model.TrainingLog;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.upkeep.CacheUpkeep;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "inspect", description = "Shows what is in a model, a run's folder or a feature cache.")
final class InspectCommand implements Callable<Integer> {
    private static final ObjectMapper COMPACT = new ObjectMapper();
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

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (export != null && Files.isDirectory(path)) {
            throw new UsageException(
                    "--export needs a model, and " + path + " is a folder; a run keeps its model in model.melgauge");
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
        out.println("engine      " + bundle.engine());
        out.println("features    " + bundle.features().canonicalJson());
        out.println("            identity " + bundle.features().id());
        out.println("patch       " + bundle.shape().frames() + " frames of "
                + bundle.shape().bands() + " bands");
        out.println("network     " + COMPACT.writeValueAsString(bundle.network()));
        out.println("normaliser  " + bundle.normalizer().kind().name().toLowerCase(Locale.ROOT));
        Blend blend = bundle.blend();
        if (blend != null) {
            out.printf(
                    Locale.ROOT,
                    "answer      %.3f of it is a regression's, from how bands are modulated%n",
                    blend.share());
        }
        for (Target target : bundle.targets()) {
            out.printf(
                    Locale.ROOT,
                    "target      %s, scale [%s, %s], mean of the training labels %.4f%n",
                    target.name(),
                    target.scale().low(),
                    target.scale().high(),
                    target.scale().fromUnit(target.trainingMean()));
        }
        out.println();
        if (bundle.networks().size() > 1) {
            out.println("networks    " + bundle.networks().size() + ", which answer with their mean; this is number "
                    + network);
            out.println();
        }
        try (Regressor regressor = bundle.openAsIs(network - 1)) {
            layers(regressor, out);
        }
        out.println();
        out.println("provenance");
        out.println(JSON.writeValueAsString(bundle.provenance()));
        if (export != null) {
            bundle.export(network - 1, export);
            out.println();
            out.println("exported    " + export + ", for input [patches, 1, "
                    + bundle.shape().frames() + ", " + bundle.shape().bands() + "]");
        }
    }

    private static void layers(Regressor regressor, PrintWriter out) {
        float[] values = regressor.parameters();
        out.printf(
                "%-12s %-37s %-11s %-20s %9s %10s %10s%n",
                "layer", "computes", "parameter", "shape", "numbers", "mean", "std");
        for (Regressor.Layer layer : regressor.layers()) {
            if (layer.parameters().isEmpty()) {
                out.printf("%-12s %-37s%n", layer.name(), layer.kind());
            }
            for (Regressor.Parameter parameter : layer.parameters()) {
                float[] part = Arrays.copyOfRange(values, parameter.offset(), parameter.offset() + parameter.size());
                double mean = 0;
                for (float value : part) {
                    mean += value / (double) part.length;
                }
                double variance = 0;
                for (float value : part) {
                    variance += (value - mean) * (value - mean) / part.length;
                }
                out.printf(
                        Locale.ROOT,
                        "%-12s %-37s %-11s %-20s %,9d %10.5f %10.5f%n",
                        layer.name(),
                        layer.kind(),
                        parameter.name(),
                        parameter.shape() + " " + parameter.order(),
                        parameter.size(),
                        mean,
                        Math.sqrt(variance));
            }
        }
        out.printf(Locale.ROOT, "%,d numbers%n", values.length);
    }

    private void run(PrintWriter out) throws IOException {
        out.println(Files.readString(path.resolve("run.yaml")));
        if (Files.isRegularFile(path.resolve("audit.csv"))) {
            Map<AuditRow.Status, Integer> counts = new TreeMap<>();
            AuditCsv.read(path.resolve("audit.csv")).forEach(row -> counts.merge(row.status(), 1, Integer::sum));
            counts.forEach((status, count) -> out.println(count + " tracks " + status.word()));
        }
        if (Files.isRegularFile(path.resolve(Results.FILE))) {
            Results results = Results.read(path.resolve(Results.FILE));
            results.evaluations().forEach((side, scores) -> out.println(scores.tracks() + " tracks " + side.word()));
        }
        if (Files.isRegularFile(path.resolve(Checkpoint.FILE))) {
            TrainingLog log =
                    Checkpoint.read(path.resolve(Checkpoint.FILE)).state().log();
            out.println(log.epochs().size() + " epochs, best " + log.bestEpoch() + "; "
                    + (log.end().isEmpty() ? "not finished" : log.end()));
        }
        if (Files.isRegularFile(path.resolve("model.melgauge"))) {
            out.println("model: " + path.resolve("model.melgauge"));
        }
    }
}
