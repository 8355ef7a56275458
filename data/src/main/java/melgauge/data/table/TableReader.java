package melgauge.data.table;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import melgauge.data.UsageException;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads a table row by row: CSV with {@code ,} {@code ;} tab or {@code |} between cells, which the header row or a first
 * line {@code sep=} tells, or JSON lines, which begin with <code>{</code>. Rows whose cells are all blank are left out.
 * For one thread.
 *
 * <pre>{@code
 * try (TableReader table = TableReader.open(file.toString(), Files.newInputStream(file), StandardCharsets.UTF_8, "id"::equals)) {
 *     for (TableReader.Row row = table.next(); row != null; row = table.next()) { … }
 * }
 * }</pre>
 */
public final class TableReader implements Closeable {
    /** Longer than any header row. */
    private static final int HEAD = 1 << 18;

    private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");

    private final String name;
    private final Rows rows;
    private final List<String> notes;

    private TableReader(String name, Rows rows, List<String> notes) {
        this.name = name;
        this.rows = rows;
        this.notes = List.copyOf(notes);
    }

    /**
     * A row.
     *
     * @param line of the file, from 1, on which it begins
     * @param cells in the order of the header; not always as many
     */
    public record Row(long line, List<String> cells) {
        public Row {
            cells = List.copyOf(cells);
        }

        /** The cell of a column; empty if the row is shorter. */
        public String cell(int column) {
            return column < cells.size() ? cells.get(column) : "";
        }

        /** This row with blank cells up to a number of columns. */
        Row withCells(int columns) {
            List<String> all = new ArrayList<>(cells);
            while (all.size() < columns) {
                all.add("");
            }
            return new Row(line, all);
        }

        boolean isBlank() {
            return cells.stream().allMatch(cell -> cell.chars().allMatch(c -> c == ' ' || c == '\t'));
        }
    }

    /** The rows of one format. */
    interface Rows extends Closeable {
        List<String> header();

        @Nullable
        Row next() throws IOException;
    }

    /** A line that does not have the form that it should have. */
    static final class FormatException extends IOException {
        private static final long serialVersionUID = 1L;
        private final long line;

        FormatException(long line, String what) {
            super(what);
            this.line = line;
        }
    }

    /**
     * Reads the header.
     *
     * @param name of the table, for errors
     * @param in its bytes; closed with the reader
     * @param charset UTF-8, or ISO 8859-1 for a character from each byte; a text in UTF-16 is taken for its UTF-8
     * @param wanted what one of the columns is called, which helps to find the separator
     * @throws UsageException if it is empty, in another encoding, or not of this form
     */
    public static TableReader open(String name, InputStream in, Charset charset, Predicate<String> wanted)
            throws IOException {
        try {
            UnicodeText unicode = UnicodeText.of(in);
            BufferedReader text =
                    new BufferedReader(new InputStreamReader(unicode.bytes(), charset.newDecoder()), HEAD);
            List<String> notes = new ArrayList<>();
            String head = head(text);
            Rows rows;
            if (head.stripLeading().startsWith("{")) {
                notes.add("JSON lines");
                rows = new JsonLines(text);
            } else {
                Dialect dialect = Dialect.of(head, column -> wanted.test(column.strip()));
                notes.addAll(dialect.notes());
                text.skip(dialect.declared().length());
                rows = new Csv(text, dialect);
            }
            if (!unicode.encoding().isEmpty()) {
                notes.add(unicode.encoding());
            }
            return new TableReader(name, rows, notes);
        } catch (IOException | UncheckedIOException e) {
            throw unreadable(name, e);
        }
    }

    private static String head(Reader text) throws IOException {
        text.mark(HEAD);
        char[] head = new char[HEAD];
        int length = 0;
        for (int read = 0; read >= 0 && length < HEAD; read = text.read(head, length, HEAD - length)) {
            length += read;
        }
        text.reset();
        return new String(head, 0, length);
    }

    /** The names of the columns, without spaces around them. In JSON lines, those that have been read so far. */
    public List<String> header() {
        return rows.header();
    }

    /** Whether rows leave out what they have no value for. */
    boolean isSparse() {
        return rows instanceof JsonLines;
    }

    /** How the table is written, as far as that is unusual: {@code ; between cells}. */
    public List<String> notes() {
        return notes;
    }

    /**
     * The next row; null at the end.
     *
     * @throws UsageException if the table goes on in another form
     */
    public @Nullable Row next() throws IOException {
        try {
            Row row = rows.next();
            while (row != null && row.isBlank() && row.cells().size() > 1) {
                row = rows.next();
            }
            return row;
        } catch (IOException | UncheckedIOException e) {
            throw unreadable(name, e);
        }
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }

    /** What the user can do something about is a UsageException; the rest goes on as it is. */
    private static UsageException unreadable(String name, Exception e) throws IOException {
        // The parser's iterator wraps the parser's own exception, whose message names the line.
        Throwable own = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e;
        if (own instanceof FormatException format) {
            return new UsageException(name + ":" + format.line + ": " + format.getMessage(), e);
        }
        if (own instanceof CharacterCodingException) {
            return new UsageException(name + " is not UTF-8 text; save it in UTF-8 (\"CSV UTF-8\" in spreadsheets)", e);
        }
        if (own instanceof CSVException) {
            return new UsageException(name + " is not valid CSV: " + own.getMessage(), e);
        }
        throw own instanceof IOException io ? io : new IOException(own);
    }

    private static final class Csv implements Rows {
        private final CSVParser parser;
        private final Iterator<CSVRecord> records;
        private final long before;
        private final List<String> header;

        Csv(Reader text, Dialect dialect) throws IOException {
            parser = CSVParser.parse(text, dialect.format());
            records = parser.iterator();
            before = dialect.declared().isEmpty() ? 0 : 1;
            Row first = next();
            header = first == null
                    ? List.of()
                    : first.cells().stream().map(String::strip).toList();
        }

        @Override
        public List<String> header() {
            return header;
        }

        @Override
        public @Nullable Row next() {
            if (!records.hasNext()) {
                return null;
            }
            CSVRecord record = records.next();
            // The parser stands behind the record, which may have several lines.
            long breaks = record.stream()
                    .mapToLong(cell -> LINE_END.matcher(cell).results().count())
                    .sum();
            return new Row(before + parser.getCurrentLineNumber() - breaks, record.toList());
        }

        @Override
        public void close() throws IOException {
            parser.close();
        }
    }
}
