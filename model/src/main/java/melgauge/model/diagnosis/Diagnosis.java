package melgauge.model.diagnosis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import melgauge.data.Subset;
import melgauge.data.io.JsonNumbers;
import melgauge.model.diagnosis.experiments.Experiment;
import melgauge.model.diagnosis.measure.Measurements;
import melgauge.model.diagnosis.measure.Phrases;
import melgauge.model.diagnosis.rules.Evidence;
import melgauge.model.diagnosis.rules.Finding;
import melgauge.model.diagnosis.rules.Rules;
import melgauge.model.diagnosis.rules.Ruling;
import melgauge.model.diagnosis.rules.Severity;
import melgauge.model.diagnosis.rules.Verdict;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.TargetScores;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.training.TrainingLog;
import org.jspecify.annotations.Nullable;

/**
 * The diagnosis of a run.
 *
 * @param verdict in a word
 * @param reason a sentence with the numbers behind the verdict
 * @param findings what is wrong, the likeliest cause first
 * @param answers to the questions, in order
 * @param measurements behind it; null while training runs
 * @param experiments that were made on the finished run; empty in an ordinary diagnosis
 * @param note what this diagnosis does not cover; empty if nothing is to be said
 */
public record Diagnosis(
        Verdict verdict,
        String reason,
        List<Finding> findings,
        List<Answer> answers,
        @Nullable Measurements measurements,
        List<Experiment> experiments,
        String note) {
    private static final String RUNNING =
            "Training is not finished: this is what its epochs so far say. Causes are looked for" + " when it is.";
    private static final ObjectMapper JSON = JsonNumbers.mapper();

    public Diagnosis {
        findings = List.copyOf(findings);
        answers = List.copyOf(answers);
        experiments = List.copyOf(experiments);
    }

    /** Diagnoses a run. */
    public static Diagnosis of(Evidence evidence) {
        Ruling ruling = Ruling.of(evidence);
        List<Finding> findings = Rules.findings(evidence);
        boolean explained = ruling.verdict() == Verdict.HEALTHY
                || findings.stream()
                        .anyMatch(finding ->
                                finding.severity() == Severity.ERROR || finding.severity() == evidence.blame());
        return new Diagnosis(
                ruling.verdict(),
                ruling.reason(),
                findings,
                Answers.all(
                        evidence.network(),
                        evidence.training(),
                        evidence.log(),
                        evidence.evaluations(),
                        evidence.measurements()),
                evidence.measurements(),
                List.of(),
                explained ? "" : Rules.unexplained(evidence));
    }

    /**
     * Diagnoses a training that is still running, by its last epoch's validation tracks.
     *
     * @param targets names of the targets
     */
    public static Diagnosis ofRunning(NetworkSpec network, TrainingLog log, List<String> targets) {
        TrainingLog.Epoch last = log.epochs().get(log.epochs().size() - 1);
        Map<String, TargetScores> scores = new LinkedHashMap<>();
        for (int t = 0; t < targets.size(); t++) {
            double r2 = last.validationR2().isEmpty()
                    ? Double.NaN
                    : last.validationR2().get(t);
            double spread = last.validationSpread().isEmpty()
                    ? Double.NaN
                    : last.validationSpread().get(t);
            // Only R² and the spread, as a share of the labels', are known of a running epoch.
            scores.put(
                    targets.get(t), new TargetScores(0, r2, Double.NaN, Double.NaN, Double.NaN, Double.NaN, spread, 1));
        }
        Evaluation validation = new Evaluation(0, scores);
        Ruling ruling = Ruling.ofRunning(log);
        return new Diagnosis(
                ruling.verdict(),
                ruling.reason(),
                List.of(),
                Answers.all(network, null, log, Map.of(Subset.VALIDATION, validation), null),
                null,
                List.of(),
                RUNNING);
    }

    /** This one with other experiments. */
    public Diagnosis with(List<Experiment> others) {
        return new Diagnosis(verdict, reason, findings, answers, measurements, others, note);
    }

    /** The verdict, and causes with their remedies: what one wants to know when a training ends. */
    public String headline() {
        StringBuilder text = new StringBuilder(verdictInWords());
        for (Finding finding : findings) {
            if (finding.severity() != Severity.INFO) {
                text.append(Phrases.format(
                        "%s %s (%s): %s%n   Remedy: %s%n",
                        finding.severity().word().toUpperCase(Locale.ROOT),
                        finding.code(),
                        finding.where(),
                        finding.cause(),
                        finding.remedy()));
            }
        }
        return note.isEmpty() ? text.toString() : text.append(note).append('\n').toString();
    }

    private String verdictInWords() {
        return "Verdict: " + verdict.word() + " — " + reason + "\n";
    }

    /** All of it in plain sentences, but for the numbers behind the answers. */
    public String summary() {
        StringBuilder text = new StringBuilder(verdictInWords());
        for (Finding finding : findings) {
            text.append(Phrases.format(
                    "%n%s %s (%s)%n   Measured: %s%n   Cause:    %s%n   Remedy:   %s%n",
                    finding.severity().word().toUpperCase(Locale.ROOT),
                    finding.code(),
                    finding.where(),
                    finding.evidence(),
                    finding.cause(),
                    finding.remedy()));
        }
        for (Answer answer : answers) {
            text.append('\n')
                    .append(answer.question())
                    .append(". ")
                    .append(answer.title())
                    .append("\n   ");
            text.append(answer.text()).append('\n');
        }
        for (Experiment experiment : experiments) {
            text.append("\nExperiment: ")
                    .append(experiment.question())
                    .append("\n   ")
                    .append(experiment.text())
                    .append('\n');
        }
        return note.isEmpty()
                ? text.toString()
                : text.append('\n').append(note).append('\n').toString();
    }

    /** The content of {@code diagnosis.json}. */
    public ObjectNode toJson() {
        ObjectNode json = JSON.createObjectNode();
        json.put("verdict", verdict.word());
        json.put("reason", reason);
        json.set("findings", JSON.valueToTree(findings));
        json.set("answers", JSON.valueToTree(answers));
        json.set("measurements", JSON.valueToTree(measurements));
        json.set("experiments", JSON.valueToTree(experiments));
        json.put("note", note);
        return json;
    }

    /**
     * Reads a run's {@code diagnosis.json}.
     *
     * @throws IOException if it is something else
     */
    public static Diagnosis read(Path file) throws IOException {
        return fromJson(JSON.readTree(file.toFile()));
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws IOException if it is something else
     */
    public static Diagnosis fromJson(JsonNode json) throws IOException {
        try {
            Diagnosis diagnosis = new Diagnosis(
                    Verdict.of(json.path("verdict").asText()),
                    json.path("reason").asText(),
                    List.of(JSON.treeToValue(json.path("findings"), Finding[].class)),
                    List.of(JSON.treeToValue(json.path("answers"), Answer[].class)),
                    json.hasNonNull("measurements")
                            ? JSON.treeToValue(json.get("measurements"), Measurements.class)
                            : null,
                    List.of(JSON.treeToValue(json.path("experiments"), Experiment[].class)),
                    json.path("note").asText());
            // Jackson passes null for a missing key: what is incomplete must fail here, not where it is shown.
            diagnosis.summary();
            return diagnosis;
        } catch (RuntimeException e) {
            throw new IOException("is no diagnosis: " + e.getMessage(), e);
        }
    }
}
