package melgauge.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import melgauge.data.UsageException;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.rules.Code;
import melgauge.model.diagnosis.rules.Finding;
import melgauge.model.diagnosis.rules.Severity;
import melgauge.model.diagnosis.rules.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FixedRunFileTest {
    private static final Path FILE = Path.of("/music/run.yaml");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    /** Every key differs from its default, so that a remedy which names a default is a change. */
    private static final String RUN = """
            corpus: {manifest: labels.csv, targets: [valence, arousal], scale: {arousal: [1, 9]}}
            features: {compression: decibel, topDb: 80, ref: max, normalizer: none, nMels: 64}
            network: {conv: [8, 8], batchNorm: false, batchNormDecay: 1.0, l2: 10.0, dropout: 0.97, initGain: 0.0}
            training: {epochs: 3, batchSize: 2, learningRate: 1.0e-7, optimizer: sgd, weightDecay: 9, loss: bce,
                       augment: {mixup: 0, gainDb: 0}}
            output: runs/first
            """;

    private static RunSpec run(String... sets) {
        return RunFile.read(RUN, FILE, List.of(sets));
    }

    private static Finding finding(Code code, Severity severity, String... settings) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            values.put(setting.substring(0, equals), yaml(setting.substring(equals + 1)));
        }
        return new Finding(
                code,
                severity,
                "conv1",
                2,
                1,
                "measured",
                "the cause of " + code
                        + ", which is told at such length that it has to go on in another line of the file.",
                "do something about " + code,
                values);
    }

    private static JsonNode yaml(String value) {
        try {
            return YAML.readTree(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Diagnosis diagnosis(Finding... findings) {
        return new Diagnosis(Verdict.COLLAPSED, "for a reason.", List.of(findings), List.of(), null, List.of(), "");
    }

    private static FixedRunFile fixed(Finding... findings) {
        return FixedRunFile.of(run(), diagnosis(findings));
    }

    /** The file is read where nothing of the run is, so that it must stand on its own. */
    private static RunSpec read(FixedRunFile file) {
        return RunFile.read(file.text(), Path.of("/elsewhere/run.fixed.yaml"), List.of());
    }

    /** What may be set by a remedy: each line is a finding's settings, with which {@link #RUN} can still be read. */
    private static final String[][] REMEDIES = {
        {"features.normalizer=band"},
        {"features.topDb=null", "features.ref=one", "features.compression=log10"},
        {"features.topDb=null"},
        {"features.nMels=96"},
        {"patch.frames=512"},
        {"network.batchNorm=true"},
        {"network.batchNormDecay=0.9"},
        {"network.conv=[16, 32, 64]", "network.dense=[]"},
        {"network.activation=leakyrelu"},
        {"network.l2=0"},
        {"network.dropout=0.0"},
        {"network.initGain=1.0"},
        {"network.outputBias=zero"},
        {"training.epochs=80"},
        {"training.batchSize=16"},
        {"training.batchSize=auto"},
        {"training.learningRate=0.001"},
        {"training.learningRate=1.0e-5"},
        {"training.optimizer=adamw", "training.weightDecay=0.05"},
        {"training.clipNorm=1"},
        {"training.loss=mse"},
        {"training.onCollapse=warn"},
        {"training.augment.mixup=0.3"},
        {"training.augment={mixup: 0.2, gainDb: 6}"},
        {"corpus.targets=[valence]", "corpus.scale={}"},
        {"corpus.scale={arousal: [0, 10], valence: [0, 1.5]}"},
        {"corpus.scale.arousal=[2, 8]"},
        {"corpus.split={train: 0.6, validation: 0.2, test: 0.2}"},
        {"seed=7"},
    };

    static Stream<Arguments> remedies() {
        return Stream.of(REMEDIES).map(settings -> Arguments.of((Object) settings));
    }

    @ParameterizedTest
    @MethodSource("remedies")
    void aRemedyIsAllThatTheFileChanges(String[] settings) {
        FixedRunFile file = fixed(finding(Code.UNDERTRAINED, Severity.WARNING, settings));
        RunSpec expected = run(settings).withOutput(Path.of("/music/runs/first-fixed"));
        assertThat(read(file)).isEqualTo(expected).isEqualTo(file.spec());
        assertThat(file.byHand()).isEmpty();
    }

    @Test
    void anyMixOfRemediesReadsAsTheRunWithTheFirstOneOfEachKey() {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            List<Finding> findings = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                Severity severity = any(random, List.of(Severity.values()));
                Code code = any(random, List.of(Code.values()));
                findings.add(finding(code, severity, any(random, List.of(REMEDIES))));
            }
            // The slow way: all settings in a flat map, the first one of a key stays; then those that go together.
            List<String> sets = new ArrayList<>();
            for (Finding finding : treated(findings)) {
                List<String> more = new ArrayList<>(sets);
                finding.settings().forEach((key, value) -> addLeaves(more, sets, key, value));
                if (finding.severity() != Severity.INFO && canBeRead(more)) {
                    sets.clear();
                    sets.addAll(more);
                }
            }
            RunSpec expected = run(sets.toArray(String[]::new)).withOutput(Path.of("/music/runs/first-fixed"));
            FixedRunFile file = fixed(findings.toArray(Finding[]::new));
            assertThat(file.spec()).as("seed %d: %s", seed, sets).isEqualTo(expected);
            if (!file.changes().isEmpty()) {
                assertThat(read(file)).as("seed %d: %s", seed, file.text()).isEqualTo(expected);
            }
        }
    }

    /** Beside the first error's code: warnings, and what is measured on the data alone. */
    private static List<Finding> treated(List<Finding> findings) {
        for (Finding first : findings) {
            if (first.severity() == Severity.ERROR) {
                return findings.stream()
                        .filter(finding -> finding.severity() == Severity.WARNING
                                || finding.code() == first.code()
                                || List.of(Code.TARGET_CONSTANT, Code.TARGET_NARROW, Code.INPUT_UNSCALED)
                                        .contains(finding.code()))
                        .toList();
            }
        }
        return findings;
    }

    @Test
    void treatsTheLikeliestCauseAndNotWhatMayComeFromIt() {
        FixedRunFile file = fixed(
                finding(Code.LEARNING_RATE_TOO_HIGH, Severity.ERROR, "training.learningRate=0.001"),
                finding(Code.SATURATED_OUTPUT, Severity.ERROR, "training.clipNorm=1"),
                finding(Code.TARGET_NARROW, Severity.ERROR, "corpus.scale.arousal=[2, 8]"));
        assertThat(file.changes())
                .extracting(FixedRunFile.Change::key)
                .containsExactly("training.learningRate", "corpus.scale.arousal");
        assertThat(file.byHand().get(0).reason()).contains("it may come from LEARNING_RATE_TOO_HIGH");
        FixedRunFile none = fixed(
                finding(Code.INPUT_CONSTANT, Severity.ERROR),
                finding(Code.BATCHNORM_GAP, Severity.ERROR, "training.averaging=0"));
        assertThat(none.changes()).isEmpty();
        assertThat(none.whyNot()).contains("INPUT_CONSTANT", "which no setting cures");
    }

    private static <T> T any(Random random, List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private static void addLeaves(List<String> more, List<String> before, String key, JsonNode value) {
        if (key.equals("training.augment") || key.equals("corpus.split")) {
            value.properties().forEach(part -> addLeaves(more, before, key + "." + part.getKey(), part.getValue()));
        } else if (before.stream()
                .map(set -> set.substring(0, set.indexOf('=')))
                .noneMatch(set -> set.equals(key) || set.startsWith(key + ".") || key.startsWith(set + "."))) {
            more.add(key + "=" + value);
        }
    }

    private static boolean canBeRead(List<String> sets) {
        try {
            RunSpec ignored = run(sets.toArray(String[]::new));
            return true;
        } catch (UsageException e) {
            return false;
        }
    }

    @Test
    void eachChangedLineStandsUnderItsReason() {
        FixedRunFile file = fixed(
                finding(Code.LEARNING_RATE_TOO_LOW, Severity.ERROR, "training.learningRate=0.001"),
                finding(Code.OVERFIT, Severity.WARNING, "training.augment.mixup=0.3"),
                finding(Code.LABEL_NOISE, Severity.WARNING));
        List<String> lines = file.text().lines().toList();
        int rate = lines.indexOf("  learningRate: 0.001");
        assertThat(lines.get(rate - 2))
                .startsWith("  # LEARNING_RATE_TOO_LOW: the cause of LEARNING_RATE_TOO_LOW, which");
        assertThat(lines.get(rate - 1)).startsWith("  #   ").endsWith("; was: 1.0E-7");
        int mixup = lines.indexOf("    mixup: 0.3");
        assertThat(lines.get(mixup - 1)).startsWith("    #   ").endsWith("; was: 0.0");
        assertThat(lines).allMatch(line -> line.length() <= 100);
        assertThat(lines)
                .startsWith(
                        "# The settings of /music/runs/first, changed as its diagnosis says.", "# Verdict: collapsed")
                .contains(
                        "# - training.learningRate: 0.001, was: 1.0E-7 (LEARNING_RATE_TOO_LOW)",
                        "# Not cured by this file:",
                        "# - LABEL_NOISE (conv1): do something about LABEL_NOISE");
    }

    @Test
    void whatIsOnlyWorthKnowingChangesNothing() {
        FixedRunFile file = fixed(finding(Code.UNDERTRAINED, Severity.INFO, "training.epochs=80"));
        assertThat(file.changes()).isEmpty();
        assertThat(file.whyNot()).isEqualTo("the diagnosis found nothing to change (verdict: collapsed)");
        assertThatThrownBy(file::text).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void withoutASettingThatCuresItSaysWhatToDo() {
        FixedRunFile file = fixed(finding(Code.LABELS_UNRELATED, Severity.ERROR));
        assertThat(file.changes()).isEmpty();
        assertThat(file.whyNot())
                .isEqualTo(
                        "no setting cures what was found:\nLABELS_UNRELATED (conv1): do something about LABELS_UNRELATED");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    training.epochs=3         | its settings are those of the run already
                    training.epochs=0         | training.epochs=0 must be at least 1
                    training.epoch=9          | unknown key training.epoch
                    features.compression=none | topDb=80.0 must go with compression=decibel
                    """)
    void settingsThatCannotBeAppliedAreLeftToTheReaderWithTheReason(String setting, String reason) {
        FixedRunFile file = fixed(
                finding(Code.UNDERTRAINED, Severity.ERROR, setting),
                finding(Code.BATCHNORM_GAP, Severity.WARNING, "network.batchNorm=true"));
        assertThat(file.changes()).extracting(FixedRunFile.Change::key).containsExactly("network.batchNorm");
        assertThat(file.byHand()).hasSize(1);
        assertThat(file.byHand().get(0).reason()).contains(reason);
        assertThat(read(file)).isEqualTo(file.spec());
    }

    @Test
    void wordsFromOutsideCannotLeaveTheirComment() throws IOException {
        Finding odd = new Finding(
                Code.TARGET_CONSTANT,
                Severity.ERROR,
                "a\nseed: 9",
                0,
                1,
                "",
                "labels of 'a\u2028seed: 9\u0085network: 3\u0000'",
                "leave\r\nit",
                Map.of("corpus.targets", yaml("[valence]"), "corpus.scale", yaml("{}")));
        FixedRunFile file = fixed(odd);
        assertThat(read(file)).isEqualTo(file.spec());
        assertThat(file.spec().seed()).isEqualTo(1);
    }
}
