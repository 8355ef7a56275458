package melgauge.model.diagnosis.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import melgauge.features.FeatureSpec;
import melgauge.features.MelSpec;
import org.junit.jupiter.api.Test;

class NarrowFrontEndTest {
    @Test
    void proposesNoSettingThatIsSetAlready() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = mapper.valueToTree(MelSpec.defaults());
        json.put("nMfcc", 20).put("binsPerOctave", 12).put("nChroma", 12);
        assertThat(NarrowFrontEnd.wider(MelSpec.defaults())).isEmpty();
        json.put("nMels", 8);
        assertThat(NarrowFrontEnd.wider(mapper.treeToValue(json, FeatureSpec.class))
                        .toString())
                .isEqualTo("{features.nMels=96}");
        json.put("nMels", 64).put("compression", "none");
        assertThat(NarrowFrontEnd.wider(mapper.treeToValue(json, FeatureSpec.class))
                        .toString())
                .isEqualTo("{features.nMels=96, features.compression=\"log10\"}");
        json.put("kind", "mfcc").put("nMfcc", 4);
        assertThat(NarrowFrontEnd.wider(mapper.treeToValue(json, FeatureSpec.class))
                        .toString())
                .isEqualTo("{features.nMfcc=20}");
        json.put("nMfcc", 20);
        assertThat(NarrowFrontEnd.wider(mapper.treeToValue(json, FeatureSpec.class))
                        .toString())
                .isEqualTo("{features.kind=\"mel\"}");
    }
}
