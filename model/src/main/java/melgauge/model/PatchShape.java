package melgauge.model;

import melgauge.data.UsageException;

/**
 * The shape of what a network reads: one patch, {@code [frames, bands]}.
 *
 * @param frames at least 1
 * @param bands at least 1
 */
public record PatchShape(int frames, int bands) {
    public PatchShape {
        if (frames < 1 || bands < 1) {
            throw new UsageException(
                    "a patch of [" + frames + ", " + bands + "] must have at least one frame and band");
        }
    }

    /** Values in a patch. */
    public int size() {
        return frames * bands;
    }
}
