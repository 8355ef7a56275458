package melgauge.data.table;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * How a CSV file is written, which its beginning tells.
 *
 * @param separator between cells
 * @param declared the first line that declares the separator, with its line end, as spreadsheets write it; empty if none
 * @param spaced whether spaces around cells are layout
 * @param crlf whether lines end with CR and LF
 */
record Dialect(char separator, String declared, boolean spaced, boolean crlf) {
    private static final List<Character> SEPARATORS = List.of(',', ';', '\t', '|');
    private static final Pattern DECLARATION =
            Pattern.compile("\\s*\"?sep=([^\\w\\s\"]|\\t)\"?[ ;,\\t]*(\\r\\n|\\r|\\n|$)", Pattern.CASE_INSENSITIVE);
    private static final Pattern LINE_END = Pattern.compile("\\r\\n|\\r|\\n");

    /**
     * Finds out.
     *
     * @param head the beginning of the text, at least the header row
     * @param wanted what one of the columns is called; between separators that give such a column, or give none, the one
     *     with the most columns is taken
     */
    static Dialect of(String head, Predicate<String> wanted) {
        Matcher declaration = DECLARATION.matcher(head);
        String declared = declaration.lookingAt() ? declaration.group() : "";
        String text = head.substring(declared.length());
        Matcher end = LINE_END.matcher(text);
        boolean crlf = end.find() && end.group().equals("\r\n");
        char separator = declared.isEmpty()
                ? separator(text, wanted)
                : declaration.group(1).charAt(0);
        List<String> header = first(text, separator, false);
        boolean spaced = header.stream().skip(1).anyMatch(name -> name.startsWith(" "));
        return new Dialect(separator, declared, spaced, crlf);
    }

    private static char separator(String text, Predicate<String> wanted) {
        char best = ',';
        int most = 0;
        for (char candidate : SEPARATORS) {
            List<String> header = first(text, candidate, true);
            // A separator that isolates the wanted column beats any that does not.
            int columns = header.size() + (header.stream().anyMatch(wanted) ? text.length() : 0);
            if (columns > most) {
                most = columns;
                best = candidate;
            }
        }
        return best;
    }

    /** The cells of the first row; none if there is none in this dialect. */
    private static List<String> first(String text, char separator, boolean stripped) {
        try (CSVParser parser = CSVParser.parse(new StringReader(text), format(separator, stripped))) {
            Iterator<CSVRecord> rows = parser.iterator();
            return rows.hasNext() ? new ArrayList<>(rows.next().toList()) : List.of();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    CSVFormat format() {
        return format(separator, spaced);
    }

    private static CSVFormat format(char separator, boolean spaced) {
        return CSVFormat.RFC4180
                .builder()
                .setDelimiter(separator)
                .setIgnoreEmptyLines(true)
                // A tab is a space to the parser, too.
                .setIgnoreSurroundingSpaces(spaced && separator != '\t')
                .get();
    }

    /** What is unusual about it, for a sentence. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (!declared.isEmpty()) {
            notes.add("the line " + declared.strip());
        } else if (separator != ',') {
            notes.add((separator == '\t' ? "tabs" : separator) + " between cells");
        }
        if (crlf) {
            notes.add("CRLF line ends");
        }
        return notes;
    }
}
