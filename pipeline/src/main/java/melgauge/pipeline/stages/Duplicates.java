package melgauge.pipeline.stages;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import melgauge.data.AuditRow;
import melgauge.data.Subset;
import melgauge.features.Fingerprint;

/**
 * Finds tracks of a corpus that are the same audio: files with the same bytes, and files whose decoded durations differ
 * by at most 0.25 s and whose {@link Fingerprint}s agree to at least {@link #LEAST_SIMILARITY}, such as the same
 * recording in two encodings. They become suspect, with a reason that names another one.
 *
 * <p>Contents are sorted by duration, and each is compared with those that follow within 0.25 s. Even where all tracks
 * are equally long this takes seconds for 100,000, because most pairs differ in so many signs of their fingerprints that
 * no cosine is computed. The outcome depends on the order of the tracks, and on nothing else.
 *
 * @param audits in the order of the tracks, with what was found
 * @param pairs how many pairs of tracks are the same audio
 * @param acrossSides how many of these are on two sides of the split
 */
record Duplicates(List<AuditRow> audits, long pairs, long acrossSides) {
    /** Where the same recording begins; see docs/architecture.md for what was measured. */
    static final double LEAST_SIMILARITY = 0.90;

    private static final double DURATION_SECONDS = 0.25;

    /** Of 64 and of 256 signs: how many may differ. Pairs of encodings of one recording differ in fewer. */
    private static final int MOST_SIGNS_64 = 24;

    private static final int MOST_SIGNS = 72;

    /** One content, under all its names. */
    private static final class Content {
        private final int first;
        private final double seconds;
        private final Fingerprint fingerprint;
        private final List<Integer> tracks = new ArrayList<>();
        private final Map<Subset, Integer> sides = new EnumMap<>(Subset.class);
        private int matches;
        private double best;
        private int bestTrack = -1;

        Content(int first, double seconds, Fingerprint fingerprint) {
            this.first = first;
            this.seconds = seconds;
            this.fingerprint = fingerprint;
        }

        void add(int track, Subset side) {
            tracks.add(track);
            sides.merge(side, 1, Integer::sum);
        }

        void match(Content other, double similarity) {
            matches++;
            if (similarity > best || (similarity == best && other.first < bestTrack)) {
                best = similarity;
                bestTrack = other.first;
            }
        }

        long pairs() {
            return pairs(tracks.size());
        }

        long pairsOnOneSide() {
            return sides.values().stream().mapToLong(Content::pairs).sum();
        }

        private static long pairs(long count) {
            return count * (count - 1) / 2;
        }

        long pairs(Content other) {
            return (long) tracks.size() * other.tracks.size();
        }

        long pairsOnOneSide(Content other) {
            return sides.entrySet().stream()
                    .mapToLong(side -> (long) side.getValue() * other.sides.getOrDefault(side.getKey(), 0))
                    .sum();
        }
    }

    /**
     * Compares all tracks that are used.
     *
     * @param audits one for each track, without what this class finds
     * @param fingerprints likewise
     * @param side of the split, by the path of a track
     */
    static Duplicates find(List<AuditRow> audits, List<Fingerprint> fingerprints, Function<String, Subset> side) {
        Map<String, Content> contents = new LinkedHashMap<>();
        for (int i = 0; i < audits.size(); i++) {
            AuditRow audit = audits.get(i);
            if (audit.status() != AuditRow.Status.REJECTED) {
                int track = i;
                contents.computeIfAbsent(
                                audit.sha256(),
                                sha256 -> new Content(track, audit.durationSeconds(), fingerprints.get(track)))
                        .add(track, side.apply(audit.path()));
            }
        }
        long pairs = 0;
        long onOneSide = 0;
        for (Content content : contents.values()) {
            pairs += content.pairs();
            onOneSide += content.pairsOnOneSide();
        }
        Sweep sweep = new Sweep(contents.values().stream()
                .filter(content -> !content.fingerprint.isBlank())
                .sorted(Comparator.comparingDouble((Content content) -> content.seconds)
                        .thenComparingInt(content -> content.first))
                .toArray(Content[]::new));
        sweep.run();
        return new Duplicates(
                mark(audits, contents), pairs + sweep.pairs, pairs + sweep.pairs - onOneSide - sweep.onOneSide);
    }

    /** Compares neighbours in a list that is sorted by duration. */
    private static final class Sweep {
        private final Content[] sorted;
        private final long[] signs;
        private long pairs;
        private long onOneSide;

        Sweep(Content[] sorted) {
            this.sorted = sorted;
            this.signs = new long[sorted.length * Fingerprint.SIGN_WORDS];
            for (int i = 0; i < signs.length; i++) {
                signs[i] = sorted[i / Fingerprint.SIGN_WORDS].fingerprint.signs(i % Fingerprint.SIGN_WORDS);
            }
        }

        void run() {
            for (int a = 0, end = 0; a < sorted.length; a++) {
                while (end < sorted.length && sorted[end].seconds - sorted[a].seconds <= DURATION_SECONDS) {
                    end++;
                }
                for (int b = a + 1; b < end; b++) {
                    if (mayMatch(a, b)) {
                        compare(sorted[a], sorted[b]);
                    }
                }
            }
        }

        private boolean mayMatch(int a, int b) {
            int i = a * Fingerprint.SIGN_WORDS;
            int j = b * Fingerprint.SIGN_WORDS;
            int differing = Long.bitCount(signs[i] ^ signs[j]);
            if (differing > MOST_SIGNS_64) {
                return false;
            }
            for (int word = 1; word < Fingerprint.SIGN_WORDS; word++) {
                differing += Long.bitCount(signs[i + word] ^ signs[j + word]);
            }
            return differing <= MOST_SIGNS;
        }

        private void compare(Content a, Content b) {
            double similarity = a.fingerprint.similarity(b.fingerprint);
            if (similarity >= LEAST_SIMILARITY) {
                a.match(b, similarity);
                b.match(a, similarity);
                pairs += a.pairs(b);
                onOneSide += a.pairsOnOneSide(b);
            }
        }
    }

    private static List<AuditRow> mark(List<AuditRow> audits, Map<String, Content> contents) {
        List<AuditRow> marked = new ArrayList<>(audits);
        for (Content content : contents.values()) {
            for (int track : content.tracks) {
                AuditRow row = audits.get(track);
                if (content.tracks.size() > 1) {
                    int other = content.tracks.get(track == content.first ? 1 : 0);
                    row = row.withReason(
                            "has the same bytes as " + audits.get(other).path() + more(content.tracks.size() - 2));
                }
                if (content.matches > 0) {
                    row = row.withReason(String.format(
                            Locale.ROOT,
                            "sounds the same as %s (fingerprints agree to %.2f)%s",
                            audits.get(content.bestTrack).path(),
                            content.best,
                            more(content.matches - 1)));
                }
                marked.set(track, row);
            }
        }
        return Collections.unmodifiableList(marked);
    }

    private static String more(int others) {
        return others == 0 ? "" : " and " + others + " more";
    }

    /** What was found, to follow a sentence; empty if nothing was. */
    String summary() {
        if (pairs == 0) {
            return "";
        }
        return "; " + pairs + (pairs == 1 ? " pair of tracks is" : " pairs of tracks are") + " the same audio"
                + (acrossSides == 0
                        ? ""
                        : ", " + acrossSides + " of them on two sides of the split: give such tracks one group");
    }
}
