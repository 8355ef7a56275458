package melgauge.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The settings that two runs do not share. Settings that change no result are not compared: where networks compute, how many
 * threads decode, the limits of decoding, and the folders of cache and output.
 */
public final class SettingDifferences {
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "workers",
            "decoding",
            "cache",
            "output",
            "training.engine",
            "training.device",
            "training.threads",
            "training.checkpointSeconds");

    /** No difference. */
    public static final SettingDifferences NONE = new SettingDifferences();

    private final Map<String, Difference> differences = new LinkedHashMap<>();

    /** The two values of a setting. */
    private record Difference(String then, String now) {}

    private SettingDifferences() {}

    /** Compares the settings of an earlier run with those of now. */
    public static SettingDifferences of(RunSpec then, RunSpec now) {
        Map<String, String> before = leaves(then);
        Map<String, String> after = leaves(now);
        SettingDifferences found = new SettingDifferences();
        Set<String> keys = new LinkedHashSet<>(before.keySet());
        keys.addAll(after.keySet());
        for (String key : keys) {
            String one = before.getOrDefault(key, "nothing");
            String other = after.getOrDefault(key, "nothing");
            if (!one.equals(other)) {
                found.differences.put(key, new Difference(one, other));
            }
        }
        return found;
    }

    /** These without some keys. */
    public SettingDifferences without(List<String> keys) {
        SettingDifferences others = new SettingDifferences();
        others.differences.putAll(differences);
        others.differences.keySet().removeAll(keys);
        return others;
    }

    /** The values of the settings with a key that is wanted, as far as results depend on them. */
    static Map<String, String> values(RunSpec spec, Predicate<String> wanted) {
        Map<String, String> values = leaves(spec);
        values.keySet().removeIf(wanted.negate());
        return values;
    }

    private static Map<String, String> leaves(RunSpec spec) {
        Map<String, String> leaves = new LinkedHashMap<>();
        RunFile.toTree(spec).properties().forEach(entry -> {
            add(leaves, entry.getKey(), entry.getValue());
        });
        return leaves;
    }

    private static void add(Map<String, String> leaves, String key, JsonNode value) {
        if (WITHOUT_EFFECT.contains(key)) {
            return;
        }
        if (value.isObject() && !RunFile.FREE_KEYS.contains(key)) {
            value.properties().forEach(part -> add(leaves, key + "." + part.getKey(), part.getValue()));
        } else {
            leaves.put(key, value.isTextual() ? value.asText() : value.toString());
        }
    }

    /** Whether all settings are the same. */
    public boolean isEmpty() {
        return differences.isEmpty();
    }

    /** The keys that differ, in the order of the run file. */
    public List<String> keys() {
        return List.copyOf(differences.keySet());
    }

    /** Each key with both values, such as {@code training.epochs: 40 then, 60 now}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        differences.forEach((key, difference) -> text.append(text.isEmpty() ? "" : "; ")
                .append(key)
                .append(": ")
                .append(difference.then())
                .append(" then, ")
                .append(difference.now())
                .append(" now"));
        return text.toString();
    }
}
