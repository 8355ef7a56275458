package melgauge.pipeline.results;

import java.io.IOException;

/**
 * A file in a run's folder that is written for people and other programs, and read by no stage.
 *
 * @param name its path inside the folder, with slashes
 * @param writer how it is written
 * @param <T> what it is made from
 */
public record Table<T>(String name, Writer<T> writer) implements Product<T> {
    @Override
    public void write(RunFolder folder, T value) throws IOException {
        writer.write(folder.file(name), value);
    }
}
