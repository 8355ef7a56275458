package melgauge.pipeline.tagging;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import melgauge.data.Failure;
import org.jspecify.annotations.Nullable;

/** Temporary. */
public final class Inputs {
    private Inputs() {}
    /** x */
    public record Input(
            String path, @Nullable Path file, @Nullable Failure failure) {}
    /** x */
    public interface Sink {
        void accept(Input input) throws IOException;
    }
    /** x */
    public record Found(long inputs, long skipped) {}
    /** x */
    public record Options(boolean nul, boolean all) {}
    /** x */
    public static Found find(List<String> arguments, Options options, InputStream stdin, Sink sink) throws IOException {
        long n = 0;
        for (String a : arguments) {
            try (Stream<Path> s = Files.walk(Path.of(a))) {
                for (Path p : s.filter(Files::isRegularFile).sorted().toList()) {
                    sink.accept(new Input(p.toString(), p, null));
                    n++;
                }
            }
        }
        return new Found(n, 0);
    }
}
