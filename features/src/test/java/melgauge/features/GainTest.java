package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.SplittableRandom;
import melgauge.data.Audio;
import melgauge.data.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GainTest {
    private static FeatureSpec spec(String settings) throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode spec = Specs.json();
        spec.setAll((ObjectNode) json.readTree(settings));
        return json.treeToValue(spec, FeatureSpec.class);
    }

    private static float[] features(FeatureSpec spec, double amplitude) {
        SplittableRandom random = new SplittableRandom(3);
        float[] samples = new float[16000];
        for (int i = 0; i < samples.length; i++) {
            double envelope = 0.5 + 0.5 * Math.sin(i / 3000.0);
            samples[i] = (float) (amplitude
                    * envelope
                    * (0.3 * Math.sin(2 * Math.PI * 440 * i / 16000) + 0.02 * (random.nextDouble() - 0.5)));
        }
        return spec.open().extract(new Audio(samples, 16000)).values();
    }

    @ParameterizedTest(name = "{0}, {1} dB")
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                            | 6    | 3e-5",
                "{}                                            | -11  | 3e-5",
                "{\"power\": 1.0}                              | 6    | 3e-5",
                "{\"compression\": \"decibel\"}                | 6    | 1e-3",
                "{\"compression\": \"decibel\"}                | -9.5 | 1e-3",
                "{\"compression\": \"decibel\", \"power\": 1.0} | 4   | 1e-3",
                "{\"compression\": \"none\", \"storage\": \"float32\"} | -6 | 1e-3",
                "{\"kind\": \"constantq\", \"fMin\": 110, \"compression\": \"decibel\"} | 5 | 1e-3"
            })
    void makesOfQuietAudioWhatTheLoudAudioHas(String settings, double decibels, double tolerance)
            throws JsonProcessingException {
        FeatureSpec spec = spec(settings);
        float[] values = features(spec, 1);
        float[] expected = features(spec, Math.pow(10, decibels / 20));
        float[] quiet = values.clone();
        Gain.of(spec).apply(values, 0, values.length, decibels);
        for (int i = 0; i < values.length; i++) {
            if (quiet[i] == -100) {
                // What was below the floor of decibels is lost.
                assertThat(expected[i]).isLessThan((float) (-100 + Math.max(0, decibels) + 1e-3));
                continue;
            }
            assertThat((double) values[i]).as("value %d", i).isCloseTo(expected[i], within(tolerance));
        }
    }

    @Test
    void leavesWhatLiesBesideAlone() {
        float[] values = {1, 2, 3, 4};
        Gain.of(MelSpec.defaults()).apply(values, 1, 2, 6);
        assertThat(values[0]).isEqualTo(1);
        assertThat(values[1]).isGreaterThan(2);
        assertThat(values[2]).isGreaterThan(3);
        assertThat(values[3]).isEqualTo(4);
    }

    @Test
    void keepsSilenceSilent() throws JsonProcessingException {
        float[] silence = new float[4];
        Gain.of(MelSpec.defaults()).apply(silence, 0, 4, 6);
        assertThat(silence).containsOnly(0);
        float[] floor = {-100, -98};
        Gain.of(spec("{\"compression\": \"decibel\"}")).apply(floor, 0, 2, -6);
        assertThat(floor).containsExactly(-100, -100);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"kind\": \"chroma\"} | mel or constantq",
                "{\"kind\": \"mfcc\"} | mel or constantq",
                "{\"compression\": \"decibel\", \"ref\": \"max\"} | features.ref=max"
            })
    void refusesFeaturesThatHaveNoLoudness(String settings, String reason) throws JsonProcessingException {
        FeatureSpec spec = spec(settings);
        assertThatThrownBy(() -> Gain.of(spec))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("gainDb must be 0")
                .hasMessageContaining(reason);
    }
}
