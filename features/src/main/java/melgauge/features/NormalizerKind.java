package melgauge.features;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** The normalisers that {@code features.normalizer} chooses from. */
public enum NormalizerKind {
    /** A mean and a standard deviation for each band. */
    @JsonProperty("band")
    BAND,
    /** One mean and one standard deviation for all. */
    @JsonProperty("global")
    GLOBAL,
    /** Values stay as they are. */
    @JsonProperty("none")
    NONE;

    /** The word in settings and in stored normalisers: {@code band}, {@code global}, {@code none}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
