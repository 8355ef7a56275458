package melgauge.features;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jtransforms.fft.DoubleFFT_1D;

/**
 * How strongly a track's bands are modulated: in time, at rates from once in two windows to half of the frame rate, and
 * along the bands at the same time, at several scales and in both directions. Means of bands are not in it, so a gain or
 * a filter, which in logarithmic features adds a constant to each band, changes nothing.
 *
 * <p>This is the first layer of joint time-frequency scattering (Andén, Lostanlen and Mallat 2019, <em>Joint
 * time-frequency scattering</em>), which goes back to the spectro-temporal receptive fields of the auditory cortex (Chi, Ru
 * and Shamma 2005, <em>Multiresolution spectrotemporal analysis of complex sounds</em>), with energies in place of moduli
 * and the windowed Fourier transform of Welch (1967) in time:
 *
 * <ul>
 *   <li>The track is cut into windows of about 4.1 s, 16 to 4,096 frames, a power of two, every half of a window; what is left behind
 *       the last whole one does not count. A shorter track is one window, with zeros behind it. Each band loses its mean
 *       over the window, weighted as the window is (periodic Hann), and is transformed.
 *   <li>Each bin's spectrum over bands is taken as it is, and after each of the complex filters g(k) =
 *       exp(−k²/(2·(0.45p)²))·(exp(2πik/p) − c), |k| ≤ 1.5p, divided by Σ|g|, with c such that Σg = 0. The periods p are
 *       1/32, 1/16, 1/8 and 1/4 of the bands, those of at least 2.5 bands. Beyond both ends the bands are mirrored.
 *   <li>Energies, |·|²/window, are averaged over half octaves of bins, over twelve equal stretches of bands and over
 *       windows. After a filter, positive and negative rates stand apart: they are what rises and what falls.
 *   <li>What is slower than a window is the variance over windows of the weighted means, filtered likewise.
 * </ul>
 */
public final class Modulation {
    private static final double SECONDS = 4.096;
    private static final int LEAST_WINDOW = 16;
    private static final int MOST_WINDOW = 4096;
    private static final int MOST_STRETCHES = 12;
    private static final double LEAST_PERIOD = 2.5;
    private static final int[] PARTS = {32, 16, 8, 4};

    private final int bands;
    private final int window;
    private final double[] hann;
    private final DoubleFFT_1D transform;
    private final Filter[] filters;
    /** Where each half octave of bins begins, and where the last one ends. */
    private final int[] edges;

    private final int stretches;
    /** The first band of each stretch, and where the last one ends. */
    private final int[] starts;

    /** Mirrored bands that the widest filter reaches. */
    private final int margin;

    /**
     * For features of some settings.
     *
     * @param spec that frames were made by
     */
    public Modulation(FeatureSpec spec) {
        this(spec.bands(), window((double) spec.sampleRate() / spec.hopLength()));
    }

    /**
     * @param bands of a frame
     * @param window in frames, a power of two
     */
    Modulation(int bands, int window) {
        this.bands = bands;
        this.window = window;
        hann = Stft.periodicHann(window);
        transform = Stft.transform(window);
        filters = Arrays.stream(PARTS)
                .mapToDouble(part -> (double) bands / part)
                .filter(period -> period >= LEAST_PERIOD)
                .mapToObj(Filter::new)
                .toArray(Filter[]::new);
        edges = IntStream.concat(
                        IntStream.range(0, 64)
                                // Of what would be a whole number, rounding may leave a little more.
                                .map(i -> (int) Math.ceil(Math.pow(2, i / 2.0) - 1e-9))
                                .takeWhile(bin -> bin < window / 2)
                                .distinct(),
                        IntStream.of(window / 2))
                .toArray();
        stretches = Math.min(MOST_STRETCHES, bands);
        starts = IntStream.rangeClosed(0, stretches)
                // The first band b with b · stretches / bands no less than the stretch's number.
                .map(i -> (i * bands + stretches - 1) / stretches)
                .toArray();
        margin = Arrays.stream(filters).mapToInt(Filter::reach).max().orElse(0);
    }

    private static int window(double framesPerSecond) {
        double nearest = Math.pow(2, Math.rint(Math.log(SECONDS * framesPerSecond) / Math.log(2)));
        return (int) Math.max(LEAST_WINDOW, Math.min(MOST_WINDOW, nearest));
    }

    /** Frames of a window. */
    int window() {
        return window;
    }

    /** How many numbers describe a track. */
    public int size() {
        return ((1 + 2 * filters.length) * rates() + 1 + filters.length) * stretches;
    }

    private int rates() {
        return edges.length - 1;
    }

    private int width(int stretch) {
        return starts[stretch + 1] - starts[stretch];
    }

    /**
     * Describes a track.
     *
     * @return {@link #size} energies of at least 0: of each rate without a filter, then of each filter's rising and falling
     *     rates, all of these {@code [rates, stretches of bands]}, then of what is slower than a window without and with each
     *     filter
     * @throws IllegalArgumentException if it has no frames, or other bands
     */
    public float[] of(FrameSource track) {
        Builder builder = begin();
        float[] block = new float[window * track.bands()];
        float[] frame = new float[track.bands()];
        for (int first = 0; first < track.frames(); first += window) {
            int count = Math.min(window, track.frames() - first);
            track.read(first, count, block, 0);
            for (int i = 0; i < count; i++) {
                System.arraycopy(block, i * frame.length, frame, 0, frame.length);
                builder.accept(frame);
            }
        }
        return builder.finish();
    }

    /** Begins a track whose frames arrive one after the other; the result is that of {@link #of} to the last bit. */
    public Builder begin() {
        return new Builder();
    }

    /** Complex, of a period in bands: even in its real part, odd in its imaginary part, so that one half says all. */
    private static final class Filter {
        private final float[] real;
        private final float[] imaginary;

        Filter(double period) {
            int reach = (int) (1.5 * period);
            double[] re = new double[reach + 1];
            double[] im = new double[reach + 1];
            double[] envelope = new double[reach + 1];
            double sum = 0;
            double envelopes = 0;
            for (int k = 0; k <= reach; k++) {
                envelope[k] = Math.exp(-0.5 * Math.pow(k / (0.45 * period), 2));
                re[k] = envelope[k] * Math.cos(2 * Math.PI * k / period);
                im[k] = envelope[k] * Math.sin(2 * Math.PI * k / period);
                sum += (k == 0 ? 1 : 2) * re[k];
                envelopes += (k == 0 ? 1 : 2) * envelope[k];
            }
            double size = 0;
            for (int k = 0; k <= reach; k++) {
                re[k] -= sum / envelopes * envelope[k];
                size += (k == 0 ? 1 : 2) * Math.hypot(re[k], im[k]);
            }
            real = new float[reach + 1];
            imaginary = new float[reach + 1];
            for (int k = 0; k <= reach; k++) {
                real[k] = (float) (re[k] / size);
                imaginary[k] = (float) (im[k] / size);
            }
        }

        int reach() {
            return real.length - 1;
        }
    }

    /** Gathers a track's energies while its frames arrive. For one thread. */
    public final class Builder implements FrameSink {
        private final int half = window / 2;
        /** The frames of a window, band by band. */
        private final float[][] frames = new float[bands][window];

        private final double[] scratch = new double[window];
        /**
         * The spectrum of each band over time, real parts before imaginary parts, so that filters along the bands are sums of
         * long rows; in place of bin 0 the weighted mean.
         */
        private final float[][] spectra = new float[bands][window];
        /** The same with the mirrored bands on both sides. */
        private final float[][] mirrored = new float[bands + 2 * margin][];

        /** A band after the even and the odd part of a filter. */
        private final float[] even = new float[window];

        private final float[] odd = new float[window];
        /** Over a stretch of bands, half of the sum and of the difference of what rises and what falls, at each bin. */
        private final float[] both = new float[half];

        private final float[] difference = new float[half];
        private final double[] sums = new double[(1 + 2 * filters.length) * rates() * stretches];
        /** Of what is slower than windows: the first window's, then sums and squares of what others differ by. */
        private final double[][] first = new double[1 + 2 * filters.length][bands];

        private final double[][] drift = new double[1 + 2 * filters.length][bands];
        private final double[][] squares = new double[1 + 2 * filters.length][bands];
        private int filled;
        private long windows;

        private Builder() {
            for (int row = 0; row < mirrored.length; row++) {
                int band = Math.abs(row - margin);
                mirrored[row] = spectra[band < bands ? band : 2 * (bands - 1) - band];
            }
        }

        @Override
        public void accept(float[] frame) {
            if (frame.length != bands) {
                throw new IllegalArgumentException(frame.length + " bands, must be " + bands);
            }
            for (int band = 0; band < bands; band++) {
                frames[band][filled] = frame[band];
            }
            if (++filled == window) {
                add(window);
                for (float[] values : frames) {
                    System.arraycopy(values, half, values, 0, half);
                }
                filled = half;
            }
        }

        /** Adds a window, whose frames behind the first few are none. */
        private void add(int count) {
            for (int band = 0; band < bands; band++) {
                transform(frames[band], count, spectra[band]);
            }
            for (int stretch = 0; stretch < stretches; stretch++) {
                clear();
                for (int band = starts[stretch]; band < starts[stretch + 1]; band++) {
                    addEnergies(spectra[band], both, half);
                    addDrift(0, band, spectra[band][0]);
                }
                addRates(0, stretch, 0);
                for (int f = 0; f < filters.length; f++) {
                    clear();
                    for (int band = starts[stretch]; band < starts[stretch + 1]; band++) {
                        filter(filters[f], band);
                        addEnergies(even, both, half);
                        addEnergies(odd, both, half);
                        addDifference(even, odd, difference, half);
                        addDrift(2 * f + 1, band, even[0]);
                        addDrift(2 * f + 2, band, odd[0]);
                    }
                    addRates(2 * f + 1, stretch, 1);
                    addRates(2 * f + 2, stretch, -1);
                }
            }
            windows++;
        }

        private void transform(float[] values, int count, float[] spectrum) {
            double mean = 0;
            double weights = 0;
            for (int t = 0; t < count; t++) {
                mean += hann[t] * values[t];
                weights += hann[t];
            }
            // The first weight is 0, so a track of one frame has no weights.
            mean = weights > 0 ? mean / weights : values[0];
            for (int t = 0; t < count; t++) {
                scratch[t] = hann[t] * (values[t] - mean);
            }
            Arrays.fill(scratch, count, window, 0);
            transform.realForward(scratch);
            for (int bin = 1; bin < half; bin++) {
                spectrum[bin] = (float) scratch[2 * bin];
                spectrum[half + bin] = (float) scratch[2 * bin + 1];
            }
            spectrum[0] = (float) mean;
        }

        private void clear() {
            Arrays.fill(both, 0);
            Arrays.fill(difference, 0);
        }

        private void filter(Filter filter, int band) {
            int row = margin + band;
            float[] here = mirrored[row];
            for (int i = 0; i < window; i++) {
                even[i] = filter.real[0] * here[i];
            }
            Arrays.fill(odd, 0);
            for (int k = 1; k <= filter.reach(); k++) {
                addTap(mirrored[row - k], mirrored[row + k], filter.real[k], filter.imaginary[k], even, odd, window);
            }
        }

        private void addDrift(int index, int band, float value) {
            if (windows == 0) {
                first[index][band] = value;
            }
            double change = value - first[index][band];
            drift[index][band] += change;
            squares[index][band] += change * change;
        }

        /** Adds a stretch's energies to those of half octaves. */
        private void addRates(int channel, int stretch, int sign) {
            for (int rate = 0; rate < rates(); rate++) {
                double sum = 0;
                for (int bin = edges[rate]; bin < edges[rate + 1]; bin++) {
                    sum += Math.max(0, both[bin] + sign * difference[bin]);
                }
                sums[(channel * rates() + rate) * stretches + stretch] += sum / (edges[rate + 1] - edges[rate]);
            }
        }

        /**
         * What describes all frames; nothing is to be added any more.
         *
         * @throws IllegalArgumentException if there were none
         */
        public float[] finish() {
            if (windows == 0) {
                if (filled == 0) {
                    throw new IllegalArgumentException("a track without frames has no modulation; leave it out");
                }
                add(filled);
            }
            float[] energies = new float[size()];
            for (int i = 0; i < sums.length; i++) {
                energies[i] = (float) (sums[i] / windows / window / width(i % stretches));
            }
            for (int channel = 0; channel <= filters.length; channel++) {
                for (int stretch = 0; stretch < stretches; stretch++) {
                    double variance = channel == 0
                            ? variance(0, stretch)
                            : variance(2 * channel - 1, stretch) + variance(2 * channel, stretch);
                    energies[sums.length + channel * stretches + stretch] = (float) variance;
                }
            }
            return energies;
        }

        /** Over windows, averaged over a stretch. */
        private double variance(int index, int stretch) {
            double sum = 0;
            for (int band = starts[stretch]; band < starts[stretch + 1]; band++) {
                double mean = drift[index][band] / windows;
                sum += Math.max(0, squares[index][band] / windows - mean * mean);
            }
            return sum / width(stretch);
        }
    }

    // Loops over long rows, each of few operations, so that the compiler vectorises them.

    private static void addTap(
            float[] left, float[] right, float real, float imaginary, float[] even, float[] odd, int length) {
        for (int i = 0; i < length; i++) {
            even[i] += real * (left[i] + right[i]);
            odd[i] += imaginary * (left[i] - right[i]);
        }
    }

    /** Adds re² + im² of a row. */
    private static void addEnergies(float[] row, float[] sums, int half) {
        for (int i = 0; i < half; i++) {
            sums[i] += row[i] * row[i] + row[half + i] * row[half + i];
        }
    }

    /** With even a and odd b, |a − ib|² rises and |a + ib|² falls: half of what they differ by. */
    private static void addDifference(float[] even, float[] odd, float[] sums, int half) {
        for (int i = 0; i < half; i++) {
            sums[i] += 2 * (even[i] * odd[half + i] - even[half + i] * odd[i]);
        }
    }
}
