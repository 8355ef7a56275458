package melgauge.features;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Log-mel spectrogram: {@link Stft}, {@link MelFilterBank}, compression. Tables are built once; each track has its own
 * scratch, so one instance serves all threads. Where the settings allow it, most frames of a track go through
 * {@link BlockTransform}, many at a time.
 */
public final class MelSpectrogram implements FeatureExtractor {
    private final MelSpec spec;
    private final Stft stft;
    private final MelFilterBank filters;
    private final Compressor compressor;
    /** Null where frames are transformed one by one. */
    private final @Nullable BlockTransform blocks;

    /** Builds the tables for {@code spec}. */
    public MelSpectrogram(MelSpec spec) {
        this.spec = spec;
        this.stft = new Stft(spec.framing(), spec.stft());
        this.filters = new MelFilterBank(spec);
        this.compressor = new Compressor(spec.loudness());
        this.blocks = BlockTransform.suits(spec) ? new BlockTransform(spec, stft.window()) : null;
    }

    /** Begins a track; {@code spec.frames(samples)} frames of {@code nMels} compressed values come out. */
    @Override
    public Extraction begin(FrameSink sink) {
        return compressor.begin(bands(), this::energies, sink);
    }

    /** Begins a track whose frames come out before they are compressed. */
    private Extraction energies(FrameSink sink) {
        float[] bands = new float[filters.bands()];
        Framer.FrameConsumer one = stft.frames(spectrum -> {
            filters.apply(spectrum, bands, 0);
            sink.accept(bands);
        });
        Framer.Block block = blocks == null ? null : block(blocks, sink);
        return new Framer(spec.nFft(), spec.hopLength(), spec.center(), spec.padMode(), one, block);
    }

    private Framer.Block block(BlockTransform transform, FrameSink sink) {
        BlockTransform.Rows rows = transform.begin();
        float[] bands = new float[filters.bands()];
        float[][] sums = new float[bands.length][BlockTransform.LANES];
        return new Framer.Block(BlockTransform.LANES, (samples, start) -> {
            filters.apply(rows.powers(samples, start), sums);
            for (int lane = 0; lane < BlockTransform.LANES; lane++) {
                for (int band = 0; band < bands.length; band++) {
                    bands[band] = sums[band][lane];
                }
                sink.accept(bands);
            }
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
