package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Prints labelled paragraphs in at most {@value #WIDTH} columns. */
final class Page {
    static final int WIDTH = 100;
    private static final int INDENT = 12;

    private final PrintWriter out;

    Page(PrintWriter out) {
        this.out = out;
    }

    /** A paragraph under a label; without one if it continues the paragraph before. */
    void row(String label, String text) {
        String start = label;
        for (String line : wrap(text, WIDTH - INDENT)) {
            out.println(String.format("%-" + INDENT + "s", start) + line);
            start = "";
        }
    }

    /** A text in lines of at most so many columns, broken between words; a longer word is cut. */
    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
            while (line.length() > width) {
                lines.add(line.substring(0, width));
                line.delete(0, width);
            }
        }
        lines.add(line.toString());
        return lines;
    }
}
