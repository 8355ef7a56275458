package melgauge.features;

import java.io.IOException;
import java.util.List;

/**
 * Log-mel spectrogram: {@link Stft}, {@link MelFilterBank}, compression. Tables are built once; each track has its own
 * scratch, so one instance serves all threads.
 *
 * <p>What is relative to the track's largest value ({@code ref: max}, {@code topDb}) is known only at the track's end:
 * frames then wait in a {@link Spool}.
 */
public final class MelSpectrogram implements FeatureExtractor {
    private static final float LOG10_GAIN = 10000f;
    private static final float POWER_FLOOR = 1e-10f;
    private static final float DECIBEL_FLOOR = -100f;

    private final MelSpec spec;
    private final Stft stft;
    private final MelFilterBank filters;

    /** Builds the tables for {@code spec}. */
    public MelSpectrogram(MelSpec spec) {
        this.spec = spec;
        this.stft = new Stft(spec);
        this.filters = new MelFilterBank(spec);
    }

    /** Begins a track; {@code spec.frames(samples)} frames of {@code nMels} compressed values come out. */
    @Override
    public Extraction begin(FrameSink sink) {
        return spec.isRelative() ? new Relative(sink) : stft.begin(new Bands(sink));
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

    /** Turns spectra into compressed bands. */
    private final class Bands implements FrameSink {
        private final FrameSink sink;
        private final float[] bands = new float[filters.bands()];

        Bands(FrameSink sink) {
            this.sink = sink;
        }

        @Override
        public void accept(float[] spectrum) throws IOException {
            filters.apply(spectrum, bands, 0);
            compress(bands);
            sink.accept(bands);
        }
    }

    /** Decibels whose reference or floor is the loudest value of the track. */
    private final class Relative implements Extraction {
        private final FrameSink sink;
        private final Spool spool = new Spool(filters.bands());
        private final Extraction frames;
        private float loudest = DECIBEL_FLOOR;

        Relative(FrameSink sink) {
            this.sink = sink;
            this.frames = stft.begin(new Bands(decibels -> {
                for (float value : decibels) {
                    loudest = Math.max(loudest, value);
                }
                spool.accept(decibels);
            }));
        }

        @Override
        public void add(float[] samples, int offset, int count) throws IOException {
            frames.add(samples, offset, count);
        }

        @Override
        public void finish() throws IOException {
            frames.finish();
            Double topDb = spec.topDb();
            float floor = topDb == null ? Float.NEGATIVE_INFINITY : (float) (loudest - topDb);
            float reference = spec.ref() == MelSpec.Reference.MAX ? loudest : 0f;
            spool.replay(decibels -> {
                for (int band = 0; band < decibels.length; band++) {
                    decibels[band] = Math.max(decibels[band], floor) - reference;
                }
                sink.accept(decibels);
            });
        }

        @Override
        public void close() {
            spool.close();
        }
    }

    /** The floor is exact, though the logarithm may miss it by its last bit; NaN stays NaN. */
    private static float decibel(float power) {
        return power <= POWER_FLOOR ? DECIBEL_FLOOR : Math.max(DECIBEL_FLOOR, 10f * FastLog.log10(power));
    }

    private void compress(float[] values) {
        switch (spec.compression()) {
            case LOG10 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = FastLog.log10(1f + LOG10_GAIN * values[i]);
                }
            }
            case DECIBEL -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = decibel(values[i]);
                }
            }
            case NONE -> {}
        }
    }
}
