package melgauge.features;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Triangular filters that sum the bins of a spectrum into mel bands. Corners are equally spaced on the mel scale between
 * {@code fMin} and {@code fMax}: band {@code b} rises from corner {@code b} to {@code b+1} and falls to {@code b+2}.
 *
 * <p>Formulas: M. Slaney, <i>Auditory Toolbox</i>, 1998 (66⅔ Hz per mel below 1 kHz, 27 mels per factor of 6.4 above;
 * unit area), and S. Young et al., <i>The HTK Book</i>. Weights are computed in double precision and kept in single, only
 * where they are not zero. Immutable and thread-safe.
 */
public final class MelFilterBank {
    private static final double SLANEY_KNEE_HERTZ = 1000;
    private static final double SLANEY_KNEE_MEL = 15;
    private static final double SLANEY_LOG_STEP = Math.log(6.4) / 27;

    private final int bins;
    private final float[][] weights;
    private final int[] firstBin;
    private final List<Integer> emptyBands;
    private final List<String> warnings;

    /** Builds the filters for the transform and band settings of {@code spec}. */
    public MelFilterBank(MelSpec spec) {
        bins = spec.nFft() / 2 + 1;
        weights = new float[spec.nMels()][];
        firstBin = new int[spec.nMels()];
        double[] corners = corners(spec);
        List<Integer> empty = new ArrayList<>();
        for (int band = 0; band < weights.length; band++) {
            double low = corners[band];
            double centre = corners[band + 1];
            double high = corners[band + 2];
            double scale = spec.norm() == MelSpec.MelNorm.SLANEY ? 2 / (high - low) : 1;
            double[] row = new double[bins];
            int first = bins;
            int end = 0;
            for (int bin = 0; bin < bins; bin++) {
                double hertz = bin * (spec.sampleRate() / (double) spec.nFft());
                row[bin] = scale * Math.min((hertz - low) / (centre - low), (high - hertz) / (high - centre));
                if (row[bin] > 0) {
                    first = Math.min(first, bin);
                    end = bin + 1;
                }
            }
            if (end == 0) {
                empty.add(band);
            }
            firstBin[band] = end == 0 ? 0 : first;
            weights[band] = new float[end == 0 ? 0 : end - first];
            for (int i = 0; i < weights[band].length; i++) {
                weights[band][i] = (float) row[first + i];
            }
        }
        emptyBands = List.copyOf(empty);
        warnings = emptyBands.isEmpty()
                ? List.of()
                : List.of(emptyBands.size() + " of " + weights.length
                        + " mel bands lie between two FFT bins and stay at zero: bands " + emptyBands
                        + "; raise features.nFft=" + spec.nFft() + " or lower features.nMels=" + spec.nMels());
    }

    /** What the user should know: which bands are empty, and the remedy. */
    List<String> warnings() {
        return warnings;
    }

    /** Number of bands. */
    public int bands() {
        return weights.length;
    }

    /** Bands, from 0, that are so narrow that no bin of the transform lies in them: they are 0 in every frame. */
    public List<Integer> emptyBands() {
        return emptyBands;
    }

    /** The weight of a bin of the spectrum in a band. */
    public float weight(int band, int bin) {
        int place = bin - firstBin[band];
        return place < 0 || place >= weights[band].length ? 0f : weights[band][place];
    }

    /**
     * Writes the {@link #bands} sums of one frame to {@code into}, from {@code offset}.
     *
     * @param spectrum {@code nFft/2 + 1} values
     */
    public void apply(float[] spectrum, float[] into, int offset) {
        for (int band = 0; band < weights.length; band++) {
            into[offset + band] = Dot.product(weights[band], 0, spectrum, firstBin[band], weights[band].length);
        }
    }

    /**
     * Writes the sums of several frames.
     *
     * @param spectra {@code [nFft/2 + 1][frames]}
     * @param into {@code [bands][frames]}
     */
    void apply(float[][] spectra, float[][] into) {
        for (int band = 0; band < weights.length; band++) {
            float[] sums = into[band];
            Arrays.fill(sums, 0f);
            for (int i = 0; i < weights[band].length; i++) {
                addScaled(sums, spectra[firstBin[band] + i], weights[band][i]);
            }
        }
    }

    /** A loop over arrays with one index, which the JVM's compiler turns into vector instructions. */
    private static void addScaled(float[] sums, float[] values, float weight) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += values[i] * weight;
        }
    }

    /** The {@code nMels + 2} corners in Hz. */
    public static double[] corners(MelSpec spec) {
        double low = toMel(spec.fMin(), spec.melScale());
        double high = toMel(spec.fMax(), spec.melScale());
        double[] corners = new double[spec.nMels() + 2];
        for (int i = 0; i < corners.length; i++) {
            corners[i] = toHertz(low + (high - low) * i / (corners.length - 1), spec.melScale());
        }
        return corners;
    }

    static double toMel(double hertz, MelSpec.MelScale scale) {
        if (scale == MelSpec.MelScale.HTK) {
            return 2595 * Math.log10(1 + hertz / 700);
        }
        return hertz < SLANEY_KNEE_HERTZ
                ? hertz * SLANEY_KNEE_MEL / SLANEY_KNEE_HERTZ
                : SLANEY_KNEE_MEL + Math.log(hertz / SLANEY_KNEE_HERTZ) / SLANEY_LOG_STEP;
    }

    static double toHertz(double mel, MelSpec.MelScale scale) {
        if (scale == MelSpec.MelScale.HTK) {
            return 700 * (Math.pow(10, mel / 2595) - 1);
        }
        return mel < SLANEY_KNEE_MEL
                ? mel * SLANEY_KNEE_HERTZ / SLANEY_KNEE_MEL
                : SLANEY_KNEE_HERTZ * Math.exp(SLANEY_LOG_STEP * (mel - SLANEY_KNEE_MEL));
    }
}
