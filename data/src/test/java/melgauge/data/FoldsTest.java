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
import org.junit.jupiter.params.provider.ValueSource;

class FoldsTest {
    private static final SplitSpec SPLIT = new SplitSpec(0.6, 0.2, 0.2);

    private static Track track(String path, String group, @Nullable Subset subset) {
        return new Track(path, Path.of(path), group, subset, List.of());
    }

    /** Groups of 1 to 12 tracks; every third track demands a side. */
    private static List<Track> corpus() {
        List<Track> tracks = new ArrayList<>();
        for (int group = 0; group < 40; group++) {
            for (int i = 0; i <= group % 12; i++) {
                tracks.add(track("t" + group + "-" + i, "g" + group, group % 3 == 0 ? Subset.TRAIN : null));
            }
        }
        return tracks;
    }

    @ParameterizedTest(name = "{0} folds")
    @ValueSource(ints = {2, 3, 5, 10, 40})
    void testsEveryTrackOnceAndTearsNoGroupApart(int count) {
        Folds folds = Folds.of(corpus(), count, 1);
        Map<String, Integer> tested = new HashMap<>();
        for (int fold = 1; fold <= count; fold++) {
            Map<String, Subset> sides = folds.sides(fold, SPLIT);
            assertThat(sides.keySet())
                    .containsExactlyElementsOf(
                            corpus().stream().map(Track::path).toList());
            Map<String, Subset> ofGroup = new HashMap<>();
            for (Track track : corpus()) {
                Subset side = sides.get(track.path());
                assertThat(ofGroup.merge(track.group(), side, (before, now) -> before))
                        .isEqualTo(side);
                if (side == Subset.TEST) {
                    tested.merge(track.path(), 1, Integer::sum);
                    assertThat(folds.fold(track)).isEqualTo(fold);
                }
            }
        }
        assertThat(tested).hasSize(corpus().size());
        assertThat(tested.values()).containsOnly(1);
    }

    @Test
    void foldsAreEvenAndTheRestIsSplitInTheProportionAskedFor() {
        Folds folds = Folds.of(corpus(), 5, 1);
        for (int fold = 1; fold <= 5; fold++) {
            Map<String, Subset> sides = folds.sides(fold, SPLIT);
            long test = sides.values().stream().filter(Subset.TEST::equals).count();
            long validation =
                    sides.values().stream().filter(Subset.VALIDATION::equals).count();
            assertThat(test).isBetween(corpus().size() / 5L - 1, corpus().size() / 5L + 1);
            assertThat(validation / (double) (corpus().size() - test)).isBetween(0.22, 0.28);
        }
    }

    @Test
    void dependsOnTheSeedButNotOnTheOrderOfRows() {
        List<Track> shuffled = corpus();
        Collections.shuffle(shuffled, new Random(3));
        Map<String, Subset> sides = Folds.of(corpus(), 5, 1).sides(2, SPLIT);
        assertThat(Folds.of(shuffled, 5, 1).sides(2, SPLIT)).containsExactlyInAnyOrderEntriesOf(sides);
        assertThat(Folds.of(corpus(), 5, 2).sides(2, SPLIT)).isNotEqualTo(sides);
    }

    @Test
    void refusesMoreFoldsThanGroups() {
        assertThatThrownBy(() -> Folds.of(corpus(), 41, 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("folds=41 must be at most the number of groups, which is 40");
        assertThatThrownBy(() -> Folds.of(corpus(), 1, 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("folds=1 must be at least 2");
    }

    @Test
    void withoutAShareForValidationAllOthersTrain() {
        Map<String, Subset> sides = Folds.of(corpus(), 4, 1).sides(1, new SplitSpec(0.8, 0, 0.2));
        assertThat(sides.values()).doesNotContain(Subset.VALIDATION);
    }
}
