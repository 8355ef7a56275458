package melgauge.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import melgauge.data.Scale;
import melgauge.data.SplitSpec;
import melgauge.data.UsageException;
import melgauge.features.FeatureSpec;
import melgauge.features.Framing;
import melgauge.features.MelSpec;
import melgauge.features.MfccSpec;
import melgauge.features.NormalizerKind;
import melgauge.model.spec.Activation;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.TrainSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunFileTest {
    @TempDir
    Path folder;

    private RunSpec read(String text, String... sets) {
        return RunFile.read(text, folder.resolve("run.yaml"), List.of(sets));
    }

    private static final String MINIMAL = "corpus: {manifest: labels.csv}\n";

    @Test
    void defaultsAreThoseOfTheSpecs() {
        RunSpec spec = read(MINIMAL);
        assertThat(spec.features()).isEqualTo(MelSpec.defaults());
        assertThat(spec.network()).isEqualTo(NetworkSpec.defaults());
        assertThat(spec.training()).isEqualTo(TrainSpec.defaults());
        assertThat(spec.corpus().split()).isEqualTo(SplitSpec.defaults());
        assertThat(spec.normalizer()).isEqualTo(NormalizerKind.PATCH);
        assertThat(spec.patch().frames()).isEqualTo(256);
        assertThat(spec.seed()).isEqualTo(1);
        assertThat(spec.corpus().targets()).isEmpty();
    }

    @Test
    void pathsInTheFileStartFromItsFolderAndThoseOfSetFromTheWorkingDirectory() {
        RunSpec spec = read(MINIMAL + "output: out\n", "cache=c");
        assertThat(spec.corpus().manifest()).isEqualTo(folder.resolve("labels.csv"));
        assertThat(spec.corpus().audio()).isEqualTo(folder);
        assertThat(spec.output()).isEqualTo(folder.resolve("out"));
        assertThat(spec.cache()).isEqualTo(Path.of("c").toAbsolutePath());
    }

    @Test
    void setGoesOverTheFile() {
        RunSpec spec = read(
                MINIMAL + "training: {epochs: 3, optimizer: sgd}\n",
                "training.epochs=7",
                "network.conv=[8, 16, 16, 16]",
                "training.learningRate=1e-2",
                "corpus.split={train: 0.8, validation: 0.1, test: 0.1}",
                "corpus.scale.valence=[1, 9]",
                "network.activation=relu");
        assertThat(spec.training().epochs()).isEqualTo(7);
        assertThat(spec.training().optimizer()).isEqualTo(Optimizer.SGD);
        assertThat(spec.training().learningRate()).isEqualTo(0.01);
        assertThat(spec.network().conv()).containsExactly(8, 16, 16, 16);
        assertThat(spec.network().activation()).isEqualTo(Activation.RELU);
        assertThat(spec.corpus().split()).isEqualTo(new SplitSpec(0.8, 0.1, 0.1));
        assertThat(spec.corpus().scale()).containsEntry("valence", new Scale(1, 9));
    }

    @Test
    void writesWhatReadsAsTheSame() throws IOException {
        RunSpec spec = read("""
                corpus: {manifest: m.csv, targets: [a, b], scale: {a: [1, 9]}}
                seed: 4
                features: {nMels: 64, compression: decibel}
                """);
        assertThat(RunFile.read(RunFile.toYaml(spec), Path.of("/elsewhere/run.yaml"), List.of()))
                .isEqualTo(spec);
    }

    @Test
    void theCommentedFileSaysTheDefaults() throws IOException {
        try (var in = Objects.requireNonNull(RunFile.class.getResourceAsStream("cli/run.yaml"))) {
            String commented = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(read(commented)).isEqualTo(read(MINIMAL));
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', textBlock = """
                    features: {hopLenght: 5}          | run.yaml:2: unknown key features.hopLenght (did you mean hopLength?)
                    trainng: {epochs: 5}              | run.yaml:2: unknown key trainng (did you mean training?)
                    features: {hopLength: 0}          | run.yaml:2: features.hopLength=0 must be at least 1
                    features: {hopLength: fast}       | run.yaml:2: features.hopLength=fast must be a whole number
                    features: {hopLength: 2.5}        | run.yaml:2: features.hopLength=2.5 must be a whole number
                    features: {compression: ln}       | run.yaml:2: features.compression=ln must be one of log10, decibel, none
                    features: {center: 1}             | run.yaml:2: features.center=1 must be true or false
                    network: {conv: 32}               | run.yaml:2: network.conv=32 must be a list
                    network: {dropout: 1.0}           | run.yaml:2: network.dropout=1.0 must be at least 0 and below 1
                    network: [1]                      | run.yaml:2: network must be a block of keys and values
                    training: {learningRate: 0}       | run.yaml:2: training.learningRate=0.0 must be above 0
                    training: {epochs: 1, epochs: 2}  | run.yaml:2: training.epochs is there twice
                    corpus.manifest: x                | run.yaml:2: unknown key corpus.manifest
                    seed: {                           | is not valid YAML
                    workers: -1                       | workers=-1 must be from 0
                    """)
    void saysWhereAndWhatIsWrong(String line, String message) {
        assertThatThrownBy(() -> read(MINIMAL + line + "\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesWhatSetCannotMean() {
        assertThatThrownBy(() -> read(MINIMAL, "epochs=5")).hasMessageContaining("--set epochs=5: unknown key epochs");
        assertThatThrownBy(() -> read(MINIMAL, "training.epochs")).hasMessageContaining("must be KEY=VALUE");
        assertThatThrownBy(() -> read(MINIMAL, "seed.x=5")).hasMessageContaining("has no keys below it");
        assertThatThrownBy(() -> read("seed: 1\n")).hasMessageContaining("corpus.manifest is missing");
    }

    @Test
    void readsAFeatureSpecAndNamesItsLines() throws IOException {
        Path file = Files.writeString(
                folder.resolve("spec.yaml"), "sampleRate: 22050\nnFft: 2048\nfMax: 11025\npadMode: reflect\n");
        FeatureSpec spec = RunFile.readFeatures(file);
        assertThat(spec.sampleRate()).isEqualTo(22050);
        assertThat(spec.padMode()).isEqualTo(Framing.PadMode.REFLECT);
        assertThat(spec.hopLength()).isEqualTo(256);
        Files.writeString(file, "sampleRate: 22050\nnFfft: 2048\n");
        assertThatThrownBy(() -> RunFile.readFeatures(file))
                .hasMessageContaining("spec.yaml:2: unknown key features.nFfft (did you mean nFft?)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            features.excerpt={begin: 3}           | unknown key features.excerpt.begin
            features.excerpt={start: -1}          | features.excerpt.start=-1.0 must lie between 0 and
            features.excerpt.duration=0           | features.excerpt.duration=0.0 must be above 0
            features.excerpt=30                   | features.excerpt must be a block
            features.topDb=80                     | features.topDb=80.0 must go with compression=decibel, not log10
            """)
    void saysWhatIsWrongWithAFeature(String setting, String message) {
        assertThatThrownBy(() -> RunFile.read("corpus: {manifest: a.csv}", Path.of("run.yaml"), List.of(setting)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--set " + setting.strip())
                .hasMessageContaining(message);
    }

    @Test
    void whatIsWrittenReadsAsTheSameFeatures() throws IOException {
        List<List<String>> cases = List.of(
                List.of("features.excerpt={start: 30, duration: 20}"),
                List.of("features.excerpt.start=5"),
                List.of("features.kind=mfcc", "features.nMfcc=13"),
                List.of("features.kind=constantq", "features.fMin=32.7", "features.binsPerOctave=24"),
                List.of("features.kind=chroma"),
                List.of("features.compression=decibel", "features.topDb=80", "features.ref=max"));
        for (List<String> sets : cases) {
            RunSpec spec = RunFile.read("corpus: {manifest: a.csv}", Path.of("run.yaml"), sets);
            assertThat(RunFile.read(RunFile.toYaml(spec), Path.of("run.yaml"), List.of()))
                    .isEqualTo(spec);
        }
    }

    @Test
    void settingsFollowThoseThatTheyDependOnUnlessTheyAreGiven() {
        String corpus = "corpus: {manifest: labels.csv}\n";
        MelSpec short512 = (MelSpec) RunFile.read(corpus + "features: {nFft: 512}\n", Path.of("run.yaml"), List.of())
                .features();
        assertThat(short512.stft().winLength()).isEqualTo(512);
        MelSpec slow = (MelSpec) RunFile.read(corpus, Path.of("run.yaml"), List.of("features.sampleRate=8000"))
                .features();
        assertThat(slow.fMax()).isEqualTo(4000);
        MelSpec given = (MelSpec) RunFile.read(
                        corpus + "features: {nFft: 2048, winLength: 1024, sampleRate: 44100, fMax: 11025}\n",
                        Path.of("run.yaml"),
                        List.of())
                .features();
        assertThat(given.stft().winLength()).isEqualTo(1024);
        assertThat(given.fMax()).isEqualTo(11025);
        MfccSpec few =
                (MfccSpec) RunFile.read(corpus + "features: {kind: mfcc, nMels: 13}\n", Path.of("run.yaml"), List.of())
                        .features();
        assertThat(few.nMfcc()).isEqualTo(13);
    }

    @Test
    void keysAreFoundByTheirLastPart() {
        assertThat(RunFile.keysNamed("epochs")).containsExactly("training.epochs");
        assertThat(RunFile.keysNamed("batch-size")).containsExactly("training.batchSize");
        assertThat(RunFile.keysNamed("nothing")).isEmpty();
    }
}
