package melgauge.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import melgauge.data.Subset;
import org.junit.jupiter.api.Test;

class SeenTracksTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static SeenTracks seen(String salt) {
        return SeenTracks.of(
                salt,
                new SeenTracks.Side(List.of("aa", "bb"), List.of("Nina")),
                new SeenTracks.Side(List.of("cc"), List.of("Ella")));
    }

    @Test
    void knowsItsContentsAndGroupsAndNoOthers() throws IOException {
        JsonNode stored = JSON.readTree(JSON.writeValueAsString(seen("salt").toJson()));
        for (SeenTracks seen : List.of(seen("salt"), SeenTracks.fromJson(stored))) {
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
    void namesNothingAndSharesNoHashWithAnotherModel() {
        String one = seen("one").toJson().toString();
        assertThat(one).doesNotContain("Nina", "Ella");
        assertThat(seen("one").toJson().toString()).isEqualTo(one);
        assertThat(seen("two").toJson().at("/train/contents").asText())
                .isNotEqualTo(seen("one").toJson().at("/train/contents").asText());
    }

    @Test
    void aModelThatSaysNothingHasSeenNothing() throws IOException {
        SeenTracks nothing = SeenTracks.fromJson(JSON.createObjectNode().path("seen"));
        assertThat(nothing.isEmpty()).isTrue();
        assertThat(nothing.ofContent("aa")).isEmpty();
    }

    @Test
    void refusesDamagedHashes() {
        for (String damaged : List.of("not base64!", "AAAA")) {
            ObjectNode json = JSON.createObjectNode();
            json.putObject("train").put("contents", damaged);
            assertThatThrownBy(() -> SeenTracks.fromJson(json))
                    .as(damaged)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("hashes");
        }
    }
}
