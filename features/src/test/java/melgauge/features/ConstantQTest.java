package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import melgauge.data.Audio;
import melgauge.data.UsageException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow")
class ConstantQTest {
    static IntStream seeds() {
        return IntStream.range(0, 30);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void agreesWithTheDefinition(int seed) {
        Random random = new Random(seed);
        int sampleRate = 2000 + random.nextInt(20000);
        double fMin = 30 + random.nextDouble() * 200;
        int[] binsPerOctave = {1, 2, 3, 7, 12, 24, 36, 48};
        ConstantQSpec spec = Specs.with(
                "kind",
                "constantq",
                "sampleRate",
                sampleRate,
                "fMin",
                fMin,
                "fMax",
                random.nextInt(4) == 0
                        ? sampleRate / 2.0
                        : fMin + (sampleRate / 2.0 - fMin) * (0.2 + 0.8 * random.nextDouble()),
                "binsPerOctave",
                binsPerOctave[random.nextInt(binsPerOctave.length)],
                "hopLength",
                2000 + random.nextInt(3000),
                "center",
                random.nextInt(4) > 0,
                "padMode",
                random.nextBoolean() ? "constant" : "reflect",
                "power",
                1 + random.nextInt(2),
                "compression",
                "none");
        float[] samples = new float[ConstantQ.frameLength(spec) + 10000 + random.nextInt(5000)];
        double tone = 2 * Math.PI * fMin / sampleRate;
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) (random.nextGaussian() * 0.05 + 0.3 * Math.sin(i * tone) + 0.1 * Math.sin(i * 0.01));
        }
        Spectrogram actual = new ConstantQ(spec).extract(new Audio(samples, sampleRate));
        assertThat(actual.frames()).isEqualTo(spec.frames(samples.length));
        assertThat(actual.bands()).isEqualTo(spec.bands());
        double peak = 0;
        double error = 0;
        for (int frame = 0; frame < actual.frames(); frame++) {
            for (int bin = 0; bin < actual.bands(); bin++) {
                int middle = frame * spec.hopLength() + (spec.center() ? 0 : ConstantQ.frameLength(spec) / 2);
                double expected = Math.pow(direct(spec, samples, middle, bin), spec.power());
                peak = Math.max(peak, expected);
                error = Math.max(error, Math.abs(expected - actual.at(frame, bin)));
            }
        }
        assertThat(error / peak).as(spec.toString()).isLessThan(1e-5);
    }

    /** Brown's sum, term by term, with samples from beyond the ends. */
    private static double direct(ConstantQSpec spec, float[] samples, int middle, int bin) {
        double hertz = spec.fMin() * Math.pow(2, (double) bin / spec.binsPerOctave());
        double support = spec.sampleRate() / (hertz * (Math.pow(2, 1.0 / spec.binsPerOctave()) - 1));
        double re = 0;
        double im = 0;
        int last = (int) support;
        for (int n = -last; n <= last; n++) {
            if (Math.abs(n) < support / 2) {
                double window = Math.pow(Math.cos(Math.PI * n / support), 2) / support;
                double angle = 2 * Math.PI * hertz * n / spec.sampleRate();
                re += sample(spec, samples, middle + n) * window * Math.cos(angle);
                im -= sample(spec, samples, middle + n) * window * Math.sin(angle);
            }
        }
        return Math.hypot(re, im);
    }

    private static double sample(ConstantQSpec spec, float[] samples, int at) {
        if (spec.padMode() == Framing.PadMode.REFLECT) {
            int mirrored = at < 0 ? -at : at >= samples.length ? 2 * (samples.length - 1) - at : at;
            return samples[mirrored];
        }
        return at < 0 || at >= samples.length ? 0 : samples[at];
    }

    @ParameterizedTest(name = "{0} to {1} Hz in steps of 1/{2} octave: {3} bins")
    @CsvSource({
        // Whole octaves: the bin at fMax counts.
        "31.25, 8000, 12, 97",
        "32.7, 65.4, 12, 13",
        "32.7, 65.39, 12, 12",
        "100, 101, 12, 1",
        "4000, 8000, 1, 2",
        "55, 880, 96, 385"
    })
    void countsBins(double fMin, double fMax, int binsPerOctave, int bins) {
        ConstantQSpec spec =
                Specs.with("kind", "constantq", "fMin", fMin, "fMax", fMax, "binsPerOctave", binsPerOctave);
        assertThat(spec.bands()).isEqualTo(bins);
        assertThat(spec.open().bands()).isEqualTo(bins);
    }

    @Test
    void aSineHasAQuarterOfItsAmplitudeInItsOwnBin() {
        ConstantQSpec spec = spec(55, 7000, 12, "power", 1);
        for (int bin : new int[] {0, 12, 40, 83}) {
            double hertz = 55 * Math.pow(2, bin / 12.0);
            Spectrogram transform = new ConstantQ(spec).extract(new Audio(tone(16000, 0.8, hertz), 16000));
            float[] frame = frame(transform, 31);
            // Negative frequencies add a little to low bins only.
            assertThat(frame[bin]).isCloseTo(0.2f, within(2e-5f));
            for (int other = 0; other < frame.length; other++) {
                assertThat(frame[other]).isLessThanOrEqualTo(frame[bin]);
            }
        }
    }

    @Test
    void hearsAnAttackInAllBinsAtItsOwnTime() {
        float[] click = new float[32000];
        click[16000] = 1;
        Spectrogram transform = new ConstantQ(spec(55, 4000, 12, "power", 1)).extract(new Audio(click, 16000));
        int loudest = 16000 / 256;
        for (int bin = 0; bin < transform.bands(); bin++) {
            for (int frame = 0; frame < transform.frames(); frame++) {
                // The click lies half a hop behind the middle of its own frame.
                assertThat(transform.at(frame, bin))
                        .isLessThanOrEqualTo(
                                1.0001f * Math.max(transform.at(loudest, bin), transform.at(loudest + 1, bin)));
            }
        }
    }

    /**
     * What is the same as in TarsosDSP, and what is not. There, kernels begin with the frame: the direct sum has its
     * samples counted from there, and N rounded up, and nothing is dropped or folded.
     */
    @Test
    void steadyTonesAgreeWithTarsosAndTarsosWithItsOwnFormulaToItsThreshold() {
        ConstantQSpec spec = spec(55, 4000, 12, "power", 1, "center", false);
        ConstantQ ours = new ConstantQ(spec);
        be.tarsos.dsp.ConstantQ tarsos = new be.tarsos.dsp.ConstantQ(16000, 55, 4000, 12);
        int length = ConstantQ.frameLength(spec);
        assertThat(tarsos.getFFTlength()).isEqualTo(length);
        assertThat(tarsos.getNumberOfOutputBands()).isEqualTo(spec.bands());

        Random random = new Random(5);
        float[] noise = new float[length];
        for (int i = 0; i < length; i++) {
            noise[i] = (float) random.nextGaussian() * 0.1f;
        }
        float[] buffer = noise.clone();
        tarsos.calculateMagintudes(buffer);
        double q = 1 / (Math.pow(2, 1 / 12.0) - 1);
        double peak = 0;
        double tarsosError = 0;
        double ourPeak = 0;
        double ourError = 0;
        Spectrogram transform = ours.extract(new Audio(noise, 16000));
        for (int bin = 0; bin < ours.bands(); bin++) {
            double hertz = 55 * Math.pow(2, bin / 12.0);
            int support = (int) Math.ceil(q * 16000 / hertz);
            double re = 0;
            double im = 0;
            for (int n = 0; n < support; n++) {
                double window = (0.5 - 0.5 * Math.cos(2 * Math.PI * n / support)) / support;
                re += noise[n] * window * Math.cos(2 * Math.PI * q * n / support);
                im -= noise[n] * window * Math.sin(2 * Math.PI * q * n / support);
            }
            peak = Math.max(peak, Math.hypot(re, im));
            tarsosError = Math.max(tarsosError, Math.abs(Math.hypot(re, im) - tarsos.getMagnitudes()[bin]));
            double expected = direct(spec, noise, length / 2, bin);
            ourPeak = Math.max(ourPeak, expected);
            ourError = Math.max(ourError, Math.abs(expected - transform.at(0, bin)));
        }
        assertThat(ourError / ourPeak).isLessThan(1e-6);
        assertThat(tarsosError / peak).isBetween(1e-3, 4e-3);

        // Its bin for 3,730 Hz is 1.2 % too low, since 72.15 samples become 73.
        checkTone(tarsos, ours, 40, 1e-3);
        checkTone(tarsos, ours, 73, 0.03);
    }

    private static void checkTone(be.tarsos.dsp.ConstantQ tarsos, ConstantQ ours, int bin, double difference) {
        float[] tone = tone(tarsos.getFFTlength(), 0.8, 55 * Math.pow(2, bin / 12.0));
        assertThat(ours.extract(new Audio(tone, 16000)).at(0, bin)).isCloseTo(0.2f, within(1e-5f));
        tarsos.calculateMagintudes(tone);
        assertThat(tarsos.getMagnitudes()[bin]).isCloseTo(0.2f, within((float) (0.2 * difference)));
    }

    @Test
    void refusesWhatHasNoKernel() {
        assertThatThrownBy(() -> Specs.with("kind", "constantq"))
                .isInstanceOf(UsageException.class)
                .hasMessage("fMin=0.0 must be above 0 Hz with kind=constantq; 32.7 is the note C1");
        assertThatThrownBy(() -> Specs.with("kind", "constantq", "fMin", 0.1))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("fMin=0.1 must be at least 0.256")
                .hasMessageContaining("raise it or lower binsPerOctave");
        for (int binsPerOctave : new int[] {0, 97}) {
            assertThatThrownBy(() -> Specs.with("kind", "constantq", "fMin", 55, "binsPerOctave", binsPerOctave))
                    .isInstanceOf(UsageException.class)
                    .hasMessage("binsPerOctave=" + binsPerOctave + " must lie between 1 and 96");
        }
    }

    @ParameterizedTest(name = "{0} bins per octave")
    @CsvSource({"12", "48"})
    void aFrameAllocatesNothing(int binsPerOctave) throws IOException {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        float[] second = tone(16000, 0.5, 440);
        double[] heard = new double[1];
        Extraction extraction = new ConstantQ(spec(32.7, 8000, binsPerOctave)).begin(frame -> heard[0] += frame[50]);
        for (int i = 0; i < 20; i++) {
            extraction.add(second, 0, second.length);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 20; i++) {
            extraction.add(second, 0, second.length);
        }
        // 1,250 frames; the JVM itself may allocate a little for this thread, such as when it compiles a loop.
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1250);
        assertThat(heard[0]).isPositive();
    }

    private static ConstantQSpec spec(double fMin, double fMax, int binsPerOctave, Object... more) {
        Object[] settings = {
            "kind", "constantq", "fMin", fMin, "fMax", fMax, "binsPerOctave", binsPerOctave, "compression", "none"
        };
        Object[] all = Arrays.copyOf(settings, settings.length + more.length);
        System.arraycopy(more, 0, all, settings.length, more.length);
        return Specs.with(all);
    }

    private static float[] tone(int length, double amplitude, double hertz) {
        float[] samples = new float[length];
        for (int n = 0; n < length; n++) {
            samples[n] = (float) (amplitude * Math.sin(2 * Math.PI * hertz * n / 16000));
        }
        return samples;
    }

    private static float[] frame(Spectrogram spectrogram, int frame) {
        float[] values = new float[spectrogram.bands()];
        for (int band = 0; band < values.length; band++) {
            values[band] = spectrogram.at(frame, band);
        }
        return values;
    }
}
