package melgauge.features;

import melgauge.data.Audio;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mel spectrogram as {@link MelSpec} describes it. Tables are built once; each call owns its scratch, so one instance
 * serves all threads. Equal specs and samples give equal bits on every machine.
 *
 * <p>A spectrogram is computed in single precision; against double precision it is right within 1e-5 of its largest
 * value. Samples that are not finite make the frames that hold them NaN.
 */
public final class MelSpectrogram implements FeatureExtractor {
    private static final Logger log = LoggerFactory.getLogger(MelSpectrogram.class);

    private final MelSpec spec;
    private final Stft stft;
    private final MelFilterBank filters;

    /** Builds the tables; logs a warning if the spec has bands that can never hold anything. */
    public MelSpectrogram(MelSpec spec) {
        this.spec = spec;
        this.stft = new Stft(spec);
        this.filters = new MelFilterBank(spec);
        if (!filters.emptyBands().isEmpty()) {
            log.warn(
                    "nMels={} is too many for nFft={} at {} Hz: no frequency bin falls into band {}, which stay empty;"
                            + " use fewer bands or a larger nFft",
                    spec.nMels(),
                    spec.nFft(),
                    spec.sampleRate(),
                    filters.emptyBands());
        }
    }

    @Override
    public Spectrogram extract(Audio audio) {
        if (audio.sampleRate() != spec.sampleRate()) {
            throw new IllegalArgumentException("audio is sampled at " + audio.sampleRate() + " Hz, the spec asks for "
                    + spec.sampleRate() + " Hz; resample while decoding");
        }
        Stft.Pass pass = stft.over(audio.samples());
        int frames = pass.frames();
        int bands = bands();
        if ((long) frames * bands > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(frames + " frames of " + bands
                    + " bands are more than one array holds; cut the audio or raise hopLength=" + spec.hopLength());
        }
        float[] values = new float[frames * bands];
        float[] spectrum = new float[stft.bins()];
        for (int frame = 0; frame < frames; frame++) {
            pass.spectrum(frame, spectrum);
            filters.apply(spectrum, values, frame * bands);
            compress(values, frame * bands, bands);
        }
        return new Spectrogram(values, frames, bands);
    }

    @Override
    public int bands() {
        return spec.nMels();
    }

    @Override
    public int sampleRate() {
        return spec.sampleRate();
    }

    private void compress(float[] values, int offset, int count) {
        int end = offset + count;
        switch (spec.compression()) {
            case LOG10 -> {
                for (int i = offset; i < end; i++) {
                    values[i] = FastLog.log10(1 + 10_000 * values[i]);
                }
            }
            case DECIBEL -> {
                for (int i = offset; i < end; i++) {
                    values[i] = 10 * FastLog.log10(Math.max(values[i], 1e-10f));
                }
            }
            case NONE -> {}
        }
    }
}
