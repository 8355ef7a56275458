package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTest {
    private static Fingerprint of(Spectrogram spectrogram) {
        Fingerprint.Builder builder = new Fingerprint.Builder(spectrogram.bands(), Fingerprint.Values.OTHER);
        float[] frame = new float[spectrogram.bands()];
        for (int i = 0; i < spectrogram.frames(); i++) {
            System.arraycopy(spectrogram.values(), i * frame.length, frame, 0, frame.length);
            builder.accept(frame);
        }
        return builder.finish();
    }

    /** Bands that rise and fall at random, slowly: over 24 steps, however many frames there are. */
    private static Spectrogram music(int frames, int bands, long seed) {
        Random random = new Random(seed);
        double[][] steps = new double[26][bands];
        for (double[] step : steps) {
            for (int band = 0; band < bands; band++) {
                step[band] = random.nextGaussian();
            }
        }
        float[] values = new float[frames * bands];
        for (int i = 0; i < values.length; i++) {
            int frame = i / bands;
            double at = 24.0 * frame / frames;
            double share = at - (int) at;
            int band = i % bands;
            values[i] = (float) ((1 - share) * steps[(int) at][band] + share * steps[(int) at + 1][band]);
        }
        return new Spectrogram(values, frames, bands);
    }

    @ParameterizedTest(name = "{0} bands")
    @ValueSource(ints = {8, 12, 16, 20, 84, 96})
    void tellsTracksApartWhateverTheNumberOfBands(int bands) {
        Fingerprint one = of(music(1800, bands, 1));
        assertThat(one.similarity(one)).isEqualTo(1);
        assertThat(one.similarity(of(music(1800, bands, 2)))).isBetween(-0.6, 0.6);
        assertThat(one.similarity(of(music(1811, bands, 1)))).isGreaterThan(0.99);
    }

    @Test
    void levelAndEqualisationCountForNothing() {
        Spectrogram track = music(1000, 32, 1);
        float[] other = track.values().clone();
        for (int i = 0; i < other.length; i++) {
            other[i] = 3 * other[i] - 7 + i % 32;
        }
        assertThat(of(new Spectrogram(other, 1000, 32)).similarity(of(track))).isGreaterThan(0.9999);
    }

    @Test
    void theStreamedFormIsTheDirectOne() {
        int frames = 4096; // segments end where blocks do
        int bands = 32;
        Spectrogram track = music(frames, bands, 4);
        double[][] means = new double[16][16];
        for (int i = 0; i < track.values().length; i++) {
            means[i / bands / (frames / 16)][i % bands / 2] += track.values()[i] / (2 * frames / 16.0);
        }
        double squares = 0;
        double[][] left = new double[16][16];
        for (int segment = 0; segment < 16; segment++) {
            for (int group = 0; group < 16; group++) {
                double row = 0;
                double column = 0;
                double all = 0;
                for (int k = 0; k < 16; k++) {
                    row += means[segment][k] / 16;
                    column += means[k][group] / 16;
                    for (int l = 0; l < 16; l++) {
                        all += means[k][l] / 256;
                    }
                }
                left[segment][group] = means[segment][group] - row - column + all;
                squares += left[segment][group] * left[segment][group];
            }
        }
        StringBuilder text = new StringBuilder();
        for (double[] segment : left) {
            for (double value : segment) {
                double unit = value / (2 * Math.sqrt(squares / 256));
                text.append(String.format("%02x", (byte) Math.rint(127 * Math.max(-1, Math.min(1, unit)))));
            }
        }
        assertThat(of(track).text()).isEqualTo(text.toString());
    }

    @ParameterizedTest(name = "{0} frames")
    @ValueSource(ints = {255, 256, 257, 511, 513, 8191, 8193, 100_000})
    void theMergingOfBlocksDoesNotShow(int frames) {
        assertThat(of(music(frames, 16, 9)).similarity(of(music(700, 16, 9)))).isGreaterThan(0.99);
    }

    @Test
    void aMomentOfSilenceDoesNotDecide() {
        Spectrogram one = music(1600, 32, 1);
        Spectrogram other = music(1600, 32, 2);
        for (Spectrogram track : new Spectrogram[] {one, other}) {
            for (int i = 800 * 32; i < 900 * 32; i++) {
                track.values()[i] = i % 32 < 16 ? -10 : 0;
            }
        }
        assertThat(of(one).similarity(of(other))).isLessThan(0.8);
    }

    @Test
    void takesTheLogarithmOfPowers() {
        Spectrogram track = music(1600, 32, 1);
        Fingerprint.Builder powers = new Fingerprint.Builder(32, Fingerprint.Values.POWERS);
        Fingerprint.Builder louder = new Fingerprint.Builder(32, Fingerprint.Values.POWERS);
        Fingerprint.Builder decibels = new Fingerprint.Builder(32, Fingerprint.Values.DECIBELS);
        Fingerprint.Builder noPowers = new Fingerprint.Builder(32, Fingerprint.Values.POWERS);
        for (int i = 0; i < 1600; i++) {
            float[] frame = new float[32];
            float[] loud = new float[32];
            float[] tens = new float[32];
            for (int band = 0; band < 32; band++) {
                frame[band] = (float) Math.pow(10, track.values()[i * 32 + band]);
                loud[band] = 1000 * frame[band];
                tens[band] = 10 * track.values()[i * 32 + band];
            }
            powers.accept(frame);
            louder.accept(loud);
            decibels.accept(tens);
            noPowers.accept(Arrays.copyOfRange(track.values(), i * 32, (i + 1) * 32));
        }
        assertThat(powers.finish().similarity(of(track))).isGreaterThan(0.8);
        assertThat(decibels.finish().similarity(powers.finish())).isGreaterThan(0.9999);
        assertThat(louder.finish().similarity(powers.finish())).isGreaterThan(0.9999);
        assertThat(noPowers.finish()).isEqualTo(of(track));
    }

    @Test
    void isBlankWhereThereIsNothingToCompare() {
        assertThat(of(new Spectrogram(new float[3000 * 32], 3000, 32)).isBlank())
                .isTrue();
        float[] tone = new float[3000 * 32];
        for (int i = 0; i < tone.length; i++) {
            boolean odd = i / 32 % 2 == 1;
            tone[i] = i % 32 != 5 ? 0 : odd ? 60.001f : 60;
        }
        assertThat(of(new Spectrogram(tone, 3000, 32)).isBlank()).isTrue();
        assertThat(of(music(15, 32, 1)).isBlank()).isTrue();
        assertThat(of(music(16, 32, 1)).isBlank()).isFalse();
        assertThat(of(music(1000, 7, 1)).isBlank()).isTrue();
        assertThat(of(music(1000, 1, 1)).isBlank()).isTrue();
        assertThat(Fingerprint.builder(MelSpec.defaults()).finish().isBlank()).isTrue();
        Spectrogram broken = music(1000, 32, 1);
        broken.values()[4000] = Float.NaN;
        assertThat(of(broken).isBlank()).isTrue();
        broken.values()[4000] = Float.POSITIVE_INFINITY;
        assertThat(of(broken).isBlank()).isTrue();
        assertThat(Fingerprint.blank().similarity(Fingerprint.blank())).isZero();
    }

    @Test
    void textGivesBackTheSameFingerprint() {
        Fingerprint written = of(music(1000, 20, 3));
        assertThat(written.text()).hasSize(2 * Fingerprint.LENGTH);
        assertThat(Fingerprint.parse(written.text())).isEqualTo(written).hasSameHashCodeAs(written);
        assertThat(Fingerprint.blank().text()).isEmpty();
        assertThat(Fingerprint.parse("")).isEqualTo(Fingerprint.blank());
        assertThatThrownBy(() -> Fingerprint.parse("0102"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 bytes, it must have 256");
    }

    @Test
    void similarTracksDifferInFewSigns() {
        Fingerprint one = of(music(1800, 96, 1));
        Fingerprint same = of(music(1811, 96, 1));
        Fingerprint other = of(music(1800, 96, 2));
        int few = 0;
        int many = 0;
        for (int word = 0; word < Fingerprint.SIGN_WORDS; word++) {
            few += Long.bitCount(one.signs(word) ^ same.signs(word));
            many += Long.bitCount(one.signs(word) ^ other.signs(word));
        }
        assertThat(few).isLessThan(16);
        assertThat(many).isGreaterThan(80);
    }
}
