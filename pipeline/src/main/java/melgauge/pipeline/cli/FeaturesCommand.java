package melgauge.pipeline.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import melgauge.data.AtomicFile;
import melgauge.data.AudioException;
import melgauge.data.Decoded;
import melgauge.data.Decoder;
import melgauge.features.MelSpec;
import melgauge.features.Npy;
import melgauge.features.Spectrogram;
import melgauge.pipeline.RunFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "features",
        description = "Writes one file's spectrogram for NumPy: float32, [frames, nMels], before normalisation.")
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
        MelSpec features = specFile == null ? MelSpec.defaults() : RunFile.readFeatures(specFile);
        Decoded decoded;
        try {
            decoded = Decoder.standard().decode(audio, features.sampleRate());
        } catch (AudioException e) {
            throw new IOException(audio + ": " + e.getMessage(), e);
        }
        Spectrogram spectrogram = features.kind().open(features).extract(decoded.audio());
        AtomicFile.write(out, stream -> Npy.write(stream, spectrogram, MelSpec.Storage.FLOAT32));
        spec.commandLine()
                .getOut()
                .printf(Locale.ROOT, "%s: float32 [%d, %d]%n", out, spectrogram.frames(), spectrogram.bands());
        return Main.OK;
    }
}
