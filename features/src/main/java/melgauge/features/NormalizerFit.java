package melgauge.features;

import java.util.Arrays;
import melgauge.data.UsageException;

/**
 * Measures a {@link Normalizer} over the training tracks, frame by frame with equal weights, in double precision. The
 * standard deviation is that of the population (divided by the number of frames). Not thread-safe, but for
 * {@link #measure}.
 */
public final class NormalizerFit {
    /** A standard deviation this small beside the mean is what rounding to float leaves of a constant. */
    private static final double CONSTANT = 1e-6;

    private final NormalizerKind kind;
    private final BandMoments moments;
    private final int bands;

    /**
     * @param kind what to fit
     * @param bands numbers per frame, at least 1
     */
    public NormalizerFit(NormalizerKind kind, int bands) {
        if (bands < 1) {
            throw new IllegalArgumentException("bands=" + bands + " must be at least 1");
        }
        this.kind = kind;
        this.bands = bands;
        this.moments = new BandMoments(bands);
    }

    /**
     * Adds a track. If it throws, the fit is as before.
     *
     * @throws IllegalArgumentException if the track has another number of bands, or a band is not finite throughout
     */
    public void add(FrameSource track) {
        add(measure(track));
    }

    /**
     * Measures a track without adding it, which any number of threads may do at once. Numbers depend, in their last
     * digits, on the order in which tracks are added, not on that in which they are measured.
     *
     * @throws IllegalArgumentException as {@link #add(FrameSource)}
     */
    public BandMoments measure(FrameSource track) {
        if (track.bands() != bands) {
            throw new IllegalArgumentException(
                    "the track has " + track.bands() + " bands, the normaliser is fitted on " + bands);
        }
        BandMoments measured = BandMoments.of(track);
        for (int band = 0; band < bands && measured.frames() > 0; band++) {
            if (!Double.isFinite(measured.mean(band)) || !Double.isFinite(measured.variance(band))) {
                throw new IllegalArgumentException(
                        "band " + band + " of the track holds values that are not finite; leave the track out");
            }
        }
        return measured;
    }

    /** Adds a track that {@link #measure} has measured. */
    public void add(BandMoments track) {
        moments.add(track);
    }

    /** Frames added so far. */
    public long frames() {
        return moments.frames();
    }

    /**
     * The bands added so far that never change; for {@link NormalizerKind#GLOBAL} as well, where they do no harm. A
     * normaliser divides them by 1, so that they become 0.
     */
    public int constantBands() {
        int constant = 0;
        for (int band = 0; band < bands && frames() > 0; band++) {
            if (isConstant(moments.mean(band), Math.sqrt(moments.variance(band)))) {
                constant++;
            }
        }
        return constant;
    }

    /**
     * The normaliser of what was added so far. A standard deviation of 0, or at most a millionth of the mean, becomes 1.
     *
     * @throws UsageException if that is no frame at all; kind {@code none} needs none
     */
    public Normalizer finish() {
        if (frames() == 0 && kind != NormalizerKind.NONE) {
            throw new UsageException(
                    "frames=0 must be at least 1 to fit a normaliser: no training track could be used; see audit.csv for the"
                            + " reasons");
        }
        return switch (kind) {
            case BAND -> fitBands();
            case GLOBAL -> fitGlobal();
            case PATCH -> PatchNormalizer.of(fitBands().std());
            case NONE -> new NoNormalizer(bands);
        };
    }

    private BandNormalizer fitBands() {
        double[] mean = new double[bands];
        double[] std = new double[bands];
        Arrays.setAll(mean, moments::mean);
        Arrays.setAll(std, band -> divisor(mean[band], Math.sqrt(moments.variance(band))));
        return new BandNormalizer(mean, std);
    }

    /** All bands have equally many frames: the variance of all is the mean variance plus the variance of the means. */
    private Normalizer fitGlobal() {
        double mean = 0;
        for (int band = 0; band < bands; band++) {
            mean += moments.mean(band) / bands;
        }
        double variance = 0;
        for (int band = 0; band < bands; band++) {
            double distance = moments.mean(band) - mean;
            variance += (moments.variance(band) + distance * distance) / bands;
        }
        return new GlobalNormalizer(bands, mean, divisor(mean, Math.sqrt(variance)));
    }

    private static double divisor(double mean, double std) {
        return isConstant(mean, std) ? 1 : std;
    }

    private static boolean isConstant(double mean, double std) {
        return std <= CONSTANT * Math.abs(mean) || std < Float.MIN_NORMAL;
    }
}
