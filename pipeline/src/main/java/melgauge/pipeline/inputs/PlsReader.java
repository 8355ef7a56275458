package melgauge.pipeline.inputs;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import melgauge.data.UsageException;
import org.jspecify.annotations.Nullable;

/** A PLS playlist: lines {@code File1=}, {@code File2=} and so on, in the order of their numbers. */
final class PlsReader implements ListReader {
    private static final Pattern FILE =
            Pattern.compile("\\s*File(\\d+)\\s*=(.*)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern HEADER = Pattern.compile("\\s*\\[playlist]\\s*", Pattern.CASE_INSENSITIVE);

    private record Numbered(BigInteger number, Entry entry) {}

    private final InputStream in;
    private final Iterator<Numbered> entries;

    /**
     * Reads the playlist, whole, since its lines may be in any order.
     *
     * @throws UsageException if it has not the form of one
     */
    PlsReader(Path list, InputStream in) throws IOException {
        this.in = in;
        List<Numbered> files = new ArrayList<>();
        boolean header = false;
        LineReader lines = new LineReader(in, '\n');
        for (Entry line = lines.next(); line != null; line = lines.next()) {
            header |= HEADER.matcher(line.name()).matches();
            Matcher file = FILE.matcher(line.name());
            if (file.matches()) {
                files.add(new Numbered(new BigInteger(file.group(1)), new Entry(file.group(2), line.line())));
            }
        }
        if (files.isEmpty() && !header) {
            throw ListContent.unusable(
                    list.toString(),
                    "it is no PLS playlist, which begins with [playlist] and has lines like File1=a.mp3");
        }
        files.sort((a, b) -> a.number().compareTo(b.number()));
        entries = files.iterator();
    }

    @Override
    public @Nullable Entry next() {
        return entries.hasNext() ? entries.next().entry() : null;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
