package melgauge.features;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The features that {@code features.kind} chooses from. All of them read {@code sampleRate}, {@code hopLength},
 * {@code center}, {@code padMode}, {@code power}, {@code storage}, {@code excerpt} and {@code downmix}; {@code nFft},
 * {@code winLength} and {@code window} are read by all but {@code constantq}.
 */
public enum FeatureKind {
    /** Log-mel spectrogram, {@code nMels} bands. */
    @JsonProperty("mel")
    MEL {
        @Override
        public FeatureExtractor open(MelSpec spec) {
            return new MelSpectrogram(spec);
        }

        @Override
        public int bands(MelSpec spec) {
            return spec.nMels();
        }
    },
    /** Cepstrum of the log-mel spectrogram, {@code nMfcc} coefficients; reads all that {@code mel} reads. */
    @JsonProperty("mfcc")
    MFCC {
        @Override
        public FeatureExtractor open(MelSpec spec) {
            return new Mfcc(spec);
        }

        @Override
        public int bands(MelSpec spec) {
            return spec.mfccCount();
        }
    },
    /**
     * Constant-Q transform, compressed: {@code binsPerOctave} bands in each octave from {@code fMin} to {@code fMax}.
     * {@code nMels}, {@code melScale} and {@code norm} say nothing here.
     */
    @JsonProperty("constantq")
    CONSTANTQ {
        @Override
        public FeatureExtractor open(MelSpec spec) {
            return new ConstantQ(spec);
        }

        @Override
        public int bands(MelSpec spec) {
            return ConstantQ.bins(spec);
        }

        @Override
        int frameLength(MelSpec spec) {
            return ConstantQ.frameLength(spec);
        }
    },
    /**
     * Pitch classes, {@code nChroma} bands between 0 and 1. They are shares of the frame's largest, so that
     * {@code compression} does not apply; {@code nMels}, {@code fMin}, {@code fMax}, {@code melScale} and {@code norm} say
     * nothing here.
     */
    @JsonProperty("chroma")
    CHROMA {
        @Override
        public FeatureExtractor open(MelSpec spec) {
            return new Chroma(spec);
        }

        @Override
        public int bands(MelSpec spec) {
            return spec.chromaCount();
        }

        @Override
        public boolean compresses() {
            return false;
        }
    },
    /** How much the log-mel spectrogram rises, one band; reads all that {@code mel} reads. */
    @JsonProperty("onset")
    ONSET {
        @Override
        public FeatureExtractor open(MelSpec spec) {
            return new OnsetStrength(spec);
        }

        @Override
        public int bands(MelSpec spec) {
            return 1;
        }
    };

    /** Builds the extractor with its tables. */
    public abstract FeatureExtractor open(MelSpec spec);

    /** Bands per frame of the extractor, without building its tables. */
    public abstract int bands(MelSpec spec);

    /** Samples of a frame. */
    int frameLength(MelSpec spec) {
        return spec.nFft();
    }

    /** Whether {@code compression}, {@code topDb} and {@code ref} apply. */
    public boolean compresses() {
        return true;
    }
}
