package melgauge.model.diagnosis.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import melgauge.data.LabelNoise;
import melgauge.data.Scale;
import melgauge.data.Subset;
import melgauge.data.UsageException;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.measure.Examination;
import melgauge.model.diagnosis.measure.Examiner;
import melgauge.model.diagnosis.measure.FrontEnd;
import melgauge.model.diagnosis.measure.LabelCeiling;
import melgauge.model.diagnosis.measure.Measurements;
import melgauge.model.diagnosis.measure.Probe;
import melgauge.model.diagnosis.rules.Verdict;
import melgauge.model.engine.Network;
import melgauge.model.engine.Session;
import melgauge.model.engine.Small;
import melgauge.model.inference.Ensemble;
import melgauge.model.inference.Inference;
import melgauge.model.inference.TrackPrediction;
import melgauge.model.scores.Evaluation;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Loss;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import melgauge.model.task.Progress;
import melgauge.model.task.Target;
import melgauge.model.training.Trainer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each experiment on runs of a tiny network on noise whose loudness is the label; what is true of them is known. */
@Tag("slow")
class ExperimentsTest {
    private static final PatchSpec PATCH = new PatchSpec(Small.SHAPE.frames());
    private static final double RATE = 0.01;
    private static final int STEPS = 120;
    private static Subject sound;
    private static Subject penalised;

    /** What is kept after each experiment of few steps on the sound network. */
    private static final List<List<Experiment>> KEPT = new ArrayList<>();

    private static List<Experiment> whole = List.of();

    @BeforeAll
    static void trainNetworks() throws IOException {
        sound = trained(Small.network(), RATE, 20);
        penalised = trained(Small.network(10, 0), RATE, 2);
        whole = Experiments.run(sound, 20, List.of(), KEPT::add, Progress.NONE);
    }

    /** The normaliser that leaves values alone: those of the tracks have a size of about 1. */
    private static Normalizer asIs() throws IOException {
        return Normalizer.fromJson(
                new ObjectMapper().readTree("{\"kind\": \"none\", \"bands\": " + Small.SHAPE.bands() + "}"));
    }

    /** A run of so many epochs, of eight steps each. */
    private static Subject trained(NetworkSpec network, double rate, int epochs) throws IOException {
        return trained(network, Small.training(epochs, rate, Optimizer.ADAM, Loss.MSE, 0));
    }

    private static Subject trained(NetworkSpec network, TrainSpec training) throws IOException {
        List<Example> train = Small.tracks(1, 64);
        List<Example> validation = Small.tracks(2, 24);
        List<Target> targets = IntStream.range(0, 2)
                .mapToObj(t -> new Target(t == 0 ? "lower" : "upper", Scale.UNIT, Trainer.labelMean(train, t)))
                .toList();
        double[] means = targets.stream().mapToDouble(Target::trainingMean).toArray();
        List<String> groups =
                IntStream.range(0, train.size()).mapToObj(i -> "group" + i / 2).toList();
        try (Network regressor = Small.regressor(network, training, 3, means)) {
            float[] untrained = regressor.weights();
            new Trainer(training, PATCH, asIs(), null, 3)
                    .train(regressor, train, List.of(), null, (ignored, state) -> {}, Progress.NONE);
            float[] kept = regressor.weights();
            Examination examination = new Examiner(
                            train,
                            train.stream().map(Example::labels).toList(),
                            List.of("lower", "upper"),
                            PATCH,
                            asIs(),
                            8,
                            Loss.MSE)
                    .examine(
                            regressor,
                            Map.of(
                                    Examination.Moment.UNTRAINED, untrained,
                                    Examination.Moment.KEPT, kept,
                                    Examination.Moment.LAST, kept));
            List<double[]> predictions = Inference.here(
                            new Ensemble(List.of(regressor)),
                            new Inference.Cut(PATCH, asIs()),
                            8,
                            Inference.Wanted.NOTHING)
                    .predict(validation, Progress.NONE)
                    .stream()
                    .map(TrackPrediction::mean)
                    .toList();
            List<float[]> labels = validation.stream().map(Example::labels).toList();
            return new Subject(
                    Small.session(),
                    network,
                    training,
                    PATCH,
                    asIs(),
                    null,
                    targets,
                    Map.of(Subset.TRAIN, train, Subset.VALIDATION, validation),
                    groups,
                    kept,
                    Evaluation.of(targets, predictions, labels),
                    new Measurements(
                            examination,
                            FrontEnd.UNKNOWN,
                            Probe.measure(train, groups, List.of("lower", "upper"), 3),
                            LabelCeiling.of(
                                    List.of("lower", "upper"),
                                    train.stream().map(Example::labels).toList(),
                                    train.stream()
                                            .map(track -> new double[] {0.01, Double.NaN})
                                            .toList(),
                                    List.of(LabelNoise.AT_MOST, LabelNoise.UNKNOWN))),
                    3);
        }
    }

    private static Tally uncounted() {
        return new Tally(Progress.NONE, 1);
    }

    private static Patches validation(Subject subject) {
        return new Patches(subject, subject.scored(), 3, subject.trainingMeans());
    }

    @Test
    void aSoundNetworkLearnsAFewTracksByHeart() {
        Overfit overfit = Overfit.of(sound, STEPS, uncounted());
        assertThat(overfit.tracks()).isEqualTo(32);
        assertThat(overfit.asSet().end()).isGreaterThan(0.9);
        assertThat(overfit.asSet().endAsInTraining()).isGreaterThan(0.9);
        assertThat(overfit.withoutPenalties()).isNull();
        assertThat(overfit.outcome()).isEqualTo(Overfit.Outcome.LEARNS);
        assertThat(overfit.inWords().text()).contains("learns them by heart");
    }

    @Test
    void aNetworkUnderAHeavyPenaltyLearnsThemOnlyWithoutIt() throws IOException {
        Overfit overfit = Overfit.of(penalised, STEPS, uncounted());
        assertThat(overfit.asSet().end()).isLessThan(0.6);
        assertThat(Objects.requireNonNull(overfit.withoutPenalties()).end()).isGreaterThan(0.9);
        assertThat(overfit.outcome()).isEqualTo(Overfit.Outcome.PENALISED);
        assertThat(overfit.inWords().text()).contains("network.l2=10", "is the cause");
    }

    @Test
    void ofTwoPenaltiesTheHeavyOneIsNamed() throws IOException {
        TrainSpec training =
                Small.decaying(Small.training(2, RATE, Optimizer.ADAMW, Loss.MSE, 0), Optimizer.ADAMW, 0.001);
        Overfit overfit = Overfit.of(trained(Small.network(10, 0), training), STEPS, uncounted());
        assertThat(overfit.penalties()).containsExactly("network.l2=10", "training.weightDecay=0.001");
        assertThat(overfit.culprits()).containsExactly("network.l2=10");
    }

    @Test
    void aNetworkWhoseRunningStatisticsStandStillLearnsOnlyAsInTraining() throws IOException {
        Subject stuck = trained(Small.network(Activation.PRELU, true, 1), RATE, 20);
        Overfit overfit = Overfit.of(stuck, STEPS, uncounted());
        assertThat(overfit.asSet().endAsInTraining()).isGreaterThan(0.9);
        assertThat(overfit.asSet().end()).isLessThan(overfit.asSet().endAsInTraining() - 0.1);
        assertThat(overfit.outcome()).isEqualTo(Overfit.Outcome.ONLY_IN_TRAINING);
        Modes modes = Modes.of(stuck, validation(stuck), uncounted());
        assertThat(modes.r2Recomputed()).isGreaterThan(0.8);
        assertThat(modes.statisticsAreWrong()).isTrue();
        assertThat(modes.inWords().text()).contains("the running statistics are the cause");
    }

    @Test
    void runningStatisticsThatFollowedAreNotToBlame() {
        Modes modes = Modes.of(sound, validation(sound), uncounted());
        assertThat(modes.r2()).isGreaterThan(0.8);
        assertThat(modes.r2Recomputed()).isCloseTo(modes.r2(), within(0.1));
        assertThat(modes.statisticsAreWrong()).isFalse();
    }

    @Test
    void shuffledLabelsScoreBelowTrueOnes() {
        Patches scored = validation(sound);
        Curve truth = LabelControl.training(sound, sound.train(), 3, STEPS, scored, uncounted());
        LabelControl control = LabelControl.of(sound, STEPS, scored, truth, uncounted());
        assertThat(control.truth().best()).isGreaterThan(0.8);
        assertThat(control.shuffled().best()).isLessThan(0.3);
        assertThat(control.labelsHelp()).isTrue();
        SeedSpread seeds = SeedSpread.of(sound, STEPS, scored, truth, uncounted());
        assertThat(seeds.r2()).hasSize(3).doesNotHaveDuplicates().allMatch(r2 -> r2 > 0.7);
        assertThat(seeds.seeds()).hasSize(3).startsWith(3L).doesNotHaveDuplicates();
    }

    @Test
    void dealtLabelsAreTheSameOnesElsewhereWithWholeRowsAndGroupsTogether() {
        List<Example> dealt = LabelControl.dealt(sound);
        List<Example> train = sound.train();
        assertThat(dealt)
                .extracting(Example::path)
                .isEqualTo(train.stream().map(Example::path).toList());
        List<String> rows =
                train.stream().map(track -> Arrays.toString(track.labels())).toList();
        List<String> dealtRows =
                dealt.stream().map(track -> Arrays.toString(track.labels())).toList();
        assertThat(dealtRows).containsExactlyInAnyOrderElementsOf(rows).isNotEqualTo(rows);
        for (int i = 0; i < rows.size(); i += 2) {
            // Groups are neighbouring pairs.
            assertThat(rows.indexOf(dealtRows.get(i)) / 2).isEqualTo(rows.indexOf(dealtRows.get(i + 1)) / 2);
        }
    }

    @Test
    void theRangeTestFindsTheRunsRateBetweenTheSteepestAndTheDivergence() {
        RateRange range = RateRange.of(sound, uncounted());
        assertThat(range.rates().get(0)).isEqualTo(1e-7);
        assertThat(range.rates().get(range.rates().size() - 1)).isLessThanOrEqualTo(10 * (1 + 1e-9));
        assertThat(range.steepest()).isBetween(1e-4, 1.0);
        assertThat(range.diverges()).isGreaterThan(range.steepest());
        assertThat(range.place()).isEqualTo(RateRange.Place.RIGHT);
    }

    /** A loss that is flat, falls evenly by the logarithm of the rate from 1e-4 to 1e-2, and rises from 0.1 on. */
    private static RateRange ideal(double own) {
        double[] rates = new double[RateRange.STEPS];
        double[] losses = new double[RateRange.STEPS];
        for (int i = 0; i < rates.length; i++) {
            double decade = -7 + 8.0 * i / (rates.length - 1);
            rates[i] = Math.pow(10, decade);
            losses[i] = decade < -4 ? 1 : decade < -2 ? 1 - 0.4 * (decade + 4) : decade < -1 ? 0.2 : 0.2 + decade + 1;
        }
        return RateRange.of(rates, losses, own);
    }

    @Test
    void theRangeTestReadsACurveThatIsKnown() {
        RateRange range = ideal(1e-3);
        assertThat(range.steepest()).isBetween(1e-4, 1e-2);
        // 0.2 + decade + 1 is 1, the value at the beginning, at 10^-0.2; the smoothing is over half a decade.
        assertThat(Math.log10(range.diverges())).isCloseTo(-0.2, within(0.1));
        assertThat(ideal(1e-3).place()).isEqualTo(RateRange.Place.RIGHT);
        assertThat(ideal(1).place()).isEqualTo(RateRange.Place.TOO_HIGH);
        assertThat(ideal(1e-7).place()).isEqualTo(RateRange.Place.TOO_LOW);
    }

    @Test
    void theRangeTestEndsWhereTheLossIsNoNumber() {
        double[] rates = {1e-3, 1e-2, 1e-1, 1};
        RateRange range = RateRange.of(rates, new double[] {1, 1, Double.NaN, Double.NaN}, 1);
        assertThat(range.diverges()).isEqualTo(0.1);
        assertThat(range.steepest()).isNaN();
        assertThat(range.place()).isEqualTo(RateRange.Place.TOO_HIGH);
        assertThat(RateRange.of(rates, new double[] {Double.NaN, 1, 1, 1}, 1).diverges())
                .isEqualTo(1e-3);
    }

    @Test
    void withoutSoundThereIsNoSkillAndTheOrderOfFramesDoesNotMatterWhereOnlyLoudnessDoes() {
        InputAblation ablation = InputAblation.of(sound, validation(sound));
        assertThat(ablation.r2()).isGreaterThan(0.8);
        assertThat(ablation.without()).hasSize(2 + 6);
        assertThat(ablation.without().get(0).part()).isEqualTo("silence");
        // One answer for all tracks is never better than the mean of what is scored.
        assertThat(ablation.without().get(0).r2()).isLessThan(0.05);
        assertThat(ablation.without().get(1).r2()).isCloseTo(ablation.r2(), within(0.1));
        assertThat(ablation.without().subList(2, 8)).allMatch(part -> part.moved() > 0.01);
        assertThat(ablation.without().get(2).part()).isEqualTo("bands 1–2");
        assertThat(ablation.without().get(7).part()).isEqualTo("bands 14–16");
        assertThat(ablation.inWords().text()).contains("which bands are loud, not when");
    }

    /** A network that answers the mean of the bands 6 to 8 of a patch, moved into [0,1], to both targets. */
    private static Subject listeningToBands6To8() {
        Network network = (Network) Proxy.newProxyInstance(
                Network.class.getClassLoader(), new Class<?>[] {Network.class}, (ignored, method, args) -> {
                    if (!method.getName().equals("predict")) {
                        return null;
                    }
                    float[] patches = (float[]) args[0];
                    float[] answers = new float[2 * (int) args[1]];
                    int size = Small.SHAPE.size();
                    for (int i = 0; i < answers.length; i++) {
                        for (int k = 0; k < size; k++) {
                            int band = k % Small.SHAPE.bands();
                            if (band >= 5 && band < 8) {
                                answers[i] += (patches[i / 2 * size + k] + 1.5f) / 3 / (3 * Small.SHAPE.frames());
                            }
                        }
                    }
                    return answers;
                });
        Session session = (Session) Proxy.newProxyInstance(
                Session.class.getClassLoader(), new Class<?>[] {Session.class}, (ignored, method, args) -> network);
        return new Subject(
                session,
                sound.network(),
                sound.training(),
                PATCH,
                sound.normalizer(),
                null,
                sound.targets(),
                sound.tracks(),
                sound.groups(),
                sound.kept(),
                sound.scores(),
                sound.measurements(),
                3);
    }

    @Test
    void onlyTheBandsThatANetworkListensToMatter() {
        Subject subject = listeningToBands6To8();
        InputAblation ablation = InputAblation.of(subject, validation(subject));
        double both = ablation.r2();
        for (InputAblation.Without part : ablation.without()) {
            switch (part.part()) {
                case "silence" -> assertThat(part.moved()).isGreaterThan(1);
                // The mean of the bands is about that of all labels: an R² near 0.
                case "bands 6–8" ->
                    assertThat(part.r2()).isCloseTo(0, within(0.1)).isNotCloseTo(both, within(0.1));
                default -> {
                    assertThat(part.r2()).as(part.part()).isCloseTo(both, within(1e-4));
                    assertThat(part.moved()).as(part.part()).isLessThan(1e-4);
                }
            }
        }
    }

    @Test
    void patchesAreAnsweredAsAPredictorOfWholeTracksDoes() throws IOException {
        try (Network network = sound.trained()) {
            double[][] answers = new Patches(sound, sound.scored(), 100, sound.trainingMeans())
                    .answers(network::predict, Patches.Change.NONE);
            List<TrackPrediction> expected = Inference.here(
                            new Ensemble(List.of(network)),
                            new Inference.Cut(PATCH, asIs()),
                            5,
                            Inference.Wanted.NOTHING)
                    .predict(sound.scored(), Progress.NONE);
            for (int i = 0; i < expected.size(); i++) {
                for (int t = 0; t < 2; t++) {
                    assertThat(answers[t][i]).isCloseTo(expected.get(i).mean()[t], within(1e-5));
                }
            }
        }
    }

    @Test
    void aMiddlePatchIsTheOneThatPatchesCut() {
        List<Example> all = sound.train();
        List<float[]> cut = new Patches(sound, all, 1, sound.trainingMeans()).values();
        for (int i = 0; i < all.size(); i++) {
            float[] values = new float[Small.SHAPE.size()];
            PATCH.cut(Middle.of(PATCH, all.get(i)).frames(), 0, values, 0);
            assertThat(values).isEqualTo(cut.get(i));
        }
    }

    @Test
    void allTogetherSayThatASoundRunIsSoundAndSurviveJson() throws IOException {
        List<Long> done = new ArrayList<>();
        List<Long> totals = new ArrayList<>();
        List<Experiment> experiments =
                Experiments.run(sound, STEPS, List.of(), Experiments.Keeper.NONE, (at, total) -> {
                    done.add(at);
                    totals.add(total);
                });
        assertThat(experiments)
                .extracting(Experiment::name)
                .containsExactly(
                        "overfit",
                        "shuffled-labels",
                        "learning-rate-range",
                        "modes",
                        "input-ablation",
                        "seeds",
                        "probes",
                        "label-ceiling",
                        "conclusion");
        assertThat(experiments).allSatisfy(experiment -> {
            assertThat(experiment.question()).endsWith("?");
            assertThat(experiment.text()).endsWith(".").doesNotContain("NaN", "null", "no number");
        });
        assertThat(experiments.get(8).text())
                .startsWith("The network is able to learn. What it learns from true labels holds for new tracks");
        assertThat(done).isSorted();
        assertThat(totals).containsOnly(done.get(done.size() - 1));

        Diagnosis diagnosis = new Diagnosis(
                        Verdict.HEALTHY, "it is sound.", List.of(), List.of(), sound.measurements(), List.of(), "")
                .with(experiments);
        ObjectMapper mapper = new ObjectMapper();
        JsonNode json = mapper.readTree(mapper.writeValueAsString(diagnosis.toJson()));
        assertThat(json.path("experiments")).hasSize(9);
        // A ceiling that is unknown.
        assertThat(json.at("/experiments/7/measurements/targets/1/ceiling").isNull())
                .isTrue();
        assertThat(Diagnosis.fromJson(json).toJson().toString())
                .isEqualTo(diagnosis.toJson().toString());
        assertThat(diagnosis.summary()).contains("Experiment: Can this network learn a few tracks by heart?");
    }

    @Test
    void goesOnAfterAnInterruptionAndEndsAsIfThereHadBeenNone() throws IOException {
        assertThat(KEPT).hasSize(8);
        assertThat(Experiments.areComplete(whole)).isTrue();
        for (int interrupted : new int[] {0, 3, 7}) {
            // As it comes back from a file, where what is no number is null.
            List<Experiment> finished = List.of(new ObjectMapper()
                    .readValue(new ObjectMapper().writeValueAsString(KEPT.get(interrupted)), Experiment[].class));
            assertThat(Experiments.areComplete(finished)).isFalse();
            List<List<Experiment>> rest = new ArrayList<>();
            List<Long> totals = new ArrayList<>();
            List<Experiment> resumed =
                    Experiments.run(sound, 20, finished, rest::add, (at, total) -> totals.add(total));
            // As JSON: a file does not tell an int from a long.
            assertThat(new ObjectMapper().writeValueAsString(resumed))
                    .isEqualTo(new ObjectMapper().writeValueAsString(whole));
            assertThat(rest).hasSize(7 - interrupted);
            if (interrupted < 7) {
                assertThat(totals.get(0)).isLessThan(5 * 20 + RateRange.STEPS + 1);
            }
        }
        assertThat(KEPT.get(3).get(4).text()).contains("Missing are input-ablation, seeds, probes, label-ceiling.");
    }

    @Test
    void estimatesOnlyTheExperimentsThatAreLeft() throws IOException {
        Experiments.Estimate all = Experiments.estimate(sound, 20, List.of());
        // One overfit, four trainings, the range test and one measurement.
        assertThat(all.steps()).isEqualTo(5 * 20 + RateRange.STEPS + 1);
        assertThat(all.seconds()).isPositive();
        assertThat(Experiments.estimate(sound, 20, KEPT.get(4)).steps()).isEqualTo(2 * 20);
        assertThat(Experiments.estimate(sound, 20, KEPT.get(5))).isEqualTo(new Experiments.Estimate(0, 0));
    }

    @Test
    void allTogetherNameThePenalty() throws IOException {
        List<Experiment> experiments =
                Experiments.run(penalised, STEPS, List.of(), Experiments.Keeper.NONE, Progress.NONE);
        assertThat(experiments.get(8).text())
                .startsWith("A penalty holds the network back: with network.l2=10 it cannot");
    }

    @Test
    void refusesStepsThatAreTooFewOrTooMany() {
        assertThatThrownBy(() -> Experiments.run(sound, 9, List.of(), Experiments.Keeper.NONE, Progress.NONE))
                .isInstanceOf(UsageException.class)
                .hasMessage("steps=9 must be from 10 to 1000000; 300 is usual");
    }
}
