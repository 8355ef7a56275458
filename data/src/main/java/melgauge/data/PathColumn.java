package melgauge.data;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The column of a manifest that names audio files: {@code path}, or one of the names that other programs give it.
 *
 * @param index its place in the header
 * @param name what the file calls it
 */
public record PathColumn(int index, String name) {
    /** The usual name. */
    public static final String NAME = "path";

    private static final Set<String> ALIASES = Set.of(NAME, "file", "filename", "filepath");

    /** Whether a column of this name holds paths: {@code path}, {@code File_Name}. */
    public static boolean matches(String column) {
        return ALIASES.contains(column.strip().toLowerCase(Locale.ROOT).replaceAll("[_ -]", ""));
    }

    /**
     * Finds the column: {@code path} in the first place, then {@code Path}, then the only one of another such name.
     *
     * @param header names of columns
     * @param file where they stand, for errors
     * @throws UsageException if there is none, or several that have the same right
     */
    public static PathColumn of(List<String> header, String file) {
        int[] exact = columns(header, NAME::equals);
        int[] path = exact.length > 0 ? exact : columns(header, NAME::equalsIgnoreCase);
        int[] found = path.length > 0 ? path : columns(header, PathColumn::matches);
        if (found.length == 1) {
            return new PathColumn(found[0], header.get(found[0]));
        }
        if (found.length == 0) {
            throw new UsageException(
                    file + ":1: there is no column path (or file, filename, file_name, filepath) that names"
                            + " the audio files; the columns are " + String.join(", ", header));
        }
        List<String> names = IntStream.of(found).mapToObj(header::get).toList();
        throw new UsageException(
                names.stream().distinct().count() < names.size()
                        ? file + ":1: column " + names.get(0) + " is there twice"
                        : file + ":1: columns " + String.join(" and ", names)
                                + " may both name the audio files; call one of them path");
    }

    private static int[] columns(List<String> header, Predicate<String> wanted) {
        return IntStream.range(0, header.size())
                .filter(column -> wanted.test(header.get(column)))
                .toArray();
    }
}
