package melgauge.features;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Settings of a short-time Fourier transform. Immutable.
 *
 * @param nFft samples per transform, 2 to 1,048,576; powers of two are fastest
 * @param winLength samples under the window, 1 to {@code nFft}; a shorter window stands in the middle of the frame
 * @param window the taper
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record StftSpec(
        @JsonProperty("nFft") int nFft,
        @JsonProperty("winLength") int winLength,
        @JsonProperty("window") Window window) {

    /** Taper of a frame. */
    public enum Window {
        /** Periodic Hann, {@code 0.5 − 0.5·cos(2πn/winLength)}. */
        @JsonProperty("hann")
        HANN
    }

    static final int MAX_FFT = 1 << 20;

    public StftSpec {
        Checks.that(nFft >= 2 && nFft <= MAX_FFT, "nFft", nFft, "lie between 2 and " + MAX_FFT);
        Checks.that(winLength >= 1, "winLength", winLength, "be at least 1");
        Checks.that(winLength <= nFft, "winLength", winLength, "be at most nFft=" + nFft);
        Checks.present("window", window, Window.values());
    }

    /** 1024 samples under a Hann window of the same length. */
    public static StftSpec defaults() {
        return new StftSpec(1024, 1024, Window.HANN);
    }
}
