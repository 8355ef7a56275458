package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import melgauge.data.Audio;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The block transform against the plain one, frame by frame. */
class BlockTransformTest {
    @ParameterizedTest(name = "nFft {0}, window {1}, hop {2}")
    @CsvSource({
        "256, 256, 64",
        "256, 200, 256",
        "512, 512, 160",
        "1024, 1024, 256",
        "1024, 1024, 1",
        "1024, 777, 333",
        "2048, 2048, 512",
        "2048, 2048, 2047"
    })
    void agreesWithThePlainTransform(int nFft, int winLength, int hopLength) throws IOException {
        MelSpec spec =
                Specs.with("nFft", nFft, "winLength", winLength, "hopLength", hopLength, "center", false, "nMels", 20);
        Stft stft = new Stft(spec.framing(), spec.stft());
        BlockTransform block = new BlockTransform(spec, stft.window());
        float[] signal = signal(3 + block.blockLength());
        List<float[]> plain = new ArrayList<>();
        stft.begin(frame -> plain.add(frame.clone())).add(signal, 3, block.blockLength());
        assertThat(plain).hasSize(BlockTransform.LANES);

        BlockTransform.Rows rows = block.begin();
        for (int time = 0; time < 2; time++) { // the second must not see what the first left
            float[][] powers = rows.powers(signal, 3);
            double largest = 0;
            double error = 0;
            for (int lane = 0; lane < BlockTransform.LANES; lane++) {
                for (int bin = 0; bin <= nFft / 2; bin++) {
                    largest = Math.max(largest, plain.get(lane)[bin]);
                    error = Math.max(error, Math.abs((double) plain.get(lane)[bin] - powers[bin][lane]));
                }
            }
            assertThat(error / largest).isLessThan(1e-6);
        }
    }

    @Test
    void aLongTrackIsTheSameByEitherWay() {
        MelSpec fast = MelSpec.defaults();
        assertThat(BlockTransform.suits(fast)).isTrue();
        MelSpec plain = Specs.with("compression", "decibel");
        assertThat(BlockTransform.suits(plain)).isFalse();
        Audio audio = new Audio(signal(16000 * 7 + 5), 16000);
        Spectrogram blocks = new MelSpectrogram(fast).extract(audio);
        Spectrogram single = new MelSpectrogram(plain).extract(audio);
        assertThat(blocks.frames()).isEqualTo(single.frames()).isEqualTo(fast.frames(16000 * 7 + 5));
        for (int i = 0; i < blocks.values().length; i++) {
            double power = Math.pow(10, single.values()[i] / 10.0);
            assertThat((double) blocks.values()[i]).isCloseTo(Math.log10(1 + 10000 * power), within(2e-5));
        }
    }

    @Test
    void silenceBesideMusicStaysSilent() {
        float[] samples = signal(64 * 256 * 3);
        Arrays.fill(samples, 64 * 256, 64 * 256 + 40 * 256, 0f);
        Spectrogram spectrogram = new MelSpectrogram(MelSpec.defaults()).extract(new Audio(samples, 16000));
        for (int frame = 64 + 2; frame < 64 + 38; frame++) {
            for (int band = 0; band < 96; band++) {
                assertThat(spectrogram.at(frame, band)).isZero();
            }
        }
    }

    private static float[] signal(int length) {
        Random random = new Random(length);
        float[] samples = new float[length];
        for (int i = 0; i < length; i++) {
            samples[i] = (float) (0.3 * Math.sin(0.05 * i + 2e-6 * i * i) + 0.02 * random.nextGaussian());
        }
        return samples;
    }
}
