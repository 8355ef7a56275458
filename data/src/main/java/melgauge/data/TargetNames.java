package melgauge.data;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Names that targets cannot have, because tables of results have a column of that name: {@code predictions.csv}, the
 * output of {@code tag} and its time line. Parquet readers do not tell upper from lower case, so case does not count.
 */
public final class TargetNames {
    private static final Set<String> COLUMNS = Set.of(
            "path", "split", "fold", "status", "code", "error", "durationseconds", "patches", "flags", "start", "end");

    /** What stands beside the column of each target. */
    private static final List<String> ENDINGS = List.of("_spread", "_true");

    private TargetNames() {}

    /** What is wrong with the names of targets, as a sentence that begins with the name; empty if nothing is. */
    public static Optional<String> problem(List<String> targets) {
        List<String> taken =
                targets.stream().filter(target -> COLUMNS.contains(key(target))).toList();
        if (!taken.isEmpty()) {
            return Optional.of(
                    Words.list(taken) + " cannot be learnt under " + (taken.size() == 1 ? "its name" : "their names")
                            + ", because tables of results have columns of that name");
        }
        Map<String, String> columns = new HashMap<>();
        for (String target : targets) {
            String other = columns.put(key(target), target);
            if (other != null) {
                return Optional.of(
                        target + " cannot be a target beside " + other + ", which differs from it only in case");
            }
        }
        for (String target : targets) {
            for (String ending : ENDINGS) {
                String other = columns.get(key(target + ending));
                if (other != null) {
                    return Optional.of(other + " cannot be a target beside " + target
                            + ", for which tables of results have a column " + target + ending);
                }
            }
        }
        return Optional.empty();
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
