package melgauge.pipeline.tagging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import melgauge.model.task.Target;
import org.jspecify.annotations.Nullable;

/**
 * Lays out the table of predictions, {@code path,status,code,error,durationSeconds,patches,NAME,NAME_spread,…,flags}, and
 * counts rows. For one thread.
 */
final class TagRows {
    /** The table has them all. */
    private static final int MOST_FAILURES = 5;

    private final List<Target> targets;
    private final boolean tags;
    private final List<String> failures = new ArrayList<>();
    private long rows;
    private long errors;
    private long seen;

    /** @param tags whether to flag files that have no tags although they were to get some */
    TagRows(List<Target> targets, boolean tags) {
        this.targets = targets;
        this.tags = tags;
    }

    /** The columns, in order. */
    List<TagTable.Column> columns() {
        List<TagTable.Column> columns = new ArrayList<>(List.of(
                TagTable.Column.text("path"),
                TagTable.Column.text("status"),
                TagTable.Column.text("code"),
                TagTable.Column.text("error"),
                TagTable.Column.number("durationSeconds", 3),
                TagTable.Column.integer("patches")));
        for (Target target : targets) {
            columns.add(TagTable.Column.number(target.name(), 6));
            columns.add(TagTable.Column.number(target.name() + "_spread", 6));
        }
        columns.add(TagTable.Column.text("flags"));
        return columns;
    }

    /** The cells of an input's row. */
    List<@Nullable Object> cells(String path, TagRow row) {
        List<@Nullable Object> cells = new ArrayList<>(Arrays.asList(
                path,
                row.status(),
                row.errorCode(),
                row.errorSentence(),
                row.failed() ? null : row.durationSeconds(),
                row.patches()));
        for (int t = 0; t < targets.size(); t++) {
            cells.add(row.failed() ? null : row.values().get(t));
            cells.add(row.failed() ? null : row.spreads().get(t));
        }
        cells.add(tags && row.untagged() ? Flags.with(row.flags(), Flags.NOT_TAGGED) : row.flags());
        return cells;
    }

    /** Counts an input's row. */
    void count(String path, TagRow row) {
        rows++;
        errors += row.failed() ? 1 : 0;
        seen += Flags.contains(row.flags(), Flags.SEEN) ? 1 : 0;
        if (row.failed() && failures.size() < MOST_FAILURES) {
            failures.add(path + ": " + row.errorSentence());
        }
    }

    /** Rows so far. */
    long rows() {
        return rows;
    }

    /** Rows without a prediction so far. */
    long errors() {
        return errors;
    }

    /** Rows of files that trained or validated the model so far. */
    long seen() {
        return seen;
    }

    /**
     * The first few inputs without a prediction, a line each with its reason.
     *
     * @param whole names the table that has them all
     */
    List<String> failures(String whole) {
        List<String> lines = new ArrayList<>(failures);
        if (errors > lines.size()) {
            lines.add("… and " + (errors - lines.size()) + " more errors; " + whole + " has them all");
        }
        return lines;
    }
}
