package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import melgauge.data.Audio;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is computed from the spectrum or the mel bands, against its formula in double precision; and what all kinds share. */
class FurtherFeaturesTest {
    static Stream<FeatureSpec> kinds() {
        return Stream.of(
                Specs.with("kind", "mfcc"),
                Specs.with("kind", "mfcc", "compression", "decibel", "topDb", 80),
                Specs.with("kind", "constantq", "fMin", 110),
                Specs.with("kind", "constantq", "fMin", 110, "compression", "decibel", "ref", "max"),
                Specs.with("kind", "chroma"),
                Specs.with("kind", "onset"),
                Specs.with("kind", "onset", "center", false),
                Specs.with("kind", "onset", "compression", "decibel", "topDb", 80, "hopLength", 100));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void thePiecesThatSamplesComeInChangeNothing(FeatureSpec spec) throws IOException {
        FeatureExtractor extractor = spec.open();
        for (int length : new int[] {1, 513, 30_000}) {
            float[] samples = noise(length, length);
            Spectrogram whole = extractor.extract(new Audio(samples, 16000));
            assertThat(whole.frames()).isEqualTo(spec.frames(length));
            assertThat(whole.bands()).isEqualTo(spec.bands());
            List<float[]> frames = new ArrayList<>();
            try (Extraction extraction = extractor.begin(frame -> frames.add(frame.clone()))) {
                Random random = new Random(length);
                for (int done = 0; done < length; ) {
                    int piece = Math.min(length - done, 1 + random.nextInt(random.nextBoolean() ? 5 : 9000));
                    extraction.add(samples, done, piece);
                    done += piece;
                }
                extraction.finish();
            }
            assertThat(frames).hasSize(whole.frames());
            for (int frame = 0; frame < frames.size(); frame++) {
                for (int band = 0; band < whole.bands(); band++) {
                    assertThat(frames.get(frame)[band]).isEqualTo(whole.at(frame, band));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void oneInstanceGivesEqualBytesOnAllThreads(FeatureSpec spec) {
        FeatureExtractor extractor = spec.open();
        List<Audio> tracks = Stream.iterate(0, seed -> seed + 1)
                .limit(8)
                .map(seed -> new Audio(noise(6000 + 100 * seed, seed), 16000))
                .toList();
        List<float[]> serial =
                tracks.stream().map(track -> extractor.extract(track).values()).toList();
        List<float[]> parallel = tracks.parallelStream()
                .map(track -> extractor.extract(track).values())
                .toList();
        for (int i = 0; i < tracks.size(); i++) {
            assertThat(parallel.get(i)).isEqualTo(serial.get(i));
        }
    }

    @ParameterizedTest
    @CsvSource({"mfcc", "chroma", "onset"})
    void aFrameAllocatesNothing(String kind) throws IOException {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        float[] second = noise(16000, 1);
        double[] heard = new double[1];
        FeatureSpec spec = Specs.with("kind", kind);
        Extraction extraction = spec.open().begin(frame -> heard[0] += frame[0]);
        for (int i = 0; i < 20; i++) {
            extraction.add(second, 0, second.length);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100; i++) {
            extraction.add(second, 0, second.length);
        }
        // 6,250 frames; the JVM itself may allocate a little for this thread, such as when it compiles a loop.
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(6250);
        assertThat(heard[0]).isNotZero();
    }

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource({"20, 96", "1, 96", "13, 13", "3, 17"})
    void cepstraAreTheCosineTransformOfTheMelBands(int nMfcc, int nMels) {
        Audio audio = new Audio(noise(9000, 4), 16000);
        Object[] settings = {"nMels", nMels, "compression", "decibel", "nMfcc", nMfcc};
        Spectrogram mel = new MelSpectrogram(Specs.with(settings)).extract(audio);
        MfccSpec spec = Specs.with("kind", "mfcc", "nMels", nMels, "compression", "decibel", "nMfcc", nMfcc);
        Spectrogram cepstra = new Mfcc(spec).extract(audio);
        assertThat(cepstra.bands()).isEqualTo(nMfcc);
        for (int frame = 0; frame < mel.frames(); frame++) {
            double squares = 0;
            for (int k = 0; k < nMfcc; k++) {
                double sum = 0;
                for (int band = 0; band < nMels; band++) {
                    sum += mel.at(frame, band) * Math.cos(Math.PI / nMels * (band + 0.5) * k);
                }
                sum *= Math.sqrt((k == 0 ? 1.0 : 2.0) / nMels);
                squares += sum * sum;
                assertThat(cepstra.at(frame, k)).isCloseTo((float) sum, within(3e-4f));
            }
            double energy = 0;
            for (int band = 0; band < nMels; band++) {
                energy += Math.pow(mel.at(frame, band), 2);
            }
            // Orthonormal: all coefficients together are as long as the bands.
            assertThat(squares).isLessThanOrEqualTo(energy * 1.00001);
            if (nMfcc == nMels) {
                assertThat(squares).isCloseTo(energy, within(energy * 1e-6));
            }
        }
    }

    @ParameterizedTest(name = "{0} classes, nFft {1}, power {2}")
    @CsvSource({"12, 1024, 2", "12, 512, 1", "24, 2048, 2", "96, 1024, 2", "7, 1024, 2", "1, 256, 2", "13, 300, 2"})
    void pitchClassesFollowTheirFormula(int classes, int nFft, int power) {
        float[] samples = noise(9000, 8);
        Audio audio = new Audio(samples, 16000);
        ChromaSpec spec =
                Specs.with("kind", "chroma", "nChroma", classes, "nFft", nFft, "winLength", nFft, "power", power);
        Spectrogram actual = new Chroma(spec).extract(audio);
        List<float[]> spectra = new ArrayList<>();
        try {
            Extraction extraction = new Stft(spec.framing(), spec.stft()).begin(frame -> spectra.add(frame.clone()));
            extraction.add(samples, 0, samples.length);
            extraction.finish();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        double[][] weights = new double[classes][nFft / 2 + 1];
        for (int c = 0; c < classes; c++) {
            for (int bin = 0; bin <= nFft / 2; bin++) {
                weights[c][bin] = weight(classes, nFft, c, bin);
            }
        }
        for (int frame = 0; frame < spectra.size(); frame++) {
            double[] expected = new double[classes];
            double largest = 0;
            for (int c = 0; c < classes; c++) {
                for (int bin = 0; bin <= nFft / 2; bin++) {
                    expected[c] += spectra.get(frame)[bin] * weights[c][bin];
                }
                largest = Math.max(largest, expected[c]);
            }
            for (int c = 0; c < classes; c++) {
                assertThat(actual.at(frame, c)).isCloseTo((float) (expected[c] / largest), within(1e-5f));
            }
        }
    }

    /** The right octave by trying several, rather than by a remainder. */
    private static double weight(int classes, int nFft, int pitchClass, int bin) {
        double pitch = octave(bin, nFft);
        double width = Math.max(1.0 / classes, octave(bin + 1, nFft) - pitch) * classes;
        double squares = 0;
        double own = 0;
        for (int c = 0; c < classes; c++) {
            double distance = Double.NaN;
            for (int octave = -12; octave < 15; octave++) {
                double d = classes * (pitch - octave) - c;
                distance = d >= -Math.rint(classes / 2.0) && d < classes - Math.rint(classes / 2.0) ? d : distance;
            }
            double bump = Math.exp(-0.5 * Math.pow(2 * distance / width, 2));
            squares += bump * bump;
            own = (c - 3 * (classes / 12) + classes) % classes == pitchClass ? bump : own;
        }
        return own / Math.sqrt(squares) * Math.exp(-Math.pow(pitch - 5, 2) / 8);
    }

    private static double octave(int bin, int nFft) {
        return bin == 0 ? octave(1, nFft) - 1.5 : Math.log(bin * 16000.0 / nFft / 440) / Math.log(2) + 4;
    }

    @ParameterizedTest(name = "{0} Hz is class {1}")
    @CsvSource({"261.63, 0", "523.25, 0", "440, 9", "880, 9", "1760, 9", "659.26, 4", "987.77, 11"})
    void putsATonesOctavesInOneClass(double hertz, int pitchClass) {
        float[] samples = new float[16000];
        for (int n = 0; n < samples.length; n++) {
            samples[n] = (float) (0.3 * Math.sin(2 * Math.PI * hertz * n / 16000));
        }
        ChromaSpec spec = Specs.with("kind", "chroma", "nFft", 4096, "winLength", 4096);
        Spectrogram chroma = new Chroma(spec).extract(new Audio(samples, 16000));
        for (int c = 0; c < 12; c++) {
            assertThat(chroma.at(30, c)).isBetween(0f, 1f);
            assertThat(chroma.at(30, c) == 1f).isEqualTo(c == pitchClass);
        }
    }

    @Test
    void silenceHasNoPitchNoAttackAndNotANumberStaysVisible() {
        Audio silence = new Audio(new float[4000], 16000);
        assertThat(new Chroma(Specs.with("kind", "chroma")).extract(silence).values())
                .containsOnly(0f);
        assertThat(new OnsetStrength(Specs.with("kind", "onset", "compression", "decibel"))
                        .extract(silence)
                        .values())
                .containsOnly(0f);
        float[] samples = new float[4000];
        samples[2000] = Float.NaN;
        Audio broken = new Audio(samples, 16000);
        assertThat(new Chroma(Specs.with("kind", "chroma")).extract(broken).at(8, 3))
                .isNaN();
        assertThat(new OnsetStrength(Specs.with("kind", "onset"))
                        .extract(broken)
                        .at(8, 0))
                .isNaN();
        assertThat(new Mfcc(Specs.with("kind", "mfcc")).extract(broken).at(8, 3))
                .isNaN();
        ConstantQSpec constantQ = Specs.with("kind", "constantq", "fMin", 110);
        assertThat(new ConstantQ(constantQ).extract(broken).at(8, 3)).isNaN();
    }

    @ParameterizedTest(name = "center {0}, hop {1}")
    @CsvSource({"true, 256", "true, 100", "true, 2000", "false, 256"})
    void onsetsAreTheMeanRiseOfTheBandsHalfAFrameLater(boolean center, int hop) {
        Audio audio = new Audio(noise(20_000, 2), 16000);
        Spectrogram mel = new MelSpectrogram(Specs.with("center", center, "hopLength", hop)).extract(audio);
        Spectrogram onset =
                new OnsetStrength(Specs.with("kind", "onset", "center", center, "hopLength", hop)).extract(audio);
        assertThat(onset.frames()).isEqualTo(mel.frames());
        int delay = center ? 1024 / (2 * hop) : 0;
        for (int frame = 0; frame < mel.frames(); frame++) {
            double rise = 0;
            for (int band = 0; band < 96 && frame > delay; band++) {
                rise += Math.max(0, mel.at(frame - delay, band) - mel.at(frame - delay - 1, band)) / 96;
            }
            assertThat(onset.at(frame, 0)).isCloseTo((float) rise, within(1e-5f));
        }
    }

    @Test
    void anAttackIsLoudestAtItsOwnTime() {
        float[] samples = noise(32_000, 6);
        for (int i = 0; i < 16_000; i++) {
            samples[i] *= 1e-3f;
        }
        Spectrogram onset = new OnsetStrength(Specs.with("kind", "onset", "compression", "decibel"))
                .extract(new Audio(samples, 16000));
        int loudest = 0;
        for (int frame = 0; frame < onset.frames(); frame++) {
            loudest = onset.at(frame, 0) > onset.at(loudest, 0) ? frame : loudest;
        }
        assertThat(loudest).isBetween(16_000 / 256 - 1, 16_000 / 256 + 1);
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
