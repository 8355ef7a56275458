package melgauge.pipeline.results;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import melgauge.data.AtomicFile;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** Writes the CSV files of a run's folder: UTF-8, a header row, lines that end with a line feed, quotes where needed. */
public final class Csv {
    private Csv() {}

    /** Prints the rows of a table. */
    public interface Rows {
        /** {@code printer} takes one row after the other. */
        void printTo(CSVPrinter printer) throws IOException;
    }

    /** Writes a table, atomically. */
    public static void write(Path file, List<String> header, Rows rows) throws IOException {
        AtomicFile.write(file, out -> {
            Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
            rows.printTo(CSVFormat.RFC4180
                    .builder()
                    .setHeader(header.toArray(String[]::new))
                    .setRecordSeparator('\n')
                    .get()
                    .print(writer));
            writer.flush();
        });
    }

    /** Six decimals; an empty cell where there is no finite number. */
    public static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.6f", value) : "";
    }
}
