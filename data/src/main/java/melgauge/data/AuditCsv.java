package melgauge.data;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;

/** {@code audit.csv}: one row per row of the manifest. Unknown numbers are empty, the level of silence is {@code -inf}. */
public final class AuditCsv {
    private static final String[] COLUMNS = {
        "path",
        "status",
        "reason",
        "durationSeconds",
        "declaredSeconds",
        "sampleRate",
        "channels",
        "codec",
        "peakDb",
        "rmsDb",
        "sha256"
    };

    private AuditCsv() {}

    /** Takes a row. */
    @FunctionalInterface
    public interface Sink {
        void accept(AuditRow row) throws IOException;
    }

    /** Gives rows to a sink. */
    @FunctionalInterface
    public interface Rows {
        void forEach(Sink sink) throws IOException;
    }

    /** Writes the file, atomically. */
    public static void write(Path file, List<AuditRow> rows) throws IOException {
        write(file, sink -> {
            for (AuditRow row : rows) {
                sink.accept(row);
            }
        });
    }

    /** Writes the file, atomically, with rows that need not all be in memory. */
    public static void write(Path file, Rows rows) throws IOException {
        AtomicFile.write(file, out -> {
            Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
            CSVPrinter printer = CSVFormat.RFC4180
                    .builder()
                    .setHeader(COLUMNS)
                    .setRecordSeparator('\n')
                    .get()
                    .print(writer);
            rows.forEach(row -> printer.printRecord(
                    row.path(),
                    row.status().word(),
                    row.reason(),
                    number(row.durationSeconds(), "%.3f"),
                    number(row.declaredSeconds(), "%.3f"),
                    row.sampleRate() == 0 ? "" : row.sampleRate(),
                    row.channels() == 0 ? "" : row.channels(),
                    row.codec(),
                    number(row.peakDb(), "%.2f"),
                    number(row.rmsDb(), "%.2f"),
                    row.sha256()));
            writer.flush();
        });
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException naming the file, if it is something else
     */
    public static List<AuditRow> read(Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file);
                CSVParser parser = CSVParser.parse(
                        reader,
                        CSVFormat.RFC4180
                                .builder()
                                .setHeader()
                                .setSkipHeaderRecord(true)
                                .get())) {
            if (!parser.getHeaderNames().equals(List.of(COLUMNS))) {
                throw new IOException("its columns are not those of an audit");
            }
            List<AuditRow> rows = new ArrayList<>();
            for (CSVRecord record : parser) {
                rows.add(new AuditRow(
                        record.get("path"),
                        AuditRow.Status.valueOf(record.get("status").toUpperCase(Locale.ROOT)),
                        record.get("reason"),
                        number(record.get("durationSeconds")),
                        number(record.get("declaredSeconds")),
                        (int) zeroIfUnknown(number(record.get("sampleRate"))),
                        (int) zeroIfUnknown(number(record.get("channels"))),
                        record.get("codec"),
                        number(record.get("peakDb")),
                        number(record.get("rmsDb")),
                        record.get("sha256")));
            }
            return rows;
        } catch (IOException | RuntimeException e) {
            throw new IOException(file + " is no audit: " + e.getMessage() + "; delete it and run prepare again", e);
        }
    }

    private static String number(double value, String format) {
        if (Double.isNaN(value)) {
            return "";
        }
        return value == Double.NEGATIVE_INFINITY ? "-inf" : String.format(Locale.ROOT, format, value);
    }

    private static double number(String text) {
        return switch (text) {
            case "" -> Double.NaN;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private static double zeroIfUnknown(double value) {
        return Double.isNaN(value) ? 0 : value;
    }
}
