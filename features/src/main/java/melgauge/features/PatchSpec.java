package melgauge.features;

import melgauge.data.UsageException;

/**
 * How a track is cut into the pieces that a network reads: {@code [frames, bands]} each, side by side without overlap,
 * the last one moved back so that it ends with the track. A track shorter than one patch gives one, filled by repeating
 * the track.
 *
 * @param frames per patch, 8 to 65,536
 */
public record PatchSpec(int frames) {
    /** The shortest patch. */
    public static final int MIN_FRAMES = 8;

    /** The longest patch: 17 minutes at the default sampling rate and hop. */
    public static final int MAX_FRAMES = 1 << 16;

    /** @throws UsageException if there are fewer than 8 frames, or more than 65,536 */
    public PatchSpec {
        if (frames < MIN_FRAMES) {
            throw new UsageException("frames=" + frames + " must be at least " + MIN_FRAMES);
        }
        if (frames > MAX_FRAMES) {
            throw new UsageException("frames=" + frames + " must be at most " + MAX_FRAMES);
        }
    }

    /** 256 frames: 4.096 s at the default sampling rate and hop. */
    public static PatchSpec defaults() {
        return new PatchSpec(256);
    }

    /** Patches in a track of {@code trackFrames} frames: at least 1, or 0 if it has no frames. */
    public int count(int trackFrames) {
        return trackFrames / frames + (trackFrames % frames == 0 ? 0 : 1);
    }

    /** The first frame of each patch, ascending. */
    public int[] starts(int trackFrames) {
        int[] starts = new int[count(trackFrames)];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = Math.max(0, Math.min(i * frames, trackFrames - frames));
        }
        return starts;
    }

    /** Whether a track has too few frames to fill one patch. */
    public boolean isShort(int trackFrames) {
        return trackFrames < frames;
    }

    /**
     * Copies one patch, {@code [frames, bands]}, to {@code into}, from {@code offset}.
     *
     * @param start its first frame, 0 to {@code source.frames() − frames}; 0 for a short track
     * @throws IllegalArgumentException if the source has no frames, or the patch would reach beyond it
     * @throws IndexOutOfBoundsException if {@code into} is too short
     */
    public void cut(FrameSource source, int start, float[] into, int offset) {
        int available = source.frames();
        if (available == 0) {
            throw new IllegalArgumentException("a track of 0 frames must have at least 1 to be cut into patches");
        }
        int last = Math.max(0, available - frames);
        if (start < 0 || start > last) {
            throw new IllegalArgumentException(
                    "start=" + start + " must lie between 0 and " + last + " in a track of " + available + " frames");
        }
        int filled = Math.min(frames, available);
        source.read(start, filled, into, offset);
        int bands = source.bands();
        while (filled < frames) {
            // What is filled is a whole number of repetitions until the last, partial copy.
            int copied = Math.min(filled, frames - filled);
            System.arraycopy(into, offset, into, offset + filled * bands, copied * bands);
            filled += copied;
        }
    }
}
