package melgauge.pipeline.tagging;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import melgauge.data.UsageException;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written about which model's predictions.
 *
 * @param output the table, a row for each input; its ending is one of {@code .csv}, {@code .jsonl}, {@code .parquet}
 * @param segments a table of the predictions along each track, likewise; null for none
 * @param embeddings an {@code .npy} file of what the last hidden layer says of each input; null for none
 * @param retry whether inputs that failed before are tried again although they have not changed
 * @param writeTags whether predictions go into the metadata of the audio files as well
 */
public record TagJob(
        Path output, @Nullable Path segments, @Nullable Path embeddings, boolean retry, boolean writeTags) {
    /** @throws UsageException if an ending is wrong, or two of them are the same file */
    public TagJob {
        TagTable.Format.of("--out", output);
        if (segments != null) {
            TagTable.Format.of("--segments", segments);
            requireOther(output, "--segments", segments);
        }
        if (embeddings != null) {
            if (!embeddings.toString().endsWith(".npy")) {
                throw new UsageException("--embeddings " + embeddings + " must end in .npy");
            }
            requireOther(output, "--embeddings", embeddings);
        }
    }

    private static void requireOther(Path output, String option, Path other) {
        if (other.toAbsolutePath().normalize().equals(output.toAbsolutePath().normalize())) {
            throw new UsageException(option + " " + other + " is --out as well; name another file");
        }
    }

    /** What is written beside the table. */
    List<Path> others() {
        return Stream.of(segments, embeddings).flatMap(Stream::ofNullable).toList();
    }

    /** A table and nothing else. */
    public static TagJob of(Path output) {
        return new TagJob(output, null, null, false, false);
    }
}
