package melgauge.features;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Optional;

/**
 * Settings of the log-mel spectrogram, {@code nMels} bands. Names and meanings are librosa's.
 *
 * @param framing which samples a frame is made of
 * @param stft the transform of a frame
 * @param nMels bands, 1 to 4096
 * @param fMin lower edge of the lowest band, Hz, at least 0
 * @param fMax upper edge of the highest band, Hz, above {@code fMin}, at most half of {@code sampleRate}
 * @param melScale how band edges are spaced
 * @param norm how band weights are scaled
 * @param loudness how energies become values
 */
public record MelSpec(
        @JsonUnwrapped Framing framing,
        @JsonUnwrapped StftSpec stft,
        int nMels,
        double fMin,
        double fMax,
        MelScale melScale,
        MelNorm norm,
        @JsonUnwrapped Loudness loudness)
        implements FeatureSpec {

    /** Spacing of the bands. */
    public enum MelScale {
        /** Slaney's Auditory Toolbox: linear below 1 kHz, logarithmic above. */
        @JsonProperty("slaney")
        SLANEY,
        /** The HTK Book: {@code 2595·log10(1 + f/700)}. */
        @JsonProperty("htk")
        HTK
    }

    /** Scaling of a band's weights. */
    public enum MelNorm {
        /** Each triangle has unit area over frequency in Hz: its peak is {@code 2/(upper − lower edge)}. */
        @JsonProperty("slaney")
        SLANEY,
        /** Each triangle peaks at 1. */
        @JsonProperty("none")
        NONE
    }

    private static final int MAX_MELS = 4096;
    private static final int DEFAULT_MELS = 96;
    private static final int FEW_MELS = 24;

    public MelSpec {
        Checks.that(nMels >= 1 && nMels <= MAX_MELS, "nMels", nMels, "lie between 1 and " + MAX_MELS);
        FeatureSpec.checkRange(fMin, fMax, framing.sampleRate());
        Checks.present("melScale", melScale, MelScale.values());
        Checks.present("norm", norm, MelNorm.values());
        // -0.0 passes as 0 but would print differently and so change the identity.
        fMin += 0.0;
    }

    /** 16 kHz, 1024-sample Hann frames every 256 samples, 96 Slaney bands from 0 to 8 kHz, log10, stored as float16. */
    public static MelSpec defaults() {
        return new MelSpec(
                Framing.defaults(),
                StftSpec.defaults(),
                DEFAULT_MELS,
                0,
                8000,
                MelScale.SLANEY,
                MelNorm.SLANEY,
                Loudness.defaults());
    }

    /** Samples per transform. */
    public int nFft() {
        return stft.nFft();
    }

    /** What is done to each energy. */
    public Loudness.Compression compression() {
        return loudness.compression();
    }

    @Override
    public Kind kind() {
        return Kind.MEL;
    }

    @Override
    public FeatureExtractor open() {
        return new MelSpectrogram(this);
    }

    @Override
    public int bands() {
        return nMels;
    }

    @Override
    public int frameLength() {
        return nFft();
    }

    @Override
    public Optional<Loudness> compressed() {
        return Optional.of(loudness);
    }

    @Override
    public Optional<MelSpec> mel() {
        return Optional.of(this);
    }

    @Override
    public Range range() {
        return new Range(fMin, fMax);
    }

    @Override
    public Optional<Resolution> resolution() {
        return Optional.of(new Resolution("nMels", nMels, FEW_MELS, DEFAULT_MELS));
    }

    @Override
    public boolean hasFrequencyBands() {
        return true;
    }

    @Override
    public Fingerprint.Values values() {
        return switch (compression()) {
            case NONE -> Fingerprint.Values.POWERS;
            case DECIBEL -> Fingerprint.Values.DECIBELS;
            case LOG10 -> Fingerprint.Values.OTHER;
        };
    }
}
