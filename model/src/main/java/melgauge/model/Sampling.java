package melgauge.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which patches an epoch sees. Their order is random. */
public enum Sampling {
    /** One of every track, at a random place. */
    @JsonProperty("random")
    RANDOM,
    /** All patches of every track, side by side as they are cut for predicting. */
    @JsonProperty("all")
    ALL
}
