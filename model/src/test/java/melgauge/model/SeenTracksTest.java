package melgauge.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import melgauge.data.Subset;
import melgauge.data.io.NamedArrays;
import org.junit.jupiter.api.Test;

class SeenTracksTest {

    private static SeenTracks seen(String salt) {
        return SeenTracks.of(
                salt,
                new SeenTracks.Side(List.of("aa", "bb"), List.of("Nina")),
                new SeenTracks.Side(List.of("cc"), List.of("Ella")));
    }

    private static NamedArrays stored(SeenTracks seen) {
        NamedArrays.Builder arrays = NamedArrays.builder();
        seen.write(arrays, "seen.");
        return arrays.build();
    }

    private static byte[] trained(NamedArrays stored) throws IOException {
        return stored.bytes("seen.train.contents", 2, 16);
    }

    @Test
    void knowsItsContentsAndGroupsAndNoOthers() throws IOException {
        for (SeenTracks seen : List.of(seen("salt"), SeenTracks.read(stored(seen("salt")), "seen."))) {
            assertThat(seen.ofContent("aa")).contains(Subset.TRAIN);
            assertThat(seen.ofContent("cc")).contains(Subset.VALIDATION);
            assertThat(seen.ofContent("dd")).isEmpty();
            assertThat(seen.ofGroup("Nina")).contains(Subset.TRAIN);
            assertThat(seen.ofGroup("Ella")).contains(Subset.VALIDATION);
            assertThat(seen.ofGroup("aa")).isEmpty();
            assertThat(seen.isEmpty()).isFalse();
        }
    }

    @Test
    void namesNothingAndSharesNoHashWithAnotherModel() throws IOException {
        NamedArrays one = stored(seen("one"));
        assertThat(one.texts()).containsOnly(Map.entry("seen.salt", "one"));
        assertThat(one.arrays().keySet())
                .containsExactly(
                        "seen.train.contents",
                        "seen.train.groups",
                        "seen.validation.contents",
                        "seen.validation.groups");
        assertThat(trained(stored(seen("one")))).isEqualTo(trained(one));
        assertThat(trained(stored(seen("two")))).isNotEqualTo(trained(one));
    }

    @Test
    void aModelThatSaysNothingHasSeenNothing() throws IOException {
        for (SeenTracks nothing : List.of(SeenTracks.none(), SeenTracks.read(stored(SeenTracks.none()), "seen."))) {
            assertThat(nothing.isEmpty()).isTrue();
            assertThat(nothing.ofContent("aa")).isEmpty();
        }
    }

    @Test
    void refusesHashesOfAnotherShape() {
        NamedArrays damaged = NamedArrays.builder()
                .text("salt", "")
                .bytes("train.contents", new byte[15], 1, 15)
                .build();
        assertThatThrownBy(() -> SeenTracks.read(damaged, ""))
                .isInstanceOf(IOException.class)
                .hasMessage("its array train.contents is U8 [1, 15], it must be U8 [1, 16]");
    }
}
