package melgauge.model.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How the learning rate goes on after the warm-up. */
public enum Schedule {
    /** It stays. */
    @JsonProperty("constant")
    CONSTANT,
    /** Half a cosine down to 0 at the last of {@code epochs} (Loshchilov and Hutter 2017, without restarts). */
    @JsonProperty("cosine")
    COSINE,
    /** Halved each time that the validation loss has not fallen for half of {@code patience} epochs, at least 2. */
    @JsonProperty("plateau")
    PLATEAU
}
