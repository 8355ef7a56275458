package melgauge.model.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The activation behind every convolution and dense layer but the last. */
public enum Activation {
    /** max(x, 0) + α·min(x, 0) with one learnt α per channel or unit, 0.25 at the start (He et al. 2015). */
    @JsonProperty("prelu")
    PRELU,
    /** max(x, 0). */
    @JsonProperty("relu")
    RELU,
    /** max(x, 0) + 0.01·min(x, 0). */
    @JsonProperty("leakyrelu")
    LEAKYRELU,
    /** x above 0, e^x − 1 below. */
    @JsonProperty("elu")
    ELU
}
