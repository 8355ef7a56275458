package melgauge.features;

import java.io.IOException;
import java.util.function.Function;

/**
 * Compresses energies as {@code compression}, {@code topDb} and {@code ref} say. Has no state: each track has its own
 * scratch.
 *
 * <p>What is relative to the track's largest value ({@code ref: max}, {@code topDb}) is known only at the track's end:
 * frames then wait in a {@link Spool}.
 */
final class Compressor {
    private static final float LOG10_GAIN = 10000f;
    private static final float POWER_FLOOR = 1e-10f;
    private static final float DECIBEL_FLOOR = -100f;

    private final Loudness loudness;

    Compressor(Loudness loudness) {
        this.loudness = loudness;
    }

    /**
     * Begins a track.
     *
     * @param bands values of a frame
     * @param source what computes energies, given the sink for them; their array is overwritten
     * @param sink of the compressed frames
     */
    Extraction begin(int bands, Function<FrameSink, Extraction> source, FrameSink sink) {
        return loudness.isRelative()
                ? new Relative(bands, source, sink)
                : source.apply(energies -> {
                    compress(energies);
                    sink.accept(energies);
                });
    }

    /** Decibels whose reference or floor is the loudest value of the track. */
    private final class Relative implements Extraction {
        private final FrameSink sink;
        private final Spool spool;
        private final Extraction frames;
        private float loudest = DECIBEL_FLOOR;

        Relative(int bands, Function<FrameSink, Extraction> source, FrameSink sink) {
            this.sink = sink;
            this.spool = new Spool(bands);
            this.frames = source.apply(energies -> {
                compress(energies);
                for (float value : energies) {
                    loudest = Math.max(loudest, value);
                }
                spool.accept(energies);
            });
        }

        @Override
        public void add(float[] samples, int offset, int count) throws IOException {
            frames.add(samples, offset, count);
        }

        @Override
        public void finish() throws IOException {
            frames.finish();
            Double topDb = loudness.topDb();
            float floor = topDb == null ? Float.NEGATIVE_INFINITY : (float) (loudest - topDb);
            float reference = loudness.ref() == Loudness.Reference.MAX ? loudest : 0f;
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
        switch (loudness.compression()) {
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
