package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModulationTest {
    private static final int BANDS = 24;
    private static final int WINDOW = 32;
    private static final int RATES = 7;
    private static final int STRETCHES = 12;

    private final Modulation modulation = new Modulation(BANDS, WINDOW);

    private static Spectrogram noise(int frames, int bands) {
        Random random = new Random(7);
        float[] values = new float[frames * bands];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (3 + random.nextGaussian());
        }
        return new Spectrogram(values, frames, bands);
    }

    /** A track whose value at a frame and a band is given. */
    private static Spectrogram track(int frames, DoubleBinaryOperator value) {
        float[] values = new float[frames * BANDS];
        for (int t = 0; t < frames; t++) {
            for (int band = 0; band < BANDS; band++) {
                values[t * BANDS + band] = (float) value.applyAsDouble(t, band);
            }
        }
        return new Spectrogram(values, frames, BANDS);
    }

    private float[] of(Spectrogram track) {
        return modulation.of(FrameSource.of(track));
    }

    @ParameterizedTest
    // A window and less than a step; several; one that is not full; and bands that the stretches do not divide.
    @CsvSource({"24, 32, 40", "24, 32, 137", "24, 32, 20", "24, 16, 64", "50, 32, 96", "13, 32, 64"})
    void isWhatItsDefinitionSays(int bands, int window, int frames) {
        Spectrogram track = noise(frames, bands);
        double[] expected = new Reference(bands, window).of(track);
        Modulation tested = new Modulation(bands, window);
        assertThat(tested.size()).isEqualTo(expected.length);
        float[] actual = tested.of(FrameSource.of(track));
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).as("energy %d", i).isCloseTo(expected[i], within(1e-5 * expected[i] + 1e-9));
        }
    }

    @Test
    void tellsRisingFromFallingBands() {
        Modulation ofMany = new Modulation(96, WINDOW);
        // Three periods in 32 frames, one in twelve bands: of half octaves, which begin at bins 1, 2, 3, 4, 6, 8 and
        // 12,
        // the third; of filters, which have periods of 3, 6, 12 and 24 bands, the third.
        int rate = 2;
        int rising = 5;
        int falling = 6;
        for (int sign : new int[] {-1, 1}) {
            float[] values = new float[160 * 96];
            for (int t = 0; t < 160; t++) {
                for (int band = 0; band < 96; band++) {
                    // The phase is the same where bands rise (sign −1) or fall (sign 1) with time.
                    values[t * 96 + band] = (float) Math.cos(2 * Math.PI * (3.0 * t / WINDOW + sign * band / 12.0));
                }
            }
            float[] energies = ofMany.of(FrameSource.of(new Spectrogram(values, 160, 96)));
            double here = middle(energies, sign < 0 ? rising : falling, rate);
            assertThat(here).isGreaterThan(1000 * middle(energies, sign < 0 ? falling : rising, rate));
            for (int channel = 1; channel < 9; channel++) {
                for (int other = 0; other < RATES; other++) {
                    // A Hann window leaks into the bins beside, and a filter lets some of the next periods through.
                    boolean beside = Math.abs(other - rate) <= 1 && (channel % 2 == 1) == sign < 0;
                    if (!beside) {
                        assertThat(middle(energies, channel, other)).isLessThan(0.01 * here);
                    }
                }
            }
        }
    }

    /** The energy of a rate, far from where bands are mirrored. */
    private static double middle(float[] energies, int channel, int rate) {
        return IntStream.range(4, 8)
                .mapToDouble(s -> energies[(channel * RATES + rate) * STRETCHES + s])
                .sum();
    }

    @Test
    void knowsNothingOfAGainOrAFilter() {
        Spectrogram track = noise(137, BANDS);
        float[] filtered = track.values().clone();
        for (int i = 0; i < filtered.length; i++) {
            filtered[i] += 2 + 0.25f * (i % BANDS);
        }
        float[] expected = of(track);
        float[] actual = of(new Spectrogram(filtered, 137, BANDS));
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f * expected[i] + 1e-6f));
        }
    }

    @Test
    void whatIsSlowerThanAWindowIsTheVarianceOfWindows() {
        // Three windows, a step of 2 in the middle of the second: there 8.5 of 16 weights are behind it.
        float between = 1 + 2 * 8.5f / 16;
        float mean = (1 + between + 3) / 3;
        float variance = ((1 - mean) * (1 - mean) + (between - mean) * (between - mean) + (3 - mean) * (3 - mean)) / 3;
        float[] energies = of(track(64, (t, band) -> t < 32 ? 1 : 3));
        int slow = energies.length - 3 * STRETCHES;
        for (int s = 0; s < STRETCHES; s++) {
            assertThat(energies[slow + s]).isCloseTo(variance, within(1e-5f));
            // Equal bands are no ripple.
            assertThat(energies[slow + STRETCHES + s]).isCloseTo(0, within(1e-9f));
        }
    }

    @Test
    void framesThatArriveOneByOneGiveTheSame() {
        for (int frames : new int[] {1, 31, 32, 33, 100}) {
            Spectrogram track = noise(frames, BANDS);
            Modulation.Builder builder = modulation.begin();
            for (int t = 0; t < frames; t++) {
                float[] frame = new float[BANDS];
                System.arraycopy(track.values(), t * BANDS, frame, 0, BANDS);
                builder.accept(frame);
            }
            assertThat(builder.finish()).containsExactly(of(track));
        }
    }

    @Test
    void oneFrameAndSilenceHaveNoEnergy() {
        assertThat(of(noise(1, BANDS))).containsOnly(0f);
        assertThat(of(track(100, (t, band) -> 0))).containsOnly(0f);
        assertThatThrownBy(() -> of(noise(0, BANDS)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("without frames");
        assertThatThrownBy(() -> of(noise(5, BANDS + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("25 bands, must be 24");
    }

    @Test
    void windowsLastAboutFourSeconds() {
        Modulation defaults = new Modulation(MelSpec.defaults());
        assertThat(defaults.window()).isEqualTo(256);
        // Nine spectra with 13 half octaves, and five that are slower, in twelve stretches.
        assertThat(defaults.size()).isEqualTo((9 * 13 + 5) * 12);
        assertThat(new Modulation(1, 16).size()).isEqualTo(6);
    }

    /** The definition, in double precision and without any trick. */
    private record Reference(int bands, int window) {
        double[] of(Spectrogram track) {
            List<Double> periods = new ArrayList<>();
            for (int part : new int[] {32, 16, 8, 4}) {
                if ((double) bands / part >= 2.5) {
                    periods.add((double) bands / part);
                }
            }
            List<Integer> edges = new ArrayList<>();
            for (int i = 0; Math.ceil(Math.pow(Math.sqrt(2), i) - 1e-6) < window / 2.0; i++) {
                int edge = (int) Math.ceil(Math.pow(Math.sqrt(2), i) - 1e-6);
                if (!edges.contains(edge)) {
                    edges.add(edge);
                }
            }
            edges.add(window / 2);
            int rates = edges.size() - 1;
            int stretches = Math.min(12, bands);
            int channels = 1 + 2 * periods.size();
            double[] result = new double[(channels * rates + 1 + periods.size()) * stretches];

            List<double[][]> means = new ArrayList<>(); // [window][re, im of each period]
            int windows = 0;
            for (int first = 0; first == 0 || first + window <= track.frames(); first += window / 2) {
                int count = Math.min(window, track.frames() - first);
                double[] mean = new double[bands];
                double weights = 0;
                for (int t = 0; t < count; t++) {
                    weights += hann(t);
                    for (int band = 0; band < bands; band++) {
                        mean[band] += hann(t) * at(track, first + t, band);
                    }
                }
                for (int band = 0; band < bands; band++) {
                    mean[band] /= weights;
                }
                for (int rate = 0; rate < rates; rate++) {
                    int bins = edges.get(rate + 1) - edges.get(rate);
                    for (int bin = edges.get(rate); bin < edges.get(rate + 1); bin++) {
                        for (int channel = 0; channel < channels; channel++) {
                            // Rising: the spectrum at −bin, after a filter of a positive period.
                            int signed = channel % 2 == 1 ? -bin : bin;
                            double[] re = new double[bands];
                            double[] im = new double[bands];
                            for (int t = 0; t < count; t++) {
                                double angle = -2 * Math.PI * signed * t / window;
                                for (int band = 0; band < bands; band++) {
                                    double value = hann(t) * (at(track, first + t, band) - mean[band]);
                                    re[band] += value * Math.cos(angle);
                                    im[band] += value * Math.sin(angle);
                                }
                            }
                            if (channel > 0) {
                                double[][] both = filtered(re, im, periods.get((channel - 1) / 2));
                                re = both[0];
                                im = both[1];
                            }
                            for (int band = 0; band < bands; band++) {
                                int stretch = band * stretches / bands;
                                result[(channel * rates + rate) * stretches + stretch] +=
                                        (re[band] * re[band] + im[band] * im[band]) / window / bins / width(stretch);
                            }
                        }
                    }
                }
                double[][] slow = new double[2 * (1 + periods.size())][];
                slow[0] = mean;
                slow[1] = new double[bands];
                for (int p = 0; p < periods.size(); p++) {
                    double[][] both = filtered(mean, new double[bands], periods.get(p));
                    slow[2 * p + 2] = both[0];
                    slow[2 * p + 3] = both[1];
                }
                means.add(slow);
                windows++;
            }
            for (int i = 0; i < channels * rates * stretches; i++) {
                result[i] /= windows;
            }
            for (int i = 0; i < means.get(0).length; i++) {
                for (int band = 0; band < bands; band++) {
                    double sum = 0;
                    double squares = 0;
                    for (double[][] slow : means) {
                        sum += slow[i][band] / windows;
                    }
                    for (double[][] slow : means) {
                        squares += Math.pow(slow[i][band] - sum, 2) / windows;
                    }
                    int stretch = band * stretches / bands;
                    result[(channels * rates + i / 2) * stretches + stretch] += squares / width(stretch);
                }
            }
            return result;
        }

        private double hann(int t) {
            return 0.5 - 0.5 * Math.cos(2 * Math.PI * t / window);
        }

        private double at(Spectrogram track, int frame, int band) {
            return track.values()[frame * bands + band];
        }

        private int width(int stretch) {
            int stretches = Math.min(12, bands);
            return (int) IntStream.range(0, bands)
                    .filter(band -> band * stretches / bands == stretch)
                    .count();
        }

        private double[][] filtered(double[] re, double[] im, double period) {
            int reach = (int) (1.5 * period);
            double[] envelope = new double[2 * reach + 1];
            double[] real = new double[2 * reach + 1];
            double[] imaginary = new double[2 * reach + 1];
            double sum = 0;
            double envelopes = 0;
            for (int k = -reach; k <= reach; k++) {
                envelope[k + reach] = Math.exp(-k * k / (2 * Math.pow(0.45 * period, 2)));
                sum += envelope[k + reach] * Math.cos(2 * Math.PI * k / period);
                envelopes += envelope[k + reach];
            }
            double size = 0;
            for (int k = -reach; k <= reach; k++) {
                real[k + reach] = envelope[k + reach] * (Math.cos(2 * Math.PI * k / period) - sum / envelopes);
                imaginary[k + reach] = envelope[k + reach] * Math.sin(2 * Math.PI * k / period);
                size += Math.hypot(real[k + reach], imaginary[k + reach]);
            }
            double[][] result = new double[2][bands];
            for (int band = 0; band < bands; band++) {
                for (int k = -reach; k <= reach; k++) {
                    int from = band - k;
                    from = from < 0 ? -from : from >= bands ? 2 * (bands - 1) - from : from;
                    double a = real[k + reach] / size;
                    double b = imaginary[k + reach] / size;
                    result[0][band] += a * re[from] - b * im[from];
                    result[1][band] += a * im[from] + b * re[from];
                }
            }
            return result;
        }
    }
}
