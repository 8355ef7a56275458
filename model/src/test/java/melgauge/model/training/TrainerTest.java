package melgauge.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import melgauge.data.UsageException;
import melgauge.features.FrameSource;
import melgauge.features.Gain;
import melgauge.features.MelSpec;
import melgauge.features.NoNormalizer;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;
import melgauge.features.Spectrogram;
import melgauge.model.engine.Network;
import melgauge.model.engine.Small;
import melgauge.model.inference.Ensemble;
import melgauge.model.inference.Inference;
import melgauge.model.inference.TrackPrediction;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Augment;
import melgauge.model.spec.Balance;
import melgauge.model.spec.BatchNormStatistics;
import melgauge.model.spec.Head;
import melgauge.model.spec.HoldOut;
import melgauge.model.spec.Loss;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.OnCollapse;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.OutputBias;
import melgauge.model.spec.Sampling;
import melgauge.model.spec.Schedule;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import melgauge.model.task.Progress;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("slow")
class TrainerTest {
    private static final PatchSpec PATCH = new PatchSpec(Small.SHAPE.frames());
    private static final Normalizer NORMALIZER = new NoNormalizer(Small.SHAPE.bands());
    private static final List<Example> TRAIN = Small.tracks(1, 42);
    private static final List<Example> VALIDATION = Small.tracks(2, 16);

    private static Network regressor(TrainSpec spec) {
        return Small.regressor(Small.network(), spec, 1, 0.5, 0.5);
    }

    private static Trainer trainer(TrainSpec spec) {
        return new Trainer(spec, PATCH, NORMALIZER, null, 5);
    }

    private static TrainingLog train(TrainSpec spec, Network regressor, List<Example> train, List<Example> validation)
            throws IOException {
        return trainer(spec).train(regressor, train, validation, null, (network, state) -> {}, Progress.NONE);
    }

    private static List<TrackPrediction> predict(Network regressor, List<Example> tracks) {
        return Inference.here(
                        new Ensemble(List.of(regressor)),
                        new Inference.Cut(PATCH, NORMALIZER),
                        8,
                        Inference.Wanted.NOTHING)
                .predict(tracks, Progress.NONE);
    }

    /** The mean over tracks and targets. */
    private static double loss(Network regressor, List<Example> tracks) {
        List<TrackPrediction> predictions = predict(regressor, tracks);
        double sum = 0;
        for (int i = 0; i < tracks.size(); i++) {
            for (int t = 0; t < 2; t++) {
                sum += Math.pow(predictions.get(i).mean()[t] - tracks.get(i).labels()[t], 2);
            }
        }
        return sum / (2 * tracks.size());
    }

    @Test
    void learnsLabelsThatDependOnTheLoudnessOfBands() throws IOException {
        TrainSpec spec = Small.training(12, 0.01, Optimizer.ADAM, Loss.MSE, 0);
        try (Network regressor = regressor(spec)) {
            List<Long> steps = new ArrayList<>();
            TrainingLog log = trainer(spec)
                    .train(regressor, TRAIN, VALIDATION, null, (network, state) -> {}, (done, total) -> {
                        assertThat(total).isEqualTo(6);
                        steps.add(done);
                    });
            assertThat(steps).hasSize(12 * 6).startsWith(1L, 2L, 3L, 4L, 5L, 6L, 1L);
            assertThat(log.end()).isEqualTo("all 12 epochs are done");
            assertThat(log.epochs())
                    .extracting(TrainingLog.Epoch::number)
                    .startsWith(1, 2, 3)
                    .hasSize(12);
            assertThat(log.layers()).isEqualTo(regressor.architecture().layers());
            assertThat(log.diverged()).isFalse();
            TrainingLog.Epoch best = log.epochs().get(log.bestEpoch() - 1);
            assertThat(best.meanValidationR2()).isGreaterThan(0.5);
            assertThat(best.validationSpread())
                    .hasSize(2)
                    .allSatisfy(spread -> assertThat(spread).isBetween(0.5, 1.5));
            // By another way than the trainer's own.
            for (int t = 0; t < 2; t++) {
                int target = t;
                double mean = TRAIN.stream()
                        .mapToDouble(track -> track.labels()[target])
                        .average()
                        .orElseThrow();
                double error = 0;
                double total = 0;
                List<TrackPrediction> predictions = predict(regressor, VALIDATION);
                for (int i = 0; i < VALIDATION.size(); i++) {
                    double label = VALIDATION.get(i).labels()[t];
                    error += Math.pow(predictions.get(i).mean()[t] - label, 2);
                    total += Math.pow(label - mean, 2);
                }
                assertThat(best.validationR2().get(t)).isCloseTo(1 - error / total, within(1e-9));
            }
        }
    }

    @Test
    void keepsTheWeightsOfTheEpochWithTheSmallestValidationLoss() throws IOException {
        TrainSpec spec = Small.training(7, 0.01, Optimizer.ADAM, Loss.MSE, 0);
        try (Network regressor = regressor(spec)) {
            Map<Integer, float[]> parameters = new HashMap<>();
            Trainer.EpochListener spoiler = (network, state) -> {
                int epoch = state.log().epochs().size();
                parameters.put(epoch, network.weights());
                if (epoch == 5) {
                    network.load(Small.noise(9, network.weights().length));
                }
            };
            TrainingLog log = trainer(spec).train(regressor, TRAIN, VALIDATION, null, spoiler, Progress.NONE);
            double smallest = log.epochs().stream()
                    .mapToDouble(TrainingLog.Epoch::validationLoss)
                    .min()
                    .orElseThrow();
            assertThat(log.epochs()).hasSize(7);
            assertThat(log.epochs().get(log.bestEpoch() - 1).validationLoss()).isEqualTo(smallest);
            assertThat(log.bestEpoch()).as("before the spoilt weights").isLessThanOrEqualTo(5);
            assertThat(regressor.weights())
                    .containsExactly(Objects.requireNonNull(parameters.get(log.bestEpoch())))
                    .isNotEqualTo(parameters.get(7));
            assertThat(loss(regressor, VALIDATION)).isCloseTo(smallest, within(1e-9));
        }
    }

    /** Labels the other way round: the better the training goes, the worse its validation. */
    private static List<Example> contradicting(List<Example> tracks) {
        return tracks.stream()
                .map(track -> new Example(
                        track.path(), track.frames(), new float[] {1 - track.labels()[0], 1 - track.labels()[1]}))
                .toList();
    }

    @Test
    void endsWhenPatienceIsSpent() throws IOException {
        TrainSpec spec = Small.training(40, 0.01, Optimizer.ADAM, Loss.MSE, 3);
        try (Network regressor = regressor(spec)) {
            TrainingLog log = train(spec, regressor, TRAIN, contradicting(VALIDATION));
            assertThat(log.end()).isEqualTo("the validation loss has not fallen for 3 epochs");
            assertThat(log.epochs()).hasSize(log.bestEpoch() + 3).hasSizeLessThan(40);
        }
    }

    @Test
    void trainsToTheLastEpochWithoutValidationTracks() throws IOException {
        TrainSpec spec = Small.training(3, 0.01, Optimizer.ADAM, Loss.MSE, 1);
        try (Network regressor = regressor(spec)) {
            TrainingLog log = train(spec, regressor, TRAIN, List.of());
            assertThat(log.bestEpoch()).isEqualTo(3);
            assertThat(log.epochs()).hasSize(3);
            assertThat(log.epochs().get(0).validationLoss()).isNaN();
            assertThat(loss(regressor, TRAIN)).isLessThan(0.06);
        }
    }

    @Test
    void goesOnFromAStateAsIfItHadNotBeenInterrupted() throws IOException {
        TrainSpec spec = Small.training(6, 0.01, Optimizer.ADAM, Loss.MSE, 0);
        NetworkSpec network = Small.network(0.001, 0.3);
        List<Trainer.State> states = new ArrayList<>();
        List<Small.Saved> files = new ArrayList<>();
        TrainingLog whole;
        float[] parameters;
        try (Network regressor = Small.regressor(network, spec, 1, 0.5, 0.5)) {
            whole = trainer(spec)
                    .train(
                            regressor,
                            TRAIN,
                            VALIDATION,
                            null,
                            (trained, state) -> {
                                states.add(state);
                                files.add(Small.Saved.of(trained));
                            },
                            Progress.NONE);
            parameters = regressor.weights();
        }
        for (int epoch : new int[] {1, 4}) {
            try (Network resumed = files.get(epoch - 1).open(spec)) {
                TrainingLog log = trainer(spec)
                        .train(
                                resumed,
                                TRAIN,
                                VALIDATION,
                                states.get(epoch - 1),
                                (trained, state) -> {},
                                Progress.NONE);
                assertThat(untimed(log)).isEqualTo(untimed(whole));
                assertThat(log.untrained()).isEqualTo(whole.untrained());
                assertThat(log.bestEpoch()).isEqualTo(whole.bestEpoch());
                assertThat(log.end()).isEqualTo(whole.end());
                assertThat(resumed.weights()).containsExactly(parameters);
            }
        }
        try (Network ended = files.get(5).open(spec)) {
            TrainingLog log = trainer(spec)
                    .train(
                            ended,
                            TRAIN,
                            VALIDATION,
                            states.get(5),
                            (trained, state) -> {
                                throw new AssertionError("a finished training goes on");
                            },
                            Progress.NONE);
            assertThat(log).isEqualTo(whole);
            assertThat(ended.weights()).containsExactly(parameters);
        }
    }

    /** All that a training can do at once. */
    private static TrainSpec everything() {
        return new TrainSpec(
                4,
                8,
                0.01,
                1,
                Schedule.COSINE,
                Optimizer.ADAMW,
                0.01,
                0.5,
                Loss.CCC,
                Sampling.RANDOM,
                Balance.SQRT,
                new Augment(1, 4, 1, 3, 0, 0, 3, 0.3),
                0.9,
                BatchNormStatistics.PRECISE,
                0,
                OnCollapse.STOP,
                1,
                HoldOut.SAME);
    }

    @Test
    void goesOnInTheMiddleOfAnEpochAsIfItHadNotBeenInterrupted() throws IOException {
        TrainSpec spec = everything();
        NetworkSpec network = Small.network(0.001, 0.3);
        Trainer trainer = new Trainer(spec, PATCH, NORMALIZER, Gain.of(MelSpec.defaults()), 5);
        List<Trainer.State> states = new ArrayList<>();
        List<Small.Saved> files = new ArrayList<>();
        TrainingLog whole;
        float[] parameters;
        try (Network regressor = Small.regressor(network, spec, 1, 0.5, 0.5)) {
            whole = trainer.train(
                    regressor,
                    TRAIN,
                    VALIDATION,
                    null,
                    new Trainer.EpochListener() {
                        @Override
                        public void onEpoch(Network trained, Trainer.State state) {}

                        @Override
                        public void onStep(Network trained, Supplier<Trainer.State> state) throws IOException {
                            states.add(state.get());
                            files.add(Small.Saved.of(trained));
                        }
                    },
                    Progress.NONE);
            parameters = regressor.weights();
        }
        assertThat(states).as("after all steps but the last of each epoch").hasSize(4 * 5);
        for (int at : new int[] {0, 7, 12, 19}) {
            Trainer.Begun begun = Objects.requireNonNull(states.get(at).begun());
            assertThat(begun.steps()).isEqualTo(at % 5 + 1);
            try (Network resumed = files.get(at).open(spec)) {
                TrainingLog log = trainer.train(
                        resumed, TRAIN, VALIDATION, states.get(at), (trained, state) -> {}, Progress.NONE);
                assertThat(untimed(log)).isEqualTo(untimed(whole));
                assertThat(resumed.weights()).containsExactly(parameters);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void validatesAndKeepsByTheStatisticsAskedFor(BatchNormStatistics statistics) throws IOException {
        TrainSpec spec = Small.with(Small.training(8, 0.01, Optimizer.ADAM, Loss.MSE, 0), statistics);
        // Running statistics that never leave mean 0 and variance 1.
        NetworkSpec network = Small.network(Activation.PRELU, true, 1);
        try (Network regressor = Small.regressor(network, spec, 1, 0.5, 0.5)) {
            TrainingLog log = train(spec, regressor, TRAIN, VALIDATION);
            double r2 = log.epochs().get(log.bestEpoch() - 1).validationR2().stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElseThrow();
            if (statistics == BatchNormStatistics.PRECISE) {
                assertThat(r2).isGreaterThan(0.8);
            } else {
                assertThat(r2).isLessThan(0.5);
            }
            assertThat(loss(regressor, VALIDATION))
                    .isCloseTo(log.epochs().get(log.bestEpoch() - 1).validationLoss(), within(1e-6));
        }
    }

    @Test
    void keepsAveragesOfTheWeightsOfEveryStep() throws IOException {
        TrainSpec spec = new TrainSpec(
                2,
                8,
                0.01,
                0,
                Schedule.CONSTANT,
                Optimizer.ADAM,
                0,
                0,
                Loss.MSE,
                Sampling.RANDOM,
                Balance.NONE,
                Augment.none(),
                0.8,
                BatchNormStatistics.RUNNING,
                0,
                OnCollapse.STOP,
                1,
                HoldOut.SAME);
        try (Network regressor = regressor(spec)) {
            List<float[]> steps = new ArrayList<>();
            List<float[]> kept = new ArrayList<>();
            trainer(spec)
                    .train(
                            regressor,
                            TRAIN,
                            List.of(),
                            null,
                            new Trainer.EpochListener() {
                                @Override
                                public void onEpoch(Network trained, Trainer.State state) {
                                    steps.add(trained.weights());
                                    kept.add(state.bestWeights());
                                }

                                @Override
                                public void onStep(Network trained, Supplier<Trainer.State> state) {
                                    steps.add(trained.weights());
                                }
                            },
                            Progress.NONE);
            double[] average = new double[regressor.weights().length];
            for (int step = 0; step < steps.size(); step++) {
                double keep = Math.min(0.8, step / (step + 9.0));
                for (int i = 0; i < average.length; i++) {
                    average[i] = keep * average[i] + (1 - keep) * steps.get(step)[i];
                }
            }
            assertThat(steps).hasSize(12);
            for (int i = 0; i < average.length; i++) {
                assertThat((double) kept.get(1)[i]).isCloseTo(average[i], within(1e-5));
            }
            assertThat(regressor.weights()).containsExactly(kept.get(1));
        }
    }

    @Test
    void learnsWithEverythingTurnedOn() throws IOException {
        TrainSpec all = everything();
        TrainSpec spec = new TrainSpec(
                20,
                all.batchSize(),
                0.02,
                all.warmUp(),
                all.schedule(),
                all.optimizer(),
                all.weightDecay(),
                all.clipNorm(),
                all.loss(),
                Sampling.ALL,
                all.balance(),
                new Augment(1, 3, 1, 2, 0, 0, 0, 0.1),
                all.averaging(),
                BatchNormStatistics.RUNNING,
                0,
                OnCollapse.STOP,
                1,
                HoldOut.SAME);
        try (Network regressor = regressor(spec)) {
            TrainingLog log = train(spec, regressor, TRAIN, VALIDATION);
            assertThat(log.epochs().get(log.bestEpoch() - 1).meanValidationR2()).isGreaterThan(0.5);
            assertThat(log.epochs().get(0).learningRate()).isCloseTo(0.02, within(1e-12));
            assertThat(log.epochs().get(19).learningRate()).isLessThan(0.001);
        }
    }

    /** How long an epoch took is all that may differ. */
    private static List<TrainingLog.Epoch> untimed(TrainingLog log) {
        return log.epochs().stream()
                .map(epoch -> new TrainingLog.Epoch(
                        epoch.number(),
                        epoch.trainLoss(),
                        epoch.validationLoss(),
                        epoch.validationR2(),
                        epoch.validationSpread(),
                        epoch.movement(),
                        epoch.steps(),
                        0,
                        epoch.learningRate()))
                .toList();
    }

    @Test
    void needsTwoTrainingTracks() {
        TrainSpec spec = Small.training(1, 0.01, Optimizer.ADAM, Loss.MSE, 0);
        try (Network regressor = regressor(spec)) {
            assertThatThrownBy(() -> train(spec, regressor, List.of(), VALIDATION))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("at least 2")
                    .hasMessageContaining("there are none");
            assertThatThrownBy(() -> train(spec, regressor, TRAIN.subList(0, 1), VALIDATION))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("there is 1");
        }
    }

    @Test
    void endsWhenTheLossIsNoNumber() throws IOException {
        List<Example> damaged = new ArrayList<>(TRAIN);
        float[] values = new float[40 * Small.SHAPE.bands()];
        Arrays.fill(values, Float.NaN);
        damaged.set(3, new Example("nan", FrameSource.of(new Spectrogram(values, 40, 16)), new float[] {0.5f, 0.5f}));
        TrainSpec spec = Small.training(5, 0.01, Optimizer.ADAM, Loss.MSE, 0);
        try (Network regressor = regressor(spec)) {
            float[] untrained = regressor.weights();
            TrainingLog log = train(spec, regressor, damaged, VALIDATION);
            assertThat(log.end())
                    .contains("the loss is no longer a number in epoch 1")
                    .contains("learningRate");
            assertThat(log.epochs()).hasSize(1);
            assertThat(log.diverged()).isTrue();
            assertThat(regressor.weights()).as("the last good weights").containsExactly(untrained);
        }
    }

    @Test
    void endsWhenNoGradientReachesAnyHiddenLayer() throws IOException {
        NetworkSpec dead = new NetworkSpec(
                List.of(4, 8), List.of(8), Activation.RELU, true, 0.9, 0, 0, Head.FLATTEN, OutputBias.MEAN, 1, -50);
        TrainSpec spec = Small.training(20, 0.01, Optimizer.ADAM, Loss.MSE, 0);
        try (Network regressor = Small.regressor(dead, spec, 1, 0.5, 0.5)) {
            TrainingLog log = train(spec, regressor, TRAIN, VALIDATION);
            assertThat(log.epochs()).hasSize(3);
            assertThat(log.end()).contains("no gradient", "training.onCollapse=warn");
        }
    }

    @ParameterizedTest
    @EnumSource
    void doesAsAskedWhenEveryTrackGetsTheSameAnswer(OnCollapse onCollapse) throws IOException {
        List<Example> silent = TRAIN.stream()
                .map(track -> new Example(
                        track.path(),
                        FrameSource.of(new Spectrogram(new float[40 * Small.SHAPE.bands()], 40, Small.SHAPE.bands())),
                        track.labels()))
                .toList();
        TrainSpec spec = Small.plain(12, 64, 0.01, Optimizer.ADAM, Loss.MSE, 0, onCollapse);
        try (Network regressor = regressor(spec)) {
            TrainingLog log = train(spec, regressor, silent.subList(0, 30), silent.subList(30, 42));
            if (onCollapse == OnCollapse.STOP) {
                assertThat(log.end()).contains("the same for every validation track", "training.onCollapse=warn");
                assertThat(log.epochs()).hasSize(10);
            } else {
                assertThat(log.end()).isEqualTo("all 12 epochs are done");
            }
        }
    }

    @Test
    void tellsWhatTheUntrainedNetworkAnswered() throws IOException {
        TrainSpec spec = Small.training(1, 0.01, Optimizer.ADAM, Loss.MSE, 0);
        try (Network regressor = regressor(spec)) {
            List<TrackPrediction> before = predict(regressor, VALIDATION);
            TrainingLog log = train(spec, regressor, TRAIN, VALIDATION);
            for (int t = 0; t < 2; t++) {
                int target = t;
                double mean = before.stream()
                        .mapToDouble(prediction -> prediction.mean()[target])
                        .average()
                        .orElseThrow();
                double variance = before.stream()
                        .mapToDouble(prediction -> Math.pow(prediction.mean()[target] - mean, 2))
                        .average()
                        .orElseThrow();
                TrainingLog.Untrained untrained = log.untrained().get(t);
                assertThat(untrained.mean()).isCloseTo(mean, within(1e-9));
                assertThat(untrained.std()).isCloseTo(Math.sqrt(variance), within(1e-9));
                assertThat(untrained.labelMean())
                        .isCloseTo(
                                TRAIN.stream()
                                        .mapToDouble(track -> track.labels()[target])
                                        .average()
                                        .orElseThrow(),
                                within(1e-9));
            }
        }
    }
}
