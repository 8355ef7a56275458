package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import melgauge.data.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NormalizerTest {
    private static final int BANDS = 6;

    /** Of lengths that end inside, at and beyond a block of the fit. */
    private final List<Spectrogram> tracks =
            List.of(Specs.random(700, BANDS, 1), Specs.random(256, BANDS, 2), Specs.random(3, BANDS, 3));

    private Normalizer fit(NormalizerKind kind) {
        NormalizerFit fit = new NormalizerFit(kind, BANDS);
        tracks.forEach(track -> fit.add(FrameSource.of(track)));
        return fit.finish();
    }

    /** Mean and population standard deviation of one band over all tracks, or of all bands together. */
    private double[] directly(int band) {
        return directly(tracks, band);
    }

    private static double[] directly(List<Spectrogram> tracks, int band) {
        double sum = 0;
        long count = 0;
        for (int pass = 0; pass < 2; pass++) {
            double mean = count == 0 ? 0 : sum / count;
            double squares = 0;
            for (Spectrogram track : tracks) {
                for (int i = 0; i < track.values().length; i++) {
                    if (band < 0 || i % track.bands() == band) {
                        double value = track.values()[i];
                        sum += pass == 0 ? value : 0;
                        count += pass == 0 ? 1 : 0;
                        squares += (value - mean) * (value - mean);
                    }
                }
            }
            if (pass == 1) {
                return new double[] {mean, Math.sqrt(squares / count)};
            }
        }
        throw new IllegalStateException();
    }

    @Test
    void fitsEachBandAsTheFormulaSays() {
        BandNormalizer normalizer = (BandNormalizer) fit(NormalizerKind.BAND);
        for (int band = 0; band < BANDS; band++) {
            double[] expected = directly(band);
            assertThat(normalizer.mean()[band]).isCloseTo(expected[0], within(1e-12));
            assertThat(normalizer.std()[band]).isCloseTo(expected[1], within(1e-12));
        }
    }

    @Test
    void fitsAllBandsTogetherAsTheFormulaSays() {
        GlobalNormalizer normalizer = (GlobalNormalizer) fit(NormalizerKind.GLOBAL);
        double[] expected = directly(-1);
        assertThat(normalizer.mean()).isCloseTo(expected[0], within(1e-12));
        assertThat(normalizer.std()).isCloseTo(expected[1], within(1e-12));
    }

    @ParameterizedTest
    @EnumSource
    void appliesItsFormulaToTheRowsGivenAndNoOthers(NormalizerKind kind) {
        Normalizer normalizer = fit(kind);
        Spectrogram track = tracks.get(0);
        float[] values = track.values().clone();
        normalizer.apply(values, 2 * BANDS, 5);
        for (int i = 0; i < values.length; i++) {
            boolean inside = i >= 2 * BANDS && i < 7 * BANDS;
            double[] moments = switch (kind) {
                case BAND -> directly(i % BANDS);
                case PATCH -> new double[] {meanOfRows(track, i % BANDS), directly(i % BANDS)[1]};
                case GLOBAL, NONE -> directly(-1);
            };
            double expected = !inside || kind == NormalizerKind.NONE
                    ? track.values()[i]
                    : (track.values()[i] - moments[0]) / moments[1];
            if (i < 10 * BANDS) {
                assertThat((double) values[i]).isCloseTo(expected, within(1e-6));
            }
        }
    }

    /** The mean of a band over rows 2 to 6. */
    private static double meanOfRows(Spectrogram track, int band) {
        double sum = 0;
        for (int row = 2; row < 7; row++) {
            sum += track.values()[row * BANDS + band];
        }
        return sum / 5;
    }

    @Test
    void aPatchLosesItsLoudnessAndItsColour() {
        Normalizer normalizer = fit(NormalizerKind.PATCH);
        float[] values = tracks.get(1).values().clone();
        float[] filtered = values.clone();
        for (int i = 0; i < filtered.length; i++) {
            filtered[i] += 3 - i % BANDS;
        }
        normalizer.apply(values, 0, 256);
        normalizer.apply(filtered, 0, 256);
        assertThat(filtered).containsExactly(values, within(1e-5f));
    }

    @Test
    void keepsItsDigitsFarFromZero() {
        float[] values = new float[5000];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1_000_000f + i % 2;
        }
        NormalizerFit fit = new NormalizerFit(NormalizerKind.BAND, 1);
        fit.add(FrameSource.of(new Spectrogram(values, values.length, 1)));
        // A std of 0.5 beside 1e6 is below a millionth: it counts as constant. Statistics keep it.
        assertThat(fit.constantBands()).isEqualTo(1);
        assertThat(TrackStatistics.of(FrameSource.of(new Spectrogram(values, values.length, 1))))
                .containsExactly(1_000_000.5f, 0.5f);
    }

    @Test
    void aConstantBandGetsStdOneAndIsCounted() {
        float[] values = new float[1000 * 2];
        for (int i = 0; i < 1000; i++) {
            values[2 * i] = 0.1f;
            values[2 * i + 1] = i % 7;
        }
        NormalizerFit fit = new NormalizerFit(NormalizerKind.BAND, 2);
        assertThat(fit.constantBands()).isZero();
        fit.add(FrameSource.of(new Spectrogram(values, 1000, 2)));
        assertThat(fit.constantBands()).isEqualTo(1);
        Normalizer normalizer = fit.finish();
        assertThat(((BandNormalizer) normalizer).std()[0]).isEqualTo(1);
        float[] row = {0.1f, 3};
        normalizer.apply(row, 0, 1);
        assertThat(row[0]).isZero();
    }

    @Test
    void tracksMeasuredApartAddUpToTheSameBits() {
        NormalizerFit serial = new NormalizerFit(NormalizerKind.BAND, BANDS);
        NormalizerFit apart = new NormalizerFit(NormalizerKind.BAND, BANDS);
        tracks.forEach(track -> serial.add(FrameSource.of(track)));
        tracks.parallelStream()
                .map(track -> apart.measure(FrameSource.of(track)))
                .toList()
                .forEach(apart::add);
        assertThat(apart.finish()).isEqualTo(serial.finish());
        assertThat(apart.finish().toJson().toString())
                .isEqualTo(serial.finish().toJson().toString());
    }

    @Test
    void needsFrames() {
        NormalizerFit fit = new NormalizerFit(NormalizerKind.BAND, 2);
        fit.add(FrameSource.of(new Spectrogram(new float[0], 0, 2)));
        assertThatThrownBy(fit::finish)
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("frames=0 must be at least 1");
        assertThat(new NormalizerFit(NormalizerKind.NONE, 2).finish()).isEqualTo(new NoNormalizer(2));
    }

    @Test
    void refusesOtherBandsAndNumbersThatAreNotFinite() {
        NormalizerFit fit = new NormalizerFit(NormalizerKind.BAND, 2);
        assertThatThrownBy(() -> fit.add(FrameSource.of(Specs.random(5, 3, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 bands");
        assertThatThrownBy(() -> fit.add(FrameSource.of(new Spectrogram(new float[] {1, Float.NaN, 2, 3}, 2, 2))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("band 1");
        assertThat(fit.frames()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void jsonGivesBackTheSameNormalizer(NormalizerKind kind) throws IOException {
        Normalizer written = fit(kind);
        String text = Specs.JSON.writeValueAsString(written.toJson());
        Normalizer read = Normalizer.fromJson(Specs.JSON.readTree(text));
        assertThat(read).isEqualTo(written);
        assertThat(read.toJson().toString()).isEqualTo(text);
        float[] a = tracks.get(0).values().clone();
        float[] b = a.clone();
        written.apply(a, 0, 700);
        read.apply(b, 0, 700);
        assertThat(b).isEqualTo(a);
    }

    @Test
    void jsonHasItsStableForm() throws IOException {
        assertThat(new BandNormalizer(new double[] {1, 2.5}, new double[] {3, 0.5})
                        .toJson()
                        .toString())
                .isEqualTo("{\"kind\":\"band\",\"bands\":2,\"mean\":[1.0,2.5],\"std\":[3.0,0.5]}");
        assertThat(new GlobalNormalizer(96, 1, 2).toJson().toString())
                .isEqualTo("{\"kind\":\"global\",\"bands\":96,\"mean\":1.0,\"std\":2.0}");
        assertThat(new NoNormalizer(96).toJson().toString()).isEqualTo("{\"kind\":\"none\",\"bands\":96}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "null",
                "{\"kind\":\"other\",\"bands\":1}",
                "{\"kind\":\"none\",\"bands\":0}",
                "{\"kind\":\"none\",\"bands\":1.5}",
                "{\"kind\":\"none\"}",
                "{\"kind\":\"global\",\"bands\":1,\"mean\":0,\"std\":0}",
                "{\"kind\":\"global\",\"bands\":1,\"mean\":\"0\",\"std\":1}",
                "{\"kind\":\"global\",\"bands\":1,\"mean\":1e999,\"std\":1}",
                "{\"kind\":\"band\",\"bands\":2,\"mean\":[1],\"std\":[1]}",
                "{\"kind\":\"band\",\"bands\":1,\"mean\":[1],\"std\":[1,2]}",
                "{\"kind\":\"band\",\"bands\":1,\"mean\":[1],\"std\":[-1]}",
                "{\"kind\":\"band\",\"bands\":1,\"mean\":[1],\"std\":[null]}",
                "{\"kind\":\"band\",\"bands\":1,\"mean\":1,\"std\":1}"
            })
    void refusesDamagedJson(String json) {
        assertThatThrownBy(() -> Normalizer.fromJson(Specs.JSON.readTree(json)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("normaliser");
    }

    @Test
    void jsonIsAnObjectThatTheCallerMayExtend() {
        ObjectNode json = new NoNormalizer(4).toJson();
        assertThat(json.put("note", "x").size()).isEqualTo(3);
        assertThat(new NoNormalizer(4).toJson().size()).isEqualTo(2);
    }

    @Test
    void trackStatisticsAreMeansThenStds() {
        Spectrogram track = tracks.get(0);
        float[] statistics = TrackStatistics.of(FrameSource.of(track));
        assertThat(statistics).hasSize(2 * BANDS);
        for (int band = 0; band < BANDS; band++) {
            double[] expected = directly(List.of(track), band);
            assertThat((double) statistics[band]).isCloseTo(expected[0], within(1e-6));
            assertThat((double) statistics[BANDS + band]).isCloseTo(expected[1], within(1e-6));
        }
        assertThatThrownBy(() -> TrackStatistics.of(FrameSource.of(new Spectrogram(new float[0], 0, 2))))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
