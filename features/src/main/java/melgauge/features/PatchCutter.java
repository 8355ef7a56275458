package melgauge.features;

import java.io.IOException;
import java.util.function.Supplier;

/**
 * Cuts a track into patches while its frames arrive: the same patches, in the same order, as {@link PatchSpec#starts} and
 * {@link PatchSpec#cut} make of the whole. Holds two patches, whatever the track's length. For one thread and one track.
 */
public final class PatchCutter implements FrameSink {
    private final PatchSpec spec;
    private final int bands;
    private final Receiver receiver;
    private final Supplier<float[]> arrays;
    private final float[] before;
    private float[] current;
    private int filled;
    private int frames;
    private int patches;

    /** Takes a patch, {@code [frames, bands]}, which is its own from then on. */
    @FunctionalInterface
    public interface Receiver {
        void accept(float[] patch) throws IOException;
    }

    /**
     * @param bands of each frame
     * @param arrays gives an array of {@code frames · bands} for each patch, with whatever in it
     */
    public PatchCutter(PatchSpec spec, int bands, Supplier<float[]> arrays, Receiver receiver) {
        this.spec = spec;
        this.bands = bands;
        this.arrays = arrays;
        this.receiver = receiver;
        this.before = new float[spec.frames() * bands];
        this.current = arrays.get();
    }

    @Override
    public void accept(float[] frame) throws IOException {
        System.arraycopy(frame, 0, current, filled * bands, bands);
        filled++;
        frames++;
        if (filled == spec.frames()) {
            float[] full = current;
            // The receiver may change what it gets, and the end of the track may need it again.
            System.arraycopy(full, 0, before, 0, before.length);
            current = arrays.get();
            filled = 0;
            hand(full);
        }
    }

    /** Ends the track: hands out the patch that ends with it, if it was not handed out. */
    public void finish() throws IOException {
        if (filled == 0) {
            return;
        }
        int size = spec.frames() * bands;
        float[] last = arrays.get();
        if (frames > spec.frames()) {
            int old = size - filled * bands;
            System.arraycopy(before, filled * bands, last, 0, old);
            System.arraycopy(current, 0, last, old, filled * bands);
        } else {
            System.arraycopy(current, 0, last, 0, filled * bands);
            for (int i = filled * bands; i < size; i++) {
                last[i] = last[i - filled * bands];
            }
        }
        hand(last);
    }

    private void hand(float[] patch) throws IOException {
        patches++;
        receiver.accept(patch);
    }

    /** Frames so far. */
    public int frames() {
        return frames;
    }

    /** Patches handed out so far. */
    public int patches() {
        return patches;
    }
}
