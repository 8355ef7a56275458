package melgauge.features;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jtransforms.fft.DoubleFFT_1D;

/**
 * Magnitudes of a constant-Q transform (J. C. Brown, <i>Calculation of a constant Q spectral transform</i>, 1991, with the
 * window that TarsosDSP gives it), to the power of {@code power}, compressed:
 *
 * <pre>X[k] = | 1/N[k] · Σ x[c + n] · (½ + ½·cos(2πn/N[k])) · exp(−2πi·f[k]·n/sampleRate) |,  n integer, |n| &lt; N[k]/2
 * f[k] = fMin·2^(k/binsPerOctave) for k = 0, 1, … while f[k] ≤ fMax
 * N[k] = Q·sampleRate/f[k],  Q = 1/(2^(1/binsPerOctave) − 1)</pre>
 *
 * <p>where {@code c} is the middle of the frame. {@code N} is not rounded, so that frequency and Q are exact; a sine of
 * amplitude A at {@code f[k]} has the magnitude A/4, and compression {@code decibel} suits such numbers best. A frame is as
 * long as the smallest power of two that holds {@code N[0]}; {@code center} and {@code padMode} pad by half of that.
 *
 * <p><b>How.</b> Seen from the middle of its frame, a kernel is even in its real and odd in its imaginary part. So its
 * spectrum is real, and what it has of negative frequencies folds into weights for the real and for the imaginary part
 * of the frame's spectrum. As Brown and Puckette found (<i>An efficient algorithm for the calculation of a constant Q
 * transform</i>, 1992), a long kernel's spectrum is short: {@value #LOBES} times the distance of its zeros on both sides of
 * its peak, beyond which it is below 1e-7 of that. A short kernel has a wide spectrum, and is cheaper as it stands: over sums
 * and differences of the samples on both sides of the middle it costs N[k] products. Each kernel is kept in the form with
 * fewer products, and where even the sum of all N[k] is less work than the Fourier transform, there is none.
 *
 * <p><b>Beside TarsosDSP.</b> {@code be.tarsos.dsp.ConstantQ} 2.4.1 is where Q, frequencies, window, scaling and the length
 * of the frame come from, so that the middle of a steady tone means the same here. How it computes them is not kept: it
 * lets all kernels begin at the frame's first sample, so that one frame hears high notes earlier than low ones (by almost
 * half of N[0]); rounds N[k] up, which tunes high bins low, by up to 1/N[k]; drops what is below 0.001 of a kernel's
 * spectrum; folds negative frequencies onto the neighbour of their bin; and has no bin at fMax itself. Its instances share
 * scratch between calls, overwrite their input, and from 8,192 samples on start threads of their own. Measured on white
 * noise, in parts of the loudest bin: TarsosDSP is 1e-3 to 1e-2 off its own formula, and up to 0.25 off the sum above with
 * kernels where it has them; this class is 1.4e-7 off the sum above. A tone at f[k] comes out up to 12 % too quiet there (32.7
 * to 7,900 Hz, 12 bins per octave, 16 kHz), and a frame takes 164 µs against 61 µs here.
 *
 * <p>Tables are built once in double precision; each track has its own scratch, so one instance serves all threads. A frame
 * allocates nothing. The error of a magnitude is about 2e-7 of the frame's loudest: in decibels, 0.001 at 60 dB below that.
 */
public final class ConstantQ implements FeatureExtractor {
    /** The spectrum of a Hann window falls as 1/(π·x³) beyond x zeros. */
    private static final int LOBES = 147;

    /** Products in the time that JTransforms takes for each {@code length·log2(length)} of a real transform. */
    private static final double TRANSFORM_COST = 0.7;

    private final ConstantQSpec spec;
    private final int length;
    private final Compressor compressor;
    private final Kernel[] kernels;
    /** How far from the middle the kernels that are kept as they stand reach. */
    private final int reach;

    private final @Nullable DoubleFFT_1D transform;

    /** A bin's weights, of the spectrum or of the samples on both sides of the middle. */
    private static final class Kernel {
        private final boolean ofSpectrum;
        /** What the first weights are for: a bin of the spectrum, or a distance from the middle. */
        private final int first;
        /** For real parts, or sums of the samples. */
        private final float[] even;
        /** For imaginary parts, or differences of the samples. */
        private final float[] odd;

        Kernel(boolean ofSpectrum, int first, int width) {
            this.ofSpectrum = ofSpectrum;
            this.first = first;
            this.even = new float[width];
            this.odd = new float[width];
        }

        /** Eight running sums: fewer would wait for each addition to end. */
        float energy(float[] forEven, float[] forOdd) {
            float re0 = 0f;
            float re1 = 0f;
            float re2 = 0f;
            float re3 = 0f;
            float im0 = 0f;
            float im1 = 0f;
            float im2 = 0f;
            float im3 = 0f;
            int i = 0;
            for (; i + 3 < even.length; i += 4) {
                int at = first + i;
                re0 += even[i] * forEven[at];
                re1 += even[i + 1] * forEven[at + 1];
                re2 += even[i + 2] * forEven[at + 2];
                re3 += even[i + 3] * forEven[at + 3];
                im0 += odd[i] * forOdd[at];
                im1 += odd[i + 1] * forOdd[at + 1];
                im2 += odd[i + 2] * forOdd[at + 2];
                im3 += odd[i + 3] * forOdd[at + 3];
            }
            for (; i < even.length; i++) {
                re0 += even[i] * forEven[first + i];
                im0 += odd[i] * forOdd[first + i];
            }
            float re = (re0 + re1) + (re2 + re3);
            float im = (im0 + im1) + (im2 + im3);
            return re * re + im * im;
        }
    }

    /** Builds the tables for {@code spec}. */
    public ConstantQ(ConstantQSpec spec) {
        this.spec = spec;
        this.length = frameLength(spec);
        this.compressor = new Compressor(spec.loudness());
        double direct = 0;
        double mixed = TRANSFORM_COST * length * (Math.log(length) / Math.log(2));
        List<Bin> bins = bins(spec, length);
        for (Bin bin : bins) {
            direct += 2.0 * bin.samples();
            mixed += 2.0 * Math.min(bin.samples(), bin.spectrumWidth());
        }
        boolean transforms = mixed < direct;
        this.kernels = new Kernel[bins.size()];
        int farthest = 0;
        for (int k = 0; k < kernels.length; k++) {
            Bin bin = bins.get(k);
            boolean ofSpectrum = transforms && bin.spectrumWidth() < bin.samples();
            kernels[k] = ofSpectrum ? bin.spectrum() : bin.kernel();
            farthest = ofSpectrum ? farthest : Math.max(farthest, bin.samples());
        }
        this.reach = farthest;
        this.transform = transforms ? Stft.transform(length) : null;
    }

    static double qualityFactor(int binsPerOctave) {
        return 1 / (StrictMath.pow(2, 1.0 / binsPerOctave) - 1);
    }

    private static double frequency(ConstantQSpec spec, int bin) {
        return spec.fMin() * StrictMath.pow(2, bin / (double) spec.binsPerOctave());
    }

    /** How many bins there are: one for each k from 0 with {@code fMin·2^(k/binsPerOctave) ≤ fMax}, in double precision. */
    static int bins(ConstantQSpec spec) {
        int bins = 1;
        while (frequency(spec, bins) <= spec.fMax()) {
            bins++;
        }
        return bins;
    }

    /** The smallest power of two that is no smaller than the longest kernel, at least 2. */
    static int frameLength(ConstantQSpec spec) {
        double longest = qualityFactor(spec.binsPerOctave()) * spec.sampleRate() / spec.fMin();
        int length = 2;
        while (length < longest) {
            length *= 2;
        }
        return length;
    }

    private static List<Bin> bins(ConstantQSpec spec, int length) {
        List<Bin> bins = new ArrayList<>();
        for (int k = 0; k < bins(spec); k++) {
            double cycles = frequency(spec, k) / spec.sampleRate();
            bins.add(new Bin(cycles, qualityFactor(spec.binsPerOctave()) / cycles, length));
        }
        return bins;
    }

    /**
     * What a bin is made of.
     *
     * @param cycles per sample, up to ½
     * @param support N[k], samples, not rounded
     * @param length of the transform, samples
     */
    private record Bin(double cycles, double support, int length) {
        /** Samples from the middle, itself included, to the last under the window. */
        int samples() {
            return (int) Math.ceil(support / 2);
        }

        private int lowest() {
            return (int) Math.max(0, Math.floor(length * (cycles - LOBES / support)));
        }

        private int highest() {
            return (int) Math.min(length / 2.0, Math.ceil(length * (cycles + LOBES / support)));
        }

        /** Bins of the spectrum that count. */
        int spectrumWidth() {
            return highest() - lowest() + 1;
        }

        Kernel kernel() {
            Kernel kernel = new Kernel(false, 0, samples());
            for (int n = 0; n < kernel.even.length; n++) {
                double window = (0.5 + 0.5 * Math.cos(2 * Math.PI * n / support)) / support;
                kernel.even[n] = (float) (window * Math.cos(2 * Math.PI * cycles * n));
                kernel.odd[n] = (float) (window * Math.sin(2 * Math.PI * cycles * n));
            }
            return kernel;
        }

        Kernel spectrum() {
            Kernel kernel = new Kernel(true, lowest(), spectrumWidth());
            for (int i = 0; i < kernel.even.length; i++) {
                int m = lowest() + i;
                double positive = spectrum(m / (double) length) / length;
                // The bins at 0 and in the middle of the spectrum have no counterpart, and no imaginary part.
                double negative = m == 0 || m == length / 2 ? 0 : spectrum(-m / (double) length) / length;
                kernel.even[i] = (float) (positive + negative);
                kernel.odd[i] = (float) (positive - negative);
            }
            return kernel;
        }

        /** The kernel's spectrum, which is real: three Dirichlet kernels, one for each exponential that makes the window. */
        private double spectrum(double at) {
            double off = cycles - at;
            return (0.5 * dirichlet(off) + 0.25 * dirichlet(off + 1 / support) + 0.25 * dirichlet(off - 1 / support))
                    / support;
        }

        /** Σ exp(2πi·frequency·n) over the samples. */
        private double dirichlet(double frequency) {
            int terms = 2 * samples() - 1;
            double angle = Math.PI * (frequency - Math.rint(frequency));
            return Math.abs(angle) < 1e-12 ? terms : Math.sin(terms * angle) / Math.sin(angle);
        }
    }

    /** Begins a track; {@code spec.frames(samples)} frames of {@link #bands} compressed magnitudes come out. */
    @Override
    public Extraction begin(FrameSink sink) {
        return compressor.begin(bands(), this::energies, sink);
    }

    private Extraction energies(FrameSink sink) {
        float[] energies = new float[kernels.length];
        float[] sums = new float[reach];
        float[] differences = new float[reach];
        double[] packed = new double[transform == null ? 0 : length];
        float[] real = new float[packed.length / 2 + 1];
        float[] imaginary = new float[real.length];
        return new Framer(length, spec.hopLength(), spec.center(), spec.padMode(), (samples, start) -> {
            fold(samples, start + length / 2, sums, differences);
            if (transform != null) {
                // The middle goes to the front, so that kernels have no phase.
                for (int i = 0; i < length / 2; i++) {
                    packed[i] = samples[start + length / 2 + i];
                    packed[length / 2 + i] = samples[start + i];
                }
                transform.realForward(packed);
                unpack(packed, real, imaginary);
            }
            for (int k = 0; k < kernels.length; k++) {
                Kernel kernel = kernels[k];
                float energy = kernel.ofSpectrum ? kernel.energy(real, imaginary) : kernel.energy(sums, differences);
                energies[k] = spec.power() == 1 ? (float) Math.sqrt(energy) : energy;
            }
            sink.accept(energies);
        });
    }

    private static void fold(float[] samples, int middle, float[] sums, float[] differences) {
        for (int n = 1; n < sums.length; n++) {
            sums[n] = samples[middle + n] + samples[middle - n];
            differences[n] = samples[middle + n] - samples[middle - n];
        }
        if (sums.length > 0) {
            sums[0] = samples[middle];
        }
    }

    /** JTransforms leaves Re0, Re of the last bin, Re1, Im1, Re2, Im2 and so on. */
    private static void unpack(double[] packed, float[] real, float[] imaginary) {
        int last = real.length - 1;
        for (int m = 1; m < last; m++) {
            real[m] = (float) packed[2 * m];
            imaginary[m] = (float) packed[2 * m + 1];
        }
        real[0] = (float) packed[0];
        real[last] = (float) packed[1];
    }

    @Override
    public int bands() {
        return kernels.length;
    }

    @Override
    public int sampleRate() {
        return spec.sampleRate();
    }
}
