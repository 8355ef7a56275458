package melgauge.features;

import java.util.Arrays;
import org.jtransforms.fft.FloatFFT_1D;
import org.jtransforms.utils.CommonUtils;

/**
 * Short-time Fourier transform, by librosa's documented definition: frames of {@code nFft} samples every
 * {@code hopLength}, a periodic Hann window of {@code winLength} in the middle of each, and the magnitude of bins
 * 0 to {@code nFft/2} to the power of 1 or 2.
 *
 * <p>Tables are built once and shared by all threads. {@link #over} gives a reader with its own scratch for one signal
 * and one thread; reading a frame then allocates nothing where {@code nFft} is a power of two (JTransforms takes scratch
 * of its own for other sizes). The transform is in single precision: its error is about 1e-7 of the largest bin.
 */
public final class Stft {
    static {
        // Above these lengths JTransforms would start threads of its own, beside the callers' one per core.
        CommonUtils.setThreadsBeginN_1D_FFT_2Threads(Long.MAX_VALUE);
        CommonUtils.setThreadsBeginN_1D_FFT_4Threads(Long.MAX_VALUE);
    }

    private final MelSpec spec;
    private final int nFft;
    private final float[] window;
    private final int windowStart;
    private final FloatFFT_1D transform;

    /** Builds the tables for the frame settings and the power of {@code spec}. */
    public Stft(MelSpec spec) {
        this.spec = spec;
        nFft = spec.nFft();
        window = periodicHann(spec.winLength());
        windowStart = (nFft - window.length) / 2;
        transform = new FloatFFT_1D(nFft);
    }

    /** Values per frame, {@code nFft/2 + 1}; bin {@code k} stands at {@code k·sampleRate/nFft} Hz. */
    public int bins() {
        return nFft / 2 + 1;
    }

    /** A reader of the frames of {@code samples}, which it neither copies nor changes. */
    public Frames over(float[] samples) {
        return new Frames(samples);
    }

    /** The frames of one signal, in any order. Not thread-safe: every thread takes its own. */
    public final class Frames {
        private final float[] samples;
        private final int count;
        private final float[] scratch = new float[nFft];

        private Frames(float[] samples) {
            this.samples = samples;
            count = spec.frames(samples.length);
        }

        /** How many frames there are. */
        public int count() {
            return count;
        }

        /**
         * Writes the {@link #bins} values of one frame.
         *
         * @throws IndexOutOfBoundsException if there is no such frame, or {@code into} is too short
         */
        public void read(int frame, float[] into) {
            if (frame < 0 || frame >= count) {
                throw new IndexOutOfBoundsException("frame " + frame + " must lie between 0 and " + (count - 1));
            }
            long frameStart = (long) frame * spec.hopLength() - (spec.center() ? nFft / 2 : 0);
            gather(frameStart + windowStart);
            transform.realForward(scratch);
            if (spec.power() == 2) {
                powers(into);
            } else {
                magnitudes(into);
            }
        }

        /** Fills the scratch with windowed samples, of which the first stands at {@code start} in the signal. */
        private void gather(long start) {
            int length = window.length;
            Arrays.fill(scratch, 0, windowStart, 0f);
            Arrays.fill(scratch, windowStart + length, nFft, 0f);
            if (start >= 0 && start + length <= samples.length) {
                int from = (int) start;
                for (int i = 0; i < length; i++) {
                    scratch[windowStart + i] = samples[from + i] * window[i];
                }
            } else {
                for (int i = 0; i < length; i++) {
                    scratch[windowStart + i] = padded(start + i) * window[i];
                }
            }
        }

        private float padded(long index) {
            int length = samples.length;
            if (index >= 0 && index < length) {
                return samples[(int) index];
            }
            if (spec.padMode() == MelSpec.PadMode.CONSTANT) {
                return 0f;
            }
            if (length == 1) {
                return samples[0];
            }
            long period = 2L * (length - 1);
            long phase = Math.floorMod(index, period);
            return samples[(int) Math.min(phase, period - phase)];
        }

        /**
         * Reads what JTransforms leaves: Re0, another number, Re1, Im1, Re2, Im2 and so on. The other number is the real
         * last bin for even {@code nFft}; for odd it is the imaginary part of the last bin, whose real part is last.
         */
        private void powers(float[] into) {
            float[] packed = scratch;
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

        private void magnitudes(float[] into) {
            powers(into);
            for (int k = 0; k < bins(); k++) {
                into[k] = (float) Math.sqrt(into[k]);
            }
        }
    }

    private static float[] periodicHann(int length) {
        float[] hann = new float[length];
        for (int i = 0; i < length; i++) {
            hann[i] = (float) (0.5 - 0.5 * Math.cos(2 * Math.PI * i / length));
        }
        return hann;
    }
}
