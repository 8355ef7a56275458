package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import melgauge.data.Audio;
import org.jtransforms.utils.CommonUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MelSpectrogramTest {
    private final MelSpectrogram mel = new MelSpectrogram(MelSpec.defaults());

    /** The bands come from NumPy: the loudest of the reference implementation's for the same tone. */
    @ParameterizedTest(name = "{0} Hz is loudest in band {1}")
    @CsvSource({"60, 1", "220, 6", "440, 13", "880, 27", "1000, 31", "1760, 49", "2500, 60", "4000, 74", "6000, 87"})
    void putsAPureToneInItsBand(double hertz, int band) {
        float[] samples = new float[16000];
        for (int n = 0; n < samples.length; n++) {
            samples[n] = (float) (0.5 * Math.sin(2 * Math.PI * hertz * n / 16000));
        }
        Spectrogram spectrogram = mel.extract(new Audio(samples, 16000));
        int loudest = 0;
        for (int b = 1; b < spectrogram.bands(); b++) {
            loudest = spectrogram.at(30, b) > spectrogram.at(30, loudest) ? b : loudest;
        }
        assertThat(loudest).isEqualTo(band);
    }

    @Test
    void refusesAudioAtAnotherRate() {
        assertThatThrownBy(() -> mel.extract(new Audio(new float[100], 44100)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("44100 Hz")
                .hasMessageContaining("16000 Hz")
                .hasMessageContaining("resample");
    }

    @Test
    void silenceIsZeroAsLog10AndMinusHundredAsDecibel() {
        Audio silence = new Audio(new float[4000], 16000);
        assertThat(mel.extract(silence).values()).containsOnly(0f);
        assertThat(new MelSpectrogram(Specs.with("compression", "decibel"))
                        .extract(silence)
                        .values())
                .containsOnly(-100f);
    }

    @Test
    void audioWithoutSamplesHasNoFrames() {
        assertThat(mel.extract(new Audio(new float[0], 16000)).frames()).isZero();
        assertThat(mel.extract(new Audio(new float[1], 16000)).frames()).isEqualTo(1);
    }

    @Test
    void notANumberStaysVisible() {
        float[] samples = new float[4000];
        samples[2000] = Float.NaN;
        assertThat(mel.extract(new Audio(samples, 16000)).at(8, 10)).isNaN();
    }

    @Test
    void oneInstanceGivesEqualBytesOnAllThreads() {
        List<Audio> tracks = IntStream.range(0, 24)
                .mapToObj(seed -> {
                    Random random = new Random(seed);
                    float[] samples = new float[8000 + 100 * seed];
                    for (int i = 0; i < samples.length; i++) {
                        samples[i] = (float) random.nextGaussian() * 0.1f;
                    }
                    return new Audio(samples, 16000);
                })
                .toList();
        List<float[]> serial =
                tracks.stream().map(track -> mel.extract(track).values()).toList();
        List<float[]> parallel = tracks.parallelStream()
                .map(track -> mel.extract(track).values())
                .toList();
        for (int i = 0; i < tracks.size(); i++) {
            assertThat(parallel.get(i)).isEqualTo(serial.get(i));
        }
    }

    @Test
    void fastLogStaysWithinItsStatedError() {
        double worst = 0;
        // Every 97th float from 1e-10 to the largest.
        for (int bits = Float.floatToRawIntBits(1e-10f); bits < Float.floatToRawIntBits(Float.MAX_VALUE); bits += 97) {
            float x = Float.intBitsToFloat(bits);
            double exact = Math.log10(x);
            worst = Math.max(worst, Math.abs(FastLog.log10(x) - exact) / Math.max(1, Math.abs(exact)));
        }
        assertThat(worst).isLessThan(3e-7);
        assertThat(FastLog.log10(1f)).isZero();
        assertThat(FastLog.log10(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(FastLog.log10(Float.NaN)).isNaN();
    }

    @ParameterizedTest(name = "center {0}, {1}, nFft {2}, hop {3}")
    @CsvSource({
        "true, constant, 1024, 256",
        "true, reflect, 1024, 256",
        "false, constant, 512, 700",
        "true, reflect, 2048, 3000",
        "true, reflect, 300, 77"
    })
    void thePiecesThatSamplesComeInChangeNothing(boolean center, String padMode, int nFft, int hop) throws IOException {
        MelSpectrogram extractor = new MelSpectrogram(Specs.with(
                "center", center, "padMode", padMode, "nFft", nFft, "winLength", nFft, "hopLength", hop, "nMels", 20));
        for (int length : new int[] {1, 2, nFft / 2, nFft / 2 + 1, nFft + 3, 50_000}) {
            float[] samples = noise(length, length);
            Spectrogram whole = extractor.extract(new Audio(samples, 16000));
            Random random = new Random(length);
            List<float[]> frames = new ArrayList<>();
            Extraction extraction = extractor.begin(frame -> frames.add(frame.clone()));
            for (int done = 0; done < length; ) {
                int piece = Math.min(length - done, 1 + random.nextInt(random.nextBoolean() ? 5 : 9000));
                extraction.add(samples, done, piece);
                done += piece;
            }
            extraction.finish();
            assertThat(frames).as("%d samples", length).hasSize(whole.frames());
            for (int frame = 0; frame < frames.size(); frame++) {
                for (int band = 0; band < 20; band++) {
                    assertThat(frames.get(frame)[band]).isEqualTo(whole.at(frame, band));
                }
            }
        }
    }

    @Test
    void aFrameAllocatesNothing() throws IOException {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        float[] second = noise(16000, 1);
        double[] heard = new double[1];
        Extraction extraction = mel.begin(frame -> heard[0] += frame[0]);
        for (int i = 0; i < 20; i++) {
            extraction.add(second, 0, second.length);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100; i++) {
            extraction.add(second, 0, second.length);
        }
        // 6,250 frames; the JVM itself may allocate a little for this thread, such as when it compiles a loop.
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(6250);
        assertThat(heard[0]).isPositive();
    }

    @Test
    void longTransformsStartNoThreads() throws IOException {
        new Stft(Framing.defaults(), new StftSpec(1 << 15, 1 << 15, StftSpec.Window.HANN))
                .begin(frame -> {})
                .add(noise(1 << 16, 1), 0, 1 << 16);
        assertThat(CommonUtils.getThreadsBeginN_1D_FFT_2Threads()).isGreaterThan(1 << 20);
    }

    @Test
    void namesEmptyBandsAndTheRemedy() {
        List<String> warnings = new MelSpectrogram(Specs.with("nFft", 256, "winLength", 256)).warnings();
        assertThat(warnings).hasSize(1);
        assertThat(warnings.get(0))
                .contains("of 96 mel bands lie between two FFT bins")
                .contains("raise features.nFft=256 or lower features.nMels=96");
        assertThat(mel.warnings()).isEmpty();
    }

    @Test
    void aFloorBelowTheLoudestValueIsTheTracksOwn() {
        float[] samples = noise(200_000, 3);
        for (int i = 100_000; i < samples.length; i++) {
            samples[i] *= 1e-4f;
        }
        Audio audio = new Audio(samples, 16000);
        float[] plain = new MelSpectrogram(Specs.with("compression", "decibel"))
                .extract(audio)
                .values();
        float[] floored = new MelSpectrogram(Specs.with("compression", "decibel", "topDb", 30))
                .extract(audio)
                .values();
        float[] relative = new MelSpectrogram(Specs.with("compression", "decibel", "topDb", 30, "ref", "max"))
                .extract(audio)
                .values();
        float loudest = Float.NEGATIVE_INFINITY;
        for (float value : plain) {
            loudest = Math.max(loudest, value);
        }
        for (int i = 0; i < plain.length; i++) {
            assertThat(floored[i]).isEqualTo(Math.max(plain[i], loudest - 30));
            assertThat(relative[i]).isEqualTo(floored[i] - loudest);
        }
    }

    private static float[] noise(int length, long seed) {
        Random random = new Random(seed);
        float[] samples = new float[length];
        for (int i = 0; i < length; i++) {
            samples[i] = (float) random.nextGaussian() * 0.1f;
        }
        return samples;
    }
}
