package melgauge.data.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes Apache Parquet files, by DuckDB in this process. Thread-safe. */
public final class Parquet {
    private Parquet() {}

    /** The type of a column. */
    public enum Type {
        TEXT("VARCHAR"),
        INTEGER("INTEGER"),
        NUMBER("DOUBLE");

        private final String sql;

        Type(String sql) {
            this.sql = sql;
        }
    }

    /**
     * Turns a CSV file (RFC 4180, UTF-8, header row) into a Parquet file, atomically. Empty cells of number columns become
     * null, those of text columns empty text.
     *
     * @param columns the CSV's columns, in their order
     * @param metadata names and texts that the file says of itself
     */
    public static void fromCsv(Path csv, Map<String, Type> columns, Map<String, String> metadata, Path output)
            throws IOException {
        Path temporary = output.resolveSibling("." + output.getFileName() + ".tmp");
        String types = columns.entrySet().stream()
                .map(column -> literal(column.getKey()) + ": '" + column.getValue().sql + "'")
                .collect(Collectors.joining(", "));
        String texts = columns.entrySet().stream()
                .filter(column -> column.getValue() == Type.TEXT)
                .map(column -> literal(column.getKey()))
                .collect(Collectors.joining(", "));
        String pairs = metadata.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(pair -> literal(pair.getKey()) + ": " + literal(pair.getValue()))
                .collect(Collectors.joining(", ", ", KV_METADATA {", "}"));
        try (Connection connection = DuckDb.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT * FROM read_csv(" + literal(csv.toString()) + ", columns = {" + types
                    + "}, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', force_not_null = ["
                    + texts + "])) TO " + literal(temporary.toString()) + " (FORMAT parquet"
                    + (metadata.isEmpty() ? "" : pairs) + ")");
            Files.move(temporary, output, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (SQLException e) {
            Files.deleteIfExists(temporary);
            throw new IOException("cannot write " + output + ": " + e.getMessage(), e);
        }
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
