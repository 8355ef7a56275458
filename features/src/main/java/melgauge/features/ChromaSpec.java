package melgauge.features;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Map;

/**
 * Settings of {@link Chroma}, {@code nChroma} bands between 0 and 1. They are shares of the frame's largest, so that
 * nothing is compressed.
 *
 * @param framing which samples a frame is made of
 * @param stft the transform of a frame
 * @param nChroma pitch classes, 1 to 96
 */
public record ChromaSpec(
        @JsonUnwrapped Framing framing, @JsonUnwrapped StftSpec stft, int nChroma) implements FeatureSpec {
    public ChromaSpec {
        FeatureSpec.checkPartsOfAnOctave("nChroma", nChroma);
    }

    @Override
    public Kind kind() {
        return Kind.CHROMA;
    }

    @Override
    public FeatureExtractor open() {
        return new Chroma(this);
    }

    @Override
    public int bands() {
        return nChroma;
    }

    @Override
    public int frameLength() {
        return stft.nFft();
    }

    @Override
    public Map<String, Object> unread() {
        return Map.of(
                "nMels",
                96,
                "fMin",
                0.0,
                "fMax",
                sampleRate() / 2.0,
                "melScale",
                "slaney",
                "norm",
                "slaney",
                "compression",
                "none");
    }
}
