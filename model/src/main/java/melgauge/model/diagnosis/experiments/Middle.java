package melgauge.model.diagnosis.experiments;

import java.util.Objects;
import melgauge.features.FrameSource;
import melgauge.features.PatchSpec;
import melgauge.model.task.Example;

/** The middle patch of a track as a track of its own. */
final class Middle implements FrameSource {
    private final FrameSource whole;
    private final int first;
    private final int frames;

    private Middle(FrameSource whole, int first, int frames) {
        this.whole = whole;
        this.first = first;
        this.frames = frames;
    }

    /** The same patch that {@link Patches} cuts where it cuts one. */
    static Example of(PatchSpec patch, Example track) {
        int[] starts = patch.starts(track.frames().frames());
        return new Example(
                track.path(),
                new Middle(
                        track.frames(),
                        starts[starts.length / 2],
                        Math.min(patch.frames(), track.frames().frames())),
                track.labels());
    }

    @Override
    public int frames() {
        return frames;
    }

    @Override
    public int bands() {
        return whole.bands();
    }

    @Override
    public void read(int firstFrame, int count, float[] into, int offset) {
        Objects.checkFromIndexSize(firstFrame, count, frames);
        whole.read(first + firstFrame, count, into, offset);
    }
}
