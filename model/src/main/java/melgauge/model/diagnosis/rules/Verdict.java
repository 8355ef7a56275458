package melgauge.model.diagnosis.rules;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** The outcome of a training run. */
public enum Verdict {
    /** The network predicts held-out tracks better than their mean does. */
    HEALTHY,
    /** Predictions vary, but are not surely better than the mean on held-out tracks. */
    WEAK,
    /** Predictions are about the same for every track. */
    COLLAPSED,
    /** The loss became NaN or infinite. */
    DIVERGED,
    /** The training labels of every target are constant, or nearly so. */
    NOTHING_TO_LEARN,
    /** Too few tracks were held out to judge the network, or none. */
    NONE;

    /** The word in {@code diagnosis.json}. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The verdict of a word.
     *
     * @throws IllegalArgumentException if there is no such verdict
     */
    @JsonCreator
    public static Verdict of(String word) {
        return Arrays.stream(values())
                .filter(verdict -> verdict.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no verdict " + word));
    }
}
