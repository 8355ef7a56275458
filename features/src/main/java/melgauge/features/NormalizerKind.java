package melgauge.features;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The normalisers that {@code features.normalizer} chooses from. */
public enum NormalizerKind {
    /** A mean and a standard deviation for every band. */
    @JsonProperty("band")
    BAND,
    /** One mean and one standard deviation for all. */
    @JsonProperty("global")
    GLOBAL,
    /** Each band without its mean over the patch, divided by its standard deviation. */
    @JsonProperty("patch")
    PATCH,
    /** Values stay as they are. */
    @JsonProperty("none")
    NONE
}
