package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

    @Test
    void aFrameBeyondTheEndIsRefused() {
        Stft stft = new Stft(MelSpec.defaults());
        Stft.Frames frames = stft.over(new float[16000]);
        assertThat(frames.count()).isEqualTo(63);
        assertThatThrownBy(() -> frames.read(63, new float[stft.bins()]))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("frame 63 must lie between 0 and 62");
    }

    @Test
    void longTransformsStartNoThreads() {
        float[] samples = new float[1 << 15];
        samples[5] = 1;
        new Stft(Specs.with("nFft", 1 << 15, "winLength", 1 << 15))
                .over(samples)
                .read(0, new float[(1 << 14) + 1]);
        assertThat(CommonUtils.getThreadsBeginN_1D_FFT_2Threads()).isGreaterThan(1 << 20);
    }
}
