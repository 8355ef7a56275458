package melgauge.pipeline.inputs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import melgauge.data.FileNames;
import melgauge.data.PathColumn;
import melgauge.data.UsageException;
import melgauge.data.table.TableReader;
import org.jspecify.annotations.Nullable;

/**
 * The column of paths of a table: an entry for each row, whatever else the row holds, and an empty one where the cell is
 * empty. To learn from a manifest, {@link melgauge.data.Manifest} reads it, and asks more of it.
 */
final class ManifestReader implements ListReader {
    private final TableReader table;
    private final PathColumn column;
    private final List<String> notes = new ArrayList<>();

    /**
     * Reads the header.
     *
     * @throws UsageException if there is no such column, or no table
     */
    ManifestReader(Path list, ListContent in) throws IOException {
        table = TableReader.open(list.toString(), in, StandardCharsets.ISO_8859_1, PathColumn::matches);
        if (table.header().isEmpty()) {
            throw new UsageException(list + " is empty; its first line must name the columns, one of them path");
        }
        column = PathColumn.of(table.header().stream().map(FileNames::utf8).toList(), list.toString());
        List<String> unusual = new ArrayList<>(table.notes());
        if (!in.encoding().isEmpty()) {
            unusual.add(in.encoding());
        }
        if (!unusual.isEmpty()) {
            notes.add(list + " is read with " + String.join(", ", unusual));
        }
        if (!column.name().equals(PathColumn.NAME)) {
            notes.add(list + ": column " + column.name() + " is read as path");
        }
    }

    @Override
    public @Nullable Entry next() throws IOException {
        TableReader.Row row = table.next();
        return row == null ? null : new Entry(row.cell(column.index()), row.line());
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public void close() throws IOException {
        table.close();
    }
}
