package melgauge.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import melgauge.data.table.Table;
import melgauge.data.table.TableReader;

/**
 * The rows of a manifest as they are written, from one file or from several with the same columns.
 *
 * @param file what the user named
 * @param header the names of the columns; empty where a column has none
 * @param rows as many cells as the header each, or fewer
 * @param folders where the names of audio files start
 * @param foldersAreSides whether a name's folder says which side of the split it is on
 * @param notes how the files are written, as far as that is unusual
 */
record ManifestSource(
        Path file,
        List<String> header,
        List<Entry> rows,
        List<Path> folders,
        boolean foldersAreSides,
        List<String> notes) {
    /**
     * A row.
     *
     * @param file where it stands
     * @param line of the file, from 1
     * @param prefix what its file's name begins with, besides what it says
     * @param cells in the order of the header
     */
    record Entry(Path file, long line, String prefix, List<String> cells) {
        String cell(int column) {
            return column >= 0 && column < cells.size() ? cells.get(column) : "";
        }
    }

    /**
     * Reads a manifest.
     *
     * @param file a table, or a folder in the layout of {@link AudioFolder}
     * @param audio where the names of audio files start, unless the layout says otherwise
     */
    static ManifestSource read(Path file, Path audio) {
        if (Files.isDirectory(file)) {
            return readFolder(file);
        }
        Table table = table(file);
        List<Entry> rows =
                table.rows().stream().map(row -> entry(table, row, "")).toList();
        boolean metadata = AudioFolder.isMetadata(file) && table.column(AudioFolder.COLUMN) >= 0;
        List<Path> folders = metadata ? List.of(parent(file), audio) : List.of(audio);
        List<String> notes = notes(file, table);
        if (metadata) {
            notes.add("names of files start from " + parent(file) + ", as in Hugging Face's audiofolder");
        }
        return new ManifestSource(file, table.header(), rows, folders, metadata, notes);
    }

    private static ManifestSource readFolder(Path folder) {
        List<AudioFolder.Metadata> files = AudioFolder.in(folder);
        if (files.isEmpty()) {
            throw new UsageException(
                    folder + " is a folder without metadata.csv or metadata.jsonl, in it or in its folders"
                            + " train, validation and test; a manifest must be a CSV or JSON lines file, or a folder in the layout"
                            + " of Hugging Face's audiofolder");
        }
        Set<String> notes = new LinkedHashSet<>();
        notes.add(folder + " is read as a Hugging Face audiofolder");
        Map<AudioFolder.Metadata, Table> tables = new LinkedHashMap<>();
        Set<String> columns = new LinkedHashSet<>();
        for (AudioFolder.Metadata metadata : files) {
            Table table = table(metadata.file());
            tables.put(metadata, table);
            notes.addAll(notes(metadata.file(), table));
            columns.addAll(table.header());
        }
        List<Entry> rows = new ArrayList<>();
        tables.forEach((metadata, table) -> {
            int[] places = columns.stream().mapToInt(table::column).toArray();
            for (TableReader.Row row : table.rows()) {
                Entry entry = entry(table, row, metadata.prefix());
                requireSize(entry, table);
                rows.add(new Entry(
                        entry.file(),
                        entry.line(),
                        entry.prefix(),
                        IntStream.of(places).mapToObj(entry::cell).toList()));
            }
        });
        return new ManifestSource(folder, List.copyOf(columns), rows, List.of(folder), true, List.copyOf(notes));
    }

    private static void requireSize(Entry entry, Table table) {
        if (entry.cells().size() != table.header().size()) {
            throw new UsageException(
                    entry.file() + ":" + entry.line() + ": has " + entry.cells().size() + " columns, the header has "
                            + table.header().size());
        }
    }

    /** A name may stand above several columns only where the columns have no name. */
    private static void requireDistinct(Table table) {
        Set<String> seen = new LinkedHashSet<>();
        for (String name : table.header()) {
            if (!name.isEmpty() && !seen.add(name)) {
                throw new UsageException(table.file() + ":1: column " + name + " is there twice");
            }
        }
    }

    private static Table table(Path file) {
        try {
            Table table = Table.read(file, PathColumn::matches);
            if (table.header().isEmpty()) {
                throw new UsageException(
                        file + " is empty; its first line must name the columns: path, and one per target");
            }
            requireDistinct(table);
            if (table.rows().isEmpty()) {
                throw new UsageException(file + " has a header but no track; add one line per track");
            }
            return table;
        } catch (IOException e) {
            throw new UsageException(
                    Files.exists(file)
                            ? file + " cannot be read: " + Failure.of(e).reason()
                            : file + ": there is no such manifest; name a CSV or JSON lines file, or a folder with"
                                    + " metadata.csv",
                    e);
        }
    }

    /** A row as the header has it. Cells beyond it are left out if they are blank, as are separators at the end of a line. */
    private static Entry entry(Table table, TableReader.Row row, String prefix) {
        List<String> cells = row.cells();
        int size = cells.size();
        while (size > table.header().size() && cells.get(size - 1).isBlank()) {
            size--;
        }
        return new Entry(table.file(), row.line(), prefix, cells.subList(0, size));
    }

    private static List<String> notes(Path file, Table table) {
        List<String> notes = new ArrayList<>();
        if (!table.notes().isEmpty()) {
            notes.add(file.getFileName() + " is read with " + Words.list(table.notes()));
        }
        return notes;
    }

    private static Path parent(Path file) {
        Path parent = file.toAbsolutePath().normalize().getParent();
        return parent == null ? file : parent;
    }
}
