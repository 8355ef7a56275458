package melgauge.model.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import melgauge.data.LabelNoise;
import melgauge.data.Scale;
import melgauge.data.Subset;
import melgauge.features.BandNormalizer;
import melgauge.features.FrameSource;
import melgauge.features.MelSpec;
import melgauge.features.NoNormalizer;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;
import melgauge.features.Spectrogram;
import melgauge.model.diagnosis.measure.Examination;
import melgauge.model.diagnosis.measure.Examiner;
import melgauge.model.diagnosis.measure.FrontEnd;
import melgauge.model.diagnosis.measure.LabelCeiling;
import melgauge.model.diagnosis.measure.Measurements;
import melgauge.model.diagnosis.measure.Probe;
import melgauge.model.diagnosis.rules.Code;
import melgauge.model.diagnosis.rules.EnsembleScores;
import melgauge.model.diagnosis.rules.Evidence;
import melgauge.model.diagnosis.rules.Finding;
import melgauge.model.diagnosis.rules.Severity;
import melgauge.model.diagnosis.rules.Verdict;
import melgauge.model.engine.Network;
import melgauge.model.engine.Small;
import melgauge.model.inference.Ensemble;
import melgauge.model.inference.Inference;
import melgauge.model.inference.TrackPrediction;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.Intervals;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Head;
import melgauge.model.spec.Loss;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.OnCollapse;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.OutputBias;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import melgauge.model.task.Progress;
import melgauge.model.task.Target;
import melgauge.model.training.Trainer;
import melgauge.model.training.TrainingLog;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings of a tiny network with one thing wrong, each of which must be named. */
@Tag("slow")
class FaultsTest {
    private static final List<String> TARGETS = List.of("low", "high");
    private static final int TRACKS = 120;

    /** More take longer; {@code melgauge bench diagnosis} tries several on real audio. */
    private static final int SEEDS = 1;

    private static final int TRAIN = 80;

    /** A training that can be made wrong. */
    private record Case(
            NetworkSpec network, TrainSpec training, boolean normalised, List<Example> tracks, List<double[]> noise) {

        static Case sound(long seed) {
            return new Case(
                    layers(Activation.PRELU, true, 0.9, 0, 0, 1, 0),
                    steps(25, 8, 0.01),
                    true,
                    Small.tracks(seed, TRACKS),
                    IntStream.range(0, TRACKS)
                            .mapToObj(i -> new double[] {Double.NaN, Double.NaN})
                            .toList());
        }

        Case with(NetworkSpec other) {
            return new Case(other, training, normalised, tracks, noise);
        }

        Case with(TrainSpec other) {
            return new Case(network, other, normalised, tracks, noise);
        }

        Case withTracks(UnaryOperator<List<Example>> change) {
            return new Case(network, training, normalised, change.apply(tracks), noise);
        }

        Case unnormalised() {
            return new Case(network, training, false, tracks, noise);
        }

        Case withNoise(double variance) {
            return new Case(
                    network,
                    training,
                    normalised,
                    tracks,
                    tracks.stream().map(track -> new double[] {variance, 1e-4}).toList());
        }

        Diagnosis diagnosis(long seed) throws IOException {
            return Diagnosis.of(evidence(seed));
        }

        private Evidence evidence(long seed) throws IOException {
            List<Example> train = tracks.subList(0, TRAIN);
            List<Example> validation = tracks.subList(TRAIN, 100);
            List<Example> test = tracks.subList(100, TRACKS);
            Normalizer normalizer = normalised ? fitted(train) : new NoNormalizer(Small.SHAPE.bands());
            PatchSpec patch = new PatchSpec(Small.SHAPE.frames());
            List<Target> targets = IntStream.range(0, 2)
                    .mapToObj(t -> new Target(TARGETS.get(t), Scale.UNIT, Trainer.labelMean(train, t)))
                    .toList();
            double[] means = targets.stream().mapToDouble(Target::trainingMean).toArray();
            try (Network regressor = Small.regressor(network, training, seed, means)) {
                Map<Examination.Moment, float[]> moments = new EnumMap<>(Examination.Moment.class);
                moments.put(Examination.Moment.UNTRAINED, regressor.weights());
                TrainingLog log = new Trainer(training, patch, normalizer, null, seed)
                        .train(
                                regressor,
                                train,
                                validation,
                                null,
                                (network, state) -> moments.put(Examination.Moment.LAST, network.weights()),
                                Progress.NONE);
                moments.put(Examination.Moment.KEPT, regressor.weights());
                Map<Subset, Evaluation> evaluations = new EnumMap<>(Subset.class);
                evaluations.put(Subset.TRAIN, evaluate(regressor, patch, normalizer, targets, train));
                evaluations.put(Subset.TEST, evaluate(regressor, patch, normalizer, targets, test));
                return new Evidence(
                        MelSpec.defaults(),
                        normalizer.kind(),
                        network,
                        training,
                        targets,
                        log,
                        evaluations,
                        Intervals.of(
                                targets,
                                predict(regressor, patch, normalizer, test),
                                test.stream().map(Example::labels).toList(),
                                test.stream().map(Example::path).toList()),
                        false,
                        EnsembleScores.UNKNOWN,
                        new Measurements(
                                new Examiner(
                                                train,
                                                tracks.stream()
                                                        .map(Example::labels)
                                                        .toList(),
                                                TARGETS,
                                                patch,
                                                normalizer,
                                                training.batchSize(),
                                                training.loss())
                                        .examine(regressor, moments),
                                FrontEnd.UNKNOWN,
                                Probe.measure(
                                        tracks,
                                        tracks.stream().map(Example::path).toList(),
                                        TARGETS,
                                        seed),
                                LabelCeiling.of(
                                        TARGETS,
                                        tracks.stream().map(Example::labels).toList(),
                                        noise,
                                        List.of(LabelNoise.MEASURED, LabelNoise.MEASURED))));
            }
        }

        private static List<double[]> predict(
                Network regressor, PatchSpec patch, Normalizer normalizer, List<Example> tracks) {
            return Inference.here(
                            new Ensemble(List.of(regressor)),
                            new Inference.Cut(patch, normalizer),
                            16,
                            Inference.Wanted.NOTHING)
                    .predict(tracks, Progress.NONE)
                    .stream()
                    .map(TrackPrediction::mean)
                    .toList();
        }

        private static Evaluation evaluate(
                Network regressor, PatchSpec patch, Normalizer normalizer, List<Target> targets, List<Example> tracks) {
            return Evaluation.of(
                    targets,
                    predict(regressor, patch, normalizer, tracks),
                    tracks.stream().map(Example::labels).toList());
        }

        /** Mean and deviation of each band; a deviation of 0 counts as 1. */
        private static Normalizer fitted(List<Example> tracks) {
            int bands = Small.SHAPE.bands();
            double[] mean = new double[bands];
            double[] std = new double[bands];
            long frames = 0;
            for (Example track : tracks) {
                frames += track.frames().frames();
            }
            for (int pass = 0; pass < 2; pass++) {
                for (Example track : tracks) {
                    float[] values = values(track);
                    for (int k = 0; k < values.length; k++) {
                        if (pass == 0) {
                            mean[k % bands] += values[k] / (double) frames;
                        } else {
                            std[k % bands] += Math.pow(values[k] - mean[k % bands], 2) / frames;
                        }
                    }
                }
            }
            for (int band = 0; band < bands; band++) {
                std[band] = std[band] > 1e-12 ? Math.sqrt(std[band]) : 1;
                mean[band] = Double.isFinite(mean[band]) ? mean[band] : 0;
                std[band] = Double.isFinite(std[band]) ? std[band] : 1;
            }
            return new BandNormalizer(mean, std);
        }
    }

    private static float[] values(Example track) {
        float[] values = new float[track.frames().frames() * track.frames().bands()];
        track.frames().read(0, track.frames().frames(), values, 0);
        return values;
    }

    private static NetworkSpec layers(
            Activation activation,
            boolean batchNorm,
            double decay,
            double l2,
            double dropout,
            double gain,
            double bias) {
        return new NetworkSpec(
                List.of(4, 8),
                List.of(16),
                activation,
                batchNorm,
                decay,
                l2,
                dropout,
                Head.FLATTEN,
                OutputBias.MEAN,
                gain,
                bias);
    }

    private static TrainSpec steps(int epochs, int batchSize, double learningRate) {
        return Small.plain(epochs, batchSize, learningRate, Optimizer.ADAM, Loss.MSE, 0, OnCollapse.WARN);
    }

    /** Every track's values changed. */
    private static UnaryOperator<List<Example>> values(DoubleUnaryOperator change) {
        return tracks -> tracks.stream()
                .map(track -> {
                    float[] values = values(track);
                    for (int k = 0; k < values.length; k++) {
                        values[k] = (float) change.applyAsDouble(values[k]);
                    }
                    return new Example(
                            track.path(),
                            FrameSource.of(new Spectrogram(
                                    values,
                                    track.frames().frames(),
                                    track.frames().bands())),
                            track.labels());
                })
                .toList();
    }

    private interface Relabel {
        float[] of(List<Example> tracks, int track);
    }

    private static UnaryOperator<List<Example>> labels(Relabel relabel) {
        return tracks -> IntStream.range(0, tracks.size())
                .mapToObj(i -> new Example(tracks.get(i).path(), tracks.get(i).frames(), relabel.of(tracks, i)))
                .toList();
    }

    private interface Injected {
        Case into(Case sound);
    }

    private static Arguments fault(String name, Code code, Injected fault) {
        return Arguments.of(name, code, fault);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault(
                        "values 40 times too large, without batch norm",
                        Code.INPUT_UNSCALED,
                        sound -> sound.with(layers(Activation.PRELU, false, 0.9, 0, 0, 1, 0))
                                .withTracks(values(value -> 40 * value - 60))
                                .unnormalised()),
                fault("silence", Code.INPUT_CONSTANT, sound -> sound.withTracks(values(value -> 0))),
                fault(
                        "NaN",
                        Code.NOT_FINITE,
                        sound -> sound.withTracks(values(value -> value > 1.5 ? Double.NaN : value))),
                fault("learning rate × 1000", Code.LEARNING_RATE_TOO_HIGH, sound -> sound.with(steps(25, 8, 10))),
                fault("learning rate ÷ 10000", Code.LEARNING_RATE_TOO_LOW, sound -> sound.with(steps(25, 8, 1e-6))),
                fault(
                        "l2 of 10, without batch norm",
                        Code.OVER_REGULARISED,
                        sound -> sound.with(layers(Activation.PRELU, false, 0.9, 10, 0, 1, 0))),
                fault(
                        "dropout of 0.97",
                        Code.OVER_REGULARISED,
                        sound -> sound.with(layers(Activation.PRELU, false, 0.9, 0, 0.97, 1, 0))
                                .with(steps(3, 8, 0.001))),
                fault("batch norm by single patches", Code.BATCHNORM_GAP, sound -> sound.with(steps(6, 1, 0.01))),
                fault(
                        "batch norm that is never updated",
                        Code.BATCHNORM_GAP,
                        sound -> sound.with(layers(Activation.PRELU, true, 1, 0, 0, 1, 0))),
                fault(
                        "dead ReLUs",
                        Code.DEAD_UNITS,
                        sound -> sound.with(layers(Activation.RELU, true, 0.9, 0, 0, 1, -50))),
                fault(
                        "all weights 0",
                        Code.VANISHING_GRADIENT,
                        sound -> sound.with(layers(Activation.PRELU, true, 0.9, 0, 0, 0, 0))),
                fault(
                        "saturated outputs",
                        Code.SATURATED_OUTPUT,
                        sound -> sound.with(layers(Activation.PRELU, false, 0.9, 0, 0, 60, 0))
                                .with(steps(25, 8, 0.001))),
                fault(
                        "labels of one target constant",
                        Code.TARGET_CONSTANT,
                        sound -> sound.withTracks(
                                labels((tracks, i) -> new float[] {tracks.get(i).labels()[0], 0.4f}))),
                fault(
                        "a scale 100 times too wide",
                        Code.TARGET_NARROW,
                        sound -> sound.withTracks(labels((tracks, i) -> new float[] {
                            tracks.get(i).labels()[0] / 100, tracks.get(i).labels()[1] / 100
                        }))),
                fault(
                        "labels of other tracks",
                        Code.LABELS_UNRELATED,
                        sound -> sound.withTracks(labels((tracks, i) ->
                                tracks.get((i * 47 + 13) % tracks.size()).labels()))),
                fault(
                        "labels that slipped by two rows",
                        Code.LABELS_UNRELATED,
                        sound -> sound.withTracks(labels((tracks, i) ->
                                tracks.get((i + 2) % tracks.size()).labels()))),
                fault(
                        "labels of noise",
                        Code.LABELS_UNRELATED,
                        sound -> sound.withTracks(labels((tracks, i) -> Small.uniform(900 + i, 2)))),
                fault("too few steps", Code.UNDERTRAINED, sound -> sound.with(steps(1, 16, 0.001))));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("faults")
    void namesTheCauseFirst(String name, Code code, Injected fault) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            Diagnosis diagnosis = fault.into(Case.sound(seed)).diagnosis(seed);
            List<Code> codes = diagnosis.findings().stream().map(Finding::code).toList();
            if (codes.isEmpty() || codes.get(0) != code) {
                wrong.add("seed " + seed + ": " + diagnosis.verdict() + " " + codes);
            } else {
                assertThat(diagnosis.findings().get(0).severity())
                        .isEqualTo(
                                diagnosis.verdict() == Verdict.HEALTHY && code != Code.TARGET_CONSTANT
                                        ? Severity.WARNING
                                        : Severity.ERROR);
            }
            assertThat(diagnosis.summary()).doesNotContain("NaN", "null");
            assertThat(diagnosis.headline())
                    .startsWith("Verdict: " + diagnosis.verdict().word())
                    .contains(code.name(), "Remedy: ")
                    .doesNotContain("NaN", "null");
        }
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void findsNoErrorInASoundTraining(long seed) throws IOException {
        Diagnosis diagnosis = Case.sound(seed).diagnosis(seed);
        assertThat(diagnosis.verdict()).isEqualTo(Verdict.HEALTHY);
        assertThat(diagnosis.findings()).noneMatch(finding -> finding.severity() == Severity.ERROR);
        assertThat(diagnosis.note()).isEmpty();
    }

    /** What a scale has to hold is more than what the training tracks show. */
    @Test
    void givesAScaleThatHoldsTheLabelsOfAllTracks() throws IOException {
        Case narrow = Case.sound(1).withTracks(labels((tracks, i) -> new float[] {
            i == TRACKS - 1 ? 0.03f : tracks.get(i).labels()[0] / 100,
            tracks.get(i).labels()[1]
        }));
        Finding finding = narrow.diagnosis(1).findings().stream()
                .filter(found -> found.code() == Code.TARGET_NARROW)
                .findFirst()
                .orElseThrow();
        JsonNode scale = Objects.requireNonNull(finding.settings().get("corpus.scale.low"));
        assertThat(scale.get(0).asDouble()).isZero();
        assertThat(scale.get(1).asDouble()).isBetween(0.03, 0.04);
    }

    @Test
    void tellsWhenLabelsAreTooNoisyToBePredictedWell() throws IOException {
        // Labels are uniform on [0,1], with a variance of 1/12.
        Diagnosis diagnosis = Case.sound(1).withNoise(0.05).diagnosis(1);
        assertThat(diagnosis.findings()).extracting(Finding::code).contains(Code.LABEL_NOISE);
        assertThat(diagnosis.findings().stream()
                        .filter(finding -> finding.code() == Code.LABEL_NOISE)
                        .map(Finding::where))
                .containsExactly("low");
    }
}
