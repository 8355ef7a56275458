package melgauge.model;

import melgauge.data.UsageException;

/**
 * How training patches are varied, so that a small corpus is not learnt by heart. All 0 by default, which changes
 * nothing.
 *
 * @param timeMasks stretches of frames that are hidden in each patch (SpecAugment, Park et al. 2019); 0 to 16
 * @param timeMaskFrames a stretch is 0 to so many frames long; at least 1
 * @param bandMasks stretches of bands that are hidden in each patch; 0 to 16
 * @param bandMaskBands a stretch is 0 to so many bands wide; at least 1
 * @param gainDb each patch is made louder or softer by at most so many decibels, uniformly; 0 to 60
 * @param mixup α of the Beta distribution that says how much of another patch of the batch, and of its labels, is mixed
 *     in (Zhang et al. 2018); 0: none; at most 10
 */
public record Augment(
        int timeMasks, int timeMaskFrames, int bandMasks, int bandMaskBands, double gainDb, double mixup) {
    public Augment {
        between("timeMasks", timeMasks, 0, 16);
        between("timeMaskFrames", timeMaskFrames, 1, 1 << 20);
        between("bandMasks", bandMasks, 0, 16);
        between("bandMaskBands", bandMaskBands, 1, 1 << 20);
        between("gainDb", gainDb, 0, 60);
        between("mixup", mixup, 0, 10);
    }

    /** Patches as they are. */
    public static Augment none() {
        return new Augment(0, 32, 0, 12, 0, 0);
    }

    private static void between(String name, double value, int low, int high) {
        if (!(value >= low && value <= high)) {
            String shown = value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
            throw new UsageException("augment." + name + "=" + shown + " must be from " + low + " to " + high);
        }
    }
}
