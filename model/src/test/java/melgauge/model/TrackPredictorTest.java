package melgauge.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import melgauge.features.BandNormalizer;
import melgauge.features.FrameSource;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;
import melgauge.features.Spectrogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrackPredictorTest {
    private static final int BANDS = Small.SHAPE.bands();
    private static final PatchSpec PATCH = new PatchSpec(Small.SHAPE.frames());

    /** Frames of each track: short, one patch, whole patches, and some that overlap at the end. */
    private static final int[] FRAMES = {100, 20, 32, 64, 65, 7, 200, 33};

    private static final double[] MEAN = new double[BANDS];
    private static final double[] STD = new double[BANDS];

    static {
        for (int band = 0; band < BANDS; band++) {
            MEAN[band] = 0.1 * band;
            STD[band] = 1 + 0.05 * band;
        }
    }

    private final Normalizer normalizer = new BandNormalizer(MEAN, STD);
    private final Network regressor = Small.regressor(Small.network(), Small.adam(0.01), 3, 0.4, 0.6);
    private final List<Example> tracks = new ArrayList<>();

    TrackPredictorTest() {
        for (int i = 0; i < FRAMES.length; i++) {
            float[] values = Small.noise(i, FRAMES[i] * BANDS);
            tracks.add(new Example(
                    "track" + i, FrameSource.of(new Spectrogram(values, FRAMES[i], BANDS)), new float[] {0.5f, 0.5f}));
        }
    }

    @AfterEach
    void close() {
        regressor.close();
    }

    /** What one patch gives, cut and normalised by hand; frames beyond the end of a track are its first ones again. */
    private float[] alone(FrameSource track, int start) {
        float[] frame = new float[BANDS];
        float[] patch = new float[Small.SHAPE.size()];
        for (int t = 0; t < Small.SHAPE.frames(); t++) {
            track.read((start + t) % track.frames(), 1, frame, 0);
            for (int band = 0; band < BANDS; band++) {
                patch[t * BANDS + band] = (float) ((frame[band] - MEAN[band]) / STD[band]);
            }
        }
        return regressor.predict(patch, 1);
    }

    private static List<Integer> starts(int frames) {
        List<Integer> starts = new ArrayList<>();
        for (int start = 0; start + 32 <= frames; start += 32) {
            starts.add(start);
        }
        if (frames % 32 != 0) {
            starts.add(Math.max(0, frames - 32));
        }
        return starts;
    }

    @ParameterizedTest(name = "batches of {0}")
    @ValueSource(ints = {1, 2, 3, 5, 64})
    void averagesThePatchesOfEachTrackInTheOrderOfTheTracks(int batchSize) {
        List<TrackPrediction> predictions =
                new TrackPredictor(regressor, PATCH, normalizer, batchSize).predict(tracks, Progress.NONE);
        assertThat(predictions).hasSameSizeAs(tracks);
        for (int i = 0; i < FRAMES.length; i++) {
            TrackPrediction prediction = predictions.get(i);
            FrameSource frames = tracks.get(i).frames();
            List<float[]> answers = starts(FRAMES[i]).stream()
                    .map(start -> alone(frames, start))
                    .toList();
            assertThat(prediction.patches()).isEqualTo(answers.size());
            assertThat(prediction.isShort()).isEqualTo(FRAMES[i] < 32);
            for (int output = 0; output < 2; output++) {
                int column = output;
                double mean = answers.stream()
                        .mapToDouble(answer -> answer[column])
                        .average()
                        .orElseThrow();
                double variance = answers.stream()
                        .mapToDouble(answer -> Math.pow(answer[column] - mean, 2))
                        .average()
                        .orElseThrow();
                assertThat(prediction.mean()[output]).isCloseTo(mean, within(1e-6));
                assertThat(prediction.spread()[output]).isCloseTo(Math.sqrt(variance), within(1e-6));
            }
        }
    }

    @Test
    void deliversATrackAsSoonAsItsLastPatchIsInAFullBatch() {
        TrackPredictor predictor = new TrackPredictor(regressor, PATCH, normalizer, 4);
        List<String> delivered = new ArrayList<>();
        predictor.add(tracks.get(3).frames(), prediction -> delivered.add("two patches"));
        assertThat(delivered).isEmpty();
        predictor.add(tracks.get(4).frames(), prediction -> delivered.add("three patches"));
        assertThat(delivered).containsExactly("two patches");
        predictor.flush();
        assertThat(delivered).containsExactly("two patches", "three patches");
        predictor.flush();
        assertThat(delivered).hasSize(2);
    }
}
