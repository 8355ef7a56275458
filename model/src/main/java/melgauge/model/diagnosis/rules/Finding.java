package melgauge.model.diagnosis.rules;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something that is wrong with a run: a measured number beyond a stated limit.
 *
 * @param code what
 * @param severity how bad
 * @param where the layer, target or setting
 * @param measured the number; NaN where that is what is wrong
 * @param limit what it should have kept to
 * @param evidence how it was measured, and where the limit comes from
 * @param cause in words
 * @param remedy in words: the key of {@code run.yaml} to change, and to what, or what else to do
 * @param settings keys of {@code run.yaml}, such as {@code training.learningRate}, and the values that the remedy gives
 *     them; empty where no setting cures it
 */
public record Finding(
        Code code,
        Severity severity,
        String where,
        double measured,
        double limit,
        String evidence,
        String cause,
        String remedy,
        Map<String, JsonNode> settings) {
    public Finding {
        settings = new LinkedHashMap<>(settings);
    }
}
