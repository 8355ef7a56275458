package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitTest {
    private static Track track(String path, String group, @Nullable Subset subset) {
        return new Track(path, Path.of(path), group, subset, List.of());
    }

    private static List<Track> corpus() {
        List<Track> tracks = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            tracks.add(track("t" + i, "artist" + i % 97, null));
        }
        return tracks;
    }

    @Test
    void neverTearsAGroupApart() {
        Map<String, Subset> sides = new HashMap<>();
        Map<String, Subset> assigned = Split.assign(corpus(), SplitSpec.defaults(), 1);
        for (Track track : corpus()) {
            Subset side = assigned.get(track.path());
            assertThat(sides.merge(track.group(), side, (before, now) -> before))
                    .isEqualTo(side);
        }
    }

    @Test
    void comesCloseToTheSharesAskedFor() {
        Map<String, Subset> assigned = Split.assign(corpus(), new SplitSpec(0.7, 0.2, 0.1), 1);
        for (Subset subset : Subset.values()) {
            long count = assigned.values().stream().filter(subset::equals).count();
            assertThat(count / 300.0)
                    .isBetween(
                            new SplitSpec(0.7, 0.2, 0.1).share(subset) - 0.02,
                            new SplitSpec(0.7, 0.2, 0.1).share(subset) + 0.02);
        }
    }

    @Test
    void dependsOnTheSeedButNotOnTheOrderOfRows() {
        List<Track> shuffled = corpus();
        Collections.shuffle(shuffled, new Random(5));
        assertThat(Split.assign(shuffled, SplitSpec.defaults(), 1))
                .containsExactlyInAnyOrderEntriesOf(Split.assign(corpus(), SplitSpec.defaults(), 1));
        assertThat(Split.assign(corpus(), SplitSpec.defaults(), 2))
                .isNotEqualTo(Split.assign(corpus(), SplitSpec.defaults(), 1));
    }

    @Test
    void keepsWhatTheManifestDemandsForTheWholeGroup() {
        List<Track> tracks = corpus();
        tracks.set(0, track("t0", "artist0", Subset.TEST));
        Map<String, Subset> assigned = Split.assign(tracks, SplitSpec.defaults(), 1);
        assertThat(assigned.get("t0")).isEqualTo(Subset.TEST);
        assertThat(assigned.get("t97")).isEqualTo(Subset.TEST);
    }

    @ParameterizedTest(name = "groups of {0}, {1} and {2} tracks")
    @CsvSource({"1, 1, 1", "80, 10, 10", "10, 80, 10", "1, 2, 40"})
    void leavesNoSideEmptyWhenThereAreEnoughGroups(int a, int b, int c) {
        List<Track> tracks = new ArrayList<>();
        int[] sizes = {a, b, c};
        for (int group = 0; group < sizes.length; group++) {
            for (int i = 0; i < sizes[group]; i++) {
                tracks.add(track(group + "/" + i, "artist" + group, null));
            }
        }
        for (long seed = 0; seed < 50; seed++) {
            assertThat(Split.assign(tracks, SplitSpec.defaults(), seed).values())
                    .contains(Subset.values());
        }
    }

    @Test
    void leavesASideWithoutAShareEmpty() {
        assertThat(Split.assign(corpus(), new SplitSpec(0.8, 0.2, 0), 1).values())
                .doesNotContain(Subset.TEST);
    }

    @Test
    void neverMovesADemandedGroupToFillASide() {
        List<Track> tracks = List.of(
                track("a", "Ann", Subset.TRAIN), track("b", "Bob", Subset.TRAIN), track("c", "Cid", Subset.TRAIN));
        assertThat(Split.assign(tracks, SplitSpec.defaults(), 1).values()).containsOnly(Subset.TRAIN);
    }

    @Test
    void refusesAGroupThatDemandsTwoSides() {
        assertThatThrownBy(() -> Split.assign(
                        List.of(track("a", "Ann", Subset.TRAIN), track("b", "Ann", Subset.TEST)),
                        SplitSpec.defaults(),
                        1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("group Ann would be torn apart");
    }

    @Test
    void refusesSharesThatDoNotSumToOne() {
        assertThatThrownBy(() -> new SplitSpec(0.7, 0.2, 0.2))
                .hasMessageContaining("must be three shares that sum to 1");
    }
}
