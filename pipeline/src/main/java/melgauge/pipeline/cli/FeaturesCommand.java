package melgauge.pipeline.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import melgauge.data.AtomicFile;
import melgauge.data.AudioException;
import melgauge.data.AudioStream;
import melgauge.data.Decoder;
import melgauge.features.FeatureExtractor;
import melgauge.features.FeatureSpec;
import melgauge.features.Framing;
import melgauge.features.MelSpec;
import melgauge.features.Npy;
import melgauge.pipeline.RunFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "features",
        description = "Writes one file's features for NumPy: float32, [frames, bands], before normalisation.")
final class FeaturesCommand implements Callable<Integer> {
    @Parameters(paramLabel = "AUDIO", description = "The audio file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path audio;

    @Option(names = "--out", required = true, paramLabel = "X.npy", description = "The file to write.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path out;

    @Option(
            names = "--spec",
            paramLabel = "SPEC.yaml",
            description = "Feature settings, with the keys of the features block of a run file; else the defaults.")
    private @Nullable Path specFile;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        FeatureSpec features = specFile == null ? MelSpec.defaults() : RunFile.readFeatures(specFile);
        FeatureExtractor extractor = features.open();
        extractor.warnings().forEach(warning -> spec.commandLine().getErr().println("melgauge: " + warning));
        try (AudioStream stream =
                        Decoder.standard().open(audio, features.sampleRate(), features.mixing(), features.part());
                AtomicFile.Draft draft = AtomicFile.Draft.of(out)) {
            Npy.Writer writer = new Npy.Writer(draft.channel(), Framing.Storage.FLOAT32, extractor.bands());
            extractor.feed(stream, writer, (samples, offset, count) -> {});
            writer.finish();
            draft.publish();
            spec.commandLine()
                    .getOut()
                    .printf(Locale.ROOT, "%s: float32 [%d, %d]%n", out, writer.rows(), extractor.bands());
        } catch (AudioException e) {
            throw new IOException(audio + ": " + e.getMessage(), e);
        }
        return Main.OK;
    }
}
