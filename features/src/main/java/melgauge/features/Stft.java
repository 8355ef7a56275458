package melgauge.features;

import java.util.Arrays;
import org.jtransforms.fft.DoubleFFT_1D;
import org.jtransforms.utils.CommonUtils;

/**
 * Short-time Fourier transform, by librosa's documented definition: frames of {@code nFft} samples every
 * {@code hopLength}, a periodic Hann window of {@code winLength} in the middle of each, and the magnitude of bins
 * 0 to {@code nFft/2} to the power of 1 or 2.
 *
 * <p>Tables are built once and shared by all threads; {@link #begin} gives each signal its own scratch. A frame then
 * allocates nothing where {@code nFft} is a power of two (JTransforms takes scratch of its own for other sizes). The
 * transform is in double precision, which costs a tenth more time than single precision, whose error of 1e-7 of the
 * largest bin would stand out in the quiet bands of a logarithmic spectrogram.
 */
public final class Stft {
    static {
        // Above these lengths JTransforms would start threads of its own, beside the callers' one per core.
        CommonUtils.setThreadsBeginN_1D_FFT_2Threads(Long.MAX_VALUE);
        CommonUtils.setThreadsBeginN_1D_FFT_4Threads(Long.MAX_VALUE);
    }

    private final Framing framing;
    private final int nFft;
    /** As long as a frame: zeros stand on both sides of a window that is shorter. */
    private final double[] window;

    private final DoubleFFT_1D transform;

    /** Builds the tables; the power is that of {@code framing}. */
    public Stft(Framing framing, StftSpec spec) {
        this.framing = framing;
        nFft = spec.nFft();
        window = new double[nFft];
        double[] hann = periodicHann(spec.winLength());
        System.arraycopy(hann, 0, window, (nFft - hann.length) / 2, hann.length);
        transform = transform(nFft);
    }

    /** A transform that starts no threads. */
    static DoubleFFT_1D transform(int length) {
        return new DoubleFFT_1D(length);
    }

    /** Values per frame, {@code nFft/2 + 1}; bin {@code k} stands at {@code k·sampleRate/nFft} Hz. */
    public int bins() {
        return nFft / 2 + 1;
    }

    /** Begins a signal, whose frames of {@link #bins} values go to the sink. */
    public Extraction begin(FrameSink sink) {
        return new Framer(nFft, framing.hopLength(), framing.center(), framing.padMode(), frames(sink));
    }

    /** The window, {@code nFft} values; not to be changed. */
    double[] window() {
        return window;
    }

    /** What turns frames of one signal into spectra, with its own scratch. */
    Framer.FrameConsumer frames(FrameSink sink) {
        double[] scratch = new double[nFft];
        float[] spectrum = new float[bins()];
        return (samples, start) -> {
            for (int i = 0; i < nFft; i++) {
                scratch[i] = samples[start + i] * window[i];
            }
            transform.realForward(scratch);
            if (framing.power() == 2) {
                powers(scratch, spectrum);
            } else {
                magnitudes(scratch, spectrum);
            }
            sink.accept(spectrum);
        };
    }

    /**
     * Reads what JTransforms leaves: Re0, another number, Re1, Im1, Re2, Im2 and so on. The other number is the real last
     * bin for even {@code nFft}; for odd it is the imaginary part of the last bin, whose real part is last.
     */
    private void powers(double[] packed, float[] into) {
        int last = nFft / 2;
        for (int k = 1; k < last; k++) {
            double re = packed[2 * k];
            double im = packed[2 * k + 1];
            into[k] = (float) (re * re + im * im);
        }
        double odd = nFft % 2 == 0 ? 0 : packed[nFft - 1];
        into[last] = (float) (packed[1] * packed[1] + odd * odd);
        into[0] = (float) (packed[0] * packed[0]);
    }

    private void magnitudes(double[] packed, float[] into) {
        int last = nFft / 2;
        for (int k = 1; k < last; k++) {
            double re = packed[2 * k];
            double im = packed[2 * k + 1];
            into[k] = (float) Math.sqrt(re * re + im * im);
        }
        double odd = nFft % 2 == 0 ? 0 : packed[nFft - 1];
        into[last] = (float) Math.sqrt(packed[1] * packed[1] + odd * odd);
        into[0] = (float) Math.abs(packed[0]);
    }

    /** {@code 0.5 − 0.5·cos(2πn/length)}. */
    static double[] periodicHann(int length) {
        double[] hann = new double[length];
        Arrays.setAll(hann, i -> 0.5 - 0.5 * Math.cos(2 * Math.PI * i / length));
        return hann;
    }
}
