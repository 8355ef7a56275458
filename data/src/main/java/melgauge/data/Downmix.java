package melgauge.data;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How a file's channels become one. A file with one channel gives the same samples with each of them.
 *
 * <p>{@link #LEFT} and {@link #RIGHT} take the front left and the front right channel of the file's channel layout. Where
 * the layout names none, they take the first and the second channel.
 */
public enum Downmix {
    /** The mean of all channels, with equal weights. */
    @JsonProperty("mean")
    MEAN,
    /** The front left channel alone. */
    @JsonProperty("left")
    LEFT,
    /** The front right channel alone. */
    @JsonProperty("right")
    RIGHT
}
