package melgauge.features;

import java.io.Serializable;
import melgauge.data.UsageException;

/**
 * How a track is cut into the patches that a network reads: one after the other without overlap, the last one moved back
 * so that it ends with the track. A track shorter than a patch makes one patch, filled by repeating the track.
 *
 * @param frames frames per patch, at least 8
 */
public record PatchSpec(int frames) implements Serializable {
    /** @throws UsageException if a patch would be too short for a network */
    public PatchSpec {
        if (frames < 8) {
            throw new UsageException("frames=" + frames + " must be at least 8; 256 frames suit most music");
        }
    }

    /** 256 frames: 4.096 s of the default features. */
    public static PatchSpec defaults() {
        return new PatchSpec(256);
    }

    /** Patches of a track; 0 for a track without frames. */
    public int count(int trackFrames) {
        if (trackFrames < 0) {
            throw new IllegalArgumentException("trackFrames=" + trackFrames + " must be at least 0");
        }
        return trackFrames / frames + (trackFrames % frames == 0 ? 0 : 1);
    }

    /** The frame that each patch starts at, ascending. */
    public int[] starts(int trackFrames) {
        int[] starts = new int[count(trackFrames)];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = Math.max(0, Math.min(i * frames, trackFrames - frames));
        }
        return starts;
    }

    /** Whether a track must be repeated to fill a patch. */
    public boolean isShort(int trackFrames) {
        return trackFrames < frames;
    }

    /**
     * Copies one patch, {@code [frames, bands]}. Thread-safe.
     *
     * @param source the track
     * @param start any frame that a whole patch follows; 0 for a short track
     * @param into receives frames × bands numbers from {@code offset} on
     * @throws IllegalArgumentException if the track has no frames, or no patch starts there
     */
    public void cut(FrameSource source, int start, float[] into, int offset) {
        int available = source.frames();
        if (available == 0) {
            throw new IllegalArgumentException("a track without frames has no patch; leave it out");
        }
        int lastStart = Math.max(0, available - frames);
        if (start < 0 || start > lastStart) {
            throw new IllegalArgumentException("start=" + start + " must be between 0 and " + lastStart + " in a track of "
                    + available + " frames cut into patches of " + frames);
        }
        int size = frames * source.bands();
        int filled = Math.min(frames, available) * source.bands();
        source.read(start, Math.min(frames, available), into, offset);
        while (filled < size) {
            // what stands there is a whole number of repetitions, so that doubling it goes on with the next
            int more = Math.min(filled, size - filled);
            System.arraycopy(into, offset, into, offset + filled, more);
            filled += more;
        }
    }
}
