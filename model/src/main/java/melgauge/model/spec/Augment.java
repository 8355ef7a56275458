package melgauge.model.spec;

import melgauge.data.UsageException;
import melgauge.features.FeatureSpec;

/**
 * How training patches are varied, so that a small corpus is not learnt by heart. What is 0 changes nothing.
 *
 * @param timeMasks stretches of frames that are hidden in each patch (SpecAugment, Park et al. 2019); 0 to 16
 * @param timeMaskFrames a stretch is 0 to so many frames long; at least 1
 * @param bandMasks stretches of bands that are hidden in each patch; 0 to 16
 * @param bandMaskBands a stretch is 0 to so many bands wide; at least 1
 * @param stretch each patch is cut from so much more or less of its track, at most, and brought to length again: 0.1 makes
 *     music up to about 10 % faster or slower without changing its pitch; 0 to 0.5
 * @param shiftBands each patch is moved up or down by at most so many bands, uniformly, whole bands, because parts of one
 *     would blur what predictions see sharp; what comes in at the edge repeats the outermost band; 0 to 64
 * @param gainDb each patch is made louder or softer by at most so many decibels, uniformly; 0 to 60
 * @param mixup α of the Beta distribution that says how much of another patch of the batch, and of its labels, is mixed
 *     in (Zhang et al. 2018); 0: none; at most 10
 */
public record Augment(
        int timeMasks,
        int timeMaskFrames,
        int bandMasks,
        int bandMaskBands,
        double stretch,
        int shiftBands,
        double gainDb,
        double mixup) {
    public Augment {
        between("timeMasks", timeMasks, 0, 16);
        between("timeMaskFrames", timeMaskFrames, 1, 1 << 20);
        between("bandMasks", bandMasks, 0, 16);
        between("bandMaskBands", bandMaskBands, 1, 1 << 20);
        between("stretch", stretch, 0, 0.5);
        between("shiftBands", shiftBands, 0, 64);
        between("gainDb", gainDb, 0, 60);
        between("mixup", mixup, 0, 10);
    }

    /** The variation of the defaults in {@code run.yaml}. */
    public static Augment defaults() {
        return new Augment(2, 40, 2, 16, 0.3, 6, 6, 0.3);
    }

    /**
     * The same without what features of a spec have no place for: a gain and a shift along the bands need bands of
     * frequencies (kinds {@code mel} and {@code constantq}), a gain also needs values that are not relative to the loudest.
     */
    public Augment suiting(FeatureSpec features) {
        return new Augment(
                timeMasks,
                timeMaskFrames,
                bandMasks,
                bandMaskBands,
                stretch,
                features.hasFrequencyBands() ? shiftBands : 0,
                features.tellsLoudness() ? gainDb : 0,
                mixup);
    }

    /** Patches as they are. */
    public static Augment none() {
        return new Augment(0, 32, 0, 12, 0, 0, 0, 0);
    }

    private static void between(String name, double value, double low, double high) {
        if (!(value >= low && value <= high)) {
            throw new UsageException(
                    "augment." + name + "=" + shown(value) + " must be from " + shown(low) + " to " + shown(high));
        }
    }

    private static String shown(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
