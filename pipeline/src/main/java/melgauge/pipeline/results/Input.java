package melgauge.pipeline.results;

import java.io.IOException;

/**
 * Something in a run's folder that a stage reads.
 *
 * @param <T> what it holds
 */
public sealed interface Input<T> permits Artifact, Part {
    /** Names it in messages and in the record of what a stage depended on. */
    String name();

    /**
     * Reads it.
     *
     * @throws IOException naming the file, if it is missing or damaged
     */
    T read(RunFolder folder) throws IOException;

    /** The SHA-256 of its content; empty if it is not there. */
    String digest(RunFolder folder) throws IOException;
}
