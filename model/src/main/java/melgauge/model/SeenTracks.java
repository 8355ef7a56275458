package melgauge.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
import melgauge.data.io.NamedArrays;

/**
 * The tracks and groups that trained and validated a model, as salted hashes: they tell whether a given track is among
 * them, and name none. A hash is the first 16 bytes of SHA-256 over the model's salt, the kind and the text. Immutable and
 * thread-safe.
 */
public final class SeenTracks {
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

    /** Of a model that says nothing about its training. */
    public static SeenTracks none() {
        return new SeenTracks("", Map.of());
    }

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

    /**
     * Adds it to arrays: {@code train.contents}, {@code train.groups}, {@code validation.contents} and {@code
     * validation.groups}, uint8 {@code [n, 16]}, and the text {@code salt}.
     *
     * @param prefix of all names
     */
    public void write(NamedArrays.Builder arrays, String prefix) {
        arrays.text(prefix + SALT, salt);
        for (Subset side : SIDES) {
            Map<Kind, List<Hash>> byKind = hashes.getOrDefault(side, Map.of());
            for (Kind kind : Kind.values()) {
                List<Hash> all = byKind.getOrDefault(kind, List.of());
                ByteBuffer bytes = ByteBuffer.allocate(BYTES * all.size());
                all.forEach(hash -> bytes.putLong(hash.first()).putLong(hash.second()));
                arrays.bytes(name(prefix, side, kind), bytes.array(), all.size(), BYTES);
            }
        }
    }

    /**
     * Reads what {@link #write} added.
     *
     * @throws IOException if it is not there, or has another shape
     */
    public static SeenTracks read(NamedArrays arrays, String prefix) throws IOException {
        Map<Subset, Map<Kind, List<Hash>>> hashes = new EnumMap<>(Subset.class);
        for (Subset side : SIDES) {
            Map<Kind, List<Hash>> byKind = new EnumMap<>(Kind.class);
            for (Kind kind : Kind.values()) {
                String name = name(prefix, side, kind);
                int count = arrays.rows(name);
                ByteBuffer bytes = ByteBuffer.wrap(arrays.bytes(name, count, BYTES));
                byKind.put(
                        kind,
                        Stream.generate(() -> new Hash(bytes.getLong(), bytes.getLong()))
                                .limit(count)
                                .toList());
            }
            hashes.put(side, byKind);
        }
        return new SeenTracks(arrays.text(prefix + SALT), hashes);
    }

    private static String name(String prefix, Subset side, Kind kind) {
        return prefix + side.word() + "." + kind.word();
    }
}
