package melgauge.data;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Splits a corpus into training, validation and test tracks without ever tearing a group apart.
 *
 * <p>Groups with a row that demands a side go there. The others come in an order that only the seed and the groups'
 * names decide (by SHA-256 of both), and each goes to the side that lacks the most tracks of what its share of the
 * whole corpus would be. So the result does not depend on the order of the manifest.
 */
public final class Split {
    private Split() {}

    /**
     * The side of every track, in the order of {@code tracks}.
     *
     * @throws UsageException if rows of one group demand different sides
     */
    public static Map<String, Subset> assign(List<Track> tracks, SplitSpec spec, long seed) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        Map<String, Subset> demandedSides = new LinkedHashMap<>();
        for (Track track : tracks) {
            sizes.merge(track.group(), 1, Integer::sum);
            Subset demanded = track.subset();
            if (demanded != null) {
                Subset before = demandedSides.putIfAbsent(track.group(), demanded);
                if (before != null && before != demanded) {
                    throw new UsageException(
                            "group " + track.group() + " would be torn apart: " + track.path() + " demands "
                                    + demanded.word() + ", an earlier row of the group demands " + before.word()
                                    + "; give the group's rows one split");
                }
            }
        }

        Map<String, Subset> sides = new LinkedHashMap<>();
        Map<Subset, Double> lacking = new EnumMap<>(Subset.class);
        for (Subset subset : Subset.values()) {
            lacking.put(subset, spec.share(subset) * tracks.size());
        }
        demandedSides.forEach((group, subset) -> place(group, subset, sizes, sides, lacking));

        SortedMap<String, String> free = new TreeMap<>();
        for (String group : sizes.keySet()) {
            if (!demandedSides.containsKey(group)) {
                free.put(FileDigest.of((seed + " " + group).getBytes(StandardCharsets.UTF_8)), group);
            }
        }
        for (String group : free.values()) {
            Subset neediest = Subset.TRAIN;
            for (Subset subset : Subset.values()) {
                if (lacking.getOrDefault(subset, 0.0) > lacking.getOrDefault(neediest, 0.0)) {
                    neediest = subset;
                }
            }
            place(group, neediest, sizes, sides, lacking);
        }

        Map<String, Subset> assigned = new LinkedHashMap<>();
        for (Track track : tracks) {
            assigned.put(track.path(), Objects.requireNonNull(sides.get(track.group())));
        }
        return assigned;
    }

    private static void place(
            String group,
            Subset subset,
            Map<String, Integer> sizes,
            Map<String, Subset> sides,
            Map<Subset, Double> lacking) {
        sides.put(group, subset);
        lacking.merge(subset, -(double) sizes.getOrDefault(group, 0), Double::sum);
    }
}
