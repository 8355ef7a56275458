package melgauge.pipeline.corpora;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import melgauge.data.FileNames;
import melgauge.data.UsageException;
import melgauge.data.table.TableReader;

/**
 * The folder of a published corpus. Archives are unpacked beside or into each other, so that a file may also be one folder
 * deeper than the layout has it.
 */
final class CorpusFolder {
    private final String corpus;
    private final Path folder;
    private final List<Path> bases = new ArrayList<>();

    /**
     * Looks into a folder.
     *
     * @param corpus its name, for errors
     */
    CorpusFolder(String corpus, Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new UsageException(folder + " is not a folder; name the one that " + corpus + " was unpacked into");
        }
        this.corpus = corpus;
        this.folder = folder;
        bases.add(folder);
        try (Stream<Path> inside = Files.list(folder)) {
            inside.filter(Files::isDirectory).sorted().forEach(bases::add);
        }
    }

    /** A file or folder of the layout. */
    Optional<Path> find(String name) {
        return bases.stream()
                .map(base -> base.resolve(name))
                .filter(Files::exists)
                .findFirst();
    }

    /**
     * A file that the corpus cannot be read without.
     *
     * @param columns what the file holds, for the error
     */
    Path require(String name, String columns) {
        return find(name)
                .orElseThrow(
                        () -> new UsageException(corpus + ": " + folder.resolve(name) + " is not there (nor in a folder"
                                + " below " + folder + "); it is the file of the published layout with " + columns));
    }

    /** The folder of the audio: the first of these that is there; the first one of all if none is. */
    Path audio(String... names) {
        return Stream.of(names)
                .map(this::find)
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(folder.resolve(names[0]));
    }

    /**
     * A table, whose cells are stripped. Published files have spaces and tabs around names, and are not always UTF-8.
     *
     * @param file where it is
     * @param wanted a column of it
     */
    static List<Map<String, String>> table(Path file, String wanted) throws IOException {
        List<Map<String, String>> rows = new ArrayList<>();
        each(file, wanted, (header, cells) -> {
            Map<String, String> row = new HashMap<>();
            for (int i = 0; i < header.size(); i++) {
                row.put(header.get(i), i < cells.size() ? cells.get(i) : "");
            }
            rows.add(row);
        });
        return rows;
    }

    /** Takes a row. */
    @FunctionalInterface
    interface Sink {
        void accept(List<String> header, List<String> cells);
    }

    /**
     * Reads a table row by row, whatever the lengths of its rows.
     *
     * @throws UsageException if it is not a table, or has no such column
     */
    static void each(Path file, String wanted, Sink sink) throws IOException {
        Predicate<String> column = name -> name.strip().equals(wanted);
        try (InputStream in = Files.newInputStream(file);
                TableReader table = TableReader.open(file.toString(), in, StandardCharsets.ISO_8859_1, column)) {
            List<String> header = stripped(table.header());
            if (!header.contains(wanted)) {
                throw new UsageException(file + ":1: there is no column " + wanted
                        + ", which the published file has; the" + " columns are " + String.join(", ", header));
            }
            for (TableReader.Row row = table.next(); row != null; row = table.next()) {
                sink.accept(header, stripped(row.cells()));
            }
        }
    }

    private static List<String> stripped(List<String> cells) {
        return cells.stream().map(cell -> FileNames.utf8(cell).strip()).toList();
    }

    /**
     * The cell of a column.
     *
     * @throws UsageException if there is none in a published file
     */
    static String cell(Path file, Map<String, String> row, String column) {
        String cell = row.get(column);
        if (cell == null) {
            throw new UsageException(
                    file + ":1: there is no column " + column + ", which the published file has; the columns" + " are "
                            + String.join(", ", row.keySet().stream().sorted().toList()));
        }
        return cell;
    }

    /** A number as ids are written: {@code 7} for {@code 7.0} and {@code 007}. */
    static String id(String cell) {
        try {
            double value = Double.parseDouble(cell);
            return value == Math.rint(value) ? Long.toString((long) value) : cell;
        } catch (NumberFormatException e) {
            return cell;
        }
    }

    /**
     * The artists of a table of songs that the corpus does without if it is not there or cannot be read.
     *
     * @param into gets the artist of each id
     * @param notes gets a sentence if there is no such table
     */
    void artists(String name, String id, String artist, Map<String, String> into, List<String> notes)
            throws IOException {
        Optional<Path> file = find(name);
        if (file.isEmpty()) {
            notes.add(name
                    + " is not there, so the artists of its songs are unknown: an artist may be on both sides of the"
                    + " split");
            return;
        }
        try {
            for (Map<String, String> row : table(file.get(), id)) {
                into.put(id(cell(file.get(), row, id)), cell(file.get(), row, artist));
            }
        } catch (UsageException e) {
            notes.add("the artists of its songs are unknown, because " + e.getMessage());
        }
    }
}
