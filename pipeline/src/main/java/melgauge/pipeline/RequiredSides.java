package melgauge.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import melgauge.data.AuditRow;
import melgauge.data.SplitSpec;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.data.UsageException;

/**
 * Refuses to train if a side of the split has no labelled track although the settings ask for that side. Without
 * validation tracks nothing chooses the weights; without test tracks there are no scores of tracks that had no part in the
 * training.
 *
 * <p>A side may be empty if its share in {@code corpus.split} is 0, or if every row of the manifest names a side and the
 * rows name at least two sides, but not this one. A manifest whose rows all say {@code train} is no split: it is refused
 * like a corpus that cannot be divided.
 */
final class RequiredSides {
    /** One track has no variance: batch normalisation and the regressions need at least two. */
    private static final int LEAST_TRAINING_TRACKS = 2;

    private final RunSpec.Corpus corpus;
    private final List<Track> tracks;
    private final Map<String, Subset> sides;
    private final Set<Subset> withheld;

    /**
     * A check of one run.
     *
     * @param tracks of the manifest
     * @param sides the side of each track, by path
     * @param withheld sides that the caller leaves out on purpose
     */
    RequiredSides(RunSpec.Corpus corpus, List<Track> tracks, Map<String, Subset> sides, Set<Subset> withheld) {
        this.corpus = corpus;
        this.tracks = tracks;
        this.sides = sides;
        this.withheld = withheld;
    }

    /**
     * Checks the manifest, before any work.
     *
     * @throws UsageException with the reason and the remedies
     */
    void require() {
        Set<Subset> missing = EnumSet.noneOf(Subset.class);
        for (Subset side : Subset.values()) {
            if (labelled(side).isEmpty() && !mayBeEmpty(side)) {
                missing.add(side);
            }
        }
        if (!missing.isEmpty() || labelled(Subset.TRAIN).size() < LEAST_TRAINING_TRACKS) {
            throw new UsageException(corpus.manifest() + ": " + what(missing) + ": " + why() + ". " + remedies());
        }
    }

    /**
     * Checks the tracks that the audit left.
     *
     * @param usable paths of the tracks with a spectrogram
     * @param audits of all tracks
     * @throws UsageException naming the first rejected track of the side that is missing
     */
    void requireUsable(Set<String> usable, List<AuditRow> audits) {
        for (Subset side : Subset.values()) {
            List<Track> wanted = labelled(side);
            long left = wanted.stream()
                    .filter(track -> usable.contains(track.path()))
                    .count();
            if (wanted.isEmpty()
                    || withheld.contains(side)
                    || left >= (side == Subset.TRAIN ? LEAST_TRAINING_TRACKS : 1)) {
                continue;
            }
            Set<String> paths = wanted.stream().map(Track::path).collect(Collectors.toSet());
            String example = audits.stream()
                    .filter(row -> row.status() == AuditRow.Status.REJECTED && paths.contains(row.path()))
                    .findFirst()
                    .map(row -> " (the first: " + row.path() + ": " + row.reason() + ")")
                    .orElse("");
            throw new UsageException((left == 0 ? "none" : "only " + left) + " of the " + wanted.size() + " labelled "
                    + side.inWords() + " tracks can be used" + example
                    + "; audit.csv has the reason for each. Correct the paths or corpus.audio, replace the files, or give"
                    + " the side other tracks with corpus.split or a column split");
        }
    }

    private List<Track> labelled(Subset side) {
        return tracks.stream()
                .filter(track -> sides.get(track.path()) == side && track.isLabelled())
                .toList();
    }

    private Set<Subset> named() {
        return tracks.stream()
                .map(Track::subset)
                .filter(side -> side != null)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Subset.class)));
    }

    private boolean everyRowNamesASide() {
        return tracks.stream().allMatch(track -> track.subset() != null);
    }

    private boolean mayBeEmpty(Subset side) {
        if (side == Subset.TRAIN) {
            return false;
        }
        Set<Subset> named = named();
        return withheld.contains(side)
                || (corpus.split().share(side) == 0 && !named.contains(side))
                || (everyRowNamesASide() && named.size() > 1 && !named.contains(side));
    }

    private static String what(Set<Subset> missing) {
        if (missing.isEmpty()) {
            return "training needs at least " + LEAST_TRAINING_TRACKS + " labelled training tracks";
        }
        return "there is "
                + missing.stream()
                        .map(side -> "no labelled " + side.inWords() + " track")
                        .collect(Collectors.joining(" and "));
    }

    private String why() {
        int groups = groups();
        Set<Subset> named = named();
        long labelled = tracks.stream().filter(Track::isLabelled).count();
        if (labelled == 0) {
            return "no row has a label";
        }
        if (everyRowNamesASide() && named.size() == 1) {
            return "column split says " + named.iterator().next().word() + " in every row";
        }
        if (groups == 1 && tracks.size() > 1) {
            return "all " + tracks.size() + " tracks are of one group ("
                    + tracks.get(0).group() + "), and a group is never divided";
        }
        String fixed = named.isEmpty() || everyRowNamesASide()
                ? ""
                : ", and column split fixes the side of "
                        + tracks.stream()
                                .filter(track -> track.subset() != null)
                                .count() + " tracks";
        String unlabelled = labelled == tracks.size() ? "" : ", and only " + labelled + " have a label";
        return groups == tracks.size()
                ? tracks.size() + " tracks are too few for " + sidesWanted() + unlabelled + fixed
                : tracks.size() + " tracks of " + groups + " groups are too few for " + sidesWanted() + unlabelled
                        + fixed;
    }

    private int groups() {
        return (int) tracks.stream().map(Track::group).distinct().count();
    }

    /** Names the sides that must have tracks, in words. */
    private String sidesWanted() {
        List<String> wanted = Arrays.stream(Subset.values())
                .filter(side -> !mayBeEmpty(side))
                .map(Subset::word)
                .toList();
        return "the " + wanted.size() + " sides " + String.join(", ", wanted);
    }

    private String remedies() {
        List<String> remedies = new ArrayList<>();
        int groups = groups();
        boolean sameSide = everyRowNamesASide() && named().size() == 1;
        if (sameSide) {
            remedies.add(
                    "remove column split, so that corpus.split divides the tracks, or name train, validation and test"
                            + " in it");
        } else {
            remedies.add(
                    groups < tracks.size()
                            ? "give column group finer values, such as album in place of artist"
                            : "add tracks");
        }
        if (groups > 2) {
            remedies.add("use 'melgauge crossvalidate RUN.yaml --folds " + Math.min(5, groups)
                    + "', which tests every track once");
        }
        if (groups > 2 && !sameSide) {
            remedies.add("name the side of each track in a column split");
        }
        SplitSpec split = corpus.split();
        boolean divisible = groups > 1 && !sameSide && split.test() > 0 && split.validation() > 0;
        return "Do one of these: " + String.join("; ", remedies) + "; or train without held-out tracks, and without a"
                + " verdict, by --set \"corpus.split="
                + (divisible ? "{train: 0.5, validation: 0.5, test: 0}" : "{train: 1, validation: 0, test: 0}") + "\"";
    }
}
