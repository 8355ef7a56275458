package melgauge.model.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import melgauge.features.BandNormalizer;
import melgauge.features.FrameSource;
import melgauge.features.MelSpec;
import melgauge.features.Modulation;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;
import melgauge.features.Spectrogram;
import melgauge.model.Bundles;
import melgauge.model.engine.Network;
import melgauge.model.engine.Small;
import melgauge.model.regression.ModulationRegression;
import melgauge.model.task.Example;
import melgauge.model.task.Progress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InferenceTest {
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
    private final Ensemble ensemble = new Ensemble(List.of(regressor));
    private final List<Example> tracks = new ArrayList<>();

    InferenceTest() {
        for (int i = 0; i < FRAMES.length; i++) {
            float[] values = Small.noise(i, FRAMES[i] * BANDS);
            tracks.add(new Example(
                    "track" + i, FrameSource.of(new Spectrogram(values, FRAMES[i], BANDS)), new float[] {0.5f, 0.5f}));
        }
    }

    @AfterEach
    void close() {
        ensemble.close();
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
                here(batchSize, Inference.Wanted.NOTHING).predict(tracks, Progress.NONE);
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

    private Inference here(int batchSize, Inference.Wanted wanted) {
        return Inference.here(ensemble, cut(), batchSize, wanted);
    }

    private Inference.Cut cut() {
        return new Inference.Cut(PATCH, normalizer);
    }

    /** Brings the frames of a track one by one. */
    private static void bring(Inference.Track track, FrameSource frames) throws IOException {
        for (int t = 0; t < frames.frames(); t++) {
            float[] frame = new float[BANDS];
            frames.read(t, 1, frame, 0);
            track.accept(frame);
        }
    }

    @Test
    void predictsFramesThatArriveOneByOneAsThoseOfATrackAtHand() throws Exception {
        List<TrackPrediction> atHand = here(4, Inference.Wanted.NOTHING).predict(tracks, Progress.NONE);
        Inference inference = here(4, Inference.Wanted.NOTHING);
        List<TrackPrediction> arrived = new ArrayList<>();
        for (Example example : tracks) {
            Inference.Track track = inference.begin();
            bring(track, example.frames());
            assertThat(track.frames()).isEqualTo(example.frames().frames());
            track.end(answer -> arrived.add(answer.prediction()));
        }
        inference.flush();
        for (int i = 0; i < tracks.size(); i++) {
            assertThat(arrived.get(i).mean()).containsExactly(atHand.get(i).mean());
            assertThat(arrived.get(i).spread()).containsExactly(atHand.get(i).spread());
            assertThat(arrived.get(i).isShort()).isEqualTo(atHand.get(i).isShort());
        }
    }

    @Test
    void deliversATrackAsSoonAsItsLastPatchIsInAFullBatch() throws Exception {
        Inference inference = here(4, Inference.Wanted.NOTHING);
        List<String> delivered = new ArrayList<>();
        Inference.Track two = inference.begin();
        bring(two, tracks.get(3).frames());
        two.end(answer -> delivered.add("two patches"));
        assertThat(delivered).isEmpty();
        Inference.Track three = inference.begin();
        bring(three, tracks.get(4).frames());
        three.end(answer -> delivered.add("three patches"));
        assertThat(delivered).containsExactly("two patches");
        inference.flush();
        assertThat(delivered).containsExactly("two patches", "three patches");
        inference.flush();
        assertThat(delivered).hasSize(2);
    }

    /** The answer for track 6, among patches of another track. */
    private TrackAnswer among(int before, int between, Inference inference) throws Exception {
        List<TrackAnswer> answers = new CopyOnWriteArrayList<>();
        Inference.Track other = inference.begin();
        for (int i = 0; i < before * PATCH.frames(); i++) {
            other.accept(Small.noise(1000 + i, BANDS));
        }
        Inference.Track track = inference.begin();
        FrameSource frames = tracks.get(6).frames();
        for (int t = 0; t < frames.frames(); t++) {
            float[] frame = new float[BANDS];
            frames.read(t, 1, frame, 0);
            track.accept(frame);
            for (int k = 0; k < between; k++) {
                other.accept(Small.noise(2000 + k, BANDS));
            }
        }
        track.end(answers::add);
        inference.flush();
        return answers.get(0);
    }

    @Test
    void companyChangesNoBit() throws Exception {
        Inference.Wanted all = new Inference.Wanted(true, true);
        TrackAnswer alone = among(0, 0, here(16, all));
        assertThat(alone.prediction().patches()).isEqualTo(7);
        assertThat(alone.series()).hasSize(14);
        assertThat(alone.vector()).hasSize(8);
        for (int[] others : new int[][] {{1, 0}, {7, 1}, {15, 3}, {40, 2}}) {
            TrackAnswer here = among(others[0], others[1], here(16, all));
            requireSame(here, alone);
            try (Inference inference = Inference.onOwnThread(ensemble, cut(), 16, all)) {
                requireSame(among(others[0], others[1], inference), alone);
            }
        }
    }

    private static void requireSame(TrackAnswer one, TrackAnswer other) {
        assertThat(one.prediction().mean()).containsExactly(other.prediction().mean());
        assertThat(one.prediction().spread()).containsExactly(other.prediction().spread());
        assertThat(one.series()).containsExactly(other.series());
        assertThat(one.vector()).containsExactly(other.vector());
    }

    @Test
    void theSeriesHasTheMeanOfTheTrack() throws Exception {
        TrackAnswer answer = among(0, 0, here(3, new Inference.Wanted(true, false)));
        double mean = 0;
        for (int i = 0; i < 7; i++) {
            mean += answer.series()[2 * i] / 7;
        }
        assertThat(mean).isEqualTo(answer.prediction().mean()[0], within(1e-7));
        assertThat(answer.vector()).isEmpty();
    }

    @Test
    void addsTheSharesOfRegressions() throws Exception {
        MelSpec features = Bundles.features(256);
        Modulation reading = new Modulation(features);
        ModulationRegression fitted = Bundles.modulation(reading.size());
        Ensemble both =
                new Ensemble(List.of(regressor), List.of(new Ensemble.Regression(fitted, reading, 0.25)), "both");
        Inference inference = Inference.here(both, cut(), 4, new Inference.Wanted(true, false));
        TrackAnswer answer = among(0, 0, inference);
        double[] whole = fitted.predict(reading.of(tracks.get(6).frames()));
        TrackAnswer alone = among(0, 0, here(4, new Inference.Wanted(true, false)));
        assertThat(answer.ofRegressions()).hasSize(1);
        assertThat(answer.ofRegressions().get(0)).containsExactly(whole);
        assertThat(answer.ofNetworks().mean())
                .containsExactly(alone.prediction().mean());
        for (int t = 0; t < 2; t++) {
            assertThat(answer.prediction().mean()[t])
                    .isCloseTo(0.75 * alone.prediction().mean()[t] + 0.25 * whole[t], within(1e-12));
            assertThat(answer.prediction().spread()[t])
                    .isCloseTo(0.75 * alone.prediction().spread()[t], within(1e-12));
            assertThat((double) answer.series()[2 + t])
                    .isCloseTo(0.75 * alone.series()[2 + t] + 0.25 * whole[t], within(1e-6));
        }
    }

    @Test
    void aTrackThatIsNeverEndedIsForgotten() throws Exception {
        try (Inference inference = Inference.onOwnThread(ensemble, cut(), 4, Inference.Wanted.NOTHING)) {
            bring(inference.begin(), tracks.get(2).frames());
            List<TrackPrediction> predictions = new CopyOnWriteArrayList<>();
            Inference.Track sound = inference.begin();
            bring(sound, tracks.get(1).frames());
            sound.end(answer -> predictions.add(answer.prediction()));
            inference.flush();
            assertThat(predictions).hasSize(1);
            assertThat(predictions.get(0).isShort()).isTrue();
        }
    }

    @Test
    void aReceiverThatFailsEndsTheWork() throws Exception {
        try (Inference inference = Inference.onOwnThread(ensemble, cut(), 2, Inference.Wanted.NOTHING)) {
            Inference.Track track = inference.begin();
            bring(track, tracks.get(2).frames());
            track.end(answer -> {
                throw new IOException("the disk is full");
            });
            Inference.Track next = inference.begin();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 20; i++) {
                            bring(next, tracks.get(6).frames());
                        }
                        inference.flush();
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessage("the disk is full");
        }
    }
}
