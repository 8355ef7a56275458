package melgauge.model.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which tracks each of several networks does not learn from, so that they can decide what weights it keeps. */
public enum HoldOut {
    /** The validation tracks, for all networks. */
    @JsonProperty("same")
    SAME,
    /**
     * The validation tracks for the first network; for each other one another part of the training tracks, about as
     * many. It learns from the validation tracks instead.
     */
    @JsonProperty("rotate")
    ROTATE
}
