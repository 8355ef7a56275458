package melgauge.pipeline.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import melgauge.data.AuditRow;
import melgauge.data.Scale;
import melgauge.data.Subset;
import melgauge.data.io.JsonNumbers;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.spec.TrainSpec;
import melgauge.model.training.TrainingLog;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.Version;
import melgauge.pipeline.results.Results;

/** Makes the page of a finished run. */
public final class HtmlReport {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CHARTS = "/META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js";

    private HtmlReport() {}

    /** The whole page, which loads nothing. */
    public static String page(
            RunSpec spec, List<AuditRow> audits, TrainingLog log, Results results, Diagnosis diagnosis)
            throws IOException {
        ObjectNode data = JSON.createObjectNode();
        data.put("version", Version.text());
        data.put("output", spec.output().toString());
        data.put("settings", RunFile.toYaml(spec));
        data.set("diagnosis", diagnosis.toJson());
        audit(data.putObject("audit"), audits);
        history(data.putObject("history"), log, spec.training());
        movement(data.putArray("movement"), log);
        scores(data, results);
        return resource("report.html")
                .replace("/*CHARTS*/", resource(CHARTS).replaceAll("(?m)^//# sourceMappingURL=.*$", ""))
                // Names of tracks are anybody's text; none may end the script that carries them.
                .replace("/*DATA*/", JSON.writeValueAsString(data).replace("<", "\\u003c"));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void audit(ObjectNode json, List<AuditRow> audits) {
        double seconds = 0;
        ArrayNode problems = json.putArray("problems");
        ObjectNode counts = json.putObject("counts");
        ObjectNode codecs = json.putObject("codecs");
        for (AuditRow.Status status : AuditRow.Status.values()) {
            counts.put(
                    status.word(),
                    audits.stream().filter(row -> row.status() == status).count());
        }
        for (AuditRow row : audits) {
            if (Double.isFinite(row.durationSeconds())) {
                seconds += row.durationSeconds();
            }
            if (!row.codec().isEmpty()) {
                codecs.put(row.codec(), codecs.path(row.codec()).asInt() + 1);
            }
            if (row.status() != AuditRow.Status.OK && problems.size() < 200) {
                problems.addObject()
                        .put("path", row.path())
                        .put("status", row.status().word())
                        .put("reason", row.reason());
            }
        }
        json.put("minutes", seconds / 60);
    }

    private static void history(ObjectNode json, TrainingLog log, TrainSpec training) {
        json.put("networks", training.networks());
        json.put("rotates", training.rotates());
        json.put("bestEpoch", log.bestEpoch());
        json.put("end", log.end());
        ArrayNode train = json.putArray("trainLoss");
        ArrayNode validation = json.putArray("validationLoss");
        ArrayNode r2 = json.putArray("validationR2");
        ArrayNode spread = json.putArray("validationSpread");
        for (TrainingLog.Epoch epoch : log.epochs()) {
            train.add(JsonNumbers.orNull(epoch.trainLoss()));
            validation.add(JsonNumbers.orNull(epoch.validationLoss()));
            r2.add(JsonNumbers.orNull(epoch.meanValidationR2()));
            spread.add(JsonNumbers.orNull(epoch.meanValidationSpread()));
        }
    }

    private static void movement(ArrayNode json, TrainingLog log) {
        for (int i = 0; i < log.layers().size(); i++) {
            if (log.layers().get(i).hasWeights()) {
                ObjectNode layer = json.addObject();
                layer.put("layer", log.layers().get(i).name());
                ArrayNode updates = layer.putArray("updates");
                for (TrainingLog.Epoch epoch : log.epochs()) {
                    updates.add(JsonNumbers.orNull(epoch.movement().get(i).updateRatio()));
                }
            }
        }
    }

    private static void scores(ObjectNode data, Results results) {
        Subset heldOut = results.scoredSide();
        data.set("metrics", results.metrics(heldOut));
        ObjectNode sides = data.putObject("sides");
        results.evaluations().forEach((subset, evaluation) -> sides.set(subset.word(), evaluation.toJson()));
        ArrayNode targets = data.putArray("targets");
        for (int t = 0; t < results.targets().size(); t++) {
            Scale scale = results.targets().get(t).scale();
            ObjectNode target = targets.addObject();
            target.put("name", results.targets().get(t).name());
            target.put("low", scale.low());
            target.put("high", scale.high());
            target.put("trainingMean", scale.fromUnit(results.targets().get(t).trainingMean()));
            ObjectNode points = target.putObject("points");
            for (Subset subset : List.of(Subset.TRAIN, heldOut)) {
                ArrayNode list = points.putArray(subset.word());
                for (Results.Row row :
                        results.rows(subset).stream().map(results::answered).toList()) {
                    if (!Float.isNaN(row.labels()[t]) && list.size() < 2000) {
                        ObjectNode point = list.addObject();
                        point.put("x", round(scale.fromUnit(row.labels()[t])));
                        point.put("y", round(scale.fromUnit(row.mean()[t])));
                        point.put("path", row.path());
                    }
                }
            }
        }
    }

    private static double round(double value) {
        return Math.round(value * 1e5) / 1e5;
    }
}
