package melgauge.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import melgauge.data.table.Cell;
import org.jspecify.annotations.Nullable;

/**
 * Decides what each column of a manifest is for, and says so: no column becomes a target or is left out in silence.
 *
 * <p>Columns to learn are those that the settings name. If they name none, these are the columns of which at least nine
 * tenths of the filled cells are numbers, but for indices, ids, years, and the uncertainty of another column.
 */
final class Columns {
    private static final String GROUP = "group";
    private static final String SPLIT = "split";
    private static final String RATINGS = "ratings";
    private static final String STD = "_std";
    private static final String MEAN = "_mean";

    private static final Pattern INDEX =
            Pattern.compile("|index|Unnamed: \\d+(_level_\\d+)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern ID =
            Pattern.compile("(?i:(.*[_ .-])?id|(song|track|music|clip|artist|album)id)|.*[a-z](Id|ID)");
    private static final Pattern YEAR = Pattern.compile("(?i:(.*[_ .-])?(year|date))|.*[a-z](Year|Date)");

    /** Ratings of fewer tracks may all be different by chance; ids are. */
    private static final int FEWEST_DISTINCT = 10;

    private final ManifestSource source;
    private final List<String> header;
    private final boolean scoring;
    private final PathColumn path;
    private final int group;
    private final int split;
    private final @Nullable Column ratings;
    private final List<Target> targets = new ArrayList<>();
    /** Why columns are not learnt, in the order of the columns. */
    private final Map<Integer, String> others = new LinkedHashMap<>();

    /**
     * A column of numbers.
     *
     * @param index its place in the header
     * @param name its name in the header
     * @param comma whether decimals stand behind a comma
     */
    record Column(int index, String name, boolean comma) {}

    /**
     * A column to learn.
     *
     * @param column the labels
     * @param std their uncertainty; null if there is none
     */
    record Target(Column column, @Nullable Column std) {}

    /** What the filled cells of a column look like. */
    private record Profile(int filled, int numbers, int distinct, boolean whole, double least, double most) {
        boolean isNumeric() {
            return filled > 0 && 10L * numbers >= 9L * filled;
        }

        boolean isWhole() {
            return whole && numbers == filled;
        }
    }

    private Columns(ManifestSource source, boolean scoring) {
        this.source = source;
        this.header = source.header();
        this.scoring = scoring;
        this.path = PathColumn.of(header, source.file().toString());
        this.group = meaning(GROUP);
        this.split = meaning(SPLIT);
        int raters = meaning(RATINGS);
        this.ratings = raters < 0 ? null : column(raters);
    }

    /**
     * The columns to learn from.
     *
     * @param wanted the names of targets; empty if the columns decide
     * @param scaled names of columns that have a scale, and so are targets
     */
    static Columns toLearn(ManifestSource source, List<String> wanted, Set<String> scaled) {
        Columns columns = new Columns(source, false);
        columns.checkNamed(wanted);
        for (int i : columns.free()) {
            String name = columns.header.get(i);
            String reason = wanted.isEmpty()
                    ? scaled.contains(name) ? "" : columns.whyNot(i)
                    : wanted.contains(name) ? "" : "not in corpus.targets";
            columns.others.put(i, reason);
        }
        columns.take(wanted);
        if (columns.targets.isEmpty()) {
            throw new UsageException(source.file() + " has no column of numbers to learn"
                    + (columns.others.isEmpty() ? "" : ": " + columns.listOthers())
                    + "; add one column for each target, or name columns in corpus.targets");
        }
        return columns;
    }

    /**
     * The columns whose labels a model can be scored by.
     *
     * @param known what the model predicts
     */
    static Columns toScore(ManifestSource source, List<String> known) {
        Columns columns = new Columns(source, true);
        for (int i : columns.free()) {
            String name = columns.header.get(i);
            boolean empty = columns.profile(i).filled() == 0;
            if (known.contains(name)) {
                columns.others.put(i, empty ? "no label" : "");
            } else if (!empty && columns.whyNot(i).isEmpty()) {
                columns.others.put(i, "the model does not predict it");
            }
        }
        columns.take(known);
        if (columns.targets.isEmpty()) {
            throw new UsageException(source.file() + " has labels for none of the model's targets, " + Words.some(known)
                    + "; its columns are " + String.join(", ", columns.header));
        }
        return columns;
    }

    /** The column of a name that has a meaning, in any case; -1 if there is none. */
    private int meaning(String name) {
        int exact = header.indexOf(name);
        return exact >= 0
                ? exact
                : IntStream.range(0, header.size())
                        .filter(i -> header.get(i).equalsIgnoreCase(name))
                        .findFirst()
                        .orElse(-1);
    }

    /** Columns without a meaning of their own; not those of a spreadsheet that hold nothing at all. */
    private int[] free() {
        return IntStream.range(0, header.size())
                .filter(i -> i != path.index() && i != group && i != split)
                .filter(i -> ratings == null || i != ratings.index())
                .filter(i -> !header.get(i).isEmpty() || profile(i).filled() > 0)
                .toArray();
    }

    private void checkNamed(List<String> wanted) {
        if (new HashSet<>(wanted).size() < wanted.size()) {
            throw new UsageException("corpus.targets=" + wanted + " names a column twice");
        }
        for (String target : wanted) {
            int index = header.indexOf(target);
            if (index < 0) {
                throw new UsageException("corpus.targets: " + source.file() + " has no column " + target
                        + Nearest.hint(target, header) + "; the columns are " + String.join(", ", header));
            }
            if (index == path.index() || index == group || index == split || isRatings(index)) {
                throw new UsageException(
                        "corpus.targets: " + target + " has a meaning of its own and cannot be learnt");
            }
        }
    }

    private boolean isRatings(int index) {
        return ratings != null && ratings.index() == index;
    }

    /** Makes targets of the columns that nothing speaks against, in the order of {@code wanted} or else of the file. */
    private void take(List<String> wanted) {
        List<Integer> chosen = new ArrayList<>(others.keySet());
        chosen.removeIf(i -> !Objects.requireNonNull(others.get(i)).isEmpty());
        if (!wanted.isEmpty()) {
            chosen.sort((a, b) -> Integer.compare(wanted.indexOf(header.get(a)), wanted.indexOf(header.get(b))));
        }
        others.keySet().removeAll(chosen);
        for (int i : chosen) {
            int std = std(header.get(i));
            boolean learnt = std < 0 || chosen.contains(std);
            targets.add(new Target(column(i), learnt ? null : column(std)));
            if (!learnt) {
                others.remove(std);
            }
        }
    }

    /** The column of a target's uncertainty, {@code X_std} of {@code X} or {@code X_mean}; -1 if there is none. */
    private int std(String target) {
        int std = header.indexOf(target + STD);
        return std < 0 && target.endsWith(MEAN)
                ? header.indexOf(target.substring(0, target.length() - MEAN.length()) + STD)
                : std;
    }

    /** Why nothing is learnt from a column that the settings do not name; empty if it is a target. */
    private String whyNot(int i) {
        String name = header.get(i);
        Profile profile = profile(i);
        if (profile.filled() == 0) {
            return "empty";
        }
        if (!profile.isNumeric()) {
            return profile.numbers() == 0
                    ? "text"
                    : "only " + profile.numbers() + " of " + profile.filled() + " filled cells are numbers";
        }
        if (name.endsWith(STD)) {
            String base = name.substring(0, name.length() - STD.length());
            for (String target : List.of(base, base + MEAN)) {
                int index = header.indexOf(target);
                if (index >= 0 && profile(index).isNumeric()) {
                    return "the uncertainty of " + target;
                }
            }
        }
        if (INDEX.matcher(name).matches()) {
            return profile.isWhole() && (profile.most() > 1 || countsUp(i))
                    ? "an index"
                    : name.isEmpty() ? "no name" : "";
        }
        if (!profile.isWhole() || profile.most() <= 1) {
            return "";
        }
        if (ID.matcher(name).matches()) {
            return "an id";
        }
        if (YEAR.matcher(name).matches() && profile.least() >= 1000) {
            return name.toLowerCase(Locale.ROOT).endsWith("date") ? "dates" : "years";
        }
        return profile.distinct() == profile.filled() && profile.filled() >= FEWEST_DISTINCT
                ? "whole numbers, all different, like an id"
                : "";
    }

    /** Whether the cells are 0, 1, 2 and so on. */
    private boolean countsUp(int i) {
        for (int row = 0; row < source.rows().size(); row++) {
            Double value = Cell.number(source.rows().get(row).cell(i), false);
            if (value == null || value != row) {
                return false;
            }
        }
        return true;
    }

    private Profile profile(int i) {
        boolean comma = hasDecimalCommas(i);
        int filled = 0;
        int numbers = 0;
        boolean whole = true;
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        Set<Double> distinct = new HashSet<>();
        for (ManifestSource.Entry row : source.rows()) {
            String cell = row.cell(i);
            if (Cell.isEmpty(cell)) {
                continue;
            }
            filled++;
            Double value = Cell.number(cell, comma);
            if (value != null) {
                numbers++;
                whole &= value == Math.rint(value);
                least = Math.min(least, value);
                most = Math.max(most, value);
                distinct.add(value);
            } else if (Cell.isInfinite(cell) || Cell.hasDecimalComma(cell)) {
                // Meant as a number, and an error in a target.
                numbers++;
                whole = false;
            }
        }
        return new Profile(filled, numbers, distinct.size(), whole, least, most);
    }

    private Column column(int i) {
        return new Column(i, header.get(i), hasDecimalCommas(i));
    }

    /** Whether decimals of a column stand behind a comma: in some cell, and in no cell behind a point. */
    private boolean hasDecimalCommas(int i) {
        boolean commas = false;
        for (ManifestSource.Entry row : source.rows()) {
            String cell = row.cell(i);
            if (cell.indexOf('.') >= 0 && Cell.hasDecimalPoint(cell)) {
                return false;
            }
            commas |= cell.indexOf(',') >= 0 && Cell.hasDecimalComma(cell);
        }
        return commas;
    }

    /** The column of paths. */
    PathColumn path() {
        return path;
    }

    /** The place of the column of groups; -1 if there is none. */
    int group() {
        return group;
    }

    /** The place of the column of sides; -1 if there is none. */
    int split() {
        return split;
    }

    /** The column of how many answers labels are means of; null if there is none. */
    @Nullable
    Column ratings() {
        return ratings;
    }

    /** What is learnt or scored, in order. */
    List<Target> targets() {
        return targets;
    }

    /** The names of the targets. */
    List<String> names() {
        return targets.stream().map(target -> target.column().name()).toList();
    }

    /** How the file is read, as far as that is unusual. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (!path.name().equals(PathColumn.NAME)) {
            notes.add("column " + path.name() + " is read as path");
        }
        for (int i : new int[] {group, split, ratings == null ? -1 : ratings.index()}) {
            if (i >= 0 && !Set.of(GROUP, SPLIT, RATINGS).contains(header.get(i))) {
                notes.add("column " + header.get(i) + " is read as "
                        + header.get(i).toLowerCase(Locale.ROOT));
            }
        }
        if (targets.stream().anyMatch(target -> target.column().comma())) {
            notes.add("numbers have decimal commas");
        }
        return notes;
    }

    /** What is learnt or scored and what is not, and why, in one line. */
    String summary(List<String> missing) {
        StringBuilder text = new StringBuilder(scoring ? "scoring " : "learning ");
        if (targets.size() > 8) {
            text.append(targets.size()).append(" targets: ");
        }
        text.append(Words.some(names())).append(uncertainty());
        String not = Stream.concat(
                        missing.isEmpty() ? Stream.empty() : Stream.of(Words.some(missing) + " (no such column)"),
                        others.isEmpty() ? Stream.empty() : Stream.of(listOthers()))
                .collect(Collectors.joining(", "));
        return not.isEmpty() ? text.toString() : text + "; not " + (scoring ? "scoring: " : "learning: ") + not;
    }

    private String uncertainty() {
        List<String> parts = new ArrayList<>();
        if (ratings != null) {
            parts.add("means of " + ratings.name());
        }
        List<String> stds = targets.stream()
                .map(Target::std)
                .filter(Objects::nonNull)
                .map(Column::name)
                .toList();
        if (!stds.isEmpty()) {
            parts.add(Words.some(stds)
                    + (stds.size() == 1 ? " is its uncertainty" : " are their uncertainty")
                    + (ratings == null ? ", not used without a column ratings" : ""));
        }
        return parts.isEmpty() ? "" : " (" + String.join("; ", parts) + ")";
    }

    private String listOthers() {
        Map<String, List<String>> reasons = new LinkedHashMap<>();
        others.forEach((i, reason) -> reasons.computeIfAbsent(reason, none -> new ArrayList<>())
                .add(header.get(i).isEmpty() ? "column " + (i + 1) : header.get(i)));
        return reasons.entrySet().stream()
                .map(entry -> Words.some(entry.getValue()) + " (" + entry.getKey() + ")")
                .collect(Collectors.joining(", "));
    }
}
