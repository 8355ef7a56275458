package melgauge.features;

import java.util.ArrayList;
import java.util.List;
import melgauge.features.MelSpec.MelNorm;
import melgauge.features.MelSpec.MelScale;

/**
 * Triangular filters whose corners are equally spaced on a mel scale, by librosa's documented definition: filter m rises
 * from corner m to corner m+1 and falls to corner m+2. Each filter is stored as the run of bins where it is not zero.
 * Immutable, hence thread-safe.
 */
public final class MelFilterBank {
    private final int[] firstBin;
    private final float[][] weights;
    private final List<Integer> emptyBands;

    /** Computes the filters of a spec. */
    public MelFilterBank(MelSpec spec) {
        int bands = spec.nMels();
        double[] corners = corners(spec);
        this.firstBin = new int[bands];
        this.weights = new float[bands][];
        List<Integer> empty = new ArrayList<>();
        for (int band = 0; band < bands; band++) {
            build(spec, band, corners[band], corners[band + 1], corners[band + 2]);
            if (weights[band].length == 0) {
                empty.add(band);
            }
        }
        this.emptyBands = List.copyOf(empty);
    }

    /** Number of filters. */
    public int bands() {
        return weights.length;
    }

    /** The bands so narrow that no bin falls into them, ascending: whatever the audio, they are 0 before compression. */
    public List<Integer> emptyBands() {
        return emptyBands;
    }

    /**
     * Sums a spectrum into bands.
     *
     * @param spectrum {@code [nFft/2 + 1]}
     * @param into where the bands go, one beside the other, from {@code offset} on
     */
    public void apply(float[] spectrum, float[] into, int offset) {
        for (int band = 0; band < weights.length; band++) {
            into[offset + band] = dot(weights[band], spectrum, firstBin[band]);
        }
    }

    /** Four sums side by side: one alone would wait for each addition before the next. */
    private static float dot(float[] weights, float[] spectrum, int first) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int i = 0;
        for (; i < weights.length - 3; i += 4) {
            a += weights[i] * spectrum[first + i];
            b += weights[i + 1] * spectrum[first + i + 1];
            c += weights[i + 2] * spectrum[first + i + 2];
            d += weights[i + 3] * spectrum[first + i + 3];
        }
        for (; i < weights.length; i++) {
            a += weights[i] * spectrum[first + i];
        }
        return (a + b) + (c + d);
    }

    private void build(MelSpec spec, int band, double low, double peak, double high) {
        double binWidth = spec.sampleRate() / (double) spec.nFft();
        double scale = spec.norm() == MelNorm.SLANEY ? 2 / (high - low) : 1;
        int first = (int) Math.floor(low / binWidth) + 1;
        int end = Math.min((int) Math.ceil(high / binWidth), spec.nFft() / 2 + 1);
        float[] row = new float[Math.max(0, end - first)];
        for (int i = 0; i < row.length; i++) {
            double hertz = (first + i) * binWidth;
            double height = Math.min((hertz - low) / (peak - low), (high - hertz) / (high - peak));
            row[i] = (float) (scale * Math.max(0, height));
        }
        firstBin[band] = first;
        weights[band] = row;
    }

    /** The nMels + 2 corners in Hz. */
    private static double[] corners(MelSpec spec) {
        double low = toMel(spec.fMin(), spec.melScale());
        double high = toMel(spec.fMax(), spec.melScale());
        double[] corners = new double[spec.nMels() + 2];
        for (int i = 0; i < corners.length; i++) {
            corners[i] = toHertz(low + (high - low) * i / (corners.length - 1), spec.melScale());
        }
        return corners;
    }

    // Strict functions, so that the filters' bits never depend on the CPU.

    private static final double SLANEY_LINEAR_STEP = 200.0 / 3; // Hz per mel
    private static final double SLANEY_LOG_START = 15; // mel, at 1000 Hz
    private static final double SLANEY_LOG_STEP = StrictMath.log(6.4) / 27;

    private static double toMel(double hertz, MelScale scale) {
        return switch (scale) {
            case HTK -> 2595 * StrictMath.log10(1 + hertz / 700);
            case SLANEY -> hertz < 1000
                    ? hertz / SLANEY_LINEAR_STEP
                    : SLANEY_LOG_START + StrictMath.log(hertz / 1000) / SLANEY_LOG_STEP;
        };
    }

    private static double toHertz(double mel, MelScale scale) {
        return switch (scale) {
            case HTK -> 700 * (StrictMath.pow(10, mel / 2595) - 1);
            case SLANEY -> mel < SLANEY_LOG_START
                    ? mel * SLANEY_LINEAR_STEP
                    : 1000 * StrictMath.exp(SLANEY_LOG_STEP * (mel - SLANEY_LOG_START));
        };
    }
}
