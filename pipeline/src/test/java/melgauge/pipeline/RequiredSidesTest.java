package melgauge.pipeline;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import melgauge.data.Split;
import melgauge.data.SplitSpec;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.data.UsageException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RequiredSidesTest {
    private static final SplitSpec USUAL = SplitSpec.defaults();

    private final List<Track> tracks = new ArrayList<>();

    private RequiredSidesTest add(int count, String group, @Nullable Subset side, double label) {
        for (int i = 0; i < count; i++) {
            String path = group + "/" + tracks.size() + ".wav";
            tracks.add(new Track(path, Path.of(path), group.equals("own") ? path : group, side, List.of(label)));
        }
        return this;
    }

    private RequiredSides sides(SplitSpec split, Subset... withheld) {
        Map<String, Subset> sides = Split.assign(tracks, split, 1);
        Set<Subset> left = EnumSet.noneOf(Subset.class);
        left.addAll(List.of(withheld));
        return new RequiredSides(
                new RunSpec.Corpus(Path.of("labels.csv"), Path.of("."), List.of(), split, Map.of()),
                tracks,
                sides,
                left);
    }

    private void refuses(SplitSpec split, String... words) {
        assertThatThrownBy(() -> sides(split).require())
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("labels.csv: ")
                .hasMessageContainingAll(words);
    }

    @Test
    void refusesACorpusOfOneGroup() {
        add(24, "Various Artists", null, 0.5)
                .refuses(
                        USUAL,
                        "no labelled validation track and no labelled test track",
                        "all 24 tracks are of one group (Various Artists)",
                        "finer values",
                        "corpus.split={train: 1, validation: 0, test: 0}");
    }

    @Test
    void refusesACorpusOfTwoGroupsAndProposesCrossValidationForThree() {
        add(12, "A", null, 0.5).add(12, "B", null, 0.5).refuses(USUAL, "no labelled test track", "of 2 groups");
        tracks.clear();
        add(1, "own", null, 0.5)
                .add(1, "own", null, 0.4)
                .add(1, "own", null, 0.3)
                .refuses(USUAL, "3 tracks are too few for the 3 sides", "crossvalidate RUN.yaml --folds 3");
    }

    @Test
    void refusesAManifestWhoseRowsAllSayTrain() {
        add(24, "own", Subset.TRAIN, 0.5).refuses(USUAL, "column split says train in every row", "remove column split");
    }

    @Test
    void refusesASideWithoutALabel() {
        add(10, "own", Subset.TRAIN, 0.5)
                .add(5, "own", Subset.VALIDATION, 0.5)
                .add(5, "own", Subset.TEST, Double.NaN)
                .refuses(USUAL, "no labelled test track");
    }

    @Test
    void goesOnWhereTheSettingsOrTheManifestAskForIt() {
        add(24, "A", null, 0.5);
        assertThatCode(() -> sides(new SplitSpec(1, 0, 0)).require()).doesNotThrowAnyException();
        tracks.clear();
        add(12, "A", null, 0.5).add(12, "B", null, 0.5);
        assertThatCode(() -> sides(new SplitSpec(0.5, 0.5, 0)).require()).doesNotThrowAnyException();
        assertThatCode(() -> sides(USUAL, Subset.TEST).require()).doesNotThrowAnyException();
        tracks.clear();
        add(12, "own", Subset.TRAIN, 0.5).add(12, "own", Subset.TEST, 0.5);
        assertThatCode(() -> sides(USUAL).require()).doesNotThrowAnyException();
    }

    @Test
    void refusesASideWhoseTracksWereAllRejected() {
        add(10, "own", Subset.TRAIN, 0.5).add(5, "own", Subset.VALIDATION, 0.5).add(5, "own", Subset.TEST, 0.5);
        Set<String> usable = Set.copyOf(tracks.stream()
                .filter(track -> track.subset() != Subset.TEST)
                .map(Track::path)
                .toList());
        assertThatThrownBy(() -> sides(USUAL).requireUsable(usable, List.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("none of the 5 labelled test tracks can be used");
        assertThatCode(() -> sides(USUAL, Subset.TEST).requireUsable(usable, List.of()))
                .doesNotThrowAnyException();
    }
}
