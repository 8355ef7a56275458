package melgauge.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleBiFunction;
import melgauge.data.Audio;
import melgauge.data.AudioException;
import melgauge.data.AudioStream;
import melgauge.data.Excerpt;
import melgauge.data.Failure;
import melgauge.data.UsageException;
import melgauge.data.ffmpeg.FfmpegDecoder;
import melgauge.features.FeatureExtractor;
import melgauge.model.engine.Execution;
import melgauge.model.engine.Session;
import melgauge.model.inference.Ensemble;
import melgauge.model.inference.Inference;
import melgauge.model.inference.TrackAnswer;
import melgauge.model.inference.TrackPrediction;
import melgauge.model.task.Target;

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
    private final Session session;
    private final Ensemble ensemble;
    private final FeatureExtractor extractor;
    private final FfmpegDecoder decoder = new FfmpegDecoder();

    private Model(ModelBundle bundle, Session session, Ensemble ensemble) {
        this.bundle = bundle;
        this.session = session;
        this.ensemble = ensemble;
        this.extractor = bundle.features().open();
    }

    /**
     * Opens a model to compute on the CPU.
     *
     * @throws IOException naming the file, if it is not a model, is damaged, or needs more memory than there is
     */
    public static Model open(Path file) throws IOException {
        return open(file, "cpu");
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
        Session session = Execution.on(device).openToPredict();
        try {
            return new Model(bundle, session, bundle.open(session));
        } catch (IOException | RuntimeException e) {
            session.close();
            throw e;
        }
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
        Inference inference =
                Inference.here(ensemble, bundle.cut(), ModelBundle.BATCH, new Inference.Wanted(true, false));
        Inference.Track track = inference.begin();
        long[] samples = new long[1];
        AtomicReference<TrackAnswer> answer = new AtomicReference<>();
        try {
            extractor.feed(audio, track, (block, offset, count) -> samples[0] += count);
            if (track.frames() == 0) {
                throw bundle.features().tooShort();
            }
            track.end(answer::set);
            inference.flush();
        } catch (AudioException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("nothing here reads or writes but the audio", e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nothing here waits", e);
        }
        return prediction(
                Objects.requireNonNull(answer.get()), track.frames(), samples[0] / (double) extractor.sampleRate());
    }

    private Prediction prediction(TrackAnswer answer, int frames, double seconds) throws AudioException {
        TrackPrediction track = answer.prediction();
        if (!track.isFinite()) {
            throw new AudioException(ModelBundle.NO_ANSWER.code(), ModelBundle.NO_ANSWER.reason());
        }
        return new Prediction(
                byTarget((target, t) -> target.scale().fromUnit(track.mean()[t])),
                byTarget((target, t) -> target.scale().widthFromUnit(track.spread()[t])),
                seconds,
                track.isShort(),
                bundle.segments(answer.series(), frames, seconds));
    }

    private Map<String, Double> byTarget(ToDoubleBiFunction<Target, Integer> number) {
        Map<String, Double> byTarget = new LinkedHashMap<>();
        for (Target target : bundle.targets()) {
            byTarget.put(target.name(), number.applyAsDouble(target, byTarget.size()));
        }
        return byTarget;
    }

    /** Frees the networks' memory, once no thread uses them. */
    @Override
    public void close() {
        ensemble.close();
        session.close();
    }
}
