package melgauge.features;

import melgauge.data.Audio;

/**
 * Log-mel spectrogram: {@link Stft}, {@link MelFilterBank}, compression. Tables are built once; each call owns its
 * scratch, so one instance serves all threads, and equal audio gives equal bytes on any of them.
 */
public final class MelSpectrogram implements FeatureExtractor {
    private static final float LOG10_GAIN = 10000f;
    private static final float POWER_FLOOR = 1e-10f;
    private static final float DECIBEL_FLOOR = -100f;

    private final MelSpec spec;
    private final Stft stft;
    private final MelFilterBank filters;

    /** Builds the tables for {@code spec}; logs a warning if some bands are too narrow to hold an FFT bin. */
    public MelSpectrogram(MelSpec spec) {
        this.spec = spec;
        this.stft = new Stft(spec);
        this.filters = new MelFilterBank(spec);
    }

    /**
     * The compressed spectrogram, {@code [spec.frames(samples), nMels]}; no frames for audio without samples.
     *
     * @throws IllegalArgumentException if the audio is not at {@link #sampleRate()}, or so long that the result would
     *     pass 2³¹ − 1 values
     */
    @Override
    public Spectrogram extract(Audio audio) {
        if (audio.sampleRate() != spec.sampleRate()) {
            throw new IllegalArgumentException("audio is sampled at " + audio.sampleRate() + " Hz, the spec asks for "
                    + spec.sampleRate() + " Hz; resample while decoding");
        }
        Stft.Frames frames = stft.over(audio.samples());
        int count = frames.count();
        int bands = filters.bands();
        if ((long) count * bands > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a spectrogram of [" + count + ", " + bands + "] must hold at most "
                    + Integer.MAX_VALUE + " values; raise hopLength=" + spec.hopLength() + " or cut the audio");
        }
        float[] values = new float[count * bands];
        float[] spectrum = new float[stft.bins()];
        for (int frame = 0; frame < count; frame++) {
            frames.read(frame, spectrum);
            filters.apply(spectrum, values, frame * bands);
            compress(values, frame * bands, bands);
        }
        return new Spectrogram(values, count, bands);
    }

    @Override
    public int bands() {
        return filters.bands();
    }

    @Override
    public int sampleRate() {
        return spec.sampleRate();
    }

    /** The floor is exact, though the logarithm may miss it by its last bit; NaN stays NaN. */
    private static float decibel(float power) {
        return power <= POWER_FLOOR ? DECIBEL_FLOOR : Math.max(DECIBEL_FLOOR, 10f * FastLog.log10(power));
    }

    private void compress(float[] values, int offset, int count) {
        switch (spec.compression()) {
            case LOG10 -> {
                for (int i = offset; i < offset + count; i++) {
                    values[i] = FastLog.log10(1f + LOG10_GAIN * values[i]);
                }
            }
            case DECIBEL -> {
                for (int i = offset; i < offset + count; i++) {
                    values[i] = decibel(values[i]);
                }
            }
            case NONE -> {}
        }
    }
}
