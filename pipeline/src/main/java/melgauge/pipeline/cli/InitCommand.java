package melgauge.pipeline.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import melgauge.data.AtomicFile;
import melgauge.data.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "init", description = "Writes a commented run.yaml, and says what the manifest needs.")
final class InitCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "The folder for run.yaml; made if need be.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path folder;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Path file = folder.resolve("run.yaml");
        if (Files.exists(file)) {
            throw new UsageException(file + " is there already; it is not overwritten");
        }
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("run.yaml"))) {
            AtomicFile.writeString(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(file);
        out.println();
        out.println("It expects a manifest, " + folder.resolve("labels.csv")
                + ": a CSV file in UTF-8 with a header row and");
        out.println("  path        the audio file, relative to corpus.audio (required)");
        out.println("  NAME …      one column for each target, with numbers in [0,1]; empty where there is no label");
        out.println("  group       optional: what must stay on one side of the split, such as the artist");
        out.println("  split       optional: train, validation or test, where you want to decide yourself");
        out.println("  ratings     optional: how many people's answers the labels of the row are means of");
        out.println("  NAME_std    optional: the standard deviation of these answers, on the scale of NAME");
        out.println("Then: melgauge train " + file);
        out.flush();
        return Main.OK;
    }
}
