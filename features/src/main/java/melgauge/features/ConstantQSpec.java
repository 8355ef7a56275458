package melgauge.features;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of {@link ConstantQ}: {@code binsPerOctave} bands in each octave from {@code fMin} to {@code fMax}, compressed.
 *
 * @param framing which samples a frame is made of
 * @param fMin centre of the lowest band, Hz, above 0 and high enough for kernels of at most 1,048,576 samples
 * @param fMax no centre is higher, Hz; above {@code fMin}, at most half of {@code sampleRate}
 * @param binsPerOctave 1 to 96
 * @param loudness how energies become values
 */
public record ConstantQSpec(
        @JsonUnwrapped Framing framing,
        double fMin,
        double fMax,
        int binsPerOctave,
        @JsonUnwrapped Loudness loudness) implements FeatureSpec {
    private static final int SEMITONES = 12;

    public ConstantQSpec {
        int sampleRate = framing.sampleRate();
        FeatureSpec.checkRange(fMin, fMax, sampleRate);
        FeatureSpec.checkPartsOfAnOctave("binsPerOctave", binsPerOctave);
        Checks.that(fMin > 0, "fMin", fMin, "be above 0 Hz with kind=constantq; 32.7 is the note C1");
        double lowest = ConstantQ.qualityFactor(binsPerOctave) * sampleRate / StftSpec.MAX_FFT;
        Checks.that(
                fMin >= lowest,
                "fMin",
                fMin,
                "be at least " + lowest + " Hz with binsPerOctave=" + binsPerOctave + " and sampleRate=" + sampleRate
                        + ", where its kernel has " + StftSpec.MAX_FFT
                        + " samples; raise it or lower binsPerOctave");
    }

    @Override
    public Kind kind() {
        return Kind.CONSTANTQ;
    }

    @Override
    public FeatureExtractor open() {
        return new ConstantQ(this);
    }

    @Override
    public int bands() {
        return ConstantQ.bins(this);
    }

    @Override
    public int frameLength() {
        return ConstantQ.frameLength(this);
    }

    @Override
    public Optional<Loudness> compressed() {
        return Optional.of(loudness);
    }

    @Override
    public Range range() {
        return new Range(fMin, fMax);
    }

    /** The note C1: a lower centre asks for kernels longer than music stands still. */
    @Override
    public double lowestUseful() {
        return 32.7;
    }

    @Override
    public Optional<Resolution> resolution() {
        return Optional.of(new Resolution("binsPerOctave", binsPerOctave, SEMITONES, SEMITONES));
    }

    @Override
    public boolean hasFrequencyBands() {
        return true;
    }

    @Override
    public Map<String, Object> unread() {
        return Map.of(
                "nFft", 1024, "winLength", 1024, "window", "hann", "nMels", 96, "melScale", "slaney", "norm", "slaney");
    }
}
