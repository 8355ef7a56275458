package melgauge.model.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where the bias of the output layer starts. */
public enum OutputBias {
    /** At the logit of the training tracks' mean label, so that the untrained network already answers about the mean. */
    @JsonProperty("mean")
    MEAN,
    /** At 0, so that the untrained network answers about 0.5. */
    @JsonProperty("zero")
    ZERO
}
