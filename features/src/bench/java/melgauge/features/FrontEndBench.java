package melgauge.features;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import melgauge.data.Audio;
import melgauge.data.AudioStream;
import melgauge.data.Decoder;
import melgauge.data.Excerpt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Where the time of preparing audio goes, on one thread: microseconds per frame of the default settings (16 ms of audio)
 * for the parts of the front end, milliseconds per clip of 8 s for decoding.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class FrontEndBench {
    /** Frames in the ten seconds of noise that the benchmarks read. */
    private static final int FRAMES = 625;

    private static final int SAMPLES = FRAMES * 256;

    private final float[] samples = new float[SAMPLES];
    private final MelSpectrogram mel = new MelSpectrogram(MelSpec.defaults());
    private final Stft stft = new Stft(Framing.defaults(), StftSpec.defaults());
    private final MelFilterBank filters = new MelFilterBank(MelSpec.defaults());
    private final float[] spectrum = new float[stft.bins()];
    private final float[] bands = new float[filters.bands()];
    private float heard;

    /** Fills the samples with noise. */
    @Setup
    public void fill() {
        Random random = new Random(1);
        for (int i = 0; i < SAMPLES; i++) {
            samples[i] = (float) random.nextGaussian() * 0.1f;
        }
        for (int i = 0; i < spectrum.length; i++) {
            spectrum[i] = random.nextFloat();
        }
    }

    /** Framing, window, Fourier transform and power. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public float stft() throws IOException {
        Extraction extraction = stft.begin(frame -> heard += frame[0]);
        extraction.add(samples, 0, SAMPLES);
        return heard;
    }

    /** The filter bank alone. */
    @Benchmark
    public float melProjection() {
        filters.apply(spectrum, bands, 0);
        return bands[7];
    }

    /** The logarithm of one frame's bands. */
    @Benchmark
    public float logarithm() {
        float sum = 0;
        for (int i = 0; i < bands.length; i++) {
            sum += FastLog.log10(1f + spectrum[i]);
        }
        return sum;
    }

    /** From samples to log-mel frames. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public float extraction() throws IOException {
        Extraction extraction = mel.begin(frame -> heard += frame[0]);
        extraction.add(samples, 0, SAMPLES);
        return heard;
    }

    /** A clip of 8 s of the demo corpus. */
    @State(Scope.Thread)
    public static class Clip {
        @Param({
            "freedoom_d-bunny_012.mp3",
            "freedoom_d-dm01_027.ogg",
            "freedoom_d-bunny_040.opus",
            "freedoom_d-dm04_032.m4a",
            "freedoom_d-dm06_085.flac"
        })
        private String name = "";

        private final float[] block = new float[1 << 13];
        private final Decoder decoder = Decoder.standard();

        private AudioStream open() throws IOException {
            Path folder = Path.of(System.getProperty("melgauge.demo", "../data/demo"), "audio");
            return decoder.open(folder.resolve(name), 16000, Excerpt.WHOLE);
        }
    }

    /** From a file to mono samples at 16 kHz. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public float decode(Clip clip) throws IOException {
        try (AudioStream audio = clip.open()) {
            for (int count = 0; count >= 0; count = audio.read(clip.block, 0, clip.block.length)) {
                heard += clip.block[0];
            }
        }
        return heard;
    }

    /** From a file to log-mel frames. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public float decodeAndExtract(Clip clip) throws IOException {
        try (AudioStream audio = clip.open()) {
            mel.feed(audio, frame -> heard += frame[0], (block, offset, count) -> {});
        }
        return heard;
    }

    /** Whole extraction into memory, as tagging does it; milliseconds for ten seconds of audio. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public Spectrogram extractionToMemory() {
        return mel.extract(new Audio(samples, 16000));
    }
}
