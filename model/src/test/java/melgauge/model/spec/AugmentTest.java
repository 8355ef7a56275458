package melgauge.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import melgauge.data.UsageException;
import melgauge.features.FeatureSpec;
import melgauge.features.Gain;
import melgauge.features.MelSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentTest {
    private static final Augment ALL = new Augment(1, 2, 3, 4, 0.1, 5, 6, 0.7);

    private static FeatureSpec spec(String settings) throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode spec = json.valueToTree(MelSpec.defaults());
        spec.put("nMfcc", 20).put("binsPerOctave", 12).put("nChroma", 12);
        spec.setAll((ObjectNode) json.readTree(settings));
        return json.treeToValue(spec, FeatureSpec.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                            | 5 | 6",
                "{\"kind\": \"constantq\", \"fMin\": 110}      | 5 | 6",
                "{\"kind\": \"mfcc\"}                          | 0 | 0",
                "{\"kind\": \"chroma\"}                        | 0 | 0",
                "{\"kind\": \"onset\"}                         | 0 | 0",
                "{\"compression\": \"decibel\", \"ref\": \"max\"} | 5 | 0"
            })
    void leavesAwayWhatFeaturesHaveNoPlaceFor(String settings, int shiftBands, double gainDb)
            throws JsonProcessingException {
        FeatureSpec features = spec(settings);
        assertThat(ALL.suiting(features)).isEqualTo(new Augment(1, 2, 3, 4, 0.1, shiftBands, gainDb, 0.7));
        if (gainDb > 0) {
            assertThat(Gain.of(features)).isNotNull();
        }
    }

    @Test
    void saysWhatIsWrongWithASetting() {
        assertThatThrownBy(() -> new Augment(17, 1, 0, 1, 0, 0, 0, 0))
                .isInstanceOf(UsageException.class)
                .hasMessage("augment.timeMasks=17 must be from 0 to 16");
        assertThatThrownBy(() -> new Augment(0, 1, 0, 1, 0.7, 0, 0, 0))
                .hasMessage("augment.stretch=0.7 must be from 0 to 0.5");
        assertThatThrownBy(() -> new Augment(0, 1, 0, 1, 0, 0, 0, Double.NaN))
                .hasMessage("augment.mixup=NaN must be from 0 to 10");
    }
}
