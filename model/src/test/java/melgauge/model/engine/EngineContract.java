package melgauge.model.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Head;
import melgauge.model.spec.Loss;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.OutputBias;
import melgauge.model.spec.TrainSpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The contract of {@link Engine}, {@link Session} and {@link Network}. A test class of each engine extends it; what an engine
 * promises beyond it is tested there.
 */
@Tag("slow")
public abstract class EngineContract {
    private static final int SIZE = Small.SHAPE.size();
    private static final float[] PATCHES = Small.noise(1, 6 * SIZE);
    private static final float[] LABELS = {0.1f, 0.9f, 0.8f, 0.2f, 0.3f, 0.4f, 0.6f, 0.6f, 0.9f, Float.NaN, 0.2f, 0.5f};

    private @Nullable Session opened;

    /** The engine under test. */
    protected abstract Engine engine();

    private Session session() {
        if (opened == null) {
            opened = engine().open("cpu", Small.THREADS, true);
        }
        return opened;
    }

    @AfterEach
    void closeSession() {
        if (opened != null) {
            opened.close();
            opened = null;
        }
    }

    private Network regressor(NetworkSpec network, Optimizer optimizer) {
        return regressor(network, Small.training(1, 0.01, optimizer, Loss.MSE, 0));
    }

    private Network regressor(NetworkSpec network, TrainSpec training) {
        Architecture architecture = new Architecture(network, Small.SHAPE, 2);
        return session().open(architecture, training, InitialWeights.of(architecture, new double[] {0.4, 0.6}, 1));
    }

    private static void train(Network regressor, int from, int to) {
        for (int step = from; step < to; step++) {
            regressor.step(Small.noise(100 + step, 6 * SIZE), LABELS, 6);
        }
    }

    /** The mean of a loss over labelled outputs, unlabelled ones as 0. */
    private static double loss(Loss loss, float[] answers) {
        double sum = 0;
        for (int t = 0; t < 2; t++) {
            double[] predictions = new double[6];
            double[] labels = new double[6];
            for (int i = 0; i < 6; i++) {
                predictions[i] = answers[2 * i + t];
                labels[i] = LABELS[2 * i + t];
            }
            sum += loss.of(predictions, labels, null, null) / 2;
        }
        return sum;
    }

    @Test
    void answersAsInTrainingWhatAStepsLossIsOf() {
        try (Network regressor = regressor(Small.network(), Optimizer.ADAM)) {
            train(regressor, 0, 3);
            float[] before = regressor.weights();
            float[] answers = regressor.forward(PATCHES, 6, Network.Mode.TRAINING);
            assertThat(regressor.weights()).isEqualTo(before);
            assertThat(answers).isNotEqualTo(regressor.predict(PATCHES, 6));
            assertThat(regressor.step(PATCHES, LABELS, 6).loss()).isCloseTo(loss(Loss.MSE, answers), within(1e-6));
        }
    }

    @ParameterizedTest
    @EnumSource(Loss.class)
    void hasTheGradientOfAnyLossAndStaysAsItIs(Loss other) {
        try (Network regressor = regressor(Small.network(0.1, 0), Optimizer.ADAM);
                Network twin = regressor(Small.network(0.1, 0), Optimizer.ADAM)) {
            train(regressor, 0, 2);
            train(twin, 0, 2);
            float[] at = regressor.weights();
            float[] gradient = regressor.gradient(new Batch(PATCHES, LABELS, null, 6), other);
            assertThat(regressor.weights()).isEqualTo(at);

            // Along the gradient a loss changes by the gradient's squared norm.
            double squared = 0;
            for (float slope : gradient) {
                squared += slope * (double) slope;
            }
            float step = (float) (1e-3 / Math.sqrt(squared));
            double change = 0;
            for (int sign : new int[] {1, -1}) {
                float[] moved = at.clone();
                for (int k = 0; k < moved.length; k++) {
                    moved[k] += sign * step * gradient[k];
                }
                regressor.load(moved);
                change += sign * loss(other, regressor.forward(PATCHES, 6, Network.Mode.TRAINING));
            }
            assertThat(change / (2 * step)).isCloseTo(squared, within(0.03 * squared));
            regressor.architecture().layers().stream()
                    .flatMap(layer -> layer.parameters().stream())
                    .filter(parameter -> !parameter.trained())
                    .forEach(parameter -> assertThat(Arrays.copyOfRange(
                                    gradient, parameter.offset(), parameter.offset() + parameter.size()))
                            .containsOnly(0f));

            // Asking leaves no trace in the update rule either.
            regressor.load(at);
            train(regressor, 2, 4);
            train(twin, 2, 4);
            assertThat(regressor.weights()).isEqualTo(twin.weights());
        }
    }

    @ParameterizedTest(name = "{0}, batchNorm={1}")
    @CsvSource({"RELU, true", "RELU, false", "PRELU, true", "PRELU, false"})
    void tellsUnitsThatStandStillFromThoseThatAnswer(Activation activation, boolean batchNorm) {
        for (double bias : new double[] {0, -500}) {
            NetworkSpec spec = new NetworkSpec(
                    List.of(4, 8),
                    List.of(8),
                    activation,
                    batchNorm,
                    0.9,
                    0,
                    0,
                    Head.FLATTEN,
                    OutputBias.MEAN,
                    1,
                    bias);
            try (Network regressor = regressor(spec, Optimizer.ADAM)) {
                List<Network.Activity> activity = regressor.activity(PATCHES, 6);
                assertThat(activity).extracting(Network.Activity::units).containsExactly(4, 8, 8);
                boolean dead = bias < 0 && activation == Activation.RELU;
                // Far below zero a ReLU answers nothing, a PReLU a quarter.
                assertThat(activity)
                        .allSatisfy(layer -> assertThat(layer.stillShare()).satisfies(share -> {
                            if (dead) {
                                assertThat(share).isEqualTo(1);
                            } else {
                                assertThat(share).isLessThan(0.5);
                            }
                        }));
                assertThat(regressor.architecture().layers())
                        .extracting(Architecture.Layer::name)
                        .containsAll(
                                activity.stream().map(Network.Activity::layer).toList());
            }
        }
    }

    @Test
    void leavesTheRunningStatisticsWhereTheyStartWithADecayOfOne() {
        NetworkSpec network = Small.network(Activation.PRELU, true, 1);
        try (Network regressor = regressor(network, Optimizer.ADAM)) {
            train(regressor, 0, 3);
            regressor.architecture().slots().stream()
                    .filter(slot -> !slot.trained())
                    .forEach(slot -> assertThat(
                                    Arrays.copyOfRange(regressor.weights(), slot.offset(), slot.offset() + slot.size()))
                            .containsOnly(slot.name().endsWith("variance") ? 1f : 0f));
        }
    }

    /** The parameters of a layer that do not follow a gradient. */
    private static float[] statistics(Network regressor, String name) {
        float[] parameters = regressor.weights();
        float[] statistics = new float[0];
        for (Architecture.Layer layer : regressor.architecture().layers()) {
            for (Architecture.Parameter parameter : layer.parameters()) {
                if (layer.name().equals(name) && !parameter.trained()) {
                    int end = statistics.length;
                    statistics = Arrays.copyOf(statistics, end + parameter.size());
                    System.arraycopy(parameters, parameter.offset(), statistics, end, parameter.size());
                }
            }
        }
        return statistics;
    }

    private static void measure(Network regressor, int... counts) {
        int[] from = {0};
        int[] batch = {0};
        regressor.measure(counts.length, () -> {
            int count = counts[batch[0]++];
            float[] patches = Arrays.copyOfRange(PATCHES, from[0] * SIZE, (from[0] + count) * SIZE);
            from[0] += count;
            return new Batch(patches, new float[2 * count], null, count);
        });
    }

    @ParameterizedTest
    @EnumSource
    void predictsAsInTrainingTheVeryBatchThatWasMeasured(Activation activation) {
        NetworkSpec network = Small.network(activation, true, 0.9);
        try (Network regressor = regressor(network, Optimizer.ADAM)) {
            train(regressor, 0, 3);
            float[] before = regressor.weights();
            float[] asInTraining = regressor.forward(PATCHES, 6, Network.Mode.TRAINING);
            assertThat(farthest(regressor.predict(PATCHES, 6), asInTraining)).isGreaterThan(1e-3);
            measure(regressor, 6);
            assertThat(farthest(regressor.predict(PATCHES, 6), asInTraining)).isLessThan(1e-5);
            float[] after = regressor.weights();
            regressor.architecture().layers().stream()
                    .flatMap(layer -> layer.parameters().stream())
                    .filter(Architecture.Parameter::trained)
                    .forEach(parameter -> assertThat(Arrays.copyOfRange(
                                    after, parameter.offset(), parameter.offset() + parameter.size()))
                            .containsExactly(Arrays.copyOfRange(
                                    before, parameter.offset(), parameter.offset() + parameter.size())));
        }
    }

    private static double farthest(float[] one, float[] other) {
        double farthest = 0;
        for (int i = 0; i < one.length; i++) {
            farthest = Math.max(farthest, Math.abs(one[i] - other[i]));
        }
        return farthest;
    }

    @Test
    void measuresOverAllBatchesWhateverTheirSizes() {
        try (Network together = regressor(Small.network(), Optimizer.ADAM);
                Network apart = regressor(Small.network(), Optimizer.ADAM)) {
            measure(together, 6);
            measure(apart, 2, 1, 3);
            // Only the first block reads the same in both: the others read what each batch was normalised to.
            assertThat(statistics(together, "norm1")).isNotEmpty();
            assertThat(farthest(statistics(together, "norm1"), statistics(apart, "norm1")))
                    .isLessThan(1e-5);
            assertThat(farthest(statistics(together, "norm2"), statistics(apart, "norm2")))
                    .isGreaterThan(1e-4);
        }
    }

    @Test
    void measuresUnitsThatNeverMove() {
        try (Network regressor = regressor(Small.network(), Optimizer.ADAM)) {
            regressor.measure(1, () -> new Batch(new float[4 * SIZE], new float[8], null, 4));
            for (float parameter : regressor.weights()) {
                assertThat(parameter).isFinite();
            }
            for (float answer : regressor.predict(PATCHES, 6)) {
                assertThat(answer).isFinite();
            }
        }
    }

    @Test
    void measuresNothingWithoutBatchNormalisation() {
        NetworkSpec network = Small.network(Activation.PRELU, false, 0.9);
        try (Network regressor = regressor(network, Optimizer.ADAM)) {
            float[] before = regressor.weights();
            regressor.measure(1, () -> {
                throw new AssertionError("there is nothing to measure");
            });
            assertThat(regressor.weights()).containsExactly(before);
        }
    }

    @Test
    void learnsTheSameUnwatched() {
        try (Network watched = regressor(Small.network(), Optimizer.ADAM);
                Network unwatched = regressor(Small.network(), Optimizer.ADAM)) {
            unwatched.watch(false);
            train(watched, 0, 2);
            train(unwatched, 0, 2);
            assertThat(unwatched.weights()).isEqualTo(watched.weights());
            // Clipping needs the gradient, watched or not.
            watched.step(new Batch(PATCHES, LABELS, null, 6), 1e-3);
            Network.StepReport report = unwatched.step(new Batch(PATCHES, LABELS, null, 6), 1e-3);
            assertThat(unwatched.weights()).isEqualTo(watched.weights());
            assertThat(report.gradientNorm()).containsOnly(Double.NaN);
            assertThat(report.updateRatio()).containsOnly(Double.NaN);
        }
    }

    @Test
    void learnsABatchByHeart() {
        try (Network regressor = regressor(Small.network(), Optimizer.ADAM)) {
            double first = regressor.step(PATCHES, LABELS, 6).loss();
            double last = first;
            for (int step = 1; step < 60; step++) {
                last = regressor.step(PATCHES, LABELS, 6).loss();
            }
            assertThat(last).isLessThan(first / 5);
        }
    }

    @Test
    void reportsTheLossThatThePredictionsInTrainingModeHad() {
        NetworkSpec plain = new NetworkSpec(
                List.of(4, 8), List.of(8), Activation.PRELU, false, 0.9, 0, 0, Head.FLATTEN, OutputBias.MEAN, 1, 0);
        // Without batch normalisation and dropout there is no other mode.
        try (Network regressor = regressor(plain, Optimizer.ADAM)) {
            float[] answers = regressor.predict(PATCHES, 6);
            double expected = 0;
            for (int i = 0; i < answers.length; i++) {
                expected += Float.isNaN(LABELS[i]) ? 0 : Math.pow(answers[i] - (double) LABELS[i], 2) / 12;
            }
            assertThat(regressor.step(PATCHES, LABELS, 6).loss()).isCloseTo(expected, within(1e-6));
        }
    }

    private static double[] difference(float[] after, float[] before) {
        double[] difference = new double[after.length];
        for (int i = 0; i < after.length; i++) {
            difference[i] = after[i] - (double) before[i];
        }
        return difference;
    }

    private static Architecture.Parameter weights(Network regressor, String layer) {
        return regressor.architecture().layers().stream()
                .filter(found -> found.name().equals(layer))
                .findFirst()
                .orElseThrow()
                .parameters()
                .get(0);
    }

    @Test
    void clipsTheGradientOverAllLayersAtOnce() {
        Batch batch = new Batch(PATCHES, LABELS, null, 6);
        try (Network free = regressor(Small.network(), Optimizer.SGD);
                Network clipped = regressor(Small.network(), Optimizer.SGD);
                Network loose = regressor(Small.network(), Optimizer.SGD)) {
            float[] before = free.weights();
            Network.StepReport report = free.step(batch, 0);
            double norm = Math.sqrt(
                    Arrays.stream(report.gradientNorm()).map(x -> x * x).sum());
            assertThat(clipped.step(batch, norm / 4).gradientNorm())
                    .as("is reported as it was")
                    .containsExactly(report.gradientNorm());
            loose.step(batch, norm * 1.01);
            double[] whole = difference(free.weights(), before);
            double[] quarter = difference(clipped.weights(), before);
            for (Architecture.Layer layer : free.architecture().layers()) {
                for (Architecture.Parameter parameter : layer.parameters()) {
                    for (int i = parameter.offset(); i < parameter.offset() + parameter.size(); i++) {
                        // Running statistics follow no gradient, and are not clipped.
                        double expected = parameter.trained() ? whole[i] / 4 : whole[i];
                        assertThat(quarter[i]).as(parameter.name()).isCloseTo(expected, within(1e-6));
                    }
                }
            }
            assertThat(loose.weights()).containsExactly(free.weights());
        }
    }

    @ParameterizedTest
    @EnumSource
    void moveAtTheLearningRateThatIsSet(Optimizer optimizer) {
        try (Network slow = regressor(Small.network(), optimizer);
                Network fast = regressor(Small.network(), optimizer)) {
            float[] before = slow.weights();
            slow.step(PATCHES, LABELS, 6);
            fast.learningRate(0.03);
            fast.step(PATCHES, LABELS, 6);
            double[] small = difference(slow.weights(), before);
            double[] large = difference(fast.weights(), before);
            for (String layer : List.of("conv1", "dense1", "output")) {
                Architecture.Parameter weights = weights(slow, layer);
                for (int i = weights.offset(); i < weights.offset() + weights.size(); i++) {
                    assertThat(large[i]).as(layer).isCloseTo(3 * small[i], within(2e-6));
                }
            }
        }
    }

    @Test
    void countsLabelsByTheirWeights() {
        float[] ones = new float[LABELS.length];
        Arrays.fill(ones, 1);
        float[] doubled = new float[LABELS.length];
        Arrays.fill(doubled, 2);
        float[] first = new float[LABELS.length];
        Arrays.fill(first, 0, 2, 1);
        float[] onlyFirst = LABELS.clone();
        Arrays.fill(onlyFirst, 2, onlyFirst.length, Float.NaN);
        try (Network plain = regressor(Small.network(), Optimizer.ADAM);
                Network weighted = regressor(Small.network(), Optimizer.ADAM);
                Network twice = regressor(Small.network(), Optimizer.ADAM);
                Network some = regressor(Small.network(), Optimizer.ADAM);
                Network unlabelled = regressor(Small.network(), Optimizer.ADAM)) {
            Network.StepReport report = plain.step(PATCHES, LABELS, 6);
            Network.StepReport same = weighted.step(new Batch(PATCHES, LABELS, ones, 6), 0);
            assertThat(same.loss()).isEqualTo(report.loss());
            assertThat(weighted.weights()).containsExactly(plain.weights());
            Network.StepReport more = twice.step(new Batch(PATCHES, LABELS, doubled, 6), 0);
            assertThat(more.loss()).isCloseTo(2 * report.loss(), within(1e-6));
            assertThat(more.gradientNorm()[0]).isCloseTo(2 * report.gradientNorm()[0], within(1e-6));
            // A weight of 0 is as good as no label.
            some.step(new Batch(PATCHES, LABELS, first, 6), 0);
            unlabelled.step(PATCHES, onlyFirst, 6);
            assertThat(some.weights()).containsExactly(unlabelled.weights());
        }
    }

    private Network decaying(Optimizer optimizer, double weightDecay) {
        return regressor(Small.network(), decayingBy(optimizer, weightDecay));
    }

    private static TrainSpec decayingBy(Optimizer optimizer, double weightDecay) {
        return Small.decaying(Small.training(1, 0.01, optimizer, Loss.MSE, 0), optimizer, weightDecay);
    }

    @Test
    void decaysWeightsByTheLearningRateWithAdamw() {
        try (Network without = decaying(Optimizer.ADAMW, 0);
                Network with = decaying(Optimizer.ADAMW, 0.5)) {
            float[] before = without.weights();
            without.learningRate(0.02);
            with.learningRate(0.02);
            Network.StepReport report = without.step(PATCHES, LABELS, 6);
            assertThat(with.step(PATCHES, LABELS, 6).loss())
                    .as("the decay is no part of the loss")
                    .isCloseTo(report.loss(), within(1e-6));
            float[] moved = without.weights();
            float[] decayed = with.weights();
            for (Architecture.Layer layer : without.architecture().layers()) {
                boolean decays = layer.name().matches("conv\\d|dense\\d|output");
                for (Architecture.Parameter parameter : layer.parameters()) {
                    for (int i = parameter.offset(); i < parameter.offset() + parameter.size(); i++) {
                        double pull = decays && parameter.name().equals("weight") ? 0.02 * 0.5 * before[i] : 0;
                        assertThat((double) decayed[i])
                                .as("%s of %s", parameter.name(), layer.name())
                                .isCloseTo(moved[i] - pull, within(1e-6));
                    }
                }
            }
        }
    }

    @Test
    void goesOnDecayingAfterAnInterruption() throws IOException {
        for (Optimizer optimizer : List.of(Optimizer.ADAMW, Optimizer.ADAM)) {
            try (Network whole = decaying(optimizer, 0.5)) {
                train(whole, 0, 2);
                try (Network resumed = Small.Saved.of(whole).open(session(), decayingBy(optimizer, 0.5))) {
                    train(whole, 2, 4);
                    train(resumed, 2, 4);
                    assertThat(resumed.weights()).containsExactly(whole.weights());
                }
            }
        }
    }

    @Test
    void addsTheDecayToTheGradientWithTheOtherRules() {
        try (Network without = decaying(Optimizer.SGD, 0);
                Network with = decaying(Optimizer.SGD, 0.5)) {
            float[] before = without.weights();
            without.step(PATCHES, LABELS, 6);
            with.step(PATCHES, LABELS, 6);
            Architecture.Parameter weights = weights(without, "conv1");
            for (int i = weights.offset(); i < weights.offset() + weights.size(); i++) {
                // The first step of Nesterov's momentum 0.9 goes 1.9 times as far as the gradient.
                double pull = 1.9 * 0.01 * 0.5 * before[i];
                assertThat((double) with.weights()[i]).isCloseTo(without.weights()[i] - pull, within(1e-6));
            }
        }
    }

    @Test
    void predictsTheSameAfterSavingAndOpening() throws IOException {
        try (Network regressor = regressor(Small.network(), Optimizer.ADAM)) {
            train(regressor, 0, 3);
            try (Network opened = Small.Saved.of(regressor).open(session(), Small.adam(0.01))) {
                assertThat(opened.predict(PATCHES, 6)).containsExactly(regressor.predict(PATCHES, 6));
                assertThat(opened.shape()).isEqualTo(Small.SHAPE);
                assertThat(opened.outputs()).isEqualTo(2);
                assertThat(opened.architecture()).isEqualTo(regressor.architecture());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void goesOnAfterAnInterruptionAsIfThereHadBeenNone(Optimizer optimizer) throws IOException {
        NetworkSpec network = Small.network(0.001, 0);
        try (Network whole = regressor(network, optimizer);
                Network half = regressor(network, optimizer)) {
            train(whole, 0, 10);
            train(half, 0, 5);
            try (Network resumed =
                    Small.Saved.of(half).open(session(), Small.training(1, 0.01, optimizer, Loss.MSE, 0))) {
                train(resumed, 5, 10);
                assertThat(resumed.weights()).containsExactly(whole.weights());
            }
        }
    }

    @Test
    void drawsTheSameDropoutAfterTheSameSeed() throws IOException {
        try (Network one = regressor(Small.network(0, 0.5), Optimizer.ADAM);
                Network other = Small.Saved.of(one).open(session(), Small.adam(0.01));
                Network third = Small.Saved.of(one).open(session(), Small.adam(0.01))) {
            one.seed(7);
            train(one, 0, 3);
            other.seed(7);
            train(other, 0, 3);
            third.seed(8);
            train(third, 0, 3);
            assertThat(other.weights()).containsExactly(one.weights());
            assertThat(third.weights()).isNotEqualTo(one.weights());
        }
    }

    @Test
    void restoresParameters() {
        try (Network regressor = regressor(Small.network(), Optimizer.ADAM)) {
            train(regressor, 0, 2);
            float[] parameters = regressor.weights();
            float[] copy = parameters.clone();
            float[] answers = regressor.predict(PATCHES, 6);
            train(regressor, 2, 4);
            assertThat(regressor.predict(PATCHES, 6)).isNotEqualTo(answers);
            assertThat(parameters).as("a copy, not a view").containsExactly(copy);
            regressor.load(parameters);
            assertThat(regressor.predict(PATCHES, 6)).containsExactly(answers);
            assertThatThrownBy(() -> regressor.load(new float[3]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("3 parameters");
        }
    }

    @Test
    void predictsPatchesIndependentlyOfTheirNeighbours() {
        try (Network regressor = regressor(Small.network(), Optimizer.ADAM)) {
            train(regressor, 0, 3);
            float[] together = regressor.predict(PATCHES, 6);
            for (int i = 0; i < 6; i++) {
                float[] alone = regressor.predict(Arrays.copyOfRange(PATCHES, i * SIZE, (i + 1) * SIZE), 1);
                assertThat(alone[0]).isCloseTo(together[2 * i], within(1e-6f));
                assertThat(alone[1]).isCloseTo(together[2 * i + 1], within(1e-6f));
            }
        }
    }

    @ParameterizedTest(name = "{0} patches")
    @ValueSource(ints = {2, 6})
    void reportsGradientsAndUpdatesOfEveryLayer(int count) {
        try (Network regressor = regressor(Small.network(), Optimizer.SGD)) {
            float[] before = regressor.weights();
            Network.StepReport report = regressor.step(PATCHES, LABELS, count);
            float[] after = regressor.weights();
            List<Architecture.Layer> layers = regressor.architecture().layers();
            assertThat(report.gradientNorm())
                    .hasSameSizeAs(report.updateRatio())
                    .hasSize(layers.size());
            for (int i = 0; i < layers.size(); i++) {
                double weights = 0;
                double update = 0;
                for (Architecture.Parameter parameter : layers.get(i).parameters()) {
                    if (parameter.trained()) {
                        for (int k = parameter.offset(); k < parameter.offset() + parameter.size(); k++) {
                            weights += (double) before[k] * before[k];
                            update += Math.pow(after[k] - (double) before[k], 2);
                        }
                    }
                }
                if (layers.get(i).parameters().isEmpty()) {
                    assertThat(report.updateRatio()[i]).isNaN();
                    assertThat(report.gradientNorm()[i]).isZero();
                } else {
                    assertThat(report.updateRatio()[i]).isCloseTo(Math.sqrt(update / weights), within(1e-9));
                    // The first step of Nesterov's rule is (1 + 0.9) · learning rate · gradient.
                    double norm = Math.sqrt(update) / (1.9 * 0.01);
                    assertThat(norm).isPositive();
                    assertThat(report.gradientNorm()[i])
                            .as(layers.get(i).name())
                            .isCloseTo(norm, within(1e-6 + 2e-3 * norm));
                }
            }
        }
    }

    @Test
    void tellsWhatTheUpdateRuleRemembers() {
        try (Network adam = regressor(Small.network(), Optimizer.ADAM);
                Network sgd = regressor(Small.network(), Optimizer.SGD)) {
            assertThat(adam.optimizerState().step()).isZero();
            float[] gradient = adam.gradient(new Batch(PATCHES, LABELS, null, 6), Loss.MSE);
            adam.step(PATCHES, LABELS, 6);
            sgd.step(PATCHES, LABELS, 6);
            Network.OptimizerState state = adam.optimizerState();
            assertThat(state.step()).isEqualTo(1);
            assertThat(state.moments()).containsOnlyKeys("m", "v");
            assertThat(sgd.optimizerState().moments()).containsOnlyKeys("m");
            // After one step from 0: m = 0.1 of the gradient, v = 0.001 of its square (Kingma and Ba 2015).
            float[] m = Objects.requireNonNull(state.moments().get("m"));
            float[] v = Objects.requireNonNull(state.moments().get("v"));
            for (int i = 0; i < gradient.length; i++) {
                assertThat((double) m[i]).isCloseTo(0.1 * gradient[i], within(1e-7 + 1e-4 * Math.abs(gradient[i])));
                assertThat((double) v[i])
                        .isCloseTo(1e-3 * gradient[i] * gradient[i], within(1e-9 + 1e-6 * Math.abs(gradient[i])));
            }
            assertThatThrownBy(() -> adam.load(sgd.optimizerState()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the update rule keeps the moments [m, v], not [m]");
            assertThatThrownBy(() -> sgd.load(state)).hasMessage("the update rule keeps the moments [m], not [m, v]");
        }
    }

    @ParameterizedTest(name = "{0}, batchNorm {1}, {2}")
    @CsvSource({
        "PRELU, true, FLATTEN",
        "PRELU, false, AVERAGE",
        "RELU, true, AVERAGE",
        "ELU, false, FLATTEN",
        "LEAKYRELU, true, FLATTEN"
    })
    void computesWhatTheReferenceDoes(Activation activation, boolean batchNorm, Head head) {
        NetworkSpec network = new NetworkSpec(
                List.of(3, 4), List.of(5, 6), activation, batchNorm, 0.9, 0, 0, head, OutputBias.MEAN, 1, 0.1);
        try (Network regressor = regressor(network, Optimizer.ADAM)) {
            train(regressor, 0, 3);
            ReferenceNetwork reference = new ReferenceNetwork(regressor.architecture(), regressor.weights());
            for (Network.Mode mode : Network.Mode.values()) {
                double[] expected = reference.forward(PATCHES, 6, mode);
                float[] outputs = regressor.forward(PATCHES, 6, mode);
                for (int i = 0; i < outputs.length; i++) {
                    assertThat((double) outputs[i]).as("%s", mode).isCloseTo(expected[i], within(5e-6));
                }
            }
            assertThat(regressor.weights()).hasSize(regressor.architecture().size());
            assertThat(network.parameters(Small.SHAPE, 2))
                    .isEqualTo(regressor.architecture().size());
        }
    }

    /** Of smooth activations, whose gradient is the limit of differences everywhere but at ties of the pooling. */
    @ParameterizedTest
    @EnumSource(Loss.class)
    void hasTheGradientOfTheReference(Loss loss) {
        NetworkSpec network = new NetworkSpec(
                List.of(3, 4), List.of(5), Activation.ELU, true, 0.9, 0, 0, Head.FLATTEN, OutputBias.MEAN, 1, 0);
        try (Network regressor = regressor(network, Optimizer.ADAM)) {
            train(regressor, 0, 3);
            Architecture architecture = regressor.architecture();
            float[] weights = regressor.weights();
            float[] gradient = regressor.gradient(new Batch(PATCHES, LABELS, null, 6), loss);
            for (Architecture.Slot slot : architecture.slots()) {
                if (slot.trained()) {
                    // The direction in which the gradient of this array points.
                    double[] direction = new double[weights.length];
                    double norm = 0;
                    for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
                        norm += gradient[i] * (double) gradient[i];
                    }
                    norm = Math.sqrt(norm);
                    for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
                        direction[i] = norm == 0 ? 0 : gradient[i] / norm;
                    }
                    double slope = (lossAt(architecture, weights, direction, 1e-6, loss)
                                    - lossAt(architecture, weights, direction, -1e-6, loss))
                            / 2e-6;
                    assertThat(norm).as("%s", slot.name()).isCloseTo(slope, within(1e-6 + 1e-3 * Math.abs(slope)));
                }
            }
        }
    }

    private static double lossAt(
            Architecture architecture, float[] weights, double[] direction, double step, Loss loss) {
        double[] moved = new double[weights.length];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = weights[i] + step * direction[i];
        }
        double[] outputs = new ReferenceNetwork(architecture, moved).forward(PATCHES, 6, Network.Mode.TRAINING);
        double sum = 0;
        for (int t = 0; t < 2; t++) {
            double[] predictions = new double[6];
            double[] labels = new double[6];
            for (int i = 0; i < 6; i++) {
                predictions[i] = outputs[2 * i + t];
                labels[i] = LABELS[2 * i + t];
            }
            sum += loss.of(predictions, labels, null, null) / 2;
        }
        return sum;
    }

    @Test
    void averagesItsWeights() {
        try (Network regressor = regressor(Small.network(), Optimizer.ADAM)) {
            assertThatThrownBy(regressor::averages).isInstanceOf(IllegalStateException.class);
            float[] expected = regressor.weights();
            regressor.average(0.9f);
            assertThat(regressor.averages()).containsExactly(expected);
            for (int step = 0; step < 3; step++) {
                train(regressor, step, step + 1);
                regressor.average(0.75f);
                float[] weights = regressor.weights();
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = 0.75f * expected[i] + 0.25f * weights[i];
                }
                assertThat(regressor.averages()).containsExactly(expected, within(1e-7f));
            }
            float[] other = new float[expected.length];
            Arrays.fill(other, 2);
            regressor.loadAverages(other);
            assertThat(regressor.averages()).as("a copy").containsExactly(other).isNotSameAs(other);
            assertThatThrownBy(() -> regressor.loadAverages(new float[3])).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void namesItsPlace() {
        assertThat(session().engine()).isEqualTo(engine().name());
        assertThat(session().device().name()).isEqualTo("cpu");
        assertThat(session().device().usable()).isTrue();
        assertThat(session().threads()).isEqualTo(Small.THREADS);
        assertThat(session().freeBytes()).isPositive();
        assertThat(engine().devices()).contains(session().device());
        assertThat(Engine.named(engine().name()).name()).isEqualTo(engine().name());
    }

    @Test
    void computesTheSameWithAnotherNumberOfThreads() {
        Architecture architecture = new Architecture(Small.network(), Small.SHAPE, 2);
        float[] weights = InitialWeights.of(architecture, new double[] {0.4, 0.6}, 1);
        TrainSpec training = Small.training(1, 0.01, Optimizer.SGD, Loss.MSE, 0);
        float[] alone;
        try (Network network = session().open(architecture, training, weights)) {
            train(network, 0, 2);
            alone = network.predict(PATCHES, 6);
        }
        closeSession();
        Small.closeSession();
        try (Session three = engine().open("cpu", 3, true);
                Network network = three.open(architecture, training, weights)) {
            assertThat(three.threads()).isEqualTo(3);
            train(network, 0, 2);
            assertThat(network.predict(PATCHES, 6)).containsExactly(alone, within(1e-5f));
        }
    }

    @Test
    void refusesWeightsOfAnotherNetwork() {
        Architecture architecture = new Architecture(Small.network(), Small.SHAPE, 2);
        assertThatThrownBy(() -> session().open(architecture, Small.adam(0.01), new float[5]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 parameters do not fit");
    }
}
