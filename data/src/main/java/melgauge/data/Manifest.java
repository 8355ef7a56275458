package melgauge.data;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * The list of a corpus's tracks and their labels: a CSV file in UTF-8 with a header row.
 *
 * <p>Column {@code path} names the audio file; {@code group} and {@code split} are optional; any other column may be a
 * target, but for the two that say how uncertain labels are:
 *
 * <ul>
 *   <li>{@code ratings}, a whole number n: each label of the row is the mean of n raters' answers.
 *   <li>{@code NAME_std}, where {@code NAME} is a column of numbers: the sample standard deviation s (divisor n − 1) of
 *       these answers, on the target's own scale. It is a target only where it is asked for by name.
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
 */
public record Manifest(List<String> targets, List<Scale> scales, List<LabelNoise> noise, List<Track> tracks) {
    private static final String RATINGS = "ratings";
    private static final String STD = "_std";
    private static final Set<String> RESERVED = Set.of("path", "group", "split", RATINGS);
    private static final int MOST_PROBLEMS = 5;

    /** Double.parseDouble would also take "1f" and hexadecimal notation, which nobody means in a table. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,3})?");

    public Manifest {
        targets = List.copyOf(targets);
        scales = List.copyOf(scales);
        noise = List.copyOf(noise);
        tracks = List.copyOf(tracks);
    }

    /**
     * Reads a manifest strictly: whatever is doubtful is an error that names file, line, column and value.
     *
     * @param csv the file
     * @param audioRoot the folder that relative paths start from
     * @param targets the columns to learn; empty: every numeric column with no other meaning
     * @param scales the rating scales of targets that are not in [0,1]; {@code NAME_std} is on the scale of {@code NAME}
     * @throws UsageException naming up to five problems, one a line
     */
    public static Manifest read(Path csv, Path audioRoot, List<String> targets, Map<String, Scale> scales) {
        return new Parser(csv, audioRoot).parse(targets, scales);
    }

    /** The state of one reading. */
    private static final class Parser {
        private final Path csv;
        private final Path audioRoot;
        private final List<String> problems = new ArrayList<>();
        private String text = "";
        private int[] lineStarts = {};

        Parser(Path csv, Path audioRoot) {
            this.csv = csv;
            this.audioRoot = audioRoot;
        }

        Manifest parse(List<String> wanted, Map<String, Scale> scales) {
            List<CSVRecord> rows = rows();
            List<String> header = header(rows);
            List<CSVRecord> body = rows.subList(1, rows.size());
            if (body.isEmpty()) {
                throw new UsageException(csv + " has a header but no track; add one line per track");
            }
            for (CSVRecord row : body) {
                if (row.size() != header.size()) {
                    problem(row, "has " + row.size() + " columns, the header has " + header.size());
                }
            }
            failIfAny();

            List<String> targets = wanted.isEmpty() ? numericColumns(header, body) : wanted;
            checkTargets(targets, header, scales);
            List<Scale> targetScales = targets.stream()
                    .map(target -> scales.getOrDefault(target, Scale.UNIT))
                    .toList();
            Map<String, Integer> columns = new HashMap<>();
            for (int i = 0; i < header.size(); i++) {
                columns.put(header.get(i), i);
            }
            List<Track> tracks = new ArrayList<>(body.size());
            Map<String, Long> seen = new HashMap<>();
            for (CSVRecord row : body) {
                Track track = track(row, columns, targets, targetScales);
                if (track != null) {
                    Long before = seen.putIfAbsent(track.path(), line(row));
                    if (before != null) {
                        problem(
                                row,
                                "names " + track.path() + " again, which line " + before + " has; keep one of them");
                    }
                    tracks.add(track);
                }
            }
            failIfAny();
            return new Manifest(
                    targets,
                    targetScales,
                    targets.stream().map(target -> noise(target, header)).toList(),
                    tracks);
        }

        private List<CSVRecord> rows() {
            try {
                text = Files.readString(csv);
            } catch (CharacterCodingException e) {
                throw new UsageException(csv + " is not UTF-8 text; save it as CSV in UTF-8", e);
            } catch (IOException e) {
                throw new UsageException(
                        Files.isDirectory(csv)
                                ? csv + " is a folder; corpus.manifest must name a CSV file"
                                : Files.exists(csv)
                                        ? csv + " cannot be read: " + e.getMessage()
                                        : csv + ": there is no such manifest; corpus.manifest must name a CSV file",
                        e);
            }
            if (text.startsWith("\uFEFF")) {
                text = text.substring(1);
            }
            lineStarts = IntStream.rangeClosed(0, text.length())
                    .filter(this::startsLine)
                    .toArray();
            try (Reader reader = new StringReader(text);
                    CSVParser parser = CSVParser.parse(
                            reader,
                            CSVFormat.RFC4180
                                    .builder()
                                    .setIgnoreEmptyLines(true)
                                    .get())) {
                return parser.getRecords();
            } catch (CSVException | UncheckedIOException e) {
                // The iterator wraps the parser's own exception, whose message names the line.
                String what =
                        e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
                throw new UsageException(csv + " is not valid CSV: " + what, e);
            } catch (IOException e) {
                throw new UsageException(csv + " cannot be read: " + e.getMessage(), e);
            }
        }

        private List<String> header(List<CSVRecord> rows) {
            if (rows.isEmpty()) {
                throw new UsageException(
                        csv + " is empty; its first line must name the columns: path, and one per target");
            }
            List<String> header = new ArrayList<>();
            for (String name : rows.get(0)) {
                if (header.contains(name.strip())) {
                    throw new UsageException(csv + ":1: column " + name.strip() + " is there twice");
                }
                header.add(name.strip());
            }
            if (!header.contains("path")) {
                throw new UsageException(
                        csv + ":1: there is no column path; the columns are " + String.join(", ", header));
            }
            return header;
        }

        private List<String> numericColumns(List<String> header, List<CSVRecord> rows) {
            List<String> numeric = new ArrayList<>();
            for (int i = 0; i < header.size(); i++) {
                int column = i;
                if (!RESERVED.contains(header.get(i))
                        && rows.stream().allMatch(row -> isEmpty(row.get(column)) || number(row.get(column)) != null)
                        && rows.stream().anyMatch(row -> !isEmpty(row.get(column)))) {
                    numeric.add(header.get(i));
                }
            }
            if (numeric.isEmpty()) {
                throw new UsageException(
                        csv + " has no column of numbers to learn; the columns are " + String.join(", ", header));
            }
            // A copy, since what is removed says what else is: a_std goes because of a, and a_std_std because of a_std.
            List<String> columns = List.copyOf(numeric);
            numeric.removeIf(
                    name -> name.endsWith(STD) && columns.contains(name.substring(0, name.length() - STD.length())));
            return numeric;
        }

        private static LabelNoise noise(String target, List<String> header) {
            if (!header.contains(RATINGS)) {
                return LabelNoise.UNKNOWN;
            }
            return header.contains(target + STD) ? LabelNoise.MEASURED : LabelNoise.AT_MOST;
        }

        private void checkTargets(List<String> targets, List<String> header, Map<String, Scale> scales) {
            if (new LinkedHashSet<>(targets).size() < targets.size()) {
                throw new UsageException("corpus.targets=" + targets + " names a column twice");
            }
            for (String target : targets) {
                if (RESERVED.contains(target)) {
                    throw new UsageException(
                            "corpus.targets: " + target + " has a meaning of its own and cannot be learnt");
                }
                if (!header.contains(target)) {
                    throw new UsageException("corpus.targets: " + csv + " has no column " + target
                            + Nearest.hint(target, header) + "; the columns are " + String.join(", ", header));
                }
            }
            for (String scaled : scales.keySet()) {
                if (!targets.contains(scaled)) {
                    throw new UsageException("corpus.scale: " + scaled + " is no target" + Nearest.hint(scaled, targets)
                            + "; the targets are " + String.join(", ", targets));
                }
            }
        }

        private @Nullable Track track(
                CSVRecord row, Map<String, Integer> columns, List<String> targets, List<Scale> scales) {
            int before = problems.size();
            String path = cell(row, columns, "path");
            if (path.isEmpty()) {
                problem(row, "column path is empty");
            }
            Path file = audioRoot;
            try {
                file = audioRoot.resolve(path);
            } catch (InvalidPathException e) {
                problem(row, "column path: \"" + path + "\" cannot be the name of a file: " + e.getReason());
            }
            String group = cell(row, columns, "group");
            Subset subset = subset(row, cell(row, columns, "split"));
            double raters = raters(row, cell(row, columns, RATINGS));
            List<Double> labels = new ArrayList<>();
            List<Double> noise = new ArrayList<>();
            for (int t = 0; t < targets.size(); t++) {
                String target = targets.get(t);
                double label = label(row, target, cell(row, columns, target), scales.get(t));
                labels.add(label);
                // An answer's own variance.
                double variance = columns.containsKey(target + STD)
                        ? square(std(row, target + STD, cell(row, columns, target + STD), scales.get(t)))
                        : label * (1 - label) * raters / (raters - 1);
                noise.add(raters > 1 ? variance / raters : Double.NaN);
            }
            return problems.size() > before
                    ? null
                    : new Track(path, file, group.isEmpty() ? path : group, subset, labels, noise);
        }

        private static double square(double value) {
            return value * value;
        }

        private static String cell(CSVRecord row, Map<String, Integer> columns, String name) {
            Integer column = columns.get(name);
            return column == null ? "" : row.get(column).strip();
        }

        private @Nullable Subset subset(CSVRecord row, String word) {
            if (word.isEmpty()) {
                return null;
            }
            for (Subset subset : Subset.values()) {
                if (subset.word().equals(word.toLowerCase(Locale.ROOT))) {
                    return subset;
                }
            }
            problem(row, "column split: " + word + " must be train, validation, test or empty");
            return null;
        }

        private double label(CSVRecord row, String target, String text, Scale scale) {
            if (isEmpty(text)) {
                return Double.NaN;
            }
            Double value = number(text);
            if (value == null) {
                problem(
                        row,
                        "column " + target + ": \"" + text + "\" is no number; leave it empty where there is no label");
                return Double.NaN;
            }
            double unit = scale.toUnit(value);
            if (!(unit >= 0 && unit <= 1)) {
                problem(
                        row,
                        "column " + target + ": " + text + " is outside [" + plain(scale.low()) + ", "
                                + plain(scale.high()) + "]; correct it, or state the rating scale as corpus.scale: {"
                                + target + ": [low, high]}");
                return Double.NaN;
            }
            return unit;
        }

        /** How many answers the row's labels are means of; NaN where it does not say. */
        private double raters(CSVRecord row, String text) {
            if (isEmpty(text)) {
                return Double.NaN;
            }
            Double value = number(text);
            if (value == null || value < 1 || value != Math.rint(value)) {
                problem(
                        row,
                        "column " + RATINGS + ": " + text
                                + " must be a whole number of raters, at least 1; leave it empty"
                                + " where it is unknown");
                return Double.NaN;
            }
            return value;
        }

        /** In units of the network's [0,1]; NaN where unknown. */
        private double std(CSVRecord row, String column, String text, Scale scale) {
            if (isEmpty(text)) {
                return Double.NaN;
            }
            Double value = number(text);
            double width = scale.high() - scale.low();
            if (value == null || value < 0 || value > width) {
                problem(
                        row,
                        "column " + column + ": " + text + " must be a standard deviation of ratings in ["
                                + plain(scale.low()) + ", " + plain(scale.high()) + "], from 0 to at most "
                                + plain(width) + "; leave it empty where it is unknown");
                return Double.NaN;
            }
            return scale.widthToUnit(value);
        }

        private static String plain(double value) {
            return value == Math.rint(value) && Math.abs(value) < 1e15
                    ? Long.toString((long) value)
                    : Double.toString(value);
        }

        private static boolean isEmpty(String cell) {
            return cell.isBlank() || cell.strip().equalsIgnoreCase("nan");
        }

        private static @Nullable Double number(String cell) {
            String stripped = cell.strip();
            return NUMBER.matcher(stripped).matches() ? Double.valueOf(stripped) : null;
        }

        /** The line of the file that a record begins on. */
        private long line(CSVRecord row) {
            int position = (int) row.getCharacterPosition();
            while (position < text.length() && (text.charAt(position) == '\n' || text.charAt(position) == '\r')) {
                position++;
            }
            int found = Arrays.binarySearch(lineStarts, position);
            return found >= 0 ? found + 1 : -found - 1;
        }

        /** A line ends with CR, LF or both. */
        private boolean startsLine(int position) {
            if (position == 0) {
                return true;
            }
            char before = text.charAt(position - 1);
            boolean endsWithCr = before == '\r' && (position == text.length() || text.charAt(position) != '\n');
            return before == '\n' || endsWithCr;
        }

        private void problem(CSVRecord row, String what) {
            problems.add(csv + ":" + line(row) + ": " + what);
        }

        private void failIfAny() {
            if (!problems.isEmpty()) {
                String shown = String.join("\n", problems.subList(0, Math.min(MOST_PROBLEMS, problems.size())));
                int more = problems.size() - MOST_PROBLEMS;
                throw new UsageException(more > 0 ? shown + "\nand " + more + " more" : shown);
            }
        }
    }
}
