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
import melgauge.model.Target;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * The table of predictions: {@code path,status,error,durationSeconds,patches,} and for each target {@code
 * NAME,NAME_spread}. Streams, so that its length does not matter.
 */
public final class TagTable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Behind spaces as well, which some programs trim; the last four are the full-width forms of the first four. */
    private static final Pattern FORMULA = Pattern.compile("[\\t\\r\\n]|\\s*[=+\\-@\uFF1D\uFF0B\uFF0D\uFF20]");

    private TagTable() {}

    /** How a table is written. */
    public enum Format {
        CSV,
        JSONL,
        PARQUET;

        /** By the name's ending. */
        public static Format of(Path output) {
            String name = String.valueOf(output.getFileName()).toLowerCase(Locale.ROOT);
            for (Format format : values()) {
                if (name.endsWith("." + format.name().toLowerCase(Locale.ROOT))) {
                    return format;
                }
            }
            throw new UsageException("--out " + output + " must end in .csv, .jsonl or .parquet");
        }
    }

    /** Takes a row. */
    @FunctionalInterface
    public interface Sink {
        void accept(TagRow row) throws IOException;
    }

    /** Gives all rows to a sink. */
    @FunctionalInterface
    public interface Rows {
        void forEach(Sink sink) throws IOException;
    }

    /** Writes a table, atomically. */
    public static void write(Path output, Format format, List<Target> targets, Rows rows) throws IOException {
        switch (format) {
            case CSV -> AtomicFile.write(output, out -> csv(out, TagTable::cell, targets, rows));
            case JSONL -> AtomicFile.write(output, out -> jsonl(out, targets, rows));
            case PARQUET -> parquet(output, targets, rows);
        }
    }

    private static void csv(OutputStream out, UnaryOperator<String> pathCell, List<Target> targets, Rows rows)
            throws IOException {
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        CSVPrinter printer = CSVFormat.RFC4180
                .builder()
                .setHeader(columns(targets).keySet().toArray(String[]::new))
                .setRecordSeparator('\n')
                .get()
                .print(writer);
        rows.forEach(row -> {
            List<Object> cells = new ArrayList<>(List.of(pathCell.apply(row.path()), row.status(), row.error()));
            cells.add(row.failed() ? "" : String.format(Locale.ROOT, "%.3f", row.durationSeconds()));
            cells.add(row.patches());
            for (int t = 0; t < targets.size(); t++) {
                cells.add(
                        row.failed()
                                ? ""
                                : String.format(
                                        Locale.ROOT, "%.6f", row.values().get(t)));
                cells.add(
                        row.failed()
                                ? ""
                                : String.format(
                                        Locale.ROOT, "%.6f", row.spreads().get(t)));
            }
            printer.printRecord(cells);
        });
        writer.flush();
    }

    /**
     * A path as a cell of CSV. Spreadsheet programs take a cell that begins with one of these characters for a formula,
     * which may start programs or send what other cells hold to an address (OWASP, "CSV Injection"), and names of files
     * come from anywhere. {@code ./} in front names the same file, so that nothing needs to undo it. Of the other cells
     * none begins so: errors begin with the word of their code.
     */
    static String cell(String path) {
        return FORMULA.matcher(path).lookingAt() ? "./" + path : path;
    }

    private static void jsonl(OutputStream out, List<Target> targets, Rows rows) throws IOException {
        rows.forEach(row -> {
            ObjectNode json = JSON.createObjectNode();
            json.put("path", row.path());
            json.put("status", row.status());
            json.put("error", row.error());
            if (row.failed()) {
                json.putNull("durationSeconds");
            } else {
                json.put("durationSeconds", row.durationSeconds());
            }
            json.put("patches", row.patches());
            for (int t = 0; t < targets.size(); t++) {
                String name = targets.get(t).name();
                if (row.failed()) {
                    json.putNull(name).putNull(name + "_spread");
                } else {
                    json.put(name, row.values().get(t))
                            .put(name + "_spread", row.spreads().get(t));
                }
            }
            out.write(JSON.writeValueAsBytes(json));
            out.write('\n');
        });
    }

    private static void parquet(Path output, List<Target> targets, Rows rows) throws IOException {
        Path csv = Files.createTempFile("melgauge", ".csv");
        try {
            try (OutputStream out = Files.newOutputStream(csv)) {
                csv(out, UnaryOperator.identity(), targets, rows);
            }
            Parquet.fromCsv(csv, columns(targets), output);
        } finally {
            Files.delete(csv);
        }
    }

    private static Map<String, Parquet.Type> columns(List<Target> targets) {
        Map<String, Parquet.Type> columns = new LinkedHashMap<>();
        columns.put("path", Parquet.Type.TEXT);
        columns.put("status", Parquet.Type.TEXT);
        columns.put("error", Parquet.Type.TEXT);
        columns.put("durationSeconds", Parquet.Type.NUMBER);
        columns.put("patches", Parquet.Type.INTEGER);
        for (Target target : targets) {
            columns.put(target.name(), Parquet.Type.NUMBER);
            columns.put(target.name() + "_spread", Parquet.Type.NUMBER);
        }
        return columns;
    }
}
