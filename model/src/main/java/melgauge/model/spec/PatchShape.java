package melgauge.model.spec;

import melgauge.data.UsageException;

/**
 * The shape of what a network reads: one patch, {@code [frames, bands]}.
 *
 * @param frames at least 1
 * @param bands at least 1; a patch has at most 4,194,304 values
 */
public record PatchShape(int frames, int bands) {
    /** 170 default patches: some batches of such patches still fit the default heap. */
    private static final long MOST_VALUES = 1 << 22;

    public PatchShape {
        if (frames < 1 || bands < 1) {
            throw new UsageException(
                    "a patch of [" + frames + ", " + bands + "] must have at least one frame and band");
        }
        if ((long) frames * bands > MOST_VALUES) {
            throw new UsageException("a patch of [" + frames + ", " + bands + "] must have at most " + MOST_VALUES
                    + " values; use fewer patch.frames or fewer bands");
        }
    }

    /** Values in a patch. */
    public int size() {
        return frames * bands;
    }
}
