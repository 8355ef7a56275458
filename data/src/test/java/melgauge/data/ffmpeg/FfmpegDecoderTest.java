package melgauge.data.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import melgauge.data.AudioException;
import melgauge.data.AudioStream;
import melgauge.data.Decoded;
import melgauge.data.Downmix;
import melgauge.data.Excerpt;
import melgauge.data.Wav;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        byte[] ogg = Files.readAllBytes(DEMO.resolve("freedoom_d-dm01_027.ogg"));
        assertThatThrownBy(() -> decoder.decode(Files.write(folder.resolve("cut.ogg"), Arrays.copyOf(ogg, 60)), 16000))
                .hasMessage("is not an audio file that can be decoded: it ends before any audio begins");
        assertThat(FfmpegDecoder.reason(org.bytedeco.ffmpeg.global.avutil.AVERROR_DECODER_NOT_FOUND))
                .isEqualTo("Decoder not found");
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

    /** A decoder keeps its resamplers for the next track. */
    @Test
    void whatWasDecodedBeforeChangesNothing() throws IOException {
        Path loud = Wav.write(folder.resolve("a.wav"), 44100, 32, 0.7, Wav.sine(3000, 0.9));
        Path soft = Wav.write(folder.resolve("b.wav"), 44100, 16, 0.5, Wav.sine(200, 0.1));
        Path other = Wav.write(folder.resolve("c.wav"), 22050, 16, 0.3, Wav.sine(500, 0.3), Wav.sine(50, 0.3));
        Path tiny = Wav.write(folder.resolve("d.wav"), 44100, 16, 0.0005, Wav.sine(500, 0.3));
        List<Path> files = List.of(loud, soft, other, soft, tiny, loud, soft, tiny, other);
        for (Path file : files) {
            try (AudioStream stopped = decoder.open(loud, 16000, Excerpt.WHOLE)) {
                stopped.read(new float[100], 0, 100); // and is left in the middle
            }
            float[] fresh = new FfmpegDecoder().decode(file, 16000).audio().samples();
            assertThat(decoder.decode(file, 16000).audio().samples()).isEqualTo(fresh);
            decoder.decode(file, 11025);
        }
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

    @Test
    void thePiecesThatAreReadChangeNothing() throws IOException {
        Path file = DEMO.resolve("freedoom_d-dm01_027.ogg");
        float[] whole = decoder.decode(file, 16000).audio().samples();
        float[] pieces = new float[whole.length];
        int length = 0;
        try (AudioStream stream = decoder.open(file, 16000, Excerpt.WHOLE)) {
            int piece = 1;
            for (int count = 0; count >= 0 && length < whole.length; piece = piece % 1013 + 1) {
                length += count;
                count = stream.read(pieces, length, Math.min(piece, whole.length - length));
            }
            assertThat(stream.read(new float[1], 0, 1)).isEqualTo(-1);
        }
        assertThat(pieces).isEqualTo(whole);
    }

    /**
     * Vorbis, FLAC and MP3 are as when all is decoded. Opus comes near it within its run-up; AAC fills bands with noise
     * that is another each time.
     */
    @ParameterizedTest(name = "{0} from {1} s")
    @CsvSource({
        "freedoom_d-bunny_012.mp3, 5, 2, 1e-6",
        "freedoom_d-bunny_012.mp3, 0.5, 1.5, 1e-6",
        "freedoom_d-dm01_027.ogg, 4.7, 2.1, 1e-6",
        "freedoom_d-bunny_040.opus, 5.2, 1.5, 1e-3",
        "freedoom_d-dm04_032.m4a, 3.3, 2, 0.03",
        "freedoom_d-dm06_085.flac, 6, 100, 1e-6"
    })
    void anExcerptIsTheSamePartOfTheWhole(String name, double start, double duration, double tolerance)
            throws IOException {
        Path file = DEMO.resolve(name);
        int rate;
        try (AudioStream stream = decoder.open(file, 16000, Excerpt.WHOLE)) {
            rate = stream.info().sampleRate();
        }
        float[] whole = decoder.decode(file, rate).audio().samples();
        Decoded part = decoder.decode(file, rate, new Excerpt(start, duration));

        int first = (int) Math.round(start * rate);
        int length = (int) Math.min(Math.round(duration * rate), whole.length - first);
        float[] samples = part.audio().samples();
        assertThat(samples).hasSize(length);
        assertThat(part.source().samples()).isEqualTo(length);
        assertThat(part.source().warning()).isEmpty();
        double difference = 0;
        for (int i = 0; i < length; i++) {
            difference += Math.pow(samples[i] - whole[first + i], 2);
        }
        assertThat(Math.sqrt(difference / length)).isLessThan(tolerance);
    }

    @Test
    void anExcerptBehindTheEndIsAnError() throws IOException {
        Path file = Wav.write(folder.resolve("a.wav"), 8000, 16, 3, Wav.sine(440, 0.5));
        for (double start : new double[] {3, 30}) {
            assertThatThrownBy(() -> decoder.open(file, 8000, new Excerpt(start, null)))
                    .isInstanceOf(AudioException.class)
                    .hasMessageContaining("is 3.00 s long and ends before the excerpt, which starts at");
        }
    }

    @Test
    void findsWhatMixingWouldHide() throws IOException {
        Path file = Wav.write(
                folder.resolve("a.wav"),
                8000,
                16,
                1,
                seconds -> seconds < 0.5 ? 1 : 0,
                seconds -> seconds < 0.5 ? -1 : 0);
        Decoded decoded = decoder.decode(file, 8000);
        for (float sample : decoded.audio().samples()) {
            assertThat((double) sample).isCloseTo(0, within(1e-4));
        }
        assertThat(decoded.source().peak()).isCloseTo(1, within(1e-4));
        assertThat(decoded.source().clippedShare()).isEqualTo(0.5);
        assertThat(decoded.source().mixRatio()).isLessThan(1e-6);
        assertThat(decoded.source().samples()).isEqualTo(8000);
    }

    @ParameterizedTest(name = "{0} bits, {1}")
    @CsvSource({"16, LEFT, 0.5", "16, RIGHT, -0.25", "32, LEFT, 0.5", "32, RIGHT, -0.25", "16, MEAN, 0.125"})
    void takesTheChannelThatIsAskedFor(int bits, Downmix downmix, double expected) throws IOException {
        Path file = Wav.write(folder.resolve("a.wav"), 8000, bits, 0.1, t -> 0.5, t -> -0.25);
        float[] samples = samples(file, downmix);
        assertThat(samples).hasSize(800);
        for (float sample : samples) {
            assertThat((double) sample).isCloseTo(expected, within(1e-4));
        }
    }

    @ParameterizedTest(name = "a size of {0} in the header: {1} s")
    @CsvSource({"32000, 2", "16000, 1", "0, NaN", "-1, NaN", "2147483647, NaN"})
    void aWavFileDeclaresWhatItsHeaderSays(int size, double declared) throws IOException {
        byte[] wav = Files.readAllBytes(Wav.write(folder.resolve("a.wav"), 8000, 16, 1, Wav.sine(440, 0.5)));
        ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN).putInt(40, size);
        Decoded decoded = decoder.decode(Files.write(folder.resolve("a.wav"), wav), 8000);
        assertThat(decoded.audio().seconds()).isEqualTo(1);
        assertThat(Double.compare(decoded.source().declaredSeconds(), declared)).isZero();
    }

    /** FFmpeg would guess the duration from the bit rate of the first frames. */
    @Test
    void aFileWithoutADurationDeclaresNone() throws IOException {
        byte[] mp3 = Files.readAllBytes(DEMO.resolve("freedoom_d-bunny_012.mp3"));
        int second = 24; // an empty tag of 20 bytes, and the header of the first frame
        while (!isFrame(mp3, second)) {
            second++;
        }
        // Without its tag and its first frame, which states the number of frames.
        Path bare = Files.write(folder.resolve("bare.mp3"), Arrays.copyOfRange(mp3, second, mp3.length));
        assertThat(decoder.decode(bare, 16000).source().declaredSeconds()).isNaN();
    }

    private static boolean isFrame(byte[] mp3, int at) {
        return (mp3[at] & 0xff) == 0xff && (mp3[at + 1] & 0xf6) == 0xf2;
    }

    /** An 8SVX file holds one channel behind the other, and is decoded so; a WAV file holds them sample by sample. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({"LEFT, 0.5", "RIGHT, -0.25", "MEAN, 0.125"})
    void takesTheChannelThatIsAskedForFromPlanes(Downmix downmix, double expected) throws IOException {
        int count = 800;
        ByteBuffer iff = ByteBuffer.allocate(12 + 28 + 12 + 8 + 2 * count);
        iff.put(ascii("FORM")).putInt(iff.capacity() - 8).put(ascii("8SVX"));
        iff.put(ascii("VHDR")).putInt(20).putInt(count).putInt(0).putInt(0);
        iff.putShort((short) 8000).put((byte) 1).put((byte) 0).putInt(1 << 16);
        iff.put(ascii("CHAN")).putInt(4).putInt(6);
        iff.put(ascii("BODY")).putInt(2 * count);
        for (int i = 0; i < 2 * count; i++) {
            iff.put((byte) (i < count ? 64 : -32));
        }
        Path file = Files.write(folder.resolve("a.8svx"), iff.array());
        float[] samples = samples(file, downmix);
        assertThat(samples).hasSize(count);
        for (float sample : samples) {
            assertThat((double) sample).isCloseTo(expected, within(1e-6));
        }
        double ratio = decoder.decode(file, 8000).source().mixRatio();
        assertThat(ratio).isCloseTo(0.125 * 0.125 / ((0.25 + 0.0625) / 4), within(1e-6));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest(name = "{0} bits")
    @ValueSource(ints = {8, 16, 24, 32})
    void aMonoFileIsTheSameWithEachDownmix(int bits) throws IOException {
        Path file = Wav.write(folder.resolve("a.wav"), 44100, bits, 0.5, Wav.sine(440, 0.8));
        float[] mean = samples(file, Downmix.MEAN);
        assertThat(samples(file, Downmix.LEFT)).isEqualTo(mean);
        assertThat(samples(file, Downmix.RIGHT)).isEqualTo(mean);
    }

    /** Without a layout in the header, FFmpeg takes six channels for 5.1 and one for a centre channel. */
    @Test
    void ofManyChannelsTheFrontOnesAreTaken() throws IOException {
        DoubleUnaryOperator[] levels = new DoubleUnaryOperator[6];
        for (int c = 0; c < 6; c++) {
            double level = 0.1 * (c + 1);
            levels[c] = seconds -> level;
        }
        Path file = Wav.write(folder.resolve("a.wav"), 8000, 32, 0.1, levels);
        assertThat(samples(file, Downmix.LEFT)[400]).isCloseTo(0.1f, within(1e-6f));
        assertThat(samples(file, Downmix.RIGHT)[400]).isCloseTo(0.2f, within(1e-6f));
    }

    @Test
    void measuresHowMuchTheMixLosesWhateverTheNumberOfChannels() throws IOException {
        assertThat(mixRatio(Wav.sine(400, 0.5))).isEqualTo(1);
        assertThat(mixRatio(Wav.sine(400, 0.5), Wav.sine(400, 0.5))).isCloseTo(2, within(1e-3));
        assertThat(mixRatio(Wav.sine(400, 0.5), Wav.sine(600, 0.5))).isCloseTo(1, within(1e-3));
        assertThat(mixRatio(Wav.sine(400, 0.5), t -> 0)).isCloseTo(1, within(1e-3));
        assertThat(mixRatio(Wav.sine(400, 0.5), Wav.sine(400, -0.5))).isLessThan(1e-9);
        assertThat(mixRatio(Wav.sine(400, 0.5), Wav.sine(400, -0.45))).isCloseTo(0.0055, within(1e-4));
        assertThat(mixRatio(
                        Wav.sine(400, 0.5),
                        Wav.sine(600, 0.5),
                        Wav.sine(800, 0.5),
                        Wav.sine(1000, 0.5),
                        Wav.sine(1200, 0.5),
                        Wav.sine(1400, 0.5)))
                .isCloseTo(1, within(1e-3));
        assertThat(mixRatio(t -> 0, t -> 0)).isEqualTo(1);
    }

    @Test
    void whereOneChannelIsChosenNothingCancels() throws IOException {
        Path file = Wav.write(folder.resolve("a.wav"), 8000, 16, 1, Wav.sine(400, 0.5), Wav.sine(400, -0.5));
        assertThat(decoder.decode(file, 8000).source().mixRatio()).isLessThan(1e-6);
        try (AudioStream stream = decoder.open(file, 8000, Downmix.RIGHT, Excerpt.WHOLE)) {
            stream.readAll();
            assertThat(stream.info().mixRatio()).isEqualTo(1);
        }
    }

    private double mixRatio(DoubleUnaryOperator... channels) throws IOException {
        return decoder.decode(Wav.write(folder.resolve("ratio.wav"), 8000, 32, 1, channels), 8000)
                .source()
                .mixRatio();
    }

    private float[] samples(Path file, Downmix downmix) throws IOException {
        try (AudioStream stream = decoder.open(file, 8000, downmix, Excerpt.WHOLE)) {
            return stream.readAll().samples();
        }
    }

    /** What is not a number must not spread over the length of the resampler's filter. */
    @Test
    void oneBadSampleSpoilsNoOther() throws IOException {
        Path bad = Wav.write(folder.resolve("a.wav"), 44100, 32, 1, t -> t == 0.5 ? Double.NaN : Math.sin(900 * t));
        Path good = Wav.write(folder.resolve("b.wav"), 44100, 32, 1, t -> t == 0.5 ? 0 : Math.sin(900 * t));
        Decoded decoded = decoder.decode(bad, 16000);
        assertThat(decoded.source().warning()).isEqualTo("1 sample that is no number was set to 0");
        assertThat(decoded.audio().samples())
                .isEqualTo(decoder.decode(good, 16000).audio().samples());
    }

    @Test
    void aChainedOggFileIsItsLinksOneAfterTheOther() throws IOException {
        for (String second : List.of("freedoom_d-dm03_026.ogg", "freedoom_d-bunny_040.opus")) {
            Path a = DEMO.resolve("freedoom_d-dm01_027.ogg");
            Path b = DEMO.resolve(second);
            Path chained = Files.write(folder.resolve("chained.ogg"), Files.readAllBytes(a));
            Files.write(chained, Files.readAllBytes(b), StandardOpenOption.APPEND);
            float[] first = decoder.decode(a, 16000).audio().samples();
            float[] last = decoder.decode(b, 16000).audio().samples();
            float[] both = decoder.decode(chained, 16000).audio().samples();
            assertThat((double) both.length).isCloseTo(first.length + last.length, within(2.0));
            // Where the links have one rate, the resampler goes on without a seam; away from it nothing differs.
            for (int i = 0; i < first.length - 200; i++) {
                assertThat(both[i]).isEqualTo(first[i]);
            }
            for (int i = 200; i < last.length - 200; i++) {
                assertThat((double) both[both.length - last.length + i]).isCloseTo(last[i], within(2e-2));
            }
        }
    }

    /** Whatever is wrong with a later link, what came before it is there. */
    @ParameterizedTest(name = "{0} bytes, {1} of them no header")
    @CsvSource({"40, 0", "3000, 32", "2000, 32", "80, 0", "27, 0"})
    void aLinkThatCannotBeOpenedEndsAChainedOggFile(int length, int garbage) throws IOException {
        Path first = DEMO.resolve("freedoom_d-dm01_027.ogg");
        byte[] link = Arrays.copyOf(Files.readAllBytes(DEMO.resolve("freedoom_d-bunny_040.opus")), length);
        Arrays.fill(link, Math.min(28, length), Math.min(28 + garbage, length), (byte) 'x');
        Path chained = Files.write(folder.resolve("chained.ogg"), Files.readAllBytes(first));
        Files.write(chained, link, StandardOpenOption.APPEND);
        Decoded decoded = decoder.decode(chained, 16000);
        assertThat(decoded.audio().samples())
                .isEqualTo(decoder.decode(first, 16000).audio().samples());
        assertThat(decoded.source().warning()).contains("damaged");
        assertThatThrownBy(() -> decoder.open(chained, 16000, new Excerpt(50, null)))
                .isInstanceOf(AudioException.class)
                .hasMessageContaining("ends before the excerpt");
    }

    /** The first frame of an MP3 file says how much silence the encoder added; without it nobody knows. */
    @Test
    void takesTheEncodersDelayAwayWhereTheFileTellsIt() throws IOException {
        byte[] mp3 = Files.readAllBytes(DEMO.resolve("freedoom_d-bunny_012.mp3"));
        String text = new String(mp3, StandardCharsets.ISO_8859_1);
        int header = Math.max(text.indexOf("Xing"), text.indexOf("Info"));
        assertThat(header).isPositive();
        int firstFrame = text.lastIndexOf('\u00ff', header);
        int secondFrame = text.indexOf(text.substring(firstFrame, firstFrame + 2), header);
        Path stripped = Files.write(folder.resolve("a.mp3"), Arrays.copyOfRange(mp3, secondFrame, mp3.length));

        Decoded told = decoder.decode(DEMO.resolve("freedoom_d-bunny_012.mp3"), 16000);
        Decoded untold = decoder.decode(stripped, 16000);
        int rate = told.source().sampleRate();
        assertThat((double) told.source().samples()).isCloseTo(8.0 * rate, within(2.0));
        long added = untold.source().samples() - told.source().samples();
        assertThat(added).isBetween(1105L, 1105L + 2 * 1152);
    }

    @Test
    void readsAWavFileBehindATag() throws IOException {
        Path plain = Wav.write(folder.resolve("a.wav"), 8000, 16, 0.5, Wav.sine(440, 0.5));
        byte[] tag = new byte[10 + 300];
        System.arraycopy("ID3\4\0\0\0\0\2\54".getBytes(StandardCharsets.ISO_8859_1), 0, tag, 0, 10);
        Path tagged = Files.write(folder.resolve("b.wav"), tag);
        Files.write(tagged, Files.readAllBytes(plain), StandardOpenOption.APPEND);
        assertThat(decoder.decode(tagged, 8000).audio().samples())
                .isEqualTo(decoder.decode(plain, 8000).audio().samples());
    }

    @ParameterizedTest(name = "{0} Hz to 16 kHz")
    @ValueSource(ints = {8000, 11025, 22050, 32000, 44100, 48000, 96000, 192000})
    void theResamplerIsFlatAndLetsNothingFoldBack(int rate) throws IOException {
        double band = Math.min(8000, rate / 2.0);
        for (double share : new double[] {0.1, 0.25, 0.5, 0.75, 0.87}) {
            assertThat(level(rate, share * band)).as("%s of the band", share).isCloseTo(0, within(0.01));
        }
        for (double hertz = 8500; hertz < rate / 2.0; hertz *= 1.2) {
            assertThat(level(rate, hertz)).as("%s Hz", hertz).isLessThan(-85);
        }
    }

    /** What is left of a tone, in dB. */
    private double level(int rate, double hertz) throws IOException {
        float[] samples = decoder.decode(Wav.write(folder.resolve("a.wav"), rate, 32, 0.5, Wav.sine(hertz, 0.5)), 16000)
                .audio()
                .samples();
        double energy = 0;
        for (int i = samples.length / 4; i < samples.length * 3 / 4; i++) {
            energy += (double) samples[i] * samples[i];
        }
        return 10 * Math.log10(energy / (samples.length / 2.0) / (0.5 * 0.5 / 2));
    }
}
