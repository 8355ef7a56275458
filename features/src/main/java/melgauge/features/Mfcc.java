package melgauge.features;

import java.util.List;

/**
 * Mel-frequency cepstral coefficients (Davis and Mermelstein 1980): the orthonormal discrete cosine transform, type II, of
 * the {@code nMels} compressed bands x of {@link MelSpectrogram}, of which the first {@code nMfcc} are kept:
 *
 * <pre>c[k] = s[k] · Σ x[b] · cos(π·k·(2b + 1)/(2·nMels)),  s[0] = √(1/nMels),  s[k] = √(2/nMels)</pre>
 *
 * <p>With {@code compression: decibel} and {@code topDb: 80} these are librosa's and torchaudio's (there: type 2, norm
 * ortho). {@code c[0]} is the frame's loudness: √nMels times the mean of the bands. Nothing is liftered. One instance
 * serves all threads.
 */
public final class Mfcc implements FeatureExtractor {
    private final MelSpectrogram mel;
    /** {@code [nMfcc][nMels]}. */
    private final float[][] cosines;

    /** Builds the tables for {@code spec}. */
    public Mfcc(MfccSpec spec) {
        mel = new MelSpectrogram(spec.melSpec());
        int bands = spec.melSpec().nMels();
        cosines = new float[spec.nMfcc()][bands];
        for (int k = 0; k < cosines.length; k++) {
            double scale = Math.sqrt((k == 0 ? 1.0 : 2.0) / bands);
            for (int band = 0; band < bands; band++) {
                cosines[k][band] = (float) (scale * Math.cos(Math.PI * k * (2 * band + 1) / (2.0 * bands)));
            }
        }
    }

    /** Begins a track; {@code spec.frames(samples)} frames of {@code nMfcc} coefficients come out. */
    @Override
    public Extraction begin(FrameSink sink) {
        float[] coefficients = new float[cosines.length];
        return mel.begin(bands -> {
            for (int k = 0; k < coefficients.length; k++) {
                coefficients[k] = Dot.product(cosines[k], 0, bands, 0, bands.length);
            }
            sink.accept(coefficients);
        });
    }

    @Override
    public int bands() {
        return cosines.length;
    }

    @Override
    public int sampleRate() {
        return mel.sampleRate();
    }

    @Override
    public List<String> warnings() {
        return mel.warnings();
    }
}
