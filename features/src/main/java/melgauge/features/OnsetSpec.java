package melgauge.features;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Optional;

/**
 * Settings of {@link OnsetStrength}, one band.
 *
 * @param melSpec the log-mel spectrogram whose rise it is
 */
public record OnsetSpec(@JsonUnwrapped MelSpec melSpec) implements FeatureSpec {
    @Override
    public Kind kind() {
        return Kind.ONSET;
    }

    @Override
    public Framing framing() {
        return melSpec.framing();
    }

    @Override
    public FeatureExtractor open() {
        return new OnsetStrength(this);
    }

    @Override
    public int bands() {
        return 1;
    }

    @Override
    public int frameLength() {
        return melSpec.nFft();
    }

    @Override
    public Optional<Loudness> compressed() {
        return melSpec.compressed();
    }

    @Override
    public Optional<MelSpec> mel() {
        return Optional.of(melSpec);
    }

    @Override
    public Range range() {
        return melSpec.range();
    }
}
