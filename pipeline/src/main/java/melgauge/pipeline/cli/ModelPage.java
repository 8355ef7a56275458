package melgauge.pipeline.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import melgauge.data.FileDigest;
import melgauge.data.Subset;
import melgauge.data.io.JsonNumbers;
import melgauge.features.FeatureSpec;
import melgauge.model.ModelBundle;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.engine.Architecture;
import melgauge.model.inference.Ensemble;
import melgauge.model.task.Target;
import melgauge.pipeline.results.Scores;

/**
 * A model on one page, or all of it as JSON.
 *
 * <p>Its provenance is whatever its maker wrote: a part that is missing or of another form is left out and said so.
 */
final class ModelPage {
    /** Targets with a row of their own; a page holds no more. */
    private static final int MOST_TARGETS = 10;

    private static final int LONGEST_WORD = 100;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final ModelBundle bundle;
    private final int network;

    /**
     * Of a model that was read.
     *
     * @param file that it was read from
     * @param network whose layers are shown, from 0
     */
    ModelPage(Path file, ModelBundle bundle, int network) {
        this.file = file;
        this.bundle = bundle;
        this.network = network;
    }

    /** Prints the page. */
    void print(PrintWriter out) throws IOException {
        Page page = new Page(out);
        page.row("model", file + String.format(Locale.ROOT, ", %,d bytes", Files.size(file)));
        page.row("", "sha256 " + FileDigest.of(file));
        verdict(page);
        out.println();
        predicts(page);
        out.println();
        hears(page);
        out.println();
        answers(page);
        out.println();
        layers(bundle.architecture(), out);
        out.println();
        trained(page);
        out.println();
        scores(page, out);
    }

    private void verdict(Page page) {
        JsonNode stored = bundle.provenance().path("diagnosis");
        if (stored.isMissingNode()) {
            page.row("verdict", "none: the model carries no diagnosis");
            return;
        }
        try {
            Diagnosis diagnosis = Diagnosis.fromJson(stored);
            page.row("verdict", diagnosis.verdict().word() + " — " + diagnosis.reason());
            if (!diagnosis.findings().isEmpty()) {
                page.row(
                        "",
                        "findings: "
                                + diagnosis.findings().stream()
                                        .map(finding -> finding.code() + " ("
                                                + finding.severity().word() + ")")
                                        .collect(Collectors.joining(", "))
                                + "; 'melgauge diagnose " + Shell.word(file.toString()) + "' explains them");
            }
        } catch (IOException e) {
            page.row("verdict", "none: the diagnosis that the model carries " + e.getMessage());
        }
    }

    private void predicts(Page page) {
        String label = "predicts";
        for (Target target : bundle.targets().stream().limit(MOST_TARGETS).toList()) {
            page.row(
                    label,
                    String.format(
                            Locale.ROOT,
                            "%s, scale [%s, %s], mean of the training labels %.4g",
                            clipped(target.name()),
                            number(target.scale().low()),
                            number(target.scale().high()),
                            target.scale().fromUnit(target.trainingMean())));
            label = "";
        }
        if (bundle.targets().size() > MOST_TARGETS) {
            page.row("", "… and " + (bundle.targets().size() - MOST_TARGETS) + " more targets; --json names all");
        }
    }

    private void hears(Page page) {
        FeatureSpec features = bundle.features();
        JsonNode settings = JSON.valueToTree(features);
        page.row(
                "hears",
                Stream.concat(
                                settings.properties().stream()
                                        .map(setting -> setting.getKey() + "="
                                                + (setting.getValue().isDouble()
                                                        ? number(setting.getValue()
                                                                .asDouble())
                                                        : setting.getValue().isTextual()
                                                                ? setting.getValue()
                                                                        .asText()
                                                                : setting.getValue()
                                                                        .toString())),
                                settings.has("downmix") ? Stream.empty() : Stream.of("downmix=mean"))
                        .collect(Collectors.joining(", ")));
        page.row(
                "",
                String.format(
                        Locale.ROOT,
                        "in patches of %d frames (%.3f s) of %d bands, normaliser %s",
                        bundle.shape().frames(),
                        bundle.shape().frames() * (double) features.hopLength() / features.sampleRate(),
                        bundle.shape().bands(),
                        normalizer()));
        page.row("", "identity " + features.id());
    }

    private void answers(Page page) throws IOException {
        int networks = bundle.networks().size();
        StringBuilder members =
                new StringBuilder(networks == 1 ? "1 network" : "the mean of " + networks + " networks");
        if (bundle.regressions().isEmpty()) {
            members.append(", alone");
        } else {
            members.append(String.format(Locale.ROOT, ", share %.3f", 1 - bundle.modulationShare()));
        }
        for (Ensemble.Regression regression : bundle.regressions()) {
            members.append(String.format(
                    Locale.ROOT,
                    "; modulation regression from %,d numbers of a track, share %.3f",
                    regression.fitted().inputs(),
                    regression.share()));
        }
        page.row("answers", members.toString());
        page.row(
                "",
                String.format(
                        Locale.ROOT,
                        "baseline, without a share: ridge regression from %,d numbers of a track",
                        bundle.baseline().inputs()));
        for (int i = 0; i < networks; i++) {
            String flaw = bundle.flaw(i);
            if (!flaw.isEmpty()) {
                page.row(
                        "WARNING",
                        flaw + ": its training has diverged, and 'melgauge diagnose " + Shell.word(file.toString())
                                + "' may say why");
            }
        }
        page.row("layers", networks == 1 ? "of the network" : "of network " + (network + 1) + " of " + networks);
    }

    /** A row for each layer with weights, and what follows it. */
    private static void layers(Architecture architecture, PrintWriter out) {
        out.printf("%-7s %-17s %11s  %s%n", "layer", "weights", "numbers", "computes");
        List<Architecture.Layer> block = new ArrayList<>();
        for (Architecture.Layer layer : architecture.layers()) {
            if (layer.hasWeights() && !block.isEmpty()) {
                block(block, out);
                block.clear();
            }
            block.add(layer);
        }
        block(block, out);
        out.printf(Locale.ROOT, "%-25s %,11d%n", "total", architecture.size());
    }

    private static void block(List<Architecture.Layer> layers, PrintWriter out) {
        Architecture.Layer first = layers.get(0);
        long numbers = layers.stream()
                .flatMap(layer -> layer.parameters().stream())
                .mapToLong(Architecture.Parameter::size)
                .sum();
        List<String> kinds = new ArrayList<>(List.of(first.kind().replaceFirst(", .* → .*", "")));
        layers.stream().skip(1).map(Architecture.Layer::kind).forEach(kinds::add);
        String start = String.format(
                Locale.ROOT,
                "%-7s %-17s %,11d  ",
                first.name(),
                first.weights().map(weights -> weights.shape().toString()).orElse(""),
                numbers);
        for (String line : Page.wrap(String.join(", ", kinds), Page.WIDTH - start.length())) {
            out.println(start + line);
            start = " ".repeat(start.length());
        }
    }

    private void trained(Page page) {
        JsonNode from = bundle.provenance();
        List<String> on = new ArrayList<>();
        for (Subset side : Subset.values()) {
            JsonNode tracks = from.path("splits").path(side.word()).path("tracks");
            if (tracks.isNumber()) {
                on.add(String.format(
                        Locale.ROOT,
                        "%,d %s track%s",
                        tracks.asLong(),
                        side.inWords(),
                        tracks.asLong() == 1 ? "" : "s"));
            }
        }
        List<String> how = new ArrayList<>();
        how.add(on.isEmpty() ? "tracks: its provenance does not say" : String.join(", ", on));
        if (from.path("epochs").isNumber()) {
            how.add(epochs(from));
        }
        for (JsonNode further : from.path("furtherNetworks")) {
            how.add(epochs(further));
        }
        if (from.path("seed").isNumber()) {
            how.add("seed " + from.path("seed").asText());
        }
        if (from.path("shuffledLabels").asBoolean()) {
            how.add("with shuffled labels, as a control");
        }
        page.row("trained on", String.join("; ", how));
        String made = Stream.of("software", "java", "system")
                .map(key -> clipped(from.path(key).asText()))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        page.row("made by", made.isEmpty() ? "its provenance does not say" : made);
    }

    private static String epochs(JsonNode log) {
        return log.path("epochs").asLong() + " epochs, best "
                + log.path("bestEpoch").asLong();
    }

    private void scores(Page page, PrintWriter out) {
        JsonNode stored = bundle.provenance().path("scores");
        if (stored.isMissingNode()) {
            page.row("scores", "the model carries none");
            return;
        }
        try {
            Scores scores = Scores.fromJson(stored);
            ScoreTable.print(out, scores, scores.tracksInWords(), MOST_TARGETS);
        } catch (IOException e) {
            page.row(
                    "scores",
                    "those that the model carries cannot be read: " + clipped(String.valueOf(e.getMessage())));
        }
    }

    /** All of it. */
    ObjectNode toJson() throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("file", file.toString());
        json.put("bytes", Files.size(file));
        json.put("sha256", FileDigest.of(file));
        json.set("features", JSON.valueToTree(bundle.features()));
        json.put("featuresIdentity", bundle.features().id());
        json.putObject("patch")
                .put("frames", bundle.shape().frames())
                .put("bands", bundle.shape().bands());
        json.put("normalizer", normalizer());
        json.set("network", JSON.valueToTree(bundle.network()));
        json.set("training", JSON.valueToTree(bundle.training()));
        json.set("targets", JSON.valueToTree(bundle.targets()));
        json.put("modulationShare", bundle.modulationShare());
        json.put("networks", bundle.networks().size());
        json.put("shownNetwork", network + 1);
        float[] values = bundle.networks().get(network);
        json.put("numbers", values.length);
        ArrayNode layers = json.putArray("layers");
        for (Architecture.Layer layer : bundle.architecture().layers()) {
            ObjectNode shown = layers.addObject().put("name", layer.name()).put("kind", layer.kind());
            ArrayNode parameters = shown.putArray("parameters");
            layer.parameters().forEach(parameter -> parameters.add(statistics(parameter, values)));
        }
        json.set("provenance", bundle.provenance());
        return json;
    }

    private static ObjectNode statistics(Architecture.Parameter parameter, float[] values) {
        float[] part = Arrays.copyOfRange(values, parameter.offset(), parameter.offset() + parameter.size());
        double mean = 0;
        int notFinite = 0;
        for (float value : part) {
            mean += value / (double) part.length;
            notFinite += Float.isFinite(value) ? 0 : 1;
        }
        double variance = 0;
        for (float value : part) {
            variance += (value - mean) * (value - mean) / part.length;
        }
        ObjectNode json = JSON.createObjectNode().put("name", parameter.name());
        json.set("shape", JSON.valueToTree(parameter.shape()));
        return json.put("numbers", parameter.size())
                .put("mean", JsonNumbers.orNull(mean))
                .put("std", JsonNumbers.orNull(Math.sqrt(variance)))
                .put("notFinite", notFinite);
    }

    private String normalizer() {
        return bundle.normalizer().kind().name().toLowerCase(Locale.ROOT);
    }

    /** Without the fraction of a whole number. */
    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }

    private static String clipped(String text) {
        return text.length() > LONGEST_WORD ? text.substring(0, LONGEST_WORD - 1) + "…" : text;
    }
}
