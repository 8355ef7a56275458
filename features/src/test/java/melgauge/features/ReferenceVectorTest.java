package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import melgauge.data.Audio;
import org.junit.jupiter.api.Test;

/** Compares with recorded values of an independent float64 implementation; see PROVENANCE.txt beside them. */
class ReferenceVectorTest {
    private static final double OF_THE_PEAK = 1e-5;

    @Test
    void agreesOnMagnitudesInTheHtkScale() throws IOException {
        FeatureSpec spec = Specs.with(
                "sampleRate",
                22050,
                "nFft",
                512,
                "winLength",
                512,
                "hopLength",
                256,
                "padMode",
                "reflect",
                "nMels",
                40,
                "fMax",
                11025,
                "melScale",
                "htk",
                "power",
                1,
                "compression",
                "none");
        compare(spec, stereo("test1_22050.wav", 22050), "v04.npy");
    }

    @Test
    void agreesOnAWindowShorterThanTheTransform() throws IOException {
        FeatureSpec spec = Specs.with(
                "sampleRate",
                22050,
                "nFft",
                2048,
                "winLength",
                1102,
                "hopLength",
                441,
                "padMode",
                "reflect",
                "nMels",
                64,
                "fMax",
                11025,
                "compression",
                "none");
        compare(spec, stereo("test1_22050.wav", 22050), "v07.npy");
    }

    @Test
    void agreesOnSpeechAtEightKilohertz() throws IOException {
        FeatureSpec spec = Specs.with(
                "sampleRate",
                8000,
                "nFft",
                256,
                "winLength",
                256,
                "hopLength",
                80,
                "padMode",
                "reflect",
                "nMels",
                40,
                "fMax",
                4000,
                "compression",
                "none");
        compare(spec, mono("test2_8000.wav", 8000), "v11.npy");
    }

    @Test
    void agreesOnDecibels() throws IOException {
        FeatureSpec spec = Specs.with(
                "sampleRate",
                8000,
                "nFft",
                512,
                "winLength",
                512,
                "hopLength",
                160,
                "padMode",
                "reflect",
                "nMels",
                64,
                "fMax",
                4000,
                "compression",
                "decibel");
        compare(spec, mono("test2_8000.wav", 8000), "v12.npy");
    }

    @Test
    void agreesOnTheDefaultsWithZeroPadding() throws IOException {
        compare(MelSpec.defaults(), chirp(), "defaults.npy");
    }

    private static Audio chirp() {
        float[] samples = new float[24000];
        for (int n = 0; n < samples.length; n++) {
            double t = n / 16000.0;
            samples[n] = (float) (0.5
                            * Math.sin(2 * Math.PI * (100 * t + 1200 * t * t))
                            * (0.6 + 0.4 * Math.cos(2 * Math.PI * 3 * t))
                    + 0.1 * Math.sin(2 * Math.PI * 5000 * t));
        }
        return new Audio(samples, 16000);
    }

    @Test
    void agreesOnCepstra() throws IOException {
        FeatureSpec spec = Specs.with(
                "kind",
                "mfcc",
                "sampleRate",
                8000,
                "nFft",
                512,
                "winLength",
                512,
                "hopLength",
                160,
                "padMode",
                "reflect",
                "nMels",
                40,
                "fMax",
                4000,
                "compression",
                "decibel",
                "topDb",
                80,
                "nMfcc",
                13);
        compare(spec, mono("test2_8000.wav", 8000), "mfcc.npy");
    }

    @Test
    void agreesOnPitchClasses() throws IOException {
        compare(music("chroma"), stereo("test1_22050.wav", 22050), "chroma.npy");
    }

    @Test
    void agreesOnOnsetStrength() throws IOException {
        compare(music("onset"), stereo("test1_22050.wav", 22050), "onset.npy");
    }

    private static FeatureSpec music(String kind) {
        ObjectNode json = Specs.JSON.valueToTree(Specs.with(
                "sampleRate",
                22050,
                "nFft",
                2048,
                "winLength",
                2048,
                "hopLength",
                512,
                "padMode",
                "reflect",
                "nMels",
                128,
                "fMax",
                11025,
                "compression",
                "decibel"));
        json.put("kind", kind).put("nMfcc", 20).put("nChroma", 12);
        return Specs.of(kind.equals("chroma") ? json : json.put("topDb", 80.0));
    }

    @Test
    void agreesOnConstantQ() throws IOException {
        FeatureSpec spec = Specs.with(
                "kind",
                "constantq",
                "hopLength",
                512,
                "fMin",
                32.7,
                "binsPerOctave",
                24,
                "compression",
                "decibel",
                "topDb",
                50);
        compare(spec, chirp(), "constantq.npy");
    }

    private static void compare(FeatureSpec spec, Audio audio, String vector) throws IOException {
        Spectrogram expected = Npy.read(Specs.reference(vector));
        Spectrogram actual = spec.open().extract(audio);
        assertThat(actual.frames()).isEqualTo(expected.frames());
        assertThat(actual.bands()).isEqualTo(expected.bands());
        double error = 0;
        double peak = 0;
        for (int i = 0; i < expected.values().length; i++) {
            error = Math.max(error, Math.abs((double) actual.values()[i] - expected.values()[i]));
            peak = Math.max(peak, Math.abs(expected.values()[i]));
        }
        assertThat(peak).isPositive();
        assertThat(error / peak).isLessThan(OF_THE_PEAK);
    }

    private static Audio mono(String name, int sampleRate) throws IOException {
        return wav(name, sampleRate, 1);
    }

    private static Audio stereo(String name, int sampleRate) throws IOException {
        return wav(name, sampleRate, 2);
    }

    /** The files have the plain 44-byte header. */
    private static Audio wav(String name, int sampleRate, int channels) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Specs.reference(name)))
                .order(ByteOrder.LITTLE_ENDIAN)
                .position(44);
        float[] samples = new float[bytes.remaining() / 2 / channels];
        for (int i = 0; i < samples.length; i++) {
            float sum = 0;
            for (int channel = 0; channel < channels; channel++) {
                sum += bytes.getShort();
            }
            samples[i] = sum / channels / 32768;
        }
        return new Audio(samples, sampleRate);
    }
}
