package melgauge.features;

import java.util.Arrays;
import org.jtransforms.fft.FloatFFT_1D;
import org.jtransforms.utils.CommonUtils;

/**
 * Short-time Fourier transform, by librosa's documented definition: frames of {@code nFft} samples every
 * {@code hopLength}, a periodic Hann window of {@code winLength} in the middle of each, and the magnitude of bins
 * 0 to {@code nFft/2} to the power of 1 or 2.
 *
 * <p>Tables are built once and shared by all threads; {@link #begin} gives each signal its own scratch. A frame then
 * allocates nothing where {@code nFft} is a power of two (JTransforms takes scratch of its own for other sizes). The
 * transform is in single precision: its error is about 1e-7 of the largest bin.
 */
public final class Stft {
    static {
        // Above these lengths JTransforms would start threads of its own, beside the callers' one per core.
        CommonUtils.setThreadsBeginN_1D_FFT_2Threads(Long.MAX_VALUE);
        CommonUtils.setThreadsBeginN_1D_FFT_4Threads(Long.MAX_VALUE);
    }

    private final MelSpec spec;
    private final int nFft;
    /** As long as a frame: zeros stand on both sides of a window that is shorter. */
    private final float[] window;

    private final FloatFFT_1D transform;

    /** Builds the tables for the frame settings and the power of {@code spec}. */
    public Stft(MelSpec spec) {
        this.spec = spec;
        nFft = spec.nFft();
        window = new float[nFft];
        float[] hann = periodicHann(spec.winLength());
        System.arraycopy(hann, 0, window, (nFft - hann.length) / 2, hann.length);
        transform = transform(nFft);
    }

    /** A transform that starts no threads. */
    static FloatFFT_1D transform(int length) {
        return new FloatFFT_1D(length);
    }

    /** Values per frame, {@code nFft/2 + 1}; bin {@code k} stands at {@code k·sampleRate/nFft} Hz. */
    public int bins() {
        return nFft / 2 + 1;
    }

    /** Begins a signal, whose frames of {@link #bins} values go to the sink. */
    public Extraction begin(FrameSink sink) {
        float[] scratch = new float[nFft];
        float[] spectrum = new float[bins()];
        return new Framer(nFft, spec.hopLength(), spec.center(), spec.padMode(), (samples, start) -> {
            System.arraycopy(samples, start, scratch, 0, nFft);
            for (int i = 0; i < nFft; i++) {
                scratch[i] *= window[i];
            }
            transform.realForward(scratch);
            powers(scratch, spectrum);
            if (spec.power() == 1) {
                for (int k = 0; k < spectrum.length; k++) {
                    spectrum[k] = (float) Math.sqrt(spectrum[k]);
                }
            }
            sink.accept(spectrum);
        });
    }

    /**
     * Reads what JTransforms leaves: Re0, another number, Re1, Im1, Re2, Im2 and so on. The other number is the real last
     * bin for even {@code nFft}; for odd it is the imaginary part of the last bin, whose real part is last.
     */
    private void powers(float[] packed, float[] into) {
        int last = nFft / 2;
        into[0] = packed[0] * packed[0];
        for (int k = 1; k < last; k++) {
            float re = packed[2 * k];
            float im = packed[2 * k + 1];
            into[k] = re * re + im * im;
        }
        float odd = nFft % 2 == 0 ? 0f : packed[nFft - 1];
        into[last] = packed[1] * packed[1] + odd * odd;
    }

    /** {@code 0.5 − 0.5·cos(2πn/length)}. */
    static float[] periodicHann(int length) {
        double[] hann = new double[length];
        Arrays.setAll(hann, i -> 0.5 - 0.5 * Math.cos(2 * Math.PI * i / length));
        float[] rounded = new float[length];
        for (int i = 0; i < length; i++) {
            rounded[i] = (float) hann[i];
        }
        return rounded;
    }
}
