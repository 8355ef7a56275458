package melgauge.pipeline.results;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file that a stage leaves in a run's folder.
 *
 * @param <T> what it is made from
 */
public sealed interface Product<T> permits Artifact, Table {
    /** Its path inside the folder, with slashes. */
    String name();

    /** Writes it in place of what is there, atomically. */
    void write(RunFolder folder, T value) throws IOException;

    /** Writes values of a type to a file. */
    @FunctionalInterface
    interface Writer<T> {
        /** Writes a value to a file, atomically. */
        void write(Path file, T value) throws IOException;
    }
}
