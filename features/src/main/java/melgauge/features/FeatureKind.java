package melgauge.features;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The features that {@code features.kind} chooses from. */
public enum FeatureKind {
    /** Log-mel spectrogram. */
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
    };

    /** Builds the extractor with its tables. */
    public abstract FeatureExtractor open(MelSpec spec);

    /** Bands per frame of the extractor, without building its tables. */
    public abstract int bands(MelSpec spec);
}
