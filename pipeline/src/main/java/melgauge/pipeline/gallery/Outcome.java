package melgauge.pipeline.gallery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import melgauge.data.io.JsonNumbers;
import melgauge.model.diagnosis.rules.Code;
import melgauge.model.diagnosis.rules.Finding;
import melgauge.model.diagnosis.rules.Severity;
import melgauge.model.diagnosis.rules.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * What became of an exhibit.
 *
 * @param exhibit which
 * @param seed with which it was trained
 * @param plain its training
 * @param fixed the training with the remedies of its diagnosis; null if that was not asked for
 */
public record Outcome(Exhibit exhibit, long seed, Gallery.Attempt plain, Gallery.@Nullable Attempt fixed) {
    private static final int SHOWN = 3;

    /** Whether it could be trained. */
    public boolean succeeded() {
        return plain.trained() != null;
    }

    /** Whether it is a fault, and an expected code is among the first so many findings. */
    boolean isFound(int first) {
        return !exhibit.isHealthy()
                && findings().stream()
                        .limit(first)
                        .anyMatch(finding -> exhibit.expected().contains(finding.code()));
    }

    /** Whether it is healthy and yet said to be broken. */
    boolean isFalseAlarm() {
        return exhibit.isHealthy() && findings().stream().anyMatch(finding -> finding.severity() == Severity.ERROR);
    }

    /** Whether its remedies made a network that is better than the mean. */
    boolean isCured() {
        Gallery.Trained healed = fixed == null ? null : fixed.trained();
        return healed != null && healed.diagnosis().verdict() == Verdict.HEALTHY;
    }

    private List<Finding> findings() {
        Gallery.Trained trained = plain.trained();
        return trained == null ? List.of() : trained.diagnosis().findings();
    }

    /** One line of the result. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("fault", exhibit.name());
        json.put("seed", seed);
        Gallery.Trained trained = plain.trained();
        if (trained == null) {
            json.put("error", plain.whyNot());
        } else {
            json.put("verdict", trained.diagnosis().verdict().word());
            json.put("r2", JsonNumbers.orNull(trained.r2()));
        }
        ArrayNode codes = json.putArray("codes");
        findings().stream()
                .limit(SHOWN)
                .forEach(finding -> codes.addObject()
                        .put("code", finding.code().name())
                        .put("severity", finding.severity().word()));
        if (exhibit.isHealthy()) {
            json.put("falseAlarm", isFalseAlarm());
        } else {
            ArrayNode expected = json.putArray("expected");
            exhibit.expected().stream().map(Code::name).sorted().forEach(expected::add);
            json.put("right", isFound(1));
            json.put("rightInTwo", isFound(2));
        }
        if (trained != null) {
            json.put("seconds", rounded(trained.seconds()));
        }
        if (fixed != null) {
            json.put("curable", exhibit.curable());
            Gallery.Trained healed = fixed.trained();
            if (healed == null) {
                json.put("notFixed", fixed.whyNot());
            } else {
                json.put("verdictFixed", healed.diagnosis().verdict().word());
                json.put("r2Fixed", JsonNumbers.orNull(healed.r2()));
            }
        }
        return json;
    }

    /** The last line: how many of each. */
    public static ObjectNode totals(List<Outcome> outcomes) {
        List<Outcome> faults =
                outcomes.stream().filter(each -> !each.exhibit().isHealthy()).toList();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode totals = json.putObject("totals");
        totals.put("faults", faults.size());
        totals.put("right", faults.stream().filter(each -> each.isFound(1)).count());
        totals.put("rightInTwo", faults.stream().filter(each -> each.isFound(2)).count());
        totals.put("healthy", outcomes.size() - faults.size());
        totals.put(
                "falseAlarms", outcomes.stream().filter(Outcome::isFalseAlarm).count());
        totals.put("errors", outcomes.stream().filter(each -> !each.succeeded()).count());
        if (faults.stream().anyMatch(each -> each.fixed() != null)) {
            List<Outcome> curable =
                    faults.stream().filter(each -> each.exhibit().curable()).toList();
            totals.put("curable", curable.size());
            totals.put("cured", curable.stream().filter(Outcome::isCured).count());
        }
        double seconds = 0;
        for (Outcome outcome : outcomes) {
            Gallery.Trained trained = outcome.plain().trained();
            seconds += trained == null ? 0 : trained.seconds();
        }
        totals.put("seconds", rounded(seconds));
        return json;
    }

    private static double rounded(double seconds) {
        return Math.round(10 * seconds) / 10.0;
    }
}
