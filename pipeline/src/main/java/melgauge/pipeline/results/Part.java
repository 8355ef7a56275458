package melgauge.pipeline.results;

import java.io.IOException;
import melgauge.data.FileDigest;

/**
 * A part of an artifact: a stage that reads it does not depend on the rest.
 *
 * @param name such as {@code diagnosis.json without experiments}
 * @param whole the artifact
 * @param take takes the part out
 * @param bytes the content that the digest is made of
 * @param <S> what the artifact holds
 * @param <T> what the part holds
 */
public record Part<S, T>(String name, Artifact<S> whole, Step<S, T> take, Step<T, byte[]> bytes) implements Input<T> {
    /** A step from one value to another. */
    @FunctionalInterface
    public interface Step<A, B> {
        /** Takes the step. */
        B of(A value) throws IOException;
    }

    @Override
    public T read(RunFolder folder) throws IOException {
        return take.of(whole.read(folder));
    }

    @Override
    public String digest(RunFolder folder) throws IOException {
        return folder.has(whole) ? FileDigest.of(bytes.of(read(folder))) : "";
    }
}
