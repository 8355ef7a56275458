package melgauge.pipeline.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import melgauge.features.FrameSource;
import melgauge.features.NoNormalizer;
import melgauge.features.PatchSpec;
import melgauge.features.Spectrogram;
import melgauge.model.Architecture;
import melgauge.model.Network;
import melgauge.model.Predictor;
import melgauge.model.Session;
import melgauge.model.TrackPrediction;
import melgauge.model.TrackPredictor;
import org.junit.jupiter.api.Test;

class PatchBatchesTest {
    private static final int SIZE = 64 * TinyModel.BANDS;

    @SuppressWarnings("ArrayRecordComponent") // looked at part by part
    private record Answer(TrackPrediction prediction, float[] series, float[] vector) {}

    private static float[] patch(long seed) {
        Random random = new Random(seed);
        float[] patch = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
            patch[i] = (float) random.nextGaussian();
        }
        return patch;
    }

    private static Answer predictAmongOthers(Network regressor, int othersBefore, int othersBetween) throws Exception {
        ConcurrentMap<String, Answer> answers = new ConcurrentHashMap<>();
        try (PatchBatches batches = new PatchBatches(regressor, 16, new PatchBatches.Wanted(true, true))) {
            PatchBatches.Track other = batches.begin();
            for (int i = 0; i < othersBefore; i++) {
                other.add(patch(1000 + i));
            }
            PatchBatches.Track track = batches.begin();
            for (int i = 0; i < 5; i++) {
                track.add(patch(i));
                for (int k = 0; k < othersBetween; k++) {
                    other.add(patch(2000 + 10 * i + k));
                }
            }
            track.end(
                    false,
                    (prediction, series, vector) -> answers.put("track", new Answer(prediction, series, vector)));
            batches.flush();
        }
        return Objects.requireNonNull(answers.get("track"));
    }

    @Test
    void companyChangesNoBit() throws Exception {
        try (Session session = TinyModel.session();
                Network regressor = TinyModel.network(session, 1)) {
            Answer alone = predictAmongOthers(regressor, 0, 0);
            assertThat(alone.prediction().patches()).isEqualTo(5);
            assertThat(alone.series()).hasSize(10);
            assertThat(alone.vector()).hasSize(5);
            for (int[] others : new int[][] {{1, 0}, {7, 1}, {15, 3}, {40, 2}}) {
                Answer among = predictAmongOthers(regressor, others[0], others[1]);
                assertThat(among.prediction().mean())
                        .containsExactly(alone.prediction().mean());
                assertThat(among.prediction().spread())
                        .containsExactly(alone.prediction().spread());
                assertThat(among.series()).containsExactly(alone.series());
                assertThat(among.vector()).containsExactly(alone.vector());
            }
        }
    }

    @Test
    void aTrackIsPredictedAsByTheTrainersOwnWay() throws Exception {
        try (Session session = TinyModel.session();
                Network regressor = TinyModel.network(session, 2)) {
            float[] frames = new float[5 * SIZE];
            for (int i = 0; i < 5; i++) {
                System.arraycopy(patch(i), 0, frames, i * SIZE, SIZE);
            }
            List<TrackPrediction> plain = new ArrayList<>();
            TrackPredictor predictor =
                    new TrackPredictor(regressor, new PatchSpec(64), new NoNormalizer(TinyModel.BANDS), 3);
            predictor.add(FrameSource.of(new Spectrogram(frames, 5 * 64, TinyModel.BANDS)), plain::add);
            predictor.flush();
            Answer answer = predictAmongOthers(regressor, 3, 1);
            assertThat(answer.prediction().mean()).containsExactly(plain.get(0).mean(), within(1e-6));
            assertThat(answer.prediction().spread())
                    .containsExactly(plain.get(0).spread(), within(1e-5));
            double mean = 0;
            for (int i = 0; i < 5; i++) {
                mean += answer.series()[2 * i] / 5;
            }
            assertThat(mean).isEqualTo(answer.prediction().mean()[0], within(1e-7));
        }
    }

    @Test
    void theVectorIsTheInputOfTheOutputLayer() throws Exception {
        try (Session session = TinyModel.session();
                Network regressor = TinyModel.network(session, 3)) {
            Predictor.Answer answer = regressor.answer(patch(1), 1);
            assertThat(answer.outputs()).containsExactly(regressor.predict(patch(1), 1));
            // output = sigmoid(W·hidden + b), by the stored weights.
            Architecture.Layer output = regressor
                    .architecture()
                    .layers()
                    .get(regressor.architecture().layers().size() - 1);
            float[] parameters = regressor.weights();
            Architecture.Parameter weights = output.weights().orElseThrow();
            Architecture.Parameter bias = output.parameters().get(1);
            assertThat(bias.size()).isEqualTo(2);
            assertThat(weights.shape()).containsExactly(2L, 5L);
            for (int o = 0; o < 2; o++) {
                double sum = parameters[bias.offset() + o];
                for (int h = 0; h < 5; h++) {
                    sum += parameters[weights.offset() + o * 5 + h] * answer.hidden()[h];
                }
                assertThat(1 / (1 + Math.exp(-sum))).isEqualTo(answer.outputs()[o], within(1e-6));
            }
        }
    }

    @Test
    void aTrackThatIsNeverEndedIsForgotten() throws Exception {
        try (Session session = TinyModel.session();
                Network regressor = TinyModel.network(session, 1);
                PatchBatches batches = new PatchBatches(regressor, 4, new PatchBatches.Wanted(false, false))) {
            PatchBatches.Track broken = batches.begin();
            broken.add(patch(1));
            List<TrackPrediction> predictions = new ArrayList<>();
            PatchBatches.Track sound = batches.begin();
            sound.add(patch(2));
            sound.end(true, (prediction, series, vector) -> predictions.add(prediction));
            batches.flush();
            assertThat(predictions).hasSize(1);
            assertThat(predictions.get(0).isShort()).isTrue();
        }
    }

    @Test
    void whoTakesAResultAndFailsEndsTheWork() throws Exception {
        try (Session session = TinyModel.session();
                Network regressor = TinyModel.network(session, 1);
                PatchBatches batches = new PatchBatches(regressor, 2, new PatchBatches.Wanted(false, false))) {
            PatchBatches.Track track = batches.begin();
            track.add(patch(1));
            track.end(false, (prediction, series, vector) -> {
                throw new IOException("the disk is full");
            });
            PatchBatches.Track next = batches.begin();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            next.add(patch(i));
                        }
                        batches.flush();
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessage("the disk is full");
        }
    }
}
