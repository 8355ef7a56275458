package melgauge.model.diagnosis.measure;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import melgauge.data.Audio;
import melgauge.features.FeatureSpec;
import melgauge.features.FrameSource;
import melgauge.features.MelSpec;
import melgauge.features.Spectrogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrontEndTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double SECONDS = 8;

    /** Six notes at a time from 100 to 3,200 Hz, five times a second others: the same sound at any sample rate. */
    private static Audio music(int sampleRate, long seed) {
        Random random = new Random(seed);
        float[] samples = new float[(int) (SECONDS * sampleRate)];
        int length = sampleRate / 5;
        for (int start = 0; start < samples.length; start += length) {
            for (int voice = 0; voice < 6; voice++) {
                double hertz = 100 * Math.pow(2, 5 * random.nextDouble());
                double level = 0.1 * random.nextDouble();
                for (int i = start; i < Math.min(samples.length, start + length); i++) {
                    samples[i] += (float) (level * Math.sin(2 * Math.PI * hertz * i / sampleRate));
                }
            }
        }
        return new Audio(samples, sampleRate);
    }

    private static FeatureSpec spec(String key, double value) throws IOException {
        ObjectNode json = JSON.valueToTree(MelSpec.defaults());
        if (key.startsWith("n")) {
            json.put(key, (int) value);
        } else {
            json.put(key, value);
        }
        return JSON.treeToValue(json, FeatureSpec.class);
    }

    private static FrontEnd measured(FeatureSpec spec) {
        return FrontEnd.measure(
                spec,
                IntStream.range(0, 8)
                        .mapToObj(seed -> {
                            Spectrogram own = spec.open().extract(music(spec.sampleRate(), seed));
                            MelSpec reference = FrontEnd.reference(spec);
                            return new FrontEnd.Track(
                                    FrameSource.of(own), reference.open().extract(music(reference.sampleRate(), seed)));
                        })
                        .toList());
    }

    @Test
    void theDefaultFrontEndPassesNearlyAll() {
        FrontEnd frontEnd = measured(MelSpec.defaults());
        assertThat(frontEnd.known()).isTrue();
        assertThat(frontEnd.variationShare()).isGreaterThan(0.8);
        assertThat(frontEnd.energyShare()).isGreaterThan(0.95);
        assertThat(frontEnd.bands()).hasSize(64);
        assertThat(frontEnd.bands().stream().mapToDouble(FrontEnd.Band::energy).sum())
                .isBetween(0.999, 1.001);
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource({"nMels, 2", "fMin, 4000", "fMax, 200"})
    void fewBandsOrARangeWithoutMusicPassLittle(String key, double value) throws IOException {
        assertThat(measured(spec(key, value)).variationShare()).isLessThan(0.5);
    }

    @Test
    void energyOutsideOfTheRangeIsNotCounted() throws IOException {
        assertThat(measured(spec("fMin", 4000)).energyShare()).isLessThan(0.05);
    }

    @Test
    void tooFewFramesAreNotJudged() {
        assertThat(FrontEnd.measure(MelSpec.defaults(), List.of()).known()).isFalse();
    }
}
