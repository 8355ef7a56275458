package melgauge.pipeline.inputs;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import melgauge.data.PathBytes;
import melgauge.data.UsageException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * Column {@code path} of a CSV file with a header: an entry for each row, whatever else the row holds, and an empty one
 * where the column is empty. To learn from a manifest, {@link melgauge.data.Manifest} reads it, and asks more of it.
 */
final class ManifestReader implements ListReader {
    private static final String COLUMN = "path";
    private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");

    private final Path list;
    private final CSVParser parser;
    private final Iterator<CSVRecord> rows;
    private final int column;

    /**
     * Reads the header.
     *
     * @throws UsageException if there is no such column, or no CSV
     */
    ManifestReader(Path list, InputStream in) throws IOException {
        this.list = list;
        CSVFormat format = CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).get();
        parser = CSVParser.parse(new InputStreamReader(in, StandardCharsets.ISO_8859_1), format);
        rows = parser.iterator();
        CSVRecord header = row();
        if (header == null) {
            throw new UsageException(list + " is empty; its first line must name the columns, one of them " + COLUMN);
        }
        List<String> columns = new ArrayList<>();
        header.forEach(name -> columns.add(name.strip()));
        column = columns.indexOf(COLUMN);
        if (column < 0) {
            throw new UsageException(list + ":1: there is no column " + COLUMN + "; the columns are "
                    + PathBytes.shown(String.join(", ", columns).getBytes(StandardCharsets.ISO_8859_1)));
        }
        if (Collections.frequency(columns, COLUMN) > 1) {
            throw new UsageException(list + ":1: column " + COLUMN + " is there twice");
        }
    }

    @Override
    public @Nullable Entry next() {
        CSVRecord row = row();
        if (row == null) {
            return null;
        }
        // The parser stands behind the row, which may have several lines.
        long breaks = row.stream()
                .mapToLong(cell -> LINE_END.matcher(cell).results().count())
                .sum();
        return new Entry(column < row.size() ? row.get(column) : "", parser.getCurrentLineNumber() - breaks);
    }

    private @Nullable CSVRecord row() {
        try {
            return rows.hasNext() ? rows.next() : null;
        } catch (UncheckedIOException e) {
            // Wraps the parser's own exception, whose message names the line.
            Throwable own = Objects.requireNonNull(e.getCause());
            throw new UsageException(list + " is not valid CSV: " + own.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
