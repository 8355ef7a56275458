package melgauge.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import melgauge.data.FileDigest;

/**
 * All that the result of a stage depends on: equal identities, equal results.
 *
 * @param values of settings, facts and digests of files, each under a name that a user knows
 */
public record Identity(SortedMap<String, String> values) {
    public Identity {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /** This one with another value. */
    public Identity with(String name, String value) {
        SortedMap<String, String> others = new TreeMap<>(values);
        others.put(name, value);
        return new Identity(others);
    }

    /** The SHA-256 of it all. */
    public String digest() {
        StringBuilder text = new StringBuilder();
        values.forEach(
                (name, value) -> text.append(name).append('=').append(value).append('\n'));
        return FileDigest.of(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The names whose values are different in another one. */
    List<String> changesSince(Identity before) {
        TreeSet<String> names = new TreeSet<>(values.keySet());
        names.addAll(before.values().keySet());
        List<String> changed = new ArrayList<>();
        for (String name : names) {
            if (!Objects.equals(values.get(name), before.values().get(name))) {
                changed.add(name);
            }
        }
        return changed;
    }
}
