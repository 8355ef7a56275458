package melgauge.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import melgauge.data.Audio;
import melgauge.data.AudioException;
import melgauge.data.AudioStream;
import melgauge.data.Excerpt;
import melgauge.data.Failure;
import melgauge.data.UsageException;
import melgauge.data.ffmpeg.FfmpegDecoder;
import melgauge.features.FeatureExtractor;
import melgauge.features.Modulation;
import melgauge.features.PatchCutter;
import org.jspecify.annotations.Nullable;

/**
 * A trained model, for Java programs: from a file that {@code train} left to the qualities of a song.
 *
 * <pre>{@code
 * try (Model model = Model.open(Path.of("mood.melgauge"))) {
 *     Prediction prediction = model.predict(Path.of("song.mp3"));
 *     double valence = prediction.value("valence");
 *     List<Segment> overTime = prediction.segments();
 * }
 * }</pre>
 *
 * <p>Values are those of {@code melgauge tag}. Files are decoded in the caller's process by FFmpeg: a broken or
 * hostile file may end the JVM, so programs that read strangers' files run {@code tag}, which decodes in processes of its own.
 *
 * <p>Thread-safe: several threads decode at once, and take turns at the network. Memory does not grow with a file's length,
 * but for the {@link Prediction#segments() segments}.
 */
public final class Model implements AutoCloseable {
    private final ModelBundle bundle;
    private final Predictor network;
    private final FeatureExtractor extractor;
    private final FfmpegDecoder decoder = new FfmpegDecoder();
    /** Null where the networks answer alone. */
    private final @Nullable Modulation modulation;

    private boolean closed;

    private Model(ModelBundle bundle, Predictor network) {
        this.bundle = bundle;
        this.network = network;
        this.extractor = bundle.features().kind().open(bundle.features());
        this.modulation = bundle.blend() == null ? null : new Modulation(bundle.features());
    }

    /**
     * Opens a model to compute on the CPU.
     *
     * @throws IOException naming the file, if it is not a model, is damaged, or needs more memory than there is
     */
    public static Model open(Path file) throws IOException {
        ModelBundle bundle = ModelBundle.read(file);
        return new Model(bundle, bundle.open());
    }

    /**
     * Opens a model to compute on a device; a process has one.
     *
     * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
     * @throws IOException as {@link #open(Path)}
     * @throws UsageException if the device cannot be had, with the reason and the choices
     */
    public static Model open(Path file, String device) throws IOException {
        ModelBundle bundle = ModelBundle.read(file);
        bundle.engine().useDevice(device, true);
        return new Model(bundle, bundle.open());
    }

    /** What the model predicts, in order. */
    public List<Target> targets() {
        return bundle.targets();
    }

    /**
     * Predicts an audio file, in any format that FFmpeg decodes and of any length.
     *
     * @throws AudioException if it cannot be decoded, or the model's answer to it is not finite, with a sentence and a stable
     *     code
     * @throws IllegalStateException if the model has been closed
     */
    public Prediction predict(Path file) throws AudioException {
        try (AudioStream audio = decoder.open(
                file,
                extractor.sampleRate(),
                bundle.features().mixing(),
                bundle.features().part())) {
            return predict(audio);
        }
    }

    /**
     * Predicts audio in memory.
     *
     * @param samples mono; full scale is [-1, 1]
     * @param sampleRate in Hz, at least 1; it may be another than the model's
     * @throws AudioException if there is too little of it, or the rate cannot be brought to the model's
     * @throws IllegalStateException if the model has been closed
     */
    public Prediction predict(float[] samples, int sampleRate) throws AudioException {
        Excerpt part = bundle.features().part();
        int from = (int) Math.min(samples.length, part.samplesBefore(sampleRate));
        int to = (int) Math.min(samples.length, from + Math.min(part.samples(sampleRate), Integer.MAX_VALUE));
        Audio audio = new Audio(Arrays.copyOfRange(samples, from, to), sampleRate);
        try (AudioStream stream = AudioStream.of(decoder.resample(audio, extractor.sampleRate()))) {
            return predict(stream);
        }
    }

    /**
     * What became of a file.
     *
     * @param file as it was given
     * @param prediction empty if it cannot be decoded
     * @param failure why not; empty if there is a prediction
     */
    public record FileResult(Path file, Optional<Prediction> prediction, Optional<Failure> failure) {}

    /** Predicts files on all cores, one result each and in their order; one that cannot be decoded stops no other. */
    public List<FileResult> predictAll(List<Path> files) {
        return files.parallelStream()
                .map(file -> {
                    try {
                        return new FileResult(file, Optional.of(predict(file)), Optional.empty());
                    } catch (AudioException e) {
                        return new FileResult(file, Optional.empty(), Optional.of(e.failure()));
                    }
                })
                .toList();
    }

    private Prediction predict(AudioStream audio) throws AudioException {
        Answers answers = new Answers();
        Modulation.@Nullable Builder modulations = modulation == null ? null : modulation.begin();
        PatchCutter cutter = new PatchCutter(bundle.patch(), extractor.bands(), answers::array, answers::add);
        long[] samples = new long[1];
        try {
            extractor.feed(
                    audio,
                    frame -> {
                        if (modulations != null) {
                            modulations.accept(frame);
                        }
                        cutter.accept(frame);
                    },
                    (block, offset, count) -> samples[0] += count);
            if (cutter.frames() == 0) {
                throw new AudioException(
                        Failure.Code.TOO_SHORT,
                        "is too short for a single frame of features.nFft="
                                + bundle.features().nFft() + " samples");
            }
            cutter.finish();
        } catch (AudioException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("nothing here reads or writes but the audio", e);
        }
        answers.flush();
        double seconds = samples[0] / (double) extractor.sampleRate();
        return answers.prediction(cutter.frames(), seconds, modulations == null ? new float[0] : modulations.finish());
    }

    /** The answers to the patches of one track. For one thread. */
    private final class Answers {
        private final int size = network.shape().size();
        /** Always sent as a whole, so that an answer does not depend on how many patches there are. */
        private final float[] batch = new float[ModelBundle.BATCH * size];

        private final List<float[]> outputs = new ArrayList<>();
        private int filled;

        float[] array() {
            return new float[size];
        }

        void add(float[] patch) {
            bundle.normalizer().apply(patch, 0, bundle.patch().frames());
            System.arraycopy(patch, 0, batch, filled * size, size);
            if (++filled == ModelBundle.BATCH) {
                flush();
            }
        }

        void flush() {
            if (filled == 0) {
                return;
            }
            Arrays.fill(batch, filled * size, batch.length, 0);
            float[] rows;
            synchronized (network) {
                if (closed) {
                    throw new IllegalStateException(bundle.origin() + " has been closed");
                }
                rows = network.predict(batch, ModelBundle.BATCH);
            }
            int targets = network.outputs();
            for (int row = 0; row < filled; row++) {
                outputs.add(Arrays.copyOfRange(rows, row * targets, (row + 1) * targets));
            }
            filled = 0;
        }

        Prediction prediction(int frames, double seconds, float[] modulations) throws AudioException {
            int targets = network.outputs();
            double[] sum = new double[targets];
            double[] sumOfSquares = new double[targets];
            float[] series = new float[outputs.size() * targets];
            for (int i = 0; i < series.length; i++) {
                float value = outputs.get(i / targets)[i % targets];
                sum[i % targets] += value;
                sumOfSquares[i % targets] += (double) value * value;
                series[i] = value;
            }
            TrackPrediction whole = TrackPrediction.of(
                    sum, sumOfSquares, outputs.size(), bundle.patch().isShort(frames));
            Blend blend = bundle.blend();
            if (blend != null) {
                whole = blend.answer(whole, modulations);
                series = blend.answers(series, modulations);
            }
            double[] mean = whole.mean();
            double[] spread = whole.spread();
            if (!DoubleStream.of(mean).allMatch(Double::isFinite)) {
                throw new AudioException(
                        Failure.Code.NO_ANSWER, "the model's answer is NaN or infinite; train another one");
            }
            return new Prediction(
                    byTarget(t -> bundle.targets().get(t).scale().fromUnit(mean[t])),
                    byTarget(t -> bundle.targets().get(t).scale().widthFromUnit(spread[t])),
                    seconds,
                    whole.isShort(),
                    segments(series, bundle.patch().starts(frames), seconds));
        }

        private List<Segment> segments(float[] series, int[] starts, double seconds) {
            double secondsPerFrame =
                    bundle.features().hopLength() / (double) bundle.features().sampleRate();
            int targets = network.outputs();
            return IntStream.range(0, starts.length)
                    .mapToObj(patchNumber -> {
                        double start = starts[patchNumber] * secondsPerFrame;
                        double end = start + bundle.patch().frames() * secondsPerFrame;
                        return new Segment(
                                start,
                                Math.min(end, seconds),
                                byTarget(t ->
                                        bundle.targets().get(t).scale().fromUnit(series[patchNumber * targets + t])));
                    })
                    .toList();
        }

        private Map<String, Double> byTarget(ToDoubleFunction<Integer> number) {
            Map<String, Double> byTarget = new LinkedHashMap<>();
            for (int t = 0; t < bundle.targets().size(); t++) {
                byTarget.put(bundle.targets().get(t).name(), number.applyAsDouble(t));
            }
            return byTarget;
        }
    }

    /** Frees the networks' memory, once no thread uses them. */
    @Override
    public void close() {
        synchronized (network) {
            if (!closed) {
                closed = true;
                network.close();
            }
        }
    }
}
