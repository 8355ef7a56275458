package melgauge.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import melgauge.data.table.Cell;
import org.jspecify.annotations.Nullable;

/** Makes tracks of a manifest's rows. Problems are collected, so that one look at the message cures several. */
final class ManifestParser {
    private static final int MOST_PROBLEMS = 5;

    private final ManifestSource source;
    private final Columns columns;
    private final Map<String, Scale> scales;
    private final boolean scoring;
    private final FileNames names;
    private final List<String> problems = new ArrayList<>();
    /** Names of columns. */
    private final Set<String> advised = new HashSet<>();

    /** @param scoring whether the scales are a model's, and not the user's to set */
    ManifestParser(ManifestSource source, Columns columns, Map<String, Scale> scales, boolean scoring) {
        this.source = source;
        this.columns = columns;
        this.scales = scales;
        this.scoring = scoring;
        this.names = new FileNames(source.folders());
    }

    /** @param missing targets that the manifest has no column for */
    Manifest parse(List<String> missing) {
        checkSizes();
        List<String> targets = columns.names();
        checkTargets(targets);
        Sides sides = Sides.of(source, columns);
        List<Track> tracks = new ArrayList<>(source.rows().size());
        Map<String, ManifestSource.Entry> seen = new HashMap<>();
        for (ManifestSource.Entry row : source.rows()) {
            Track track = track(row, sides);
            if (track != null) {
                ManifestSource.Entry before = seen.putIfAbsent(track.path(), row);
                if (before != null) {
                    problem(
                            row,
                            "names " + track.path() + " again, which line " + before.line()
                                    + (before.file().equals(row.file()) ? "" : " of " + before.file())
                                    + " has; keep one of them");
                }
                tracks.add(track);
            }
        }
        failIfAny();
        List<String> notes = new ArrayList<>(source.notes());
        notes.addAll(columns.notes());
        notes.addAll(sides.notes());
        List<String> sentences = new ArrayList<>();
        if (!notes.isEmpty()) {
            sentences.add(String.join("; ", notes));
        }
        sentences.add(columns.summary(missing));
        return new Manifest(
                targets,
                targets.stream().map(this::scale).toList(),
                columns.targets().stream().map(this::noise).toList(),
                tracks,
                source.rows().stream()
                        .map(ManifestSource.Entry::file)
                        .distinct()
                        .toList(),
                sentences);
    }

    private void checkSizes() {
        int named = source.header().size();
        while (named > 0 && source.header().get(named - 1).isEmpty()) {
            named--;
        }
        for (ManifestSource.Entry row : source.rows()) {
            if (row.cells().size() < named
                    || row.cells().size() > source.header().size()) {
                problem(row, "has " + row.cells().size() + " columns, the header has " + named);
            }
        }
        failIfAny();
    }

    private void checkTargets(List<String> targets) {
        for (String scaled : scales.keySet()) {
            if (!scoring && !targets.contains(scaled)) {
                throw new UsageException("corpus.scale: " + scaled + " is no target" + Nearest.hint(scaled, targets)
                        + "; the targets are " + String.join(", ", targets));
            }
        }
        TargetNames.problem(targets).ifPresent(problem -> {
            throw new UsageException(source.file() + ":1: " + problem + "; rename the column");
        });
    }

    private Scale scale(String target) {
        return scales.getOrDefault(target, Scale.UNIT);
    }

    private LabelNoise noise(Columns.Target target) {
        return columns.ratings() == null
                ? LabelNoise.UNKNOWN
                : target.std() == null ? LabelNoise.AT_MOST : LabelNoise.MEASURED;
    }

    private @Nullable Track track(ManifestSource.Entry row, Sides sides) {
        int before = problems.size();
        String written = row.cell(columns.path().index()).strip();
        String path = row.prefix() + written;
        FileNames.Place place = names.find(path);
        Path file = place.file();
        if (written.isEmpty()) {
            problem(row, "column " + columns.path().name() + " is empty");
        } else if (path.indexOf('\0') >= 0) {
            problem(
                    row,
                    "column " + columns.path().name() + ": \"" + path.replace("\0", "\\x00")
                            + "\" cannot be the name of a file: it holds a NUL");
        }
        String group = text(row, columns.group());
        Subset subset = sides.isByFolder() ? sides.of(path) : subset(row, text(row, columns.split()));
        double raters = raters(row);
        List<Double> labels = new ArrayList<>();
        List<Double> noise = new ArrayList<>();
        for (Columns.Target target : columns.targets()) {
            Scale scale = scale(target.column().name());
            double label = label(row, target.column(), scale);
            labels.add(label);
            // An answer's own variance.
            double variance = target.std() != null
                    ? square(std(row, target.std(), scale))
                    : label * (1 - label) * raters / (raters - 1);
            noise.add(raters > 1 ? variance / raters : Double.NaN);
        }
        return problems.size() > before
                ? null
                : new Track(
                        path,
                        Objects.requireNonNullElse(file, source.folders().get(0)),
                        group.isEmpty() ? path : group,
                        subset,
                        labels,
                        noise,
                        place.failure());
    }

    private static double square(double value) {
        return value * value;
    }

    /** A cell of text; blank if there is nothing. */
    private static String text(ManifestSource.Entry row, int column) {
        String cell = row.cell(column).strip();
        return Cell.isEmpty(cell) ? "" : cell;
    }

    private @Nullable Subset subset(ManifestSource.Entry row, String word) {
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

    private double label(ManifestSource.Entry row, Columns.Column column, Scale scale) {
        String text = row.cell(column.index()).strip();
        if (Cell.isEmpty(text)) {
            return Double.NaN;
        }
        Double value = number(row, column, text);
        if (value == null) {
            return Double.NaN;
        }
        double unit = scale.toUnit(value);
        if (!(unit >= 0 && unit <= 1)) {
            String range = "[" + plain(scale.low()) + ", " + plain(scale.high()) + "]";
            problem(
                    row,
                    "column " + column.name() + ": " + text + " is outside " + range
                            + (scoring
                                    ? ", the scale of the model's target; correct it"
                                    : advice(
                                            column,
                                            "; correct it, or state the rating scale as corpus.scale: {"
                                                    + column.name()
                                                    + ": [low, high]}, or name the columns to learn in"
                                                    + " corpus.targets")));
            return Double.NaN;
        }
        return unit;
    }

    /** What to do about a column, once: its next problem is most likely of the same kind. */
    private String advice(Columns.Column column, String advice) {
        return advised.add(column.name()) ? advice : "";
    }

    /** A label; null, and a problem, if there is none. */
    private @Nullable Double number(ManifestSource.Entry row, Columns.Column column, String text) {
        Double value = Cell.number(text, column.comma());
        if (value == null) {
            String place = "column " + column.name() + ": \"" + text + "\" is ";
            if (Cell.isInfinite(text)) {
                problem(row, place + "not finite; leave the cell empty where there is no label");
            } else if (Cell.hasDecimalComma(text)) {
                problem(
                        row,
                        place + "written with a decimal comma, but other cells of the column have a decimal point");
            } else {
                problem(
                        row,
                        place + "not a number"
                                + advice(
                                        column,
                                        "; leave the cell empty where there is no label"
                                                + (scoring ? "" : ", or name the columns to learn in corpus.targets")));
            }
        }
        return value;
    }

    /** How many answers the row's labels are means of; NaN where it does not say. */
    private double raters(ManifestSource.Entry row) {
        Columns.Column column = columns.ratings();
        String text = column == null ? "" : text(row, column.index());
        if (column == null || text.isEmpty()) {
            return Double.NaN;
        }
        Double value = Cell.number(text, column.comma());
        if (value == null || value < 1 || value != Math.rint(value)) {
            problem(
                    row,
                    "column " + column.name() + ": " + text
                            + " must be a whole number of raters, at least 1; leave it empty where it is unknown");
            return Double.NaN;
        }
        return value;
    }

    /** In units of the network's [0,1]; NaN where unknown. */
    private double std(ManifestSource.Entry row, Columns.Column column, Scale scale) {
        String text = text(row, column.index());
        if (text.isEmpty()) {
            return Double.NaN;
        }
        Double value = Cell.number(text, column.comma());
        double width = scale.high() - scale.low();
        if (value == null || value < 0 || value > width) {
            problem(
                    row,
                    "column " + column.name() + ": " + text + " must be a standard deviation of ratings in ["
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

    private void problem(ManifestSource.Entry row, String what) {
        problems.add(row.file() + ":" + row.line() + ": " + what);
    }

    private void failIfAny() {
        if (!problems.isEmpty()) {
            String shown = String.join("\n", problems.subList(0, Math.min(MOST_PROBLEMS, problems.size())));
            int more = problems.size() - MOST_PROBLEMS;
            throw new UsageException(more > 0 ? shown + "\nand " + more + " more" : shown);
        }
    }

    /**
     * Sides of the split that folders stand for. Folders that all stand for one side are no split.
     *
     * @param isByFolder whether they do
     * @param notes what to say about it
     */
    private record Sides(boolean isByFolder, List<String> notes) {
        static Sides of(ManifestSource source, Columns columns) {
            if (!source.foldersAreSides() || columns.split() >= 0) {
                return new Sides(false, List.of());
            }
            Set<Subset> sides = new HashSet<>();
            for (ManifestSource.Entry row : source.rows()) {
                Subset side = AudioFolder.side(
                        row.prefix() + row.cell(columns.path().index()).strip());
                if (side != null) {
                    sides.add(side);
                }
            }
            return switch (sides.size()) {
                case 0 -> new Sides(false, List.of());
                case 1 ->
                    new Sides(
                            false,
                            List.of("all folders are of the "
                                    + sides.iterator().next().word() + " side, so corpus.split decides"));
                default -> new Sides(true, List.of("folders say which side of the split a track is on"));
            };
        }

        @Nullable
        Subset of(String path) {
            return AudioFolder.side(path);
        }
    }
}
