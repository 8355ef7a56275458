package melgauge.data.tags;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A kind of file that can hold fields of text. Implementations have no state. */
interface Container {
    /**
     * Lists all that is in a file. What changes with its tags alone (padding, sizes, offsets) is left out.
     *
     * @throws melgauge.data.AudioException if it is damaged, or of a kind whose tags are not written
     */
    void list(FileBytes file, Contents.Builder into) throws IOException;

    /**
     * Writes a file anew, with fields in place of those of the same names.
     *
     * @param original {@link #list} has found nothing wrong with it
     * @param copy a copy of it, which is to be changed
     */
    void write(Path original, Path copy, Map<String, String> fields) throws IOException;
}
