package melgauge.pipeline.inputs;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** An M3U playlist: a file on each line that is neither empty nor begins with {@code #}. */
final class M3uReader implements ListReader {
    private final LineReader lines;

    M3uReader(InputStream in) {
        lines = new LineReader(in, '\n');
    }

    @Override
    public @Nullable Entry next() throws IOException {
        Entry entry = lines.next();
        while (entry != null && (entry.isBlank() || entry.name().startsWith("#"))) {
            entry = lines.next();
        }
        return entry;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
