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
    private final double hannSum;
    private final DoubleFFT_1D transform;
    private final Filter[] filters;
    /** Where each half octave of bins begins, and where the last one ends. */
    private final int[] edges;

    private final int stretches;
    /** The stretch that each band is in, and how many bands are in each. */
    private final int[] stretch;

    private final int[] widths;

    /**
     * For features of some settings.
     *
     * @param spec that frames were made by
     */
    public Modulation(MelSpec spec) {
        this(spec.kind().bands(spec), window((double) spec.sampleRate() / spec.hopLength()));
    }

    /**
     * @param bands of a frame
     * @param window in frames, a power of two
     */
    Modulation(int bands, int window) {
        this.bands = bands;
        this.window = window;
        hann = Stft.periodicHann(window);
        hannSum = Arrays.stream(hann).sum();
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
        stretch = new int[bands];
        widths = new int[stretches];
        for (int band = 0; band < bands; band++) {
            stretch[band] = band * stretches / bands;
            widths[stretch[band]]++;
        }
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
        private final int margin =
                Arrays.stream(filters).mapToInt(Filter::reach).max().orElse(0);
        /** The frames of a window, band by band. */
        private final float[][] frames = new float[bands][window];

        private final double[] scratch = new double[window];
        /** One bin over all bands with their mirror images, and what a filter makes of it. */
        private final float[][] re = new float[window / 2][bands + 2 * margin];

        private final float[][] im = new float[window / 2][bands + 2 * margin];
        private final float[] evenRe = new float[bands];
        private final float[] evenIm = new float[bands];
        private final float[] oddRe = new float[bands];
        private final float[] oddIm = new float[bands];
        private final double[] sums = new double[(1 + 2 * filters.length) * rates() * stretches];
        /** Of what is slower than windows: the first window's, then sums and squares of what others differ by. */
        private final double[][] first = new double[1 + 2 * filters.length][bands];

        private final double[][] drift = new double[1 + 2 * filters.length][bands];
        private final double[][] squares = new double[1 + 2 * filters.length][bands];
        private int filled;
        private long windows;

        private Builder() {}

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
                    System.arraycopy(values, window / 2, values, 0, window / 2);
                }
                filled = window / 2;
            }
        }

        /** Adds a window, whose frames behind the first few are none. */
        private void add(int count) {
            double weights =
                    count == window ? hannSum : Arrays.stream(hann, 0, count).sum();
            for (int band = 0; band < bands; band++) {
                double mean = 0;
                for (int t = 0; t < count; t++) {
                    mean += hann[t] * frames[band][t];
                }
                // The first weight is 0, so a track of one frame has no weights.
                mean = weights > 0 ? mean / weights : frames[band][0];
                Arrays.fill(scratch, 0);
                for (int t = 0; t < count; t++) {
                    scratch[t] = hann[t] * (frames[band][t] - mean);
                }
                transform.realForward(scratch);
                re[0][margin + band] = (float) mean;
                for (int bin = 1; bin < window / 2; bin++) {
                    re[bin][margin + band] = (float) scratch[2 * bin];
                    im[bin][margin + band] = (float) scratch[2 * bin + 1];
                }
            }
            for (int bin = 0; bin < window / 2; bin++) {
                mirror(re[bin]);
                mirror(im[bin]);
            }
            addSlow();
            for (int rate = 0; rate < rates(); rate++) {
                for (int bin = edges[rate]; bin < edges[rate + 1]; bin++) {
                    addBin(bin, rate);
                }
            }
            windows++;
        }

        private void mirror(float[] values) {
            for (int k = 1; k <= margin; k++) {
                values[margin - k] = values[margin + k];
                values[margin + bands - 1 + k] = values[margin + bands - 1 - k];
            }
        }

        private void addBin(int bin, int rate) {
            float[] real = re[bin];
            float[] imaginary = im[bin];
            double scale = 1.0 / window / (edges[rate + 1] - edges[rate]);
            int at = rate * stretches;
            for (int band = 0; band < bands; band++) {
                sums[at + stretch[band]] += scale * energy(real[margin + band], imaginary[margin + band]);
            }
            for (Filter filter : filters) {
                apply(filter, real, evenRe, oddRe);
                apply(filter, imaginary, evenIm, oddIm);
                // With a positive rate, exp(i(ωt + κ·band)) keeps its phase where bands fall.
                int rising = at += rates() * stretches;
                int falling = at += rates() * stretches;
                for (int band = 0; band < bands; band++) {
                    int s = stretch[band];
                    sums[rising + s] += scale * energy(evenRe[band] + oddIm[band], evenIm[band] - oddRe[band]);
                    sums[falling + s] += scale * energy(evenRe[band] - oddIm[band], evenIm[band] + oddRe[band]);
                }
            }
        }

        private static double energy(float re, float im) {
            return (double) re * re + (double) im * im;
        }

        /** Adds the weighted means, which lie where bin 0 would. */
        private void addSlow() {
            for (int i = 0; i <= filters.length; i++) {
                if (i == 0) {
                    System.arraycopy(re[0], margin, evenRe, 0, bands);
                    addDrift(0, evenRe);
                } else {
                    apply(filters[i - 1], re[0], evenRe, oddRe);
                    addDrift(2 * i - 1, evenRe);
                    addDrift(2 * i, oddRe);
                }
            }
        }

        private void addDrift(int index, float[] values) {
            for (int band = 0; band < bands; band++) {
                if (windows == 0) {
                    first[index][band] = values[band];
                }
                double difference = values[band] - first[index][band];
                drift[index][band] += difference;
                squares[index][band] += difference * difference;
            }
        }

        /** Real values with the even and the odd part of a filter. */
        private void apply(Filter filter, float[] values, float[] even, float[] odd) {
            float middle = filter.real[0];
            for (int band = 0; band < bands; band++) {
                even[band] = middle * values[margin + band];
                odd[band] = 0;
            }
            for (int k = 1; k <= filter.reach(); k++) {
                float real = filter.real[k];
                float imaginary = filter.imaginary[k];
                for (int band = 0; band < bands; band++) {
                    float left = values[margin + band - k];
                    float right = values[margin + band + k];
                    even[band] += real * (left + right);
                    odd[band] += imaginary * (left - right);
                }
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
            int energiesBefore = sums.length;
            for (int i = 0; i < energiesBefore; i++) {
                energies[i] = (float) (sums[i] / windows / widths[i % stretches]);
            }
            double[] slow = new double[size() - energiesBefore];
            for (int index = 0; index < drift.length; index++) {
                for (int band = 0; band < bands; band++) {
                    double mean = drift[index][band] / windows;
                    int at = (index + 1) / 2 * stretches + stretch[band];
                    slow[at] += Math.max(0, squares[index][band] / windows - mean * mean) / widths[stretch[band]];
                }
            }
            for (int i = 0; i < slow.length; i++) {
                energies[energiesBefore + i] = (float) slow[i];
            }
            return energies;
        }
    }
}
