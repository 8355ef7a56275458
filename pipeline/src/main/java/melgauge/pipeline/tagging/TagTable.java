package melgauge.pipeline.tagging;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import melgauge.data.AtomicFile;
import melgauge.data.UsageException;
import melgauge.data.catalog.Parquet;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;

/**
 * A table in one of three formats. Streams, so that its length does not matter.
 *
 * @param columns in order
 */
record TagTable(List<Column> columns) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern FORMULA = Pattern.compile("[\\t\\r\\n]|\\s*[=+\\-@\uFF1D\uFF0B\uFF0D\uFF20]");

    TagTable {
        columns = List.copyOf(columns);
    }

    /** How a table is written. */
    enum Format {
        CSV,
        JSONL,
        PARQUET;

        /** @throws UsageException if the ending is none of these, naming the option */
        static Format of(String option, Path output) {
            String name = String.valueOf(output.getFileName()).toLowerCase(Locale.ROOT);
            for (Format format : values()) {
                if (name.endsWith("." + format.name().toLowerCase(Locale.ROOT))) {
                    return format;
                }
            }
            throw new UsageException(option + " " + output + " must end in .csv, .jsonl or .parquet");
        }
    }

    /**
     * A column.
     *
     * @param name its head
     * @param type of its cells: text, {@link Integer} or {@link Double}
     * @param decimals of numbers
     */
    record Column(String name, Parquet.Type type, int decimals) {
        /** A number with the column's decimals. */
        String text(double number) {
            return String.format(Locale.ROOT, "%." + decimals + "f", number);
        }

        static Column text(String name) {
            return new Column(name, Parquet.Type.TEXT, 0);
        }

        static Column integer(String name) {
            return new Column(name, Parquet.Type.INTEGER, 0);
        }

        static Column number(String name, int decimals) {
            return new Column(name, Parquet.Type.NUMBER, decimals);
        }
    }

    /** Takes the cells of a row, one per column; null where there is nothing. */
    @FunctionalInterface
    interface Sink {
        void accept(List<@Nullable Object> cells) throws IOException;
    }

    /** Gives all rows to a sink. */
    @FunctionalInterface
    interface Rows {
        void forEach(Sink sink) throws IOException;
    }

    /**
     * Writes the table, atomically, in the format of the file's ending.
     *
     * @param metadata what Parquet, which has a place for it, says of the table beside its rows
     */
    void write(Path output, Map<String, String> metadata, Rows rows) throws IOException {
        switch (Format.of("the table", output)) {
            case CSV -> AtomicFile.write(output, out -> csv(out, TagTable::cell).printAll(rows));
            case JSONL -> AtomicFile.write(output, out -> jsonl(out).printAll(rows));
            case PARQUET -> parquet(output, metadata, rows);
        }
    }

    /**
     * Begins the table on a stream; each row that the sink takes is written at once.
     *
     * @param format CSV or JSON lines
     */
    Sink stream(OutputStream out, Format format) throws IOException {
        Printer printer = switch (format) {
            case CSV -> csv(out, TagTable::cell);
            case JSONL -> jsonl(out);
            case PARQUET -> throw new IllegalArgumentException("Parquet is written when all rows are known");
        };
        printer.flush(); // the heads
        return row -> {
            printer.print(row);
            printer.flush();
        };
    }

    /** Writes rows to a stream, which may hold some back until it is flushed. */
    private interface Printer {
        void print(List<@Nullable Object> row) throws IOException;

        void flush() throws IOException;

        /** Writes all rows. */
        default void printAll(Rows rows) throws IOException {
            rows.forEach(this::print);
            flush();
        }
    }

    private Printer csv(OutputStream out, UnaryOperator<String> text) throws IOException {
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        CSVPrinter printer = CSVFormat.RFC4180
                .builder()
                .setHeader(columns.stream().map(Column::name).toArray(String[]::new))
                .setRecordSeparator('\n')
                .get()
                .print(writer);
        return new Printer() {
            @Override
            public void print(List<@Nullable Object> row) throws IOException {
                List<String> cells = new ArrayList<>();
                for (int i = 0; i < columns.size(); i++) {
                    Object cell = row.get(i);
                    cells.add(
                            cell == null
                                    ? ""
                                    : cell instanceof Double number
                                            ? columns.get(i).text(number)
                                            : text.apply(cell.toString()));
                }
                printer.printRecord(cells);
            }

            @Override
            public void flush() throws IOException {
                writer.flush();
            }
        };
    }

    /**
     * Text as a cell of CSV. Spreadsheet programs take a cell that begins with one of these characters for a formula,
     * which may start programs or send what other cells hold to an address (OWASP, "CSV Injection"), and names of files
     * come from anywhere. {@code ./} in front names the same file, so that nothing needs to undo it. Of text that is no path
     * none begins so: errors begin with the word of their code.
     */
    static String cell(String text) {
        return FORMULA.matcher(text).lookingAt() ? "./" + text : text;
    }

    private Printer jsonl(OutputStream out) {
        return new Printer() {
            @Override
            public void print(List<@Nullable Object> row) throws IOException {
                ObjectNode json = JSON.createObjectNode();
                for (int i = 0; i < columns.size(); i++) {
                    Column column = columns.get(i);
                    // The same number as in the other formats.
                    Object cell =
                            row.get(i) instanceof Double number ? Double.valueOf(column.text(number)) : row.get(i);
                    json.set(column.name(), JSON.valueToTree(cell));
                }
                out.write(JSON.writeValueAsBytes(json));
                out.write('\n');
            }

            @Override
            public void flush() throws IOException {
                out.flush();
            }
        };
    }

    private void parquet(Path output, Map<String, String> metadata, Rows rows) throws IOException {
        Path csv = output.resolveSibling("." + output.getFileName() + ".csv" + AtomicFile.TEMPORARY);
        try {
            try (OutputStream out = Files.newOutputStream(csv)) {
                csv(out, UnaryOperator.identity()).printAll(rows);
            }
            Map<String, Parquet.Type> types = new LinkedHashMap<>();
            columns.forEach(column -> types.put(column.name(), column.type()));
            Parquet.fromCsv(csv, types, metadata, output);
        } finally {
            Files.deleteIfExists(csv);
        }
    }
}
