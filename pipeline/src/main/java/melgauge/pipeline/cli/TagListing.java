package melgauge.pipeline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import melgauge.data.UsageException;
import melgauge.model.task.Target;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.inputs.Inputs;
import melgauge.pipeline.tagging.TagRow;
import melgauge.pipeline.tagging.Tagger;

/** Prints predictions of a few files as a table of at most {@value Page#WIDTH} columns, each row as soon as it is known. */
final class TagListing {
    /** More are a job that should be kept. */
    static final int MOST_INPUTS = 100;

    private static final int NARROWEST_PATH = 24;
    private static final int NARROWEST_CELL = 10;
    /** Room for a flag or two behind the values. */
    private static final int REMARKS = 10;

    private final List<Target> targets;
    private final PrintWriter out;
    /** As wide as the longest name of a target, if the line has room for that. */
    private final int cell;

    TagListing(List<Target> targets, PrintWriter out) {
        this.targets = targets;
        this.out = out;
        int longest = targets.stream()
                .mapToInt(target -> target.name().length())
                .max()
                .orElse(0);
        int room = (Page.WIDTH - NARROWEST_PATH - REMARKS) / Math.max(1, targets.size());
        this.cell = Math.max(NARROWEST_CELL, Math.min(2 + longest, room));
    }

    /**
     * Predicts and prints.
     *
     * @throws UsageException before any work if there are more than {@value #MOST_INPUTS} inputs
     */
    Tagger.Summary list(Tagger tagger, Tagger.Source source, Monitor monitor) throws IOException, InterruptedException {
        List<Inputs.Input> inputs = new ArrayList<>();
        source.list((path, file, failure) -> {
            if (inputs.size() == MOST_INPUTS) {
                throw new UsageException("there are more than " + MOST_INPUTS
                        + " inputs; name a table by --out FILE, beside which results are kept, or use --out -");
            }
            inputs.add(new Inputs.Input(path, file, failure));
        });
        int longest =
                inputs.stream().mapToInt(input -> input.path().length()).max().orElse(0);
        int room = Page.WIDTH - REMARKS - targets.size() * cell;
        boolean asTable = room >= NARROWEST_PATH;
        int pathWidth = asTable ? Math.min(room, Math.max("path".length(), longest)) : Page.WIDTH;
        if (asTable) {
            StringBuilder heads = new StringBuilder(cell("path", pathWidth));
            targets.forEach(target -> heads.append(right(target.name())));
            out.println(heads);
            out.flush();
        }
        Tagger.Source listed = adder -> {
            for (Inputs.Input input : inputs) {
                adder.add(input.path(), input.file(), input.failure());
            }
        };
        return tagger.predict(
                listed,
                (path, row) -> {
                    if (row.failed()) {
                        out.println(ConsoleMonitor.plain(path + ": " + row.errorSentence()));
                    } else if (asTable) {
                        printLine(path, row, pathWidth);
                    } else {
                        printBlock(path, row);
                    }
                    out.flush();
                },
                monitor);
    }

    private void printLine(String path, TagRow row, int pathWidth) {
        StringBuilder line = new StringBuilder(cell(ConsoleMonitor.plain(path), pathWidth));
        for (double value : row.values()) {
            line.append(right(String.format(Locale.ROOT, "%.3f", value)));
        }
        String remarks = remarks(row);
        out.println(
                line.length() + remarks.length() <= Page.WIDTH || remarks.isEmpty()
                        ? line + remarks
                        : line + System.lineSeparator() + remarks);
    }

    private void printBlock(String path, TagRow row) {
        out.println(ConsoleMonitor.plain(path) + remarks(row));
        int width = targets.stream()
                .mapToInt(target -> target.name().length())
                .max()
                .orElse(0);
        for (int t = 0; t < targets.size(); t++) {
            out.printf(
                    Locale.ROOT,
                    "  %-" + width + "s %9.3f%n",
                    targets.get(t).name(),
                    row.values().get(t));
        }
    }

    /** What to know of a row before trusting it. */
    private static String remarks(TagRow row) {
        List<String> words = new ArrayList<>();
        if (!row.status().equals("ok")) {
            words.add(row.status());
        }
        if (!row.flags().isEmpty()) {
            words.add(row.flags());
        }
        return words.isEmpty() ? "" : "  " + String.join(" ", words);
    }

    /** Text that fills a width; of a longer one, the end, which tells files apart. */
    private static String cell(String text, int width) {
        return text.length() > width
                ? "…" + text.substring(text.length() - width + 1)
                : text + " ".repeat(width - text.length());
    }

    private String right(String text) {
        String shown = text.length() > cell - 1 ? text.substring(0, cell - 2) + "…" : text;
        return " ".repeat(cell - shown.length()) + shown;
    }
}
