package melgauge.data;

import java.util.Collection;
import java.util.Comparator;

/** Finds what the user may have meant by a misspelt name. */
public final class Nearest {
    private Nearest() {}

    /** {@code " (did you mean NAME?)"} for a known name that is near, else nothing. */
    public static String hint(String name, Collection<String> known) {
        return known.stream()
                .filter(candidate -> distance(name, candidate) <= Math.max(2, name.length() / 3))
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
                .map(nearest -> " (did you mean " + nearest + "?)")
                .orElse("");
    }

    /** The number of letters to insert, delete or change (Levenshtein 1966), without regard to case. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int same = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1)) ? 0 : 1;
                int best = Math.min(diagonal + same, 1 + Math.min(row[j], row[j - 1]));
                diagonal = row[j];
                row[j] = best;
            }
        }
        return row[b.length()];
    }
}
