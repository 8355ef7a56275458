package melgauge.pipeline.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import melgauge.data.AtomicFile;
import melgauge.data.UsageException;
import melgauge.pipeline.corpora.CorpusWriter;
import melgauge.pipeline.corpora.PublishedCorpus;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "init",
        description =
                "Writes a commented run.yaml, and says what the manifest needs; with --from, the manifest as well.")
final class InitCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "DIR",
            description = "The folder for run.yaml; made if need be. With --from: the folder of the corpus.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path folder;

    @Option(
            names = "--from",
            paramLabel = "CORPUS",
            description =
                    "DIR is a published corpus as it was unpacked: write its manifest, labels.csv, and a run.yaml for"
                            + " it. CORPUS is deam, emomusic, emotify, mtg-jamendo or pmemo.")
    private @Nullable String corpus;

    @Option(
            names = "--out",
            paramLabel = "OUT",
            description = "With --from: the folder that the two files go to; default: DIR.")
    private @Nullable Path out;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (corpus != null) {
            return initFrom(PublishedCorpus.named(corpus), out == null ? folder : out);
        }
        if (out != null) {
            throw new UsageException("--out " + out + " goes with --from; without it, the file goes to DIR");
        }
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

    private int initFrom(PublishedCorpus published, Path output) throws IOException {
        List<String> notes = CorpusWriter.write(published, folder, output);
        PrintWriter console = spec.commandLine().getOut();
        Path settings = output.resolve(CorpusWriter.SETTINGS);
        console.println(output.resolve(CorpusWriter.MANIFEST));
        console.println(settings);
        notes.forEach(console::println);
        console.println("Then: melgauge train " + settings);
        console.flush();
        return Main.OK;
    }
}
