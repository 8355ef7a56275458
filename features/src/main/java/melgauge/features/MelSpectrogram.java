package melgauge.features;

import java.util.List;

/**
 * Log-mel spectrogram: {@link Stft}, {@link MelFilterBank}, compression. Tables are built once; each track has its own
 * scratch, so one instance serves all threads.
 */
public final class MelSpectrogram implements FeatureExtractor {
    private final MelSpec spec;
    private final Stft stft;
    private final MelFilterBank filters;
    private final Compressor compressor;

    /** Builds the tables for {@code spec}. */
    public MelSpectrogram(MelSpec spec) {
        this.spec = spec;
        this.stft = new Stft(spec);
        this.filters = new MelFilterBank(spec);
        this.compressor = new Compressor(spec);
    }

    /** Begins a track; {@code spec.frames(samples)} frames of {@code nMels} compressed values come out. */
    @Override
    public Extraction begin(FrameSink sink) {
        return compressor.begin(bands(), this::energies, sink);
    }

    /** Begins a track whose frames come out before they are compressed. */
    private Extraction energies(FrameSink sink) {
        float[] bands = new float[filters.bands()];
        return stft.begin(spectrum -> {
            filters.apply(spectrum, bands, 0);
            sink.accept(bands);
        });
    }

    @Override
    public int bands() {
        return filters.bands();
    }

    @Override
    public int sampleRate() {
        return spec.sampleRate();
    }

    @Override
    public List<String> warnings() {
        return filters.warnings();
    }
}
