package melgauge.features;

import java.io.IOException;

/**
 * One track on its way through an extractor: samples go in piece by piece, frames come out at the sink as soon as they
 * are complete. The pieces' sizes change nothing. For one thread; not to be used again after {@link #finish} or an
 * exception.
 */
public interface Extraction extends AutoCloseable {
    /**
     * Adds samples, which are not kept.
     *
     * @throws IOException if the sink throws it
     */
    void add(float[] samples, int offset, int count) throws IOException;

    /** Ends the track: the last frames come out. */
    void finish() throws IOException;

    /** Frees what the extraction holds outside the heap; nothing for most. */
    @Override
    default void close() {}
}
