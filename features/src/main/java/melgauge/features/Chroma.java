package melgauge.features;

import java.util.Arrays;

/**
 * Pitch-class profile: how much of each frame's spectrum belongs to each of {@code nChroma} classes, all octaves together,
 * as shares of the frame's strongest class. The filter bank is D. Ellis's (<i>Chroma feature analysis and synthesis</i>,
 * 2007) as librosa documents it for {@code chroma_stft}, with tuning 0 (A is 440 Hz):
 *
 * <ul>
 *   <li>Bin {@code k} of the spectrum lies at {@code p = nChroma·log2(f/27.5 Hz)} classes above the lowest A; bin 0, which
 *       has no pitch, at 1.5 octaves below bin 1. It is {@code w = max(1, p[k+1] − p[k])} wide.
 *   <li>It weighs {@code exp(−½·(2·d/w)²)} in a class, where {@code d} is the distance from the class to that of the
 *       bin's octaves for which it lies in {@code [−r, nChroma − r)}, {@code r} being half of {@code nChroma}, rounded to
 *       the even neighbour: the nearest octave, for even {@code nChroma}. Each bin's weights are divided by the root
 *       of the sum of their squares, and multiplied by {@code exp(−½·((p/nChroma − 5)/2)²)}, which prefers the octaves
 *       around 880 Hz.
 *   <li>A frame whose largest sum is below 1e-10 becomes zeros; any other is divided by it. The noise of rounding to
 *       16 bits is far above, digital silence below.
 * </ul>
 *
 * <p>Class 0 is C where {@code nChroma} is a multiple of 12. For other numbers it stands {@code 3·⌊nChroma/12⌋} classes
 * above A, as in librosa: with fewer than 12, class 0 is A. What is summed is the magnitude to the power of {@code power},
 * of which librosa's default is 2. One instance serves all threads.
 */
public final class Chroma implements FeatureExtractor {
    private static final double LOWEST_A = 27.5;
    private static final double CENTRE_OCTAVE = 5;
    private static final double OCTAVE_WIDTH = 2;
    private static final float SILENCE = 1e-10f;

    private final ChromaSpec spec;
    private final Stft stft;
    /** {@code [nChroma][nFft/2 + 1]}. */
    private final float[][] weights;

    /** Builds the tables for {@code spec}. */
    public Chroma(ChromaSpec spec) {
        this.spec = spec;
        this.stft = new Stft(spec.framing(), spec.stft());
        this.weights = weights(spec, stft.bins());
    }

    private static float[][] weights(ChromaSpec spec, int bins) {
        int classes = spec.nChroma();
        // To the even neighbour, where librosa's range of distances begins.
        double half = Math.rint(classes / 2.0);
        int base = 3 * (classes / 12);
        float[][] weights = new float[classes][bins];
        double[] column = new double[classes];
        for (int bin = 0; bin < bins; bin++) {
            double pitch = pitch(spec, bin);
            // The transform has nFft bins, of which the last has no neighbour.
            double width = bin + 1 < spec.frameLength() ? Math.max(1, pitch(spec, bin + 1) - pitch) : 1;
            double squares = 0;
            for (int c = 0; c < classes; c++) {
                double distance = floorMod(pitch - c + half, classes) - half;
                column[c] = Math.exp(-0.5 * Math.pow(2 * distance / width, 2));
                squares += column[c] * column[c];
            }
            double octave = (pitch / classes - CENTRE_OCTAVE) / OCTAVE_WIDTH;
            double scale = Math.exp(-0.5 * octave * octave) / Math.sqrt(squares);
            for (int c = 0; c < classes; c++) {
                weights[Math.floorMod(c - base, classes)][bin] = (float) (scale * column[c]);
            }
        }
        return weights;
    }

    /** Classes above the lowest A. */
    private static double pitch(ChromaSpec spec, int bin) {
        int classes = spec.nChroma();
        double hertz = Math.max(1, bin) * (spec.sampleRate() / (double) spec.frameLength());
        double pitch = classes * Math.log(hertz / LOWEST_A) / Math.log(2);
        return bin == 0 ? pitch - 1.5 * classes : pitch;
    }

    private static double floorMod(double value, double modulus) {
        return value - modulus * Math.floor(value / modulus);
    }

    /** The weight of a bin of the spectrum in a class. */
    float weight(int pitchClass, int bin) {
        return weights[pitchClass][bin];
    }

    /** Begins a track; {@code spec.frames(samples)} frames of {@code nChroma} values between 0 and 1 come out. */
    @Override
    public Extraction begin(FrameSink sink) {
        float[] classes = new float[weights.length];
        return stft.begin(spectrum -> {
            float largest = 0f;
            for (int c = 0; c < classes.length; c++) {
                classes[c] = Dot.product(weights[c], 0, spectrum, 0, spectrum.length);
                largest = Math.max(largest, classes[c]);
            }
            if (largest < SILENCE) {
                Arrays.fill(classes, 0f);
            } else {
                for (int c = 0; c < classes.length; c++) {
                    classes[c] /= largest;
                }
            }
            sink.accept(classes);
        });
    }

    @Override
    public int bands() {
        return weights.length;
    }

    @Override
    public int sampleRate() {
        return spec.sampleRate();
    }
}
