package melgauge.model.diagnosis.rules;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** How bad a {@link Finding} is. */
public enum Severity {
    /** It keeps the network from learning. */
    @JsonProperty("error")
    ERROR,
    /** It costs accuracy, or makes the scores uncertain. */
    @JsonProperty("warning")
    WARNING,
    /** Worth knowing. */
    @JsonProperty("info")
    INFO;

    /** The word in {@code diagnosis.json}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
