package melgauge.data.tags;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import melgauge.data.AudioException;
import melgauge.data.Failure;
import melgauge.data.FileDigest;

/**
 * All that is in a file: the values of the fields that are asked for, and everything else, part by part, each as a name
 * and a digest: other fields, pictures, settings of the decoder, audio. Padding, sizes and offsets are left out, since
 * they change with the tags. Two files with equal parts differ in nothing but the fields that were asked for.
 */
final class Contents {
    private static final int MOST = 100_000;
    private static final int LONGEST_NAME = 80;

    private final Map<String, List<String>> fields;
    private final List<String> parts;

    private Contents(Map<String, List<String>> fields, List<String> parts) {
        this.fields = fields;
        this.parts = parts;
    }

    /** Whether the file has just these values, each once. */
    boolean has(Map<String, String> values) {
        return values.entrySet().stream()
                .allMatch(value -> List.of(value.getValue()).equals(fields.get(value.getKey())));
    }

    /** The values of the fields that are there; of one that is there several times, the first. */
    Map<String, String> values() {
        Map<String, String> values = new TreeMap<>();
        fields.forEach((name, all) -> values.put(name, all.get(0)));
        return values;
    }

    /** What another file lacks of this one's parts, or has besides, in words; empty if they are the same. */
    String difference(Contents other) {
        Map<String, Integer> balance = new TreeMap<>();
        parts.forEach(part -> balance.merge(part, 1, Integer::sum));
        other.parts.forEach(part -> balance.merge(part, -1, Integer::sum));
        balance.values().removeIf(count -> count == 0);
        return balance.entrySet().stream()
                .max(Map.Entry.comparingByValue()) // what is lost says more than what has come
                .map(part ->
                        name(part.getKey()) + (part.getValue() > 0 ? " would be lost or changed" : " would appear"))
                .orElse("");
    }

    /** A part's name as it can be shown: it comes from the file, and is of any length. */
    private static String name(String part) {
        String name = part.substring(0, part.lastIndexOf(' ')).replaceAll("\\P{Print}", "?");
        return name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) + "…" : name;
    }

    /** Collects what a file holds. */
    static final class Builder {
        private final Set<String> wanted;
        private final Map<String, List<String>> fields = new TreeMap<>();
        private final List<String> parts = new ArrayList<>();

        /** @param wanted the names of the fields whose values are asked for */
        Builder(Set<String> wanted) {
            this.wanted = wanted;
        }

        /** Whether a field is asked for. */
        boolean wants(String name) {
            return wanted.contains(name);
        }

        /** A field of text that is asked for. */
        void field(String name, String value) {
            fields.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
        }

        /** Something else. */
        void part(String name, ByteBuffer bytes) throws AudioException {
            MessageDigest digest = FileDigest.sha256();
            digest.update(bytes.duplicate());
            part(name, HexFormat.of().formatHex(digest.digest()));
        }

        /** Something else, of which the digest is known. */
        void part(String name, String digest) throws AudioException {
            if (parts.size() == MOST) {
                throw new AudioException(
                        Failure.Code.UNSUPPORTED,
                        "has more than " + MOST + " fields and pictures; tags are written to files that have fewer");
            }
            parts.add(name + " " + digest);
        }

        Contents build() {
            return new Contents(fields, parts);
        }
    }
}
