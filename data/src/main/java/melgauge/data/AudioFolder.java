package melgauge.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The layout of Hugging Face's {@code audiofolder} data sets: {@code metadata.csv} or {@code metadata.jsonl} with a column
 * {@code file_name}, which starts from the metadata's own folder; one for the whole data set, or one in the folder of each
 * split. The folder that a file is in, such as {@code train/}, is its split.
 *
 * <p>Source: huggingface.co/docs/datasets, "Create an audio dataset" and "Structure your repository".
 */
final class AudioFolder {
    /** The column that names files. */
    static final String COLUMN = "file_name";

    private static final List<String> METADATA = List.of("metadata.csv", "metadata.jsonl");

    private static final Map<String, Subset> SIDES = Map.of(
            "train", Subset.TRAIN,
            "training", Subset.TRAIN,
            "validation", Subset.VALIDATION,
            "valid", Subset.VALIDATION,
            "val", Subset.VALIDATION,
            "dev", Subset.VALIDATION,
            "test", Subset.TEST,
            "testing", Subset.TEST);

    private AudioFolder() {}

    /** Whether a file is metadata by its name. */
    static boolean isMetadata(Path file) {
        return METADATA.contains(String.valueOf(file.getFileName()));
    }

    /**
     * A metadata file.
     *
     * @param prefix what makes its names start from the data set's folder: empty, or a folder's name and a slash
     */
    record Metadata(Path file, String prefix) {}

    /** The metadata files of a data set: in its folder, and in the folders of splits; none if it is no data set. */
    static List<Metadata> in(Path folder) {
        List<String> prefixes = new ArrayList<>(List.of(""));
        for (String data : List.of("", "data/")) {
            SIDES.keySet().stream().sorted().forEach(side -> prefixes.add(data + side + "/"));
        }
        prefixes.add("data/");
        return prefixes.stream()
                .flatMap(prefix -> METADATA.stream().map(name -> new Metadata(folder.resolve(prefix + name), prefix)))
                .filter(metadata -> Files.isRegularFile(metadata.file()))
                .toList();
    }

    /** The side that the folders of a name stand for: the first that is called like one; null if none is. */
    static @Nullable Subset side(String name) {
        String[] parts = name.replace('\\', '/').split("/", -1);
        return Stream.of(parts)
                .limit(parts.length - 1L)
                .map(part -> SIDES.get(part.toLowerCase(Locale.ROOT)))
                .filter(side -> side != null)
                .findFirst()
                .orElse(null);
    }
}
