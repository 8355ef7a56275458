package melgauge.data.table;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import melgauge.data.UsageException;

/**
 * A whole table in UTF-8 or UTF-16.
 *
 * @param file where it was read
 * @param header the names of the columns; empty where a column has none
 * @param rows in their order; those of a CSV file have as many cells as the file gives them
 * @param notes how it is written, as far as that is unusual
 */
public record Table(Path file, List<String> header, List<TableReader.Row> rows, List<String> notes) {
    public Table {
        header = List.copyOf(header);
        rows = List.copyOf(rows);
        notes = List.copyOf(notes);
    }

    /**
     * Reads a table.
     *
     * @param wanted what one of the columns is called, which helps to find the separator
     * @throws UsageException if it is not such a table
     * @throws IOException if it cannot be read
     */
    public static Table read(Path file, Predicate<String> wanted) throws IOException {
        try (TableReader reader =
                TableReader.open(file.toString(), Files.newInputStream(file), StandardCharsets.UTF_8, wanted)) {
            List<TableReader.Row> rows = new ArrayList<>();
            for (TableReader.Row row = reader.next(); row != null; row = reader.next()) {
                rows.add(row);
            }
            int columns = reader.header().size();
            if (reader.isSparse()) {
                rows.replaceAll(row -> row.withCells(columns));
            }
            return new Table(file, reader.header(), rows, reader.notes());
        }
    }

    /** The place of a column; -1 if there is none of this name. */
    public int column(String name) {
        return header.indexOf(name);
    }
}
