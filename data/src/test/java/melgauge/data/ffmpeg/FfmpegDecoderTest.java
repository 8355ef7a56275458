package melgauge.data.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import melgauge.data.AudioException;
import melgauge.data.Decoded;
import melgauge.data.Wav;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FfmpegDecoderTest {
    private static final Path DEMO = Path.of("demo", "audio");

    @TempDir
    Path folder;

    private final FfmpegDecoder decoder = new FfmpegDecoder();

    @ParameterizedTest(name = "{0} bits, error at most {1}")
    @CsvSource({"8, 0.012", "16, 5e-5", "24, 3e-7", "32, 1e-7"})
    void givesTheSamplesOfAWavFile(int bits, double tolerance) throws IOException {
        Decoded decoded = decoder.decode(Wav.write(folder.resolve("a.wav"), 8000, bits, 0.5, Wav.sine(440, 0.8)), 8000);
        assertThat(decoded.audio().samples()).hasSize(4000);
        for (int i = 0; i < 4000; i++) {
            assertThat((double) decoded.audio().samples()[i])
                    .isCloseTo(0.8 * Math.sin(2 * Math.PI * 440 * i / 8000), within(tolerance));
        }
        assertThat(decoded.source().sampleRate()).isEqualTo(8000);
        assertThat(decoded.source().channels()).isEqualTo(1);
        assertThat(decoded.source().warning()).isEmpty();
    }

    @ParameterizedTest(name = "{0} channels")
    @CsvSource({"2", "3", "6", "8"})
    void mixesChannelsWithEqualWeights(int channels) throws IOException {
        DoubleUnaryOperator[] levels = new DoubleUnaryOperator[channels];
        for (int c = 0; c < channels; c++) {
            double level = 0.5 - 0.13 * c;
            levels[c] = seconds -> level;
        }
        double mean = IntStream.range(0, channels)
                .mapToDouble(c -> 0.5 - 0.13 * c)
                .average()
                .orElseThrow();
        float[] samples = decoder.decode(Wav.write(folder.resolve("a.wav"), 8000, 32, 0.1, levels), 8000)
                .audio()
                .samples();
        assertThat(samples).hasSize(800);
        for (float sample : samples) {
            assertThat((double) sample).isCloseTo(mean, within(1e-6));
        }
    }

    @Test
    void resamplesAToneWithoutChangingIt() throws IOException {
        Decoded decoded = decoder.decode(Wav.write(folder.resolve("a.wav"), 44100, 32, 2, Wav.sine(1000, 0.5)), 16000);
        float[] samples = decoded.audio().samples();
        assertThat(samples.length).isBetween(31990, 32010);
        for (int i = 2000; i < 30000; i++) {
            assertThat((double) samples[i]).isCloseTo(0.5 * Math.sin(2 * Math.PI * 1000 * i / 16000.0), within(2e-3));
        }
    }

    @ParameterizedTest(name = "{0} samples at {1} Hz become {2}")
    @CsvSource({"1, 44100, 1", "20, 44100, 8", "20, 8000, 40", "100, 192000, 9"})
    void resamplesWhatIsShorterThanTheFilter(int count, int rate, int expected) throws IOException {
        Path file = Wav.write(folder.resolve("a.wav"), rate, 32, count / (double) rate, seconds -> 0.5);
        assertThat(decoder.decode(file, 16000).audio().samples()).hasSize(expected);
    }

    @Test
    void refusesARateBelowOne() {
        assertThatThrownBy(() -> decoder.decode(DEMO, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sampleRate=0 must be at least 1 Hz");
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "freedoom_d-bunny_012.mp3, mp3",
        "freedoom_d-dm01_027.ogg, vorbis",
        "freedoom_d-bunny_040.opus, opus",
        "freedoom_d-dm04_032.m4a, aac",
        "freedoom_d-dm06_085.flac, flac"
    })
    void decodesEveryFormatOfTheDemoCorpus(String name, String codec) throws IOException {
        Decoded decoded = decoder.decode(DEMO.resolve(name), 16000);
        assertThat(decoded.source().codec()).isEqualTo(codec);
        assertThat(decoded.audio().seconds()).isCloseTo(8, within(0.1));
        assertThat(decoded.source().declaredSeconds()).isCloseTo(8, within(0.1));
        double energy = 0;
        for (float sample : decoded.audio().samples()) {
            energy += sample * (double) sample;
        }
        assertThat(Math.sqrt(energy / decoded.audio().samples().length)).isBetween(0.005, 0.5);
    }

    @Test
    void replacesSamplesThatAreNoNumberAndSaysSo() throws IOException {
        Path file = Wav.write(folder.resolve("a.wav"), 8000, 32, 0.1, seconds -> seconds < 0.05 ? Double.NaN : 0.25);
        Decoded decoded = decoder.decode(file, 8000);
        assertThat(decoded.audio().samples()[0]).isZero();
        assertThat(decoded.source().warning()).contains("400 samples that are no number were set to 0");
    }

    @Test
    void decodesWhatIsLeftOfACutFile() throws IOException {
        byte[] whole = Files.readAllBytes(DEMO.resolve("freedoom_d-bunny_012.mp3"));
        Path cut = Files.write(folder.resolve("cut.mp3"), Arrays.copyOf(whole, whole.length / 2));
        assertThat(decoder.decode(cut, 16000).audio().seconds()).isBetween(3.0, 5.0);
    }

    @Test
    void saysInASentenceWhatIsWrong() throws IOException {
        fails(folder.resolve("none.mp3"), "there is no such file");
        fails(folder, "is a folder");
        fails(Files.createFile(folder.resolve("empty.mp3")), "is empty");
        fails(
                Files.writeString(folder.resolve("text.mp3"), "This is no music. ".repeat(500)),
                "is not an audio file that can be decoded");
        fails(Wav.write(folder.resolve("header.wav"), 8000, 16, 0, Wav.sine(1, 1)), "holds no audio samples");
    }

    private void fails(Path file, String message) {
        assertThatThrownBy(() -> decoder.decode(file, 16000))
                .isInstanceOf(AudioException.class)
                .hasMessageContaining(message);
    }

    @Test
    void opensNothingButTheFileItself() throws IOException {
        Wav.write(folder.resolve("a.wav"), 8000, 16, 1, Wav.sine(440, 0.5));
        Path playlist = Files.writeString(folder.resolve("list.m3u8"), "#EXTM3U\n#EXTINF:1,\na.wav\n");
        fails(playlist, "is not an audio file");
        Path concat = Files.writeString(folder.resolve("concat.txt"), "ffconcat version 1.0\nfile a.wav\n");
        fails(concat, "is not an audio file");
    }

    @ParameterizedTest
    @CsvSource({"a b.wav", "50%.wav", "x:y.wav", "-n.wav", "#1?.wav", "'ü € 音.wav'"})
    void takesAnyName(String name) throws IOException {
        Path file;
        try {
            file = folder.resolve(name);
        } catch (java.nio.file.InvalidPathException e) {
            return; // a system whose file names can't have these letters
        }
        assertThat(decoder.decode(Wav.write(file, 8000, 16, 0.5, Wav.sine(440, 0.5)), 8000)
                        .audio()
                        .samples())
                .hasSize(4000);
    }

    @Test
    void servesSeveralThreads() throws IOException {
        Path file = DEMO.resolve("freedoom_d-dm01_027.ogg");
        float[] alone = decoder.decode(file, 16000).audio().samples();
        List<float[]> together = IntStream.range(0, 16)
                .parallel()
                .mapToObj(i -> {
                    try {
                        return decoder.decode(file, 16000).audio().samples();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                })
                .toList();
        assertThat(together).allSatisfy(samples -> assertThat(samples).isEqualTo(alone));
    }
}
