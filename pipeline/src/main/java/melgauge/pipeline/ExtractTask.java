package melgauge.pipeline;

import java.nio.file.Path;
import java.util.function.Function;
import melgauge.data.AudioException;
import melgauge.data.AudioStream;
import melgauge.data.Decoder;
import melgauge.data.Failure;
import melgauge.features.FeatureExtractor;
import melgauge.features.MelSpec;
import melgauge.features.Spectrogram;

/**
 * Decodes files and computes their spectrograms, past the cache.
 *
 * @param features the settings
 * @param file where an item's audio is
 * @param <I> what names a file
 */
public record ExtractTask<I>(MelSpec features, Function<I, Path> file) implements TrackTask<I, TrackOutcome<I>> {
    @Override
    public Worker<I, TrackOutcome<I>> open() {
        Decoder decoder = Decoder.standard();
        FeatureExtractor extractor = features.kind().open(features);
        return item -> {
            try (AudioStream audio = decoder.open(file.apply(item), features.sampleRate(), features.part())) {
                long[] samples = new long[1];
                Spectrogram spectrogram = extractor.extract(audio, (block, offset, count) -> samples[0] += count);
                return spectrogram.frames() == 0
                        ? new TrackOutcome.Failed<>(
                                item, new Failure(Failure.Code.TOO_SHORT, "is too short for a single frame"))
                        : new TrackOutcome.Extracted<>(item, spectrogram, samples[0] / (double) features.sampleRate());
            } catch (AudioException e) {
                return new TrackOutcome.Failed<>(item, e.failure());
            } catch (OutOfMemoryError e) {
                return new TrackOutcome.Failed<>(
                        item,
                        new Failure(
                                Failure.Code.MEMORY, "is too long for the memory; raise it, such as JAVA_OPTS=-Xmx8g"));
            }
        };
    }
}
