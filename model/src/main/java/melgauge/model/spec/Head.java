package melgauge.model.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How the last convolution's maps reach the dense layers. */
public enum Head {
    /** Every value of every map. */
    @JsonProperty("flatten")
    FLATTEN,
    /** The mean of each map. */
    @JsonProperty("average")
    AVERAGE
}
