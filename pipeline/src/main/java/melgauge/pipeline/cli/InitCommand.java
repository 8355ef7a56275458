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
import java.util.stream.Stream;
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
                "Writes a run.yaml with what a beginner needs, and a sample of its manifest, labels.csv; with --from, the"
                        + " manifest of a published corpus.")
final class InitCommand implements Callable<Integer> {
    private static final int FEW = 300;
    private static final int THOUSANDS = 2000;
    private static final int TENS_OF_THOUSANDS = 20_000;

    private static final String SAMPLE = """
            path,group,valence,arousal
            albums/one/01.flac,The Artist,0.71,0.35
            albums/one/02.mp3,The Artist,,0.62
            albums/two/01.ogg,Another Artist,0.28,0.44
            """;

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

    @Option(names = "--all", description = "Write every key with its default, each with a comment.")
    private boolean all;

    @Option(
            names = "--tracks",
            paramLabel = "N",
            description =
                    "How many tracks there will be: settings are chosen for as many. Default: the rows of labels.csv,"
                            + " if it is there, else some hundreds.")
    private @Nullable Integer tracks;

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
        Path labels = folder.resolve(CorpusWriter.MANIFEST);
        boolean sample = !Files.exists(labels);
        AtomicFile.writeString(file, all ? everyKey() : settings(sample ? null : rows(labels)));
        PrintWriter console = spec.commandLine().getOut();
        console.println(file);
        if (sample) {
            AtomicFile.writeString(labels, SAMPLE);
            console.println(labels + ": a sample; put your tracks there, a row for each:");
        } else {
            console.println(labels + " is there already, and is not changed. What it may hold:");
        }
        console.println("  path        the audio file, relative to corpus.audio (required)");
        console.println("  NAME …      a column of numbers in [0,1] for each target; empty if there is no label");
        console.println("  group       optional: tracks that stay on one side of the split, such as the artist's");
        console.println("  split       optional: train, validation or test");
        console.println("  ratings     optional: how many people's answers the labels of the row are means of");
        console.println("  NAME_std    optional: the standard deviation of these answers, on the scale of NAME");
        console.println("Then: melgauge train " + file);
        console.flush();
        return Main.OK;
    }

    private static String everyKey() throws IOException {
        try (InputStream in = Objects.requireNonNull(InitCommand.class.getResourceAsStream("run.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static int rows(Path labels) throws IOException {
        try (Stream<String> lines = Files.lines(labels, StandardCharsets.ISO_8859_1)) {
            return (int) Math.max(0, lines.filter(line -> !line.isBlank()).count() - 1);
        }
    }

    /** A short run file; docs/training.md says what suits how many tracks. */
    private String settings(@Nullable Integer counted) {
        Integer known = tracks == null ? counted : tracks;
        int count = known == null ? FEW : known;
        if (count < 1) {
            throw new UsageException("--tracks " + count + " must be at least 1");
        }
        boolean few = count < THOUSANDS;
        return """
                # melgauge train run.yaml        Every key: melgauge init --all
                # The values suit %s. They do not change by themselves if the corpus grows.
                corpus:
                  manifest: labels.csv     # path, one column of numbers for each target; optional group, split, ratings
                  audio: .                 # the folder that the manifest's paths start from
                  scale: {}                # rating scales other than [0,1], such as {valence: [1, 9]}
                patch:
                  frames: %d              # what the network reads at once; 256 frames are 4.1 s
                network:
                  conv: %s   # channels of each block
                training:
                  epochs: %d
                  networks: 1              # 5 are better, in five times the time
                seed: 1
                cache: .melgauge/cache     # spectrograms, shared by all runs that name it
                output: runs/first         # the folder of this run
                """.formatted(
                        known == null ? "some hundreds of tracks" : count + " tracks",
                        few ? 512 : 256,
                        few ? "[16, 32, 64, 64, 64, 64]" : "[32, 64, 128, 128, 128]",
                        count >= TENS_OF_THOUSANDS ? 20 : few ? 160 : 80);
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
