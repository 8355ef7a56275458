package melgauge.data;

import java.util.ArrayList;
import java.util.List;

/** Lists in sentences. */
public final class Words {
    private static final int MOST = 8;

    private Words() {}

    /** {@code a, b and c}. */
    public static String list(List<String> words) {
        int last = words.size() - 1;
        return last < 1
                ? String.join("", words)
                : String.join(", ", words.subList(0, last)) + " and " + words.get(last);
    }

    /** A list that stays short: {@code a, b and 48 more}. */
    public static String some(List<String> words) {
        if (words.size() <= MOST) {
            return list(words);
        }
        List<String> some = new ArrayList<>(words.subList(0, 3));
        some.add(words.size() - 3 + " more");
        return list(some);
    }
}
