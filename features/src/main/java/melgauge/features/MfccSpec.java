package melgauge.features;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Optional;

/**
 * Settings of {@link Mfcc}, {@code nMfcc} coefficients.
 *
 * @param melSpec the log-mel spectrogram whose cepstrum it is
 * @param nMfcc coefficients, 1 to {@code nMels}
 */
public record MfccSpec(@JsonUnwrapped MelSpec melSpec, int nMfcc) implements FeatureSpec {
    private static final int DEFAULT_MFCC = 20;

    public MfccSpec {
        Checks.that(
                nMfcc >= 1 && nMfcc <= melSpec.nMels(), "nMfcc", nMfcc, "lie between 1 and nMels=" + melSpec.nMels());
    }

    @Override
    public Kind kind() {
        return Kind.MFCC;
    }

    @Override
    public Framing framing() {
        return melSpec.framing();
    }

    @Override
    public FeatureExtractor open() {
        return new Mfcc(this);
    }

    @Override
    public int bands() {
        return nMfcc;
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

    @Override
    public Optional<Resolution> resolution() {
        return Optional.of(new Resolution("nMfcc", nMfcc, DEFAULT_MFCC, DEFAULT_MFCC));
    }
}
