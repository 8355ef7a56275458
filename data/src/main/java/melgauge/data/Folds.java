package melgauge.data;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Parts a corpus into folds, each of which is tested once, without ever tearing a group apart.
 *
 * <p>Groups come by falling number of tracks, those of equal size in an order that only the seed and their names decide
 * (by SHA-256 of both), and each goes to the fold that has the fewest tracks so far. So the folds are as even as the
 * groups allow within one group's size, and do not depend on the order of the manifest. Sides that rows demand do not
 * count.
 */
public final class Folds {
    private final List<Track> tracks;
    private final Map<String, Integer> ofGroup;
    private final int count;
    private final long seed;

    private Folds(List<Track> tracks, Map<String, Integer> ofGroup, int count, long seed) {
        this.tracks = tracks;
        this.ofGroup = ofGroup;
        this.count = count;
        this.seed = seed;
    }

    /**
     * Parts tracks into folds.
     *
     * @param count at least 2
     * @throws UsageException if there are fewer groups than folds
     */
    public static Folds of(List<Track> tracks, int count, long seed) {
        return new Folds(
                List.copyOf(tracks), ofGroups(tracks.stream().map(Track::group).toList(), count, seed), count, seed);
    }

    /**
     * The fold of each group, from 1.
     *
     * @param groups the group of each track
     * @param count at least 2
     * @throws UsageException if there are fewer groups than folds
     */
    public static Map<String, Integer> ofGroups(List<String> groups, int count, long seed) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        groups.forEach(group -> sizes.merge(group, 1, Integer::sum));
        if (count < 2) {
            throw new UsageException("folds=" + count + " must be at least 2; 5 or 10 are usual");
        }
        if (count > sizes.size()) {
            throw new UsageException("folds=" + count + " must be at most the number of groups, which is "
                    + sizes.size() + ": a group is never on two sides; use fewer folds"
                    + (sizes.size() < groups.size() ? ", or finer groups in the manifest" : ""));
        }
        Map<String, String> digests = new HashMap<>();
        sizes.keySet()
                .forEach(group ->
                        digests.put(group, FileDigest.of((seed + " " + group).getBytes(StandardCharsets.UTF_8))));
        int[] filled = new int[count];
        Map<String, Integer> ofGroup = new HashMap<>();
        sizes.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<String, Integer> group) -> -group.getValue())
                        .thenComparing(group -> Objects.requireNonNull(digests.get(group.getKey()))))
                .forEach(group -> {
                    int emptiest = IntStream.range(0, count)
                            .boxed()
                            .min(Comparator.comparingInt(fold -> filled[fold]))
                            .orElseThrow();
                    filled[emptiest] += group.getValue();
                    ofGroup.put(group.getKey(), emptiest + 1);
                });
        return ofGroup;
    }

    /** The fold that a track is in, from 1. */
    public int fold(Track track) {
        return Objects.requireNonNull(ofGroup.get(track.group()), track.path());
    }

    /**
     * The side of every track when one fold is tested, in the order of the tracks: the other folds train and validate,
     * apart by {@link Split} in the proportion of those two shares.
     *
     * @param fold from 1
     */
    public Map<String, Subset> sides(int fold, SplitSpec split) {
        Objects.checkIndex(fold - 1, count);
        double both = split.train() + split.validation();
        List<Track> others = tracks.stream()
                .filter(track -> fold(track) != fold)
                .map(track -> new Track(track.path(), track.file(), track.group(), null, track.targets()))
                .toList();
        Map<String, Subset> learning =
                Split.assign(others, new SplitSpec(split.train() / both, split.validation() / both, 0), seed);
        Map<String, Subset> sides = new LinkedHashMap<>();
        tracks.forEach(track -> sides.put(track.path(), learning.getOrDefault(track.path(), Subset.TEST)));
        return sides;
    }
}
