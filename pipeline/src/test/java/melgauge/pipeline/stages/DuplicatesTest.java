package melgauge.pipeline.stages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import melgauge.data.Audit;
import melgauge.data.AuditRow;
import melgauge.data.Failure;
import melgauge.data.Subset;
import melgauge.features.Fingerprint;
import org.junit.jupiter.api.Test;

class DuplicatesTest {
    private final List<AuditRow> audits = new ArrayList<>();
    private final List<Fingerprint> fingerprints = new ArrayList<>();
    private final Map<String, Subset> sides = new HashMap<>();

    /** A fingerprint at random, the more of it replaced by chance the more noise. */
    private static Fingerprint fingerprint(long seed, double noise, long noiseSeed) {
        Random random = new Random(seed);
        Random other = new Random(noiseSeed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Fingerprint.LENGTH; i++) {
            double value = 60 * random.nextGaussian() + noise * 60 * other.nextGaussian();
            text.append(String.format("%02x", (byte) Math.max(-127, Math.min(127, value))));
        }
        return Fingerprint.parse(text.toString());
    }

    private void add(String path, String sha256, double seconds, Fingerprint fingerprint, Subset side) {
        audits.add(new AuditRow(path, AuditRow.Status.OK, "", seconds, seconds, 44100, 2, "mp3", -1, -12, sha256));
        fingerprints.add(fingerprint);
        sides.put(path, side);
    }

    private Duplicates find() {
        return Duplicates.find(audits, fingerprints, path -> sides.getOrDefault(path, Subset.TRAIN));
    }

    private String reason(String path) {
        return find().audits().stream()
                .filter(row -> row.path().equals(path))
                .findFirst()
                .orElseThrow()
                .reason();
    }

    @Test
    void saysNothingWhereAllTracksDiffer() {
        for (int i = 0; i < 50; i++) {
            add("t" + i, "s" + i, 30, fingerprint(i, 0, 0), Subset.TRAIN);
        }
        assertThat(find().audits()).isEqualTo(audits);
        assertThat(find().pairs()).isZero();
        assertThat(find().summary()).isEmpty();
    }

    @Test
    void namesTheMostSimilarTrackAndCountsTheOthers() {
        add("a", "s1", 30, fingerprint(1, 0, 0), Subset.TRAIN);
        add("b", "s2", 30.1, fingerprint(1, 0.25, 7), Subset.TRAIN);
        add("c", "s3", 29.9, fingerprint(1, 0.05, 8), Subset.TEST);
        assertThat(reason("a")).isEqualTo("sounds the same as c (fingerprints agree to 1.00) and 1 more");
        assertThat(reason("b")).startsWith("sounds the same as a (fingerprints agree to 0.9");
        assertThat(find().pairs()).isEqualTo(3);
        assertThat(find().acrossSides()).isEqualTo(2);
        assertThat(find().audits()).allMatch(row -> row.status() == AuditRow.Status.SUSPECT);
    }

    @Test
    void comparesOnlyTracksThatAreEquallyLong() {
        add("a", "s1", 30, fingerprint(1, 0, 0), Subset.TRAIN);
        add("b", "s2", 30.25, fingerprint(1, 0, 0), Subset.TRAIN);
        add("c", "s3", 30.51, fingerprint(1, 0, 0), Subset.TRAIN);
        assertThat(reason("a")).startsWith("sounds the same as b").doesNotContain("more");
        assertThat(reason("c")).isEmpty();
        assertThat(find().summary()).isEqualTo("; 1 pair of tracks is the same audio");
    }

    @Test
    void filesWithTheSameBytesCountAsOneContent() {
        add("a", "same", 30, fingerprint(1, 0, 0), Subset.TRAIN);
        add("b", "other", 30, fingerprint(1, 0.1, 3), Subset.TEST);
        add("c", "same", 30, fingerprint(1, 0, 0), Subset.TRAIN);
        add("d", "same", 30, fingerprint(1, 0, 0), Subset.VALIDATION);
        assertThat(reason("a")).startsWith("has the same bytes as c and 1 more; sounds the same as b (fing");
        assertThat(reason("d")).startsWith("has the same bytes as a and 1 more; sounds the same as b (fing");
        assertThat(reason("b")).matches("sounds the same as a \\(fingerprints agree to 0\\.99\\)|.*1\\.00\\)");
        assertThat(find().pairs()).isEqualTo(6);
        assertThat(find().acrossSides()).isEqualTo(5); // all but a and c
    }

    @Test
    void leavesOutRejectedAndBlankTracks() {
        audits.add(Audit.rejected("r1", new Failure(Failure.Code.EMPTY, "is empty"), "same"));
        audits.add(Audit.rejected("r2", new Failure(Failure.Code.MISSING, "there is no such file"), ""));
        audits.add(Audit.rejected("r3", new Failure(Failure.Code.MISSING, "there is no such file"), ""));
        audits.add(Audit.rejected("r4", new Failure(Failure.Code.EMPTY, "is empty"), "same"));
        for (int i = 0; i < 4; i++) {
            fingerprints.add(Fingerprint.blank());
        }
        add("a", "s1", 30, Fingerprint.blank(), Subset.TRAIN);
        add("b", "s2", 30, Fingerprint.blank(), Subset.TRAIN);
        assertThat(find().audits()).isEqualTo(audits);
    }

    @Test
    void theOrderOfTheTracksDecidesNothingButTies() {
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            add("t" + i, "s" + i % 280, 30 + i % 280 % 7 / 10.0, fingerprint(i % 40, 0.3, i % 280), Subset.TRAIN);
        }
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < audits.size(); i++) {
            order.add(i);
        }
        Duplicates before = find();
        Collections.shuffle(order, random);
        List<AuditRow> shuffled = order.stream().map(audits::get).toList();
        List<Fingerprint> prints = order.stream().map(fingerprints::get).toList();
        Duplicates after = Duplicates.find(shuffled, prints, path -> Subset.TRAIN);
        assertThat(after.pairs()).isEqualTo(before.pairs()).isGreaterThan(20);
        assertThat(after.audits().stream()
                        .filter(row -> !row.reason().isEmpty())
                        .map(AuditRow::path))
                .containsExactlyInAnyOrderElementsOf(before.audits().stream()
                        .filter(row -> !row.reason().isEmpty())
                        .map(AuditRow::path)
                        .toList());
    }
}
