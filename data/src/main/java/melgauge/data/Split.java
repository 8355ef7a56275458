package melgauge.data;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Splits a corpus into training, validation and test tracks without ever tearing a group apart.
 *
 * <p>Groups with a row that demands a side go there. The others come in an order that only the seed and the groups'
 * names decide (by SHA-256 of both), and each goes to the side that lacks the most tracks of what its share of the
 * whole corpus would be. A side with a share that got nothing, as happens when there are few groups or a large one,
 * then takes the smallest group that nothing demands from the fullest side with a group to spare. So the result does
 * not depend on the order of the manifest.
 */
public final class Split {
    private Split() {}

    /**
     * The side of every track, in the order of {@code tracks}.
     *
     * @throws UsageException if rows of one group demand different sides
     */
    public static Map<String, Subset> assign(List<Track> tracks, SplitSpec spec, long seed) {
        Groups groups = new Groups(tracks, spec);
        groups.placeDemanded(tracks);
        groups.placeFree(seed);
        groups.fillEmptySides(spec);

        Map<String, Subset> assigned = new LinkedHashMap<>();
        for (Track track : tracks) {
            assigned.put(track.path(), Objects.requireNonNull(groups.sides.get(track.group())));
        }
        return assigned;
    }

    /** The state of one assignment. */
    private static final class Groups {
        /** Tracks of each group. */
        private final Map<String, Integer> sizes = new LinkedHashMap<>();

        private final Map<String, Subset> sides = new HashMap<>();
        /** Tracks that a side still lacks; below 0 where it has too many. */
        private final Map<Subset, Double> lacking = new EnumMap<>(Subset.class);
        /** The groups that no row demands a side for, by their digest. */
        private final TreeMap<String, String> free = new TreeMap<>();

        Groups(List<Track> tracks, SplitSpec spec) {
            for (Track track : tracks) {
                sizes.merge(track.group(), 1, Integer::sum);
            }
            for (Subset subset : Subset.values()) {
                lacking.put(subset, spec.share(subset) * tracks.size());
            }
        }

        void placeDemanded(List<Track> tracks) {
            for (Track track : tracks) {
                Subset demanded = track.subset();
                if (demanded != null) {
                    Subset before = sides.get(track.group());
                    if (before == null) {
                        place(track.group(), demanded);
                    } else if (before != demanded) {
                        throw new UsageException(
                                "group " + track.group() + " would be torn apart: " + track.path() + " demands "
                                        + demanded.word() + ", an earlier row of the group demands " + before.word()
                                        + "; give the group's rows one split");
                    }
                }
            }
        }

        void placeFree(long seed) {
            for (String group : sizes.keySet()) {
                if (!sides.containsKey(group)) {
                    free.put(FileDigest.of((seed + " " + group).getBytes(StandardCharsets.UTF_8)), group);
                }
            }
            for (String group : free.values()) {
                place(group, neediest());
            }
        }

        void fillEmptySides(SplitSpec spec) {
            for (Subset empty : Subset.values()) {
                if (spec.share(empty) > 0 && groupsOn(empty) == 0) {
                    spareGroup().ifPresent(group -> {
                        lacking.merge(side(group), (double) size(group), Double::sum);
                        place(group, empty);
                    });
                }
            }
        }

        /** The first of the smallest free groups on the fullest side that keeps another one. */
        private Optional<String> spareGroup() {
            Set<Subset> donors = EnumSet.allOf(Subset.class);
            donors.removeIf(subset -> groupsOn(subset) < 2);
            return free.values().stream()
                    .filter(group -> donors.contains(side(group)))
                    .min(Comparator.comparingDouble((String group) -> lack(side(group)))
                            .thenComparingInt(this::size));
        }

        /** Of sides that lack the same, the first. */
        private Subset neediest() {
            return Arrays.stream(Subset.values())
                    .min(Comparator.comparingDouble(subset -> -lack(subset)))
                    .orElseThrow();
        }

        private void place(String group, Subset subset) {
            sides.put(group, subset);
            lacking.merge(subset, -(double) size(group), Double::sum);
        }

        private long groupsOn(Subset subset) {
            return sides.values().stream().filter(subset::equals).count();
        }

        private Subset side(String group) {
            return Objects.requireNonNull(sides.get(group));
        }

        private int size(String group) {
            return Objects.requireNonNull(sizes.get(group));
        }

        private double lack(Subset subset) {
            return Objects.requireNonNull(lacking.get(subset));
        }
    }
}
