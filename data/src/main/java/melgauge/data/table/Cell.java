package melgauge.data.table;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the text of a cell means. */
public final class Cell {
    /** How R, pandas, spreadsheets and databases write that there is no value. */
    private static final Set<String> EMPTY =
            Set.of("", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "+nan", "null", "none");

    private static final Pattern INFINITY = Pattern.compile("[+-]?(inf|infinity|\u221E)", Pattern.CASE_INSENSITIVE);

    /** Double.parseDouble would also take "1f" and hexadecimal notation, which nobody means in a table. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,3})?");

    private static final Pattern DECIMAL_COMMA = Pattern.compile("[+-]?(\\d+,\\d*|,\\d+)([eE][+-]?\\d{1,3})?");

    private Cell() {}

    /** Whether a cell holds no value: blank, or one of the words that stand for that, in any case. */
    public static boolean isEmpty(String cell) {
        return EMPTY.contains(cell.strip().toLowerCase(Locale.ROOT));
    }

    /** Whether a cell holds an infinite number. */
    public static boolean isInfinite(String cell) {
        return INFINITY.matcher(cell.strip()).matches();
    }

    /** Whether a cell is a number with a decimal comma, such as {@code 0,5}. */
    public static boolean hasDecimalComma(String cell) {
        return DECIMAL_COMMA.matcher(cell.strip()).matches();
    }

    /** Whether a cell is a number with a decimal point, such as {@code 0.5}. */
    public static boolean hasDecimalPoint(String cell) {
        return cell.indexOf('.') >= 0 && number(cell, false) != null;
    }

    /**
     * The finite number that a cell holds; null if it holds none.
     *
     * @param comma whether decimals stand behind a comma; a point is then no part of a number
     */
    public static @Nullable Double number(String cell, boolean comma) {
        String text = cell.strip();
        if (comma) {
            if (text.indexOf('.') >= 0) {
                return null;
            }
            text = text.replace(',', '.');
        }
        if (!NUMBER.matcher(text).matches()) {
            return null;
        }
        Double value = Double.valueOf(text);
        return value.isInfinite() ? null : value;
    }
}
