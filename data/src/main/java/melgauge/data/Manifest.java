package melgauge.data;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The list of a corpus's tracks and their labels: a CSV file with a header row, JSON lines, or a folder in the layout of
 * Hugging Face's {@code audiofolder}. It is read however it is written: {@code ,} {@code ;} or tab between cells, decimal
 * points or commas, UTF-8 or UTF-16; {@link #notes} say what is unusual. Blank cells and {@code NA}, {@code N/A},
 * {@code null}, {@code None}, {@code nan} are empty.
 *
 * <p>Column {@code path}, or one of the names that {@link PathColumn} knows, such as {@code file_name}, names the audio file;
 * {@code group} and {@code split} are optional. Any other column of numbers is a target, unless it is an index, an id, or
 * years, or says how uncertain labels are:
 *
 * <ul>
 *   <li>{@code ratings}, a whole number n: each label of the row is the mean of n raters' answers.
 *   <li>{@code NAME_std}, where {@code NAME} or {@code NAME_mean} is a column of numbers: the sample standard deviation s
 *       (divisor n − 1) of these answers, on the target's own scale. It is a target only if it is asked for by name.
 * </ul>
 *
 * <p>With both, the variance of a label is s²/n. With {@code ratings} alone it is at most p(1 − p)/(n − 1), p the label
 * in [0,1]: the estimate for answers of yes or no, which among all answers in [0,1] of that mean lie furthest apart. It
 * is unknown without {@code ratings}, which {@code NAME_std} alone cannot make up for, and where n is 1: one answer does
 * not say how far raters differ.
 *
 * @param targets the target columns, in the order in which they were asked for, else that of the file
 * @param scales the rating scale of each target
 * @param noise of each target, which of these columns its tracks' {@link Track#noiseVariances} come from
 * @param tracks in the order of the file
 * @param files the files that were read: one, or the metadata files of a folder
 * @param notes sentences for the user: how the file is read, what is learnt, what is not, and why
 */
public record Manifest(
        List<String> targets,
        List<Scale> scales,
        List<LabelNoise> noise,
        List<Track> tracks,
        List<Path> files,
        List<String> notes) {
    public Manifest {
        targets = List.copyOf(targets);
        scales = List.copyOf(scales);
        noise = List.copyOf(noise);
        tracks = List.copyOf(tracks);
        files = List.copyOf(files);
        notes = List.copyOf(notes);
    }

    /**
     * Reads a manifest to learn from, strictly: whatever is doubtful is an error that names file, line, column and value.
     * Audio files are looked up, but a missing one is its track's business: {@link Track#failure}.
     *
     * @param file the table, or a folder with {@code metadata.csv} or {@code metadata.jsonl}
     * @param audioRoot the folder that relative paths start from
     * @param targets the columns to learn; empty: every column of numbers with no other meaning
     * @param scales the rating scales of targets that are not in [0,1]; {@code NAME_std} is on the scale of {@code NAME}
     * @throws UsageException naming up to five problems, one a line
     */
    public static Manifest read(Path file, Path audioRoot, List<String> targets, Map<String, Scale> scales) {
        ManifestSource source = ManifestSource.read(file, audioRoot);
        Columns columns = Columns.toLearn(source, targets, scales.keySet());
        return new ManifestParser(source, columns, scales, false).parse(List.of());
    }

    /**
     * Reads a manifest to score a model by. It need not have labels for all that the model predicts.
     *
     * @param file as in {@link #read}
     * @param audioRoot the folder that relative paths start from
     * @param known what the model predicts, with the scale of each; the manifest has those of them that it has labels for
     * @throws UsageException naming up to five problems, or if there are labels for none of them
     */
    public static Manifest readToScore(Path file, Path audioRoot, LinkedHashMap<String, Scale> known) {
        ManifestSource source = ManifestSource.read(file, audioRoot);
        Columns columns = Columns.toScore(source, List.copyOf(known.keySet()));
        List<String> missing = known.keySet().stream()
                .filter(target -> !source.header().contains(target))
                .toList();
        return new ManifestParser(source, columns, known, true).parse(missing);
    }
}
