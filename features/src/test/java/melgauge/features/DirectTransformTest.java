package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import melgauge.data.Audio;
import melgauge.features.Framing.PadMode;
import melgauge.features.Framing.Storage;
import melgauge.features.Loudness.Compression;
import melgauge.features.Loudness.Reference;
import melgauge.features.MelSpec.MelNorm;
import melgauge.features.MelSpec.MelScale;
import melgauge.features.StftSpec.Window;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares random specs on random signals with the definition, written down term by term in double precision. */
@Tag("slow")
class DirectTransformTest {
    static IntStream seeds() {
        return IntStream.range(0, 520);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void agreesWithTheDefinition(int seed) {
        Random random = new Random(seed);
        MelSpec spec = randomSpec(random);
        float[] samples = randomSignal(random, spec);

        double[][] expected = direct(spec, samples);
        Spectrogram actual = new MelSpectrogram(spec).extract(new Audio(samples, spec.sampleRate()));

        assertThat(actual.frames()).as("frames of %s", spec).isEqualTo(expected.length);
        double peak = 1e-30;
        double error = 0;
        for (int frame = 0; frame < expected.length; frame++) {
            for (int band = 0; band < spec.nMels(); band++) {
                peak = Math.max(peak, Math.abs(expected[frame][band]));
                error = Math.max(error, Math.abs(expected[frame][band] - actual.at(frame, band)));
            }
        }
        assertThat(error / peak).as("%s on %d samples", spec, samples.length).isLessThan(1e-5);
    }

    private static MelSpec randomSpec(Random random) {
        int[] odd = {2, 3, 15, 31, 64, 100, 125, 128, 211, 300, 1000};
        int[] usual = {256, 512, 1024, 2048, 4096, 8192};
        int[] sizes = random.nextInt(3) == 0 ? odd : usual;
        int nFft = sizes[random.nextInt(sizes.length)];
        int sampleRate = 1000 + random.nextInt(47000);
        double fMin = random.nextBoolean() ? 0 : random.nextDouble() * sampleRate / 5;
        // Frames that lie close together are tried with the shorter windows: with longer ones the definition takes
        // seconds.
        int leastHop = nFft > 2048 ? nFft / 8 : 1;
        Compression compression = pick(random, Compression.values());
        boolean decibel = compression == Compression.DECIBEL;
        return new MelSpec(
                new Framing(
                        sampleRate,
                        leastHop + random.nextInt(nFft + nFft / 2),
                        random.nextInt(4) > 0,
                        pick(random, PadMode.values()),
                        1 + random.nextInt(2),
                        Storage.FLOAT32,
                        null,
                        null),
                new StftSpec(nFft, random.nextBoolean() ? nFft : 1 + random.nextInt(nFft), Window.HANN),
                1 + random.nextInt(128),
                fMin,
                fMin + (sampleRate / 2.0 - fMin) * (0.2 + 0.8 * random.nextDouble()),
                pick(random, MelScale.values()),
                pick(random, MelNorm.values()),
                new Loudness(
                        compression,
                        decibel && random.nextBoolean() ? 1 + 90 * random.nextDouble() : null,
                        decibel ? pick(random, Reference.values()) : null));
    }

    private static <T> T pick(Random random, T[] choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** Now and then shorter than the padding, so that reflection has to go back and forth. */
    private static float[] randomSignal(Random random, MelSpec spec) {
        int most = spec.nFft() + Math.max(2, 6000 / spec.nFft()) * spec.hopLength();
        int length = random.nextInt(4) == 0
                ? 1 + random.nextInt(Math.max(1, spec.nFft() / 4))
                : spec.nFft() / 2 + random.nextInt(most - spec.nFft() / 2);
        float[] samples = new float[Math.min(length, 40_000)];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) (random.nextGaussian() * 0.2 + 0.4 * Math.sin(i * 0.3));
        }
        return samples;
    }

    private static double[][] direct(MelSpec spec, float[] samples) {
        int nFft = spec.nFft();
        double[] padded = spec.center() ? pad(samples, nFft / 2, spec.padMode()) : widen(samples);
        int frames = padded.length < nFft ? 0 : 1 + (padded.length - nFft) / spec.hopLength();
        double[] window = new double[nFft];
        int left = (nFft - spec.stft().winLength()) / 2;
        for (int i = 0; i < spec.stft().winLength(); i++) {
            window[left + i] = Math.pow(Math.sin(Math.PI * i / spec.stft().winLength()), 2);
        }
        double[] cosines = new double[nFft];
        double[] sines = new double[nFft];
        for (int i = 0; i < nFft; i++) {
            cosines[i] = Math.cos(2 * Math.PI * i / nFft);
            sines[i] = Math.sin(2 * Math.PI * i / nFft);
        }
        double[][] weights = new double[nFft / 2 + 1][spec.nMels()];
        for (int bin = 0; bin <= nFft / 2; bin++) {
            for (int band = 0; band < spec.nMels(); band++) {
                weights[bin][band] = weight(spec, band, bin * (double) spec.sampleRate() / nFft);
            }
        }
        double[][] result = new double[frames][spec.nMels()];
        IntStream.range(0, frames).parallel().forEach(frame -> {
            double[] windowed = new double[nFft];
            for (int i = 0; i < nFft; i++) {
                windowed[i] = padded[frame * spec.hopLength() + i] * window[i];
            }
            for (int bin = 0; bin <= nFft / 2; bin++) {
                double re = 0;
                double im = 0;
                int angle = 0; // bin * i modulo nFft
                for (int i = 0; i < nFft; i++) {
                    re += windowed[i] * cosines[angle];
                    im -= windowed[i] * sines[angle];
                    angle += bin;
                    angle -= angle < nFft ? 0 : nFft;
                }
                double strength = Math.pow(Math.hypot(re, im), spec.power());
                for (int band = 0; band < spec.nMels(); band++) {
                    result[frame][band] += strength * weights[bin][band];
                }
            }
            for (int band = 0; band < spec.nMels() && spec.compression() == Compression.LOG10; band++) {
                result[frame][band] = Math.log10(1 + 10000 * result[frame][band]);
            }
        });
        if (spec.compression() == Compression.DECIBEL) {
            toDecibels(spec, result);
        }
        return result;
    }

    private static void toDecibels(MelSpec spec, double[][] powers) {
        double loudest = Double.NEGATIVE_INFINITY;
        for (double[] frame : powers) {
            for (int band = 0; band < frame.length; band++) {
                frame[band] = 10 * Math.log10(Math.max(frame[band], 1e-10));
                loudest = Math.max(loudest, frame[band]);
            }
        }
        Double topDb = spec.loudness().topDb();
        double floor = topDb == null ? Double.NEGATIVE_INFINITY : loudest - topDb;
        for (double[] frame : powers) {
            for (int band = 0; band < frame.length; band++) {
                frame[band] = Math.max(frame[band], floor) - (spec.loudness().ref() == Reference.MAX ? loudest : 0);
            }
        }
    }

    private static double[] widen(float[] samples) {
        return pad(samples, 0, PadMode.CONSTANT);
    }

    /** Reflects like a ball between two walls, one step at a time. */
    private static double[] pad(float[] samples, int width, PadMode mode) {
        double[] padded = new double[samples.length + 2 * width];
        for (int i = 0; i < padded.length; i++) {
            int at = i - width;
            if (mode == PadMode.REFLECT && samples.length == 1) {
                at = 0;
            }
            while (mode == PadMode.REFLECT && (at < 0 || at >= samples.length)) {
                at = at < 0 ? -at : 2 * (samples.length - 1) - at;
            }
            padded[i] = at >= 0 && at < samples.length ? samples[at] : 0;
        }
        return padded;
    }

    private static double weight(MelSpec spec, int band, double hertz) {
        double low = corner(spec, band);
        double centre = corner(spec, band + 1);
        double high = corner(spec, band + 2);
        if (hertz <= low || hertz >= high) {
            return 0;
        }
        double height = spec.norm() == MelNorm.SLANEY ? 2 / (high - low) : 1;
        return height * (hertz < centre ? (hertz - low) / (centre - low) : (high - hertz) / (high - centre));
    }

    private static double corner(MelSpec spec, int index) {
        double share = index / (spec.nMels() + 1.0);
        if (spec.melScale() == MelScale.HTK) {
            // log10(1 + f/700) is linear in mel.
            double low = 1 + spec.fMin() / 700;
            double high = 1 + spec.fMax() / 700;
            return 700 * (low * Math.pow(high / low, share) - 1);
        }
        double low = slaney(spec.fMin());
        double mel = low + share * (slaney(spec.fMax()) - low);
        return mel < 15 ? mel * 200 / 3 : 1000 * Math.pow(6.4, (mel - 15) / 27);
    }

    private static double slaney(double hertz) {
        return hertz < 1000 ? 3 * hertz / 200 : 15 + 27 * Math.log(hertz / 1000) / Math.log(6.4);
    }
}
