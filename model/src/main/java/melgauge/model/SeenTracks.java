package melgauge.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import melgauge.data.FileDigest;
import melgauge.data.Subset;

/**
 * The tracks and groups that trained and validated a model, as salted hashes: they tell whether a given track is among
 * them, and name none. A hash is the first 16 bytes of SHA-256 over the model's salt, the kind and the text. Immutable and
 * thread-safe.
 */
public final class SeenTracks {
    /** Its place in a model's provenance. */
    public static final String KEY = "seen";

    private static final int BYTES = 16;
    private static final List<Subset> SIDES = List.of(Subset.TRAIN, Subset.VALIDATION);
    private static final String SALT = "salt";

    private final String salt;
    private final Map<Subset, Map<Kind, List<Hash>>> hashes;
    private final Map<Kind, Map<Hash, Subset>> sides = new EnumMap<>(Kind.class);

    /** A part of what is hashed. */
    private enum Kind {
        CONTENTS,
        GROUPS;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private record Hash(long first, long second) implements Comparable<Hash> {
        @Override
        public int compareTo(Hash other) {
            int order = Long.compareUnsigned(first, other.first);
            return order != 0 ? order : Long.compareUnsigned(second, other.second);
        }
    }

    private SeenTracks(String salt, Map<Subset, Map<Kind, List<Hash>>> hashes) {
        this.salt = salt;
        this.hashes = hashes;
        for (Kind kind : Kind.values()) {
            Map<Hash, Subset> found = new HashMap<>();
            hashes.forEach((side, byKind) ->
                    byKind.getOrDefault(kind, List.of()).forEach(hash -> found.putIfAbsent(hash, side)));
            sides.put(kind, found);
        }
    }

    /**
     * What one side of the split contributes.
     *
     * @param contents SHA-256 of each audio file
     * @param groups names of the groups, such as artists; none for tracks that are in no group
     */
    public record Side(Collection<String> contents, Collection<String> groups) {}

    /**
     * Hashes the tracks of a run.
     *
     * @param salt differs from model to model, and is equal for equal runs
     */
    public static SeenTracks of(String salt, Side train, Side validation) {
        Map<Subset, Map<Kind, List<Hash>>> hashes = new EnumMap<>(Subset.class);
        Map.of(Subset.TRAIN, train, Subset.VALIDATION, validation).forEach((subset, side) -> {
            Map<Kind, List<Hash>> byKind = new EnumMap<>(Kind.class);
            byKind.put(Kind.CONTENTS, hashed(salt, Kind.CONTENTS, side.contents()));
            byKind.put(Kind.GROUPS, hashed(salt, Kind.GROUPS, side.groups()));
            hashes.put(subset, byKind);
        });
        return new SeenTracks(salt, hashes);
    }

    private static List<Hash> hashed(String salt, Kind kind, Collection<String> texts) {
        // Sorted, so that their order tells nothing and equal runs give equal files.
        return texts.stream()
                .map(text -> hash(salt, kind, text))
                .distinct()
                .sorted()
                .toList();
    }

    private static Hash hash(String salt, Kind kind, String text) {
        byte[] bytes = (salt + '\n' + kind.word() + '\n' + text).getBytes(StandardCharsets.UTF_8);
        ByteBuffer digest = ByteBuffer.wrap(FileDigest.sha256().digest(bytes));
        return new Hash(digest.getLong(), digest.getLong());
    }

    /** The side that a file trained or validated the model on, by the SHA-256 of its bytes; empty if it did neither. */
    public Optional<Subset> ofContent(String sha256) {
        return side(Kind.CONTENTS, sha256);
    }

    /** The side that a group trained or validated the model on; empty if it did neither. */
    public Optional<Subset> ofGroup(String group) {
        return side(Kind.GROUPS, group);
    }

    private Optional<Subset> side(Kind kind, String text) {
        Map<Hash, Subset> known = sides.getOrDefault(kind, Map.of());
        return known.isEmpty() ? Optional.empty() : Optional.ofNullable(known.get(hash(salt, kind, text)));
    }

    /** Whether there are no hashes, as in a model that says nothing about its training. */
    public boolean isEmpty() {
        return sides.values().stream().allMatch(Map::isEmpty);
    }

    /** {@code {"salt", "train": {"contents", "groups"}, "validation": {…}}}; hashes are Base64, one after the other. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put(SALT, salt);
        for (Subset side : SIDES) {
            ObjectNode part = json.putObject(side.word());
            Map<Kind, List<Hash>> byKind = hashes.getOrDefault(side, Map.of());
            for (Kind kind : Kind.values()) {
                List<Hash> all = byKind.getOrDefault(kind, List.of());
                ByteBuffer bytes = ByteBuffer.allocate(BYTES * all.size());
                all.forEach(hash -> bytes.putLong(hash.first()).putLong(hash.second()));
                part.put(kind.word(), Base64.getEncoder().encodeToString(bytes.array()));
            }
        }
        return json;
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @param json a missing node for a model that says nothing
     * @throws IOException if it is something else
     */
    public static SeenTracks fromJson(JsonNode json) throws IOException {
        Map<Subset, Map<Kind, List<Hash>>> hashes = new EnumMap<>(Subset.class);
        for (Subset side : SIDES) {
            Map<Kind, List<Hash>> byKind = new EnumMap<>(Kind.class);
            for (Kind kind : Kind.values()) {
                byKind.put(
                        kind, decoded(json.path(side.word()).path(kind.word()).asText()));
            }
            hashes.put(side, byKind);
        }
        return new SeenTracks(json.path(SALT).asText(), hashes);
    }

    private static List<Hash> decoded(String base64) throws IOException {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IOException("provenance.json: the hashes of the tracks that it has seen are not Base64", e);
        }
        if (bytes.length % BYTES != 0) {
            throw new IOException("provenance.json: " + bytes.length + " bytes of hashes are no multiple of " + BYTES);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return Stream.generate(() -> new Hash(buffer.getLong(), buffer.getLong()))
                .limit(bytes.length / BYTES)
                .toList();
    }
}
