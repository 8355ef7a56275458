package melgauge.pipeline.results;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file in a run's folder that one stage writes and others read.
 *
 * @param name its path inside the folder, with slashes
 * @param reader how it is read
 * @param writer how it is written
 * @param <T> what it holds
 */
public record Artifact<T>(String name, Reader<T> reader, Writer<T> writer) implements Input<T>, Product<T> {
    /** Reads values of a type from a file. */
    @FunctionalInterface
    public interface Reader<T> {
        /**
         * Reads what a file holds.
         *
         * @throws IOException naming the file, if it is missing or damaged
         */
        T read(Path file) throws IOException;
    }

    @Override
    public T read(RunFolder folder) throws IOException {
        return reader.read(folder.file(name));
    }

    @Override
    public String digest(RunFolder folder) throws IOException {
        return folder.digest(name);
    }

    @Override
    public void write(RunFolder folder, T value) throws IOException {
        writer.write(folder.file(name), value);
    }
}
