package melgauge.model.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import melgauge.data.Scale;
import melgauge.data.Subset;
import melgauge.features.MelSpec;
import melgauge.features.NormalizerKind;
import melgauge.model.diagnosis.measure.Examination;
import melgauge.model.diagnosis.measure.FrontEnd;
import melgauge.model.diagnosis.measure.Measurements;
import melgauge.model.diagnosis.measure.Probe;
import melgauge.model.diagnosis.measure.Signal;
import melgauge.model.diagnosis.rules.Code;
import melgauge.model.diagnosis.rules.EnsembleScores;
import melgauge.model.diagnosis.rules.Evidence;
import melgauge.model.diagnosis.rules.Finding;
import melgauge.model.diagnosis.rules.Verdict;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.Network;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.Intervals;
import melgauge.model.scores.Score;
import melgauge.model.scores.TargetScores;
import melgauge.model.spec.Loss;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Target;
import melgauge.model.training.TrainingLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagnosisTest {
    private static final NetworkSpec NETWORK = NetworkSpec.defaults();
    private static final List<Architecture.Layer> LAYERS = List.of(
            new Architecture.Layer(
                    "conv1",
                    "3×3 convolution, 1 → 4 channels",
                    List.of(new Architecture.Parameter("weight", List.of(4L, 1L, 3L, 3L), 0, "He", true))),
            new Architecture.Layer(
                    "norm1",
                    "batch normalisation",
                    List.of(
                            new Architecture.Parameter("gamma", List.of(1L, 4L), 36, "1", true),
                            new Architecture.Parameter("mean", List.of(1L, 4L), 40, "0", false))),
            new Architecture.Layer("pool1", "2×2 max pooling", List.of()),
            new Architecture.Layer(
                    "output",
                    "dense, 8 → 2",
                    List.of(new Architecture.Parameter("weight", List.of(8L, 2L), 44, "He", true))));

    private static TrainingLog log(double... losses) {
        List<TrainingLog.Epoch> epochs = new ArrayList<>();
        for (double loss : losses) {
            int number = epochs.size() + 1;
            epochs.add(new TrainingLog.Epoch(
                    number,
                    loss,
                    0.05,
                    List.of(0.1, 0.2),
                    List.of(0.5, 0.6),
                    List.of(
                            new TrainingLog.Movement(0.5 * number, 0.002 * number),
                            new TrainingLog.Movement(0.25, 0.01),
                            new TrainingLog.Movement(0, Double.NaN),
                            new TrainingLog.Movement(2, 0.04)),
                    20,
                    1,
                    0.001));
        }
        return new TrainingLog(
                List.of(new TrainingLog.Untrained(0.41, 0.08, 0.4), new TrainingLog.Untrained(0.57, 0.12, 0.6)),
                LAYERS,
                epochs,
                epochs.size(),
                "all epochs are done",
                16,
                30);
    }

    private static TargetScores scores(double r2, double predictedStd) {
        return new TargetScores(30, r2, 0.6, 0.5, 0.1, 0.08, predictedStd, 0.2);
    }

    /** Two targets, both of a spread that is this share of the labels'. */
    private static Evaluation evaluation(double r2, double otherR2, double spreadRatio) {
        Map<String, TargetScores> targets = new LinkedHashMap<>();
        targets.put("valence", scores(r2, 0.2 * spreadRatio));
        targets.put("arousal", scores(otherR2, 0.2 * spreadRatio));
        return new Evaluation(30, targets);
    }

    /** A sound run with this history and these scores, on 30 groups. */
    private static Evidence evidence(TrainingLog log, Map<Subset, Evaluation> evaluations) {
        return evidence(log, evaluations, 30, false);
    }

    private static Evidence evidence(
            TrainingLog log, Map<Subset, Evaluation> evaluations, int groups, boolean testWithheld) {
        Examination.Output output = new Examination.Output("valence", 0.4, 0.1, 0.45, 0.15, 0);
        List<Examination.State> states = Arrays.stream(Examination.Moment.values())
                .map(moment -> new Examination.State(
                        moment,
                        0,
                        List.of(
                                new Examination.LayerState("conv1", 3, 0.2, 0.5),
                                new Examination.LayerState("output", 2, 0.3, 1)),
                        List.of(new Network.Activity("norm1", 4, 0)),
                        List.of(output, output),
                        0.6,
                        0.62,
                        0.1,
                        moment == Examination.Moment.UNTRAINED
                                ? Map.of(
                                        Loss.MSE, new Examination.Angle(1, 1),
                                        Loss.MAE, new Examination.Angle(0.9, 0.8),
                                        Loss.CCC, new Examination.Angle(0.3, 0.2))
                                : Map.of()))
                .toList();
        Examination examination = new Examination(
                new Examination.Input(30, 0, 1, 0.01, 0, 5, 0, List.of()),
                List.of(
                        new Examination.Labels("valence", 30, 0.4, 0.2, 0, 1, 29),
                        new Examination.Labels("arousal", 30, 0.6, 0.2, 0, 1, 29)),
                states,
                64,
                16);
        Signal signal = Probe.measure(List.of(), List.of(), List.of("valence", "arousal"), 1);
        return new Evidence(
                MelSpec.defaults(),
                NormalizerKind.BAND,
                NETWORK,
                TrainSpec.defaults(),
                List.of(new Target("valence", Scale.UNIT, 0.4), new Target("arousal", Scale.UNIT, 0.6)),
                log,
                evaluations,
                intervals(groups, Intervals.Interval.UNKNOWN),
                testWithheld,
                EnsembleScores.UNKNOWN,
                new Measurements(examination, FrontEnd.UNKNOWN, signal, List.of()));
    }

    /** A run with other intervals, scores beside the regression's, and measurements. */
    private static Evidence changed(
            Evidence run, Intervals intervals, EnsembleScores ensemble, Measurements measurements) {
        return new Evidence(
                run.features(),
                run.normalizer(),
                run.network(),
                run.training(),
                run.targets(),
                run.log(),
                run.evaluations(),
                intervals,
                run.testWithheld(),
                ensemble,
                measurements);
    }

    private static Intervals intervals(int groups, Intervals.Interval ofMeanR2) {
        return new Intervals(0.95, 1000, groups, true, Map.of(), Map.of(Score.R2, ofMeanR2));
    }

    private static Diagnosis diagnosis() {
        return Diagnosis.of(evidence(
                log(0.09, 0.05),
                Map.of(
                        Subset.TRAIN,
                        evaluation(0.7, 0.8, 0.75),
                        Subset.VALIDATION,
                        evaluation(0.5, 0.45, 0.7),
                        Subset.TEST,
                        evaluation(0.41, 0.33, 0.625))));
    }

    @ParameterizedTest(name = "R² {0}, spread {1}: {2}")
    @CsvSource({
        "0.4, 0.7, HEALTHY",
        "0.01, 0.3, HEALTHY",
        "0, 0.3, WEAK",
        "-0.3, 0.5, WEAK",
        "-0.3, 0.11, WEAK",
        "-0.01, 0.09, COLLAPSED",
        "0.04, 0.09, COLLAPSED",
        "-6, 0, COLLAPSED",
        "NaN, 0, COLLAPSED",
        // Predictions that hardly vary, and yet explain something.
        "0.06, 0.09, HEALTHY"
    })
    void namesWhatBecameOfARun(double r2, double spread, Verdict verdict) {
        Map<Subset, Evaluation> evaluations = Map.of(Subset.TEST, evaluation(r2, r2, spread));
        assertThat(Diagnosis.of(evidence(log(0.1), evaluations)).verdict()).isEqualTo(verdict);
        assertThat(Diagnosis.of(evidence(log(0.1, Double.NaN), evaluations)).verdict())
                .isEqualTo(Verdict.DIVERGED);
        assertThat(Diagnosis.of(evidence(log(Double.POSITIVE_INFINITY), evaluations))
                        .verdict())
                .isEqualTo(Verdict.DIVERGED);
    }

    @Test
    void onlyHeldOutTracksGiveAVerdict() {
        Evaluation good = evaluation(0.5, 0.5, 0.7);
        Evaluation weak = evaluation(-0.1, -0.1, 0.7);
        assertThat(Diagnosis.of(evidence(
                                log(0.1), Map.of(Subset.TRAIN, good, Subset.VALIDATION, good, Subset.TEST, weak)))
                        .verdict())
                .isEqualTo(Verdict.WEAK);
        Map<Subset, Evaluation> withoutTest = Map.of(Subset.TRAIN, weak, Subset.VALIDATION, good);
        Diagnosis validated = Diagnosis.of(evidence(log(0.1), withoutTest));
        assertThat(validated.verdict()).isEqualTo(Verdict.NONE);
        assertThat(validated.reason()).contains("chose the weights");
        Diagnosis learnt = Diagnosis.of(evidence(log(0.1), Map.of(Subset.TRAIN, good)));
        assertThat(learnt.verdict()).isEqualTo(Verdict.NONE);
        assertThat(learnt.reason()).contains("no track was held out");
        assertThatThrownBy(() -> Diagnosis.of(evidence(log(0.1), Map.of())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void validationTracksDecideWhereTestTracksAreWithheldOnPurpose() {
        Map<Subset, Evaluation> withoutTest =
                Map.of(Subset.TRAIN, evaluation(0.9, 0.9, 0.9), Subset.VALIDATION, evaluation(0.5, 0.5, 0.7));
        assertThat(Diagnosis.of(evidence(log(0.1), withoutTest, 30, true)).verdict())
                .isEqualTo(Verdict.HEALTHY);
    }

    /** One track has no spread at all: it must not be called collapsed. */
    @ParameterizedTest(name = "{0} tracks of {1} groups: {2}")
    @CsvSource({"1, 1, NONE", "9, 9, NONE", "10, 4, NONE", "10, 5, COLLAPSED"})
    void givesNoVerdictOnTooFewTracksOrGroups(int tracks, int groups, Verdict verdict) {
        TargetScores scores = new TargetScores(tracks, -0.1, Double.NaN, 0, 0.1, 0.1, 0, 0.2);
        Evaluation still = new Evaluation(tracks, Map.of("valence", scores, "arousal", scores));
        Diagnosis diagnosis = Diagnosis.of(evidence(log(0.1), Map.of(Subset.TEST, still), groups, false));
        assertThat(diagnosis.verdict()).isEqualTo(verdict);
        assertThat(diagnosis.headline()).doesNotContain("NaN", "Infinity");
    }

    @Test
    void labelsThatDoNotVaryHaveNoSpreadToCompareWith() {
        TargetScores one = TargetScores.of(new double[] {0.4}, new double[] {0.7}, 0.5);
        assertThat(one.spreadRatio()).isNaN();
    }

    @Test
    void answersFiveQuestionsInOrder() {
        List<Answer> answers = diagnosis().answers();
        assertThat(answers).extracting(Answer::question).containsExactly(1, 2, 3, 4, 5);
        assertThat(answers).allSatisfy(answer -> {
            assertThat(answer.title()).endsWith("?");
            assertThat(answer.text()).endsWith(".").doesNotContain("NaN", "null");
            assertThat(answer.measurements()).isNotEmpty();
        });
    }

    @Test
    void tellsWhatTheUntrainedNetworkPredicted() {
        Answer answer = diagnosis().answers().get(0);
        // |0.57 − 0.6| is the largest distance; (0.08 + 0.12) / 2.
        assertThat(answer.text()).contains("0.030 away", "standard deviation of 0.100");
        JsonNode arousal = answer.measurements().path(1);
        assertThat(arousal.path("target").asText()).isEqualTo("arousal");
        assertThat(arousal.path("mean").asDouble()).isEqualTo(0.57);
        assertThat(arousal.path("std").asDouble()).isEqualTo(0.12);
        assertThat(arousal.path("labelMean").asDouble()).isEqualTo(0.6);
    }

    @Test
    void tellsWhichLayersMoved() {
        Answer answer = diagnosis().answers().get(1);
        assertThat(answer.measurements().findValuesAsText("layer")).containsExactly("conv1", "norm1", "output");
        JsonNode conv = answer.measurements().path(0);
        assertThat(conv.path("updateRatio").toString()).isEqualTo("[0.002,0.004]");
        assertThat(conv.path("gradientNorm").toString()).isEqualTo("[0.5,1.0]");
        assertThat(conv.path("meanUpdateRatio").asDouble()).isEqualTo(0.003);
        assertThat(answer.text())
                .contains("conv1 moved least: 0.30 %", "output moved most, by 4.00 %", "it has 36 weights");
    }

    @Test
    void tellsWhichParametersThereAre() {
        Answer answer = diagnosis().answers().get(2);
        assertThat(answer.text()).startsWith("56 numbers follow gradients and 4 are running statistics");
        JsonNode last = answer.measurements().path(3);
        assertThat(last.path("layer").asText()).isEqualTo("output");
        assertThat(last.path("parameter").asText()).isEqualTo("weight");
        assertThat(last.path("shape").toString()).isEqualTo("[8,2]");
        assertThat(last.path("offset").asInt()).isEqualTo(44);
        assertThat(last.path("size").asInt()).isEqualTo(16);
        assertThat(last.path("trained").asBoolean()).isTrue();
        assertThat(answer.measurements().path(2).path("trained").asBoolean(true))
                .isFalse();
    }

    @Test
    void tellsHowFarThePredictionsAreFromTheMeanPredictor() {
        Answer answer = diagnosis().answers().get(3);
        assertThat(answer.measurements().findValuesAsText("split")).contains("train", "validation", "test");
        for (JsonNode row : answer.measurements()) {
            if (row.path("split").asText().equals("test")
                    && row.path("target").asText().equals("valence")) {
                assertThat(row.path("r2").asDouble()).isEqualTo(0.41);
                assertThat(row.path("spreadRatio").asDouble()).isEqualTo(0.625);
                assertThat(row.path("pearson").asDouble()).isEqualTo(0.6);
            }
        }
        assertThat(answer.text())
                .contains("75 % on the training tracks (R² 0.750)", "(R² 0.475)", "(R² 0.370)")
                .contains("Best on the test tracks is valence (R² 0.410), worst is arousal (R² 0.330)");
    }

    @Test
    void tellsWhetherAnotherLossWouldHaveGoneAnotherWay() {
        Answer answer = diagnosis().answers().get(4);
        assertThat(answer.text()).contains("mae 0.90", "ccc 0.30", "ccc asks for something else");
        assertThat(answer.measurements().findValuesAsText("loss")).containsExactly("mae", "ccc");
    }

    @Test
    void isCollapsedIfTrainingEndedSoWhateverWasKept() {
        TrainingLog log = log(0.1, 0.1, 0.1, 0.1, 0.1);
        List<TrainingLog.Epoch> epochs = new ArrayList<>(log.epochs());
        for (int i = 2; i < 5; i++) {
            TrainingLog.Epoch epoch = epochs.get(i);
            epochs.set(
                    i,
                    new TrainingLog.Epoch(
                            epoch.number(),
                            epoch.trainLoss(),
                            epoch.validationLoss(),
                            List.of(0.0, 0.0),
                            List.of(0.001, 0.0),
                            epoch.movement(),
                            epoch.steps(),
                            epoch.seconds(),
                            epoch.learningRate()));
        }
        TrainingLog collapsed =
                new TrainingLog(log.untrained(), log.layers(), epochs, 2, "all epochs are done", 16, 30);
        Map<Subset, Evaluation> kept = Map.of(Subset.TEST, evaluation(0.2, 0.2, 0.4));
        assertThat(Diagnosis.of(evidence(collapsed, kept)).verdict()).isEqualTo(Verdict.COLLAPSED);
        assertThat(Diagnosis.of(evidence(log, kept)).verdict()).isEqualTo(Verdict.HEALTHY);
    }

    @ParameterizedTest(name = "interval from {0}: {1}")
    @CsvSource({"0.01, HEALTHY", "-0.01, WEAK"})
    void isHealthyOnlyIfItsSkillIsBeyondDoubt(double low, Verdict verdict) {
        Evidence sure = evidence(log(0.1), Map.of(Subset.TEST, evaluation(0.2, 0.2, 0.7)));
        Evidence evidence = changed(
                sure, intervals(30, new Intervals.Interval(low, 0.4)), EnsembleScores.UNKNOWN, sure.measurements());
        assertThat(Diagnosis.of(evidence).verdict()).isEqualTo(verdict);
    }

    @Test
    void saysWhatWasRuledOutIfNothingExplainsAWeakRun() {
        Diagnosis weak = Diagnosis.of(evidence(log(0.1), Map.of(Subset.TEST, evaluation(-0.1, -0.1, 0.7))));
        assertThat(weak.findings()).isEmpty();
        assertThat(weak.note())
                .startsWith("Nothing that was measured explains this. Ruled out: ")
                .contains("constant input", "too high a learning rate", "overfitting")
                .contains(
                        "Not measured: a front end that passes little of the music (",
                        ", labels that have nothing to do with the sound (it takes 20 labelled tracks");
    }

    @Test
    void namesTheRegressionThatIsBetterAlone() {
        Evidence run = evidence(log(0.1), Map.of(Subset.TEST, evaluation(-0.1, -0.1, 0.7)));
        Evidence behind = changed(
                run,
                run.intervals(),
                new EnsembleScores(0.4, -0.10, 0.33, new Intervals.Interval(0.2, 0.6)),
                run.measurements());
        assertThat(Diagnosis.of(behind).findings()).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo(Code.BEHIND_REGRESSION);
            assertThat(finding.settings()).containsOnlyKeys("modulationShare");
            assertThat(finding.evidence()).contains("0.33", "40 %", "-0.10");
        });
    }

    @Test
    void survivesARunWithoutAnEpochAndWithoutScores() {
        Diagnosis diagnosis =
                Diagnosis.of(evidence(log(), Map.of(Subset.TEST, evaluation(Double.NaN, Double.NaN, Double.NaN))));
        assertThat(diagnosis.answers().get(1).text()).contains("No epoch was finished");
        assertThat(diagnosis.answers().get(3).text()).contains("No target varies enough to be scored");
        assertThat(diagnosis.answers().get(3).measurements().path(0).path("r2").isNull())
                .isTrue();
    }

    @Test
    void isTheSameAfterARoundTripThroughJson() throws IOException {
        Diagnosis diagnosis = diagnosis();
        ObjectMapper mapper = new ObjectMapper();
        JsonNode json = mapper.readTree(mapper.writeValueAsString(diagnosis.toJson()));
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly("verdict", "reason", "findings", "answers", "measurements", "experiments", "note");
        assertThat(json.path("verdict").asText()).isEqualTo("healthy");
        assertThat(Diagnosis.fromJson(json).toJson().toString())
                .isEqualTo(diagnosis.toJson().toString());
        assertThat(Diagnosis.fromJson(json).summary()).isEqualTo(diagnosis.summary());
    }

    @Test
    void refusesWhatIsNoDiagnosis() {
        ObjectMapper mapper = new ObjectMapper();
        for (String text : List.of("{}", "[]", "null", "{\"verdict\": \"splendid\"}", "{\"verdict\": \"weak\"}")) {
            assertThatThrownBy(() -> Diagnosis.fromJson(mapper.readTree(text)))
                    .as(text)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void summarisesInPlainSentences() {
        assertThat(diagnosis().summary())
                .startsWith("Verdict: healthy")
                .contains("1. What did the untrained network predict", "4. How far are the predictions")
                .doesNotContain("NaN", "null");
    }

    /** 160 short epochs whose validation loss falls until one of them and rises from there. */
    private static Evidence turning(int best) {
        TrainingLog log = log(IntStream.range(0, 160).mapToDouble(i -> 0.1).toArray());
        List<TrainingLog.Epoch> epochs = log.epochs().stream()
                .map(epoch -> new TrainingLog.Epoch(
                        epoch.number(),
                        epoch.trainLoss(),
                        0.05 + 0.0005 * Math.abs(epoch.number() - best),
                        epoch.validationR2(),
                        epoch.validationSpread(),
                        epoch.movement(),
                        1,
                        epoch.seconds(),
                        epoch.learningRate()))
                .toList();
        return evidence(
                new TrainingLog(log.untrained(), log.layers(), epochs, best, "all epochs are done", 16, 30),
                Map.of(Subset.TRAIN, evaluation(0.9, 0.9, 0.9), Subset.TEST, evaluation(-0.1, -0.1, 0.7)));
    }

    @Test
    void proposesMoreTrainingOnlyWhereTheCurveAgrees() {
        assertThat(Diagnosis.of(turning(60)).findings())
                .extracting(Finding::code)
                .contains(Code.OVERFIT)
                .doesNotContain(Code.UNDERTRAINED);
        assertThat(Diagnosis.of(turning(160)).findings())
                .extracting(Finding::code)
                .contains(Code.UNDERTRAINED);
    }

    private static Evidence labelled(Examination.Labels valence, Examination.Labels arousal) {
        Evidence run = evidence(log(0.1), Map.of(Subset.TEST, evaluation(-0.1, -0.1, 0.7)));
        Examination before = run.measurements().examination();
        Examination examination = new Examination(
                before.input(), List.of(valence, arousal), before.states(), before.patches(), before.batchSize());
        return changed(
                run,
                run.intervals(),
                EnsembleScores.UNKNOWN,
                new Measurements(
                        examination,
                        FrontEnd.UNKNOWN,
                        run.measurements().signal(),
                        run.measurements().ceilings()));
    }

    /** Probes that find nothing in place, and some correlation with labels three rows further down. */
    private static List<Finding> shifted(int tracks, double r) {
        Evidence run = evidence(log(0.1), Map.of(Subset.TEST, evaluation(-0.1, -0.1, 0.7)));
        Signal.Strength nothing = new Signal.Strength(-0.15, -0.1, 0.05, 0.9);
        List<Double> byShift = new ArrayList<>(Collections.nCopies(11, -0.15));
        byShift.set(8, r);
        Signal signal = new Signal(
                tracks,
                tracks,
                tracks,
                5,
                39,
                List.of(),
                nothing,
                nothing,
                new Signal.Alignment(byShift, 3, r, -0.15, 0.05));
        return Diagnosis.of(changed(
                        run,
                        run.intervals(),
                        EnsembleScores.UNKNOWN,
                        new Measurements(
                                run.measurements().examination(),
                                FrontEnd.UNKNOWN,
                                signal,
                                run.measurements().ceilings())))
                .findings()
                .stream()
                .filter(finding -> finding.code() == Code.LABELS_UNRELATED)
                .toList();
    }

    @Test
    void labelsHaveSlippedOnlyWhereTheirBestPlaceIsMoreThanLuck() {
        // With 24 tracks, one of ten wrong places reaches r 0.62 once in 200 corpora; with 300, 0.19.
        assertThat(shifted(24, 0.11))
                .singleElement()
                .satisfies(finding -> assertThat(finding.cause())
                        .startsWith("Neither the network nor the probes")
                        .contains("too few tracks to tell: with 24, a true correlation below about 0.44"));
        assertThat(shifted(24, 0.7))
                .singleElement()
                .satisfies(finding -> assertThat(finding.cause())
                        .startsWith("The labels have slipped")
                        .contains("3 rows too far down"));
        assertThat(shifted(300, 0.25))
                .singleElement()
                .satisfies(finding -> assertThat(finding.cause()).startsWith("The labels have slipped"));
        assertThat(shifted(300, 0.15))
                .singleElement()
                .satisfies(finding -> assertThat(finding.cause())
                        .startsWith("Neither the network nor the probes")
                        .doesNotContain("too few tracks"));
    }

    @Test
    void aFrontEndThatNoSettingExplainsIsToldSo() {
        Evidence run = evidence(log(0.1), Map.of(Subset.TEST, evaluation(-0.1, -0.1, 0.7)));
        FrontEnd.Band band = new FrontEnd.Band(0, 8000, 1, 1, 0.1);
        Measurements measurements = new Measurements(
                run.measurements().examination(),
                new FrontEnd(20, 1, 0.1, List.of(band), 96, 0),
                run.measurements().signal(),
                run.measurements().ceilings());
        assertThat(Diagnosis.of(changed(run, run.intervals(), EnsembleScores.UNKNOWN, measurements))
                        .findings())
                .filteredOn(finding -> finding.code() == Code.INPUT_NARROW)
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.remedy()).startsWith("No setting of features explains it");
                    assertThat(finding.settings()).isEmpty();
                });
    }

    @Test
    void constantAndRareTargetsAreOneFinding() {
        Examination.Labels constant = new Examination.Labels("valence", 30, 0.5, 0, 0.5, 0.5, 0);
        Examination.Labels rare = new Examination.Labels("arousal", 30, 0.1, 0.3, 0, 1, 3);
        Diagnosis nothing = Diagnosis.of(labelled(constant, rare));
        assertThat(nothing.verdict()).isEqualTo(Verdict.NOTHING_TO_LEARN);
        assertThat(nothing.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo(Code.TARGET_CONSTANT);
            assertThat(finding.where()).isEqualTo("valence and arousal");
            assertThat(finding.evidence()).contains("standard deviation 0", "3 of 30 labels differ");
        });
        Diagnosis half = Diagnosis.of(labelled(constant, new Examination.Labels("arousal", 30, 0.5, 0.3, 0, 1, 29)));
        assertThat(half.verdict()).isEqualTo(Verdict.WEAK);
        assertThat(half.findings().get(0).settings()).containsOnlyKeys("corpus.targets");
    }
}
