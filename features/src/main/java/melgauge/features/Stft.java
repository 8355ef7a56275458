package melgauge.features;

import java.util.Arrays;
import java.util.Objects;
import melgauge.features.MelSpec.PadMode;
import org.jtransforms.fft.FloatFFT_1D;
import org.jtransforms.utils.CommonUtils;

/**
 * Short-time Fourier transform by librosa's documented definition: a periodic Hann window of winLength samples in the
 * middle of nFft samples, and frames centred by padding the audio with nFft/2 zeros or mirrored samples at both ends.
 *
 * <p>Tables are built once and never written again; each {@link #over pass} owns its scratch. One instance serves all
 * threads, one pass serves one thread. A pass allocates nothing per frame where nFft is a power of two; for other sizes
 * JTransforms allocates a few arrays of nFft numbers itself.
 */
public final class Stft {
    static {
        // JTransforms gives transforms of 8,192 and more points to threads of its own, and its only switch is static.
        // Tracks are what runs in parallel here; nobody else in the application uses the library.
        CommonUtils.setThreadsBeginN_1D_FFT_2Threads(Integer.MAX_VALUE);
        CommonUtils.setThreadsBeginN_1D_FFT_4Threads(Integer.MAX_VALUE);
    }

    private final MelSpec spec;
    private final FloatFFT_1D fft;
    private final float[] window;
    /** Samples between a frame's start and its window's. */
    private final int windowStart;

    /** Builds the tables; of the spec, only the settings of frames, window, padding and power matter here. */
    public Stft(MelSpec spec) {
        this.spec = spec;
        this.fft = new FloatFFT_1D(spec.nFft());
        this.window = hann(spec.winLength());
        this.windowStart = (spec.nFft() - spec.winLength()) / 2;
    }

    /** Numbers in a spectrum: nFft/2 + 1. Bin k lies at k·sampleRate/nFft Hz. */
    public int bins() {
        return spec.nFft() / 2 + 1;
    }

    /** Starts a pass over a track's samples, which are read when asked for and never written. */
    public Pass over(float[] samples) {
        return new Pass(samples);
    }

    /** The frames of one track. Not thread-safe: each thread opens its own. */
    public final class Pass {
        private final float[] samples;
        private final int frames;
        /** The windowed frame, transformed in place. */
        private final float[] scratch = new float[spec.nFft()];

        private Pass(float[] samples) {
            this.samples = samples;
            this.frames = spec.frames(samples.length);
        }

        /** Number of frames; see {@link MelSpec#frames}. */
        public int frames() {
            return frames;
        }

        /**
         * Writes one frame's magnitude spectrum to the power of the spec: |X| or |X|².
         *
         * @param frame 0 to frames() − 1
         * @param into {@code [nFft/2 + 1]} at least; the rest is left alone
         * @throws IndexOutOfBoundsException if there is no such frame, or no room
         */
        public void spectrum(int frame, float[] into) {
            Objects.checkIndex(frame, frames);
            // frame·hopLength is below samples.length, hence in the range of int
            int start = frame * spec.hopLength() - (spec.center() ? spec.nFft() / 2 : 0);
            fill(start + windowStart);
            fft.realForward(scratch);
            square(into);
            if (spec.power() == 1) {
                for (int k = 0; k < bins(); k++) {
                    into[k] = (float) Math.sqrt(into[k]);
                }
            }
        }

        /** Fills the scratch with the windowed samples from {@code first} on, which may lie in the padding. */
        private void fill(int first) {
            int length = window.length;
            Arrays.fill(scratch, 0, windowStart, 0f);
            Arrays.fill(scratch, windowStart + length, scratch.length, 0f);
            if (first >= 0 && first <= samples.length - length) {
                // copied first because the JIT vectorises a product only where all indices are equal
                System.arraycopy(samples, first, scratch, windowStart, length);
            } else {
                for (int i = 0; i < length; i++) {
                    scratch[windowStart + i] = padded(first + i);
                }
            }
            if (windowStart == 0) {
                for (int i = 0; i < length; i++) {
                    scratch[i] *= window[i];
                }
            } else {
                for (int i = 0; i < length; i++) {
                    scratch[windowStart + i] *= window[i];
                }
            }
        }

        private float padded(int index) {
            if (index >= 0 && index < samples.length) {
                return samples[index];
            }
            return spec.padMode() == PadMode.CONSTANT ? 0f : samples[mirrored(index, samples.length)];
        }

        /** Squared magnitudes out of JTransforms' packing: Re 0, Re nFft/2, then Re and Im of bin 1, 2, … */
        private void square(float[] into) {
            int half = scratch.length / 2;
            into[half] = scratch[1] * scratch[1];
            into[0] = scratch[0] * scratch[0];
            for (int k = 1; k < half; k++) {
                float re = scratch[2 * k];
                float im = scratch[2 * k + 1];
                into[k] = re * re + im * im;
            }
        }
    }

    /** The index in 0..length−1 that an index outside falls on when the audio is mirrored again and again. */
    static int mirrored(int index, int length) {
        if (length == 1) {
            return 0;
        }
        int period = 2 * (length - 1);
        int position = Math.floorMod(index, period);
        return position < length ? position : period - position;
    }

    /** Periodic Hann; a single point is 1, as everywhere. Strict functions, so that the bits never depend on the CPU. */
    private static float[] hann(int length) {
        float[] window = new float[length];
        for (int i = 0; i < length; i++) {
            window[i] = length == 1 ? 1f : (float) (0.5 - 0.5 * StrictMath.cos(2 * Math.PI * i / length));
        }
        return window;
    }
}
