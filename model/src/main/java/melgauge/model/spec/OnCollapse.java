package melgauge.model.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What to do when the network answers the same for every validation track, epoch after epoch. */
public enum OnCollapse {
    /** End the training and say why. */
    @JsonProperty("stop")
    STOP,
    /** Say so and go on. */
    @JsonProperty("warn")
    WARN
}
