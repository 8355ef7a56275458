package melgauge.pipeline.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import melgauge.data.UsageException;
import melgauge.features.FrameSource;
import melgauge.features.Spectrogram;
import melgauge.model.task.Example;
import org.junit.jupiter.api.Test;

class RotationTest {
    /** Thirty tracks of ten groups: 0/0, 0/1, 0/2, 1/0 … */
    private final List<Example> train =
            IntStream.range(0, 30).mapToObj(i -> track(i / 3 + "/" + i % 3)).toList();

    private final List<Example> validation = IntStream.range(0, 6)
            .mapToObj(i -> track("v" + i / 3 + "/" + i % 3))
            .toList();

    private static final FrameSource SILENCE = FrameSource.of(new Spectrogram(new float[0], 0, 1));

    private static Example track(String path) {
        return new Example(path, SILENCE, new float[0]);
    }

    private static String group(String path) {
        return path.substring(0, path.indexOf('/'));
    }

    private static List<String> paths(List<Example> tracks) {
        return tracks.stream().map(Example::path).toList();
    }

    private static Set<String> groups(List<Example> tracks) {
        return new HashSet<>(paths(tracks).stream().map(RotationTest::group).toList());
    }

    @Test
    void theFirstNetworkHasTheSidesOfTheSplit() {
        Rotation.Sides sides =
                Rotation.of(train, validation, RotationTest::group, 1).sides(0);
        assertThat(sides.train()).isEqualTo(train);
        assertThat(sides.validation()).isEqualTo(validation);
    }

    @Test
    void eachOtherNetworkIsValidatedByAnotherPieceAndLearnsFromTheRest() {
        Rotation rotation = Rotation.of(train, validation, RotationTest::group, 1);
        List<String> all =
                paths(Stream.concat(train.stream(), validation.stream()).toList());
        List<String> heldOut = new ArrayList<>();
        for (int network = 1; network <= 5; network++) {
            Rotation.Sides sides = rotation.sides(network);
            assertThat(sides.validation()).hasSize(6);
            assertThat(groups(sides.train())).doesNotContainAnyElementsOf(groups(sides.validation()));
            List<String> both = new ArrayList<>(paths(sides.train()));
            assertThat(both).containsAll(paths(validation));
            both.addAll(paths(sides.validation()));
            assertThat(both).containsExactlyInAnyOrderElementsOf(all);
            heldOut.addAll(paths(sides.validation()));
        }
        assertThat(heldOut).containsExactlyInAnyOrderElementsOf(paths(train));
        assertThat(paths(rotation.sides(6).validation()))
                .isEqualTo(paths(rotation.sides(1).validation()));
    }

    @Test
    void piecesDependOnTheSeedAndNotOnTheOrder() {
        List<Example> reversed = new ArrayList<>(train);
        Collections.reverse(reversed);
        List<String> piece = paths(
                Rotation.of(train, validation, RotationTest::group, 1).sides(1).validation());
        assertThat(paths(Rotation.of(reversed, validation, RotationTest::group, 1)
                        .sides(1)
                        .validation()))
                .containsExactlyInAnyOrderElementsOf(piece);
        assertThat(IntStream.range(2, 6)
                        .mapToObj(seed -> paths(Rotation.of(train, validation, RotationTest::group, seed)
                                .sides(1)
                                .validation())))
                .anyMatch(other -> !other.equals(piece));
    }

    @Test
    void fewTrainingTracksAreHalved() {
        List<Example> few = train.subList(0, 6);
        Rotation rotation = Rotation.of(few, validation, RotationTest::group, 1);
        assertThat(rotation.sides(1).validation()).hasSize(3);
        assertThat(rotation.sides(1).train()).hasSize(9);
    }

    @Test
    void whatCannotTakeTurnsIsRefused() {
        assertThatThrownBy(() -> Rotation.of(train, List.of(), RotationTest::group, 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("needs validation tracks, of which there are 0");
        assertThatThrownBy(() -> Rotation.of(train.subList(0, 3), validation, RotationTest::group, 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("two groups or more, of which there are 1");
    }
}
