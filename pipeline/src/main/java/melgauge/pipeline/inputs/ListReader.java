package melgauge.pipeline.inputs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import melgauge.data.UsageException;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a list of files, one at a time. Lists are read as ISO 8859-1, which has a character for each byte, so
 * that a name in any encoding comes out as it went in.
 */
interface ListReader extends Closeable {
    /**
     * Names one file.
     *
     * @param name in ISO 8859-1; cut where it is longer than any name can be
     * @param line of the list, from 1, on which it begins
     */
    record Entry(String name, long line) {
        /** A path has at most 4095 bytes, and in a URL each of them takes up to three. */
        static final int LONGEST = 16_384;

        public Entry {
            name = name.substring(0, Math.min(name.length(), LONGEST));
        }

        /** Whether there is nothing to see; control characters are left to odd names. */
        boolean isBlank() {
            return name.chars().allMatch(c -> c == ' ' || c == '\t');
        }
    }

    /**
     * The next entry; null at the end.
     *
     * @throws UsageException if the list cannot be read on, or has not the form that it should have
     */
    @Nullable
    Entry next() throws IOException;

    /** Sentences on how the list is written, as far as that is unusual. */
    default List<String> notes() {
        return List.of();
    }

    /** Whether a file of this name is a list. */
    static boolean isList(String name) {
        return Set.of("m3u", "m3u8", "pls", "csv", "tsv", "jsonl").contains(AudioNames.ending(name));
    }

    /**
     * Opens a list, whose format is told by its name.
     *
     * @throws UsageException if it cannot be read, or is no such list
     */
    static ListReader open(Path list) throws IOException {
        ListContent in = ListContent.open(list);
        try {
            return switch (AudioNames.ending(list.toString())) {
                case "csv", "tsv", "jsonl" -> new ManifestReader(list, in);
                case "pls" -> new PlsReader(list, in);
                default -> new M3uReader(in);
            };
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }
}
