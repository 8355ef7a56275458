package melgauge.features;

import java.io.IOException;

/** Takes the frames of one track, in order. */
@FunctionalInterface
public interface FrameSink {
    /**
     * Takes one frame.
     *
     * @param frame one value per band; the array is used again for the next frame, so that whoever keeps it copies it
     * @throws IOException if it cannot be stored
     */
    void accept(float[] frame) throws IOException;
}
