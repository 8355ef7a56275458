package melgauge.pipeline.inputs;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a stream that are not empty, as entries. Of a line that is longer than any name, only the beginning is
 * kept.
 */
final class LineReader implements ListReader {
    private final InputStream in;
    private final char end;
    private long line;

    /**
     * Reads lines.
     *
     * @param end of each: LF, before which a CR goes as well, or NUL
     */
    LineReader(InputStream in, char end) {
        this.in = in;
        this.end = end;
    }

    @Override
    public @Nullable Entry next() throws IOException {
        StringBuilder text = new StringBuilder();
        int b = 0;
        while (b >= 0 && text.length() == 0) {
            line++;
            for (b = in.read(); b >= 0 && b != end; b = in.read()) {
                if (text.length() < Entry.LONGEST) {
                    text.append((char) b);
                }
            }
            int last = text.length() - 1;
            if (end == '\n' && last >= 0 && text.charAt(last) == '\r') {
                text.setLength(last);
            }
        }
        return text.length() > 0 ? new Entry(text.toString(), line) : null;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
