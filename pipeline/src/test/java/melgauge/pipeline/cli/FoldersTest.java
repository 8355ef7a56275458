package melgauge.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import melgauge.pipeline.Corpus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs commands in processes of their own, whose environment says where native libraries and temporary files are. */
@Tag("slow")
class FoldersTest {
    @TempDir
    private Path folder;

    private record Ending(int code, String err) {}

    @Test
    void librariesAreInTheNamedFolderAndNothingStaysInTheTemporaryOne() throws Exception {
        Path natives = folder.resolve("natives");
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Corpus corpus = new Corpus(Files.createDirectory(folder.resolve("corpus")));
        corpus.add("a.wav", "train", 1);

        Ending ending =
                run(natives, temporary, "prepare", corpus.runFile().toString(), "--set", "decoding.isolate=true", "-q");

        assertThat(ending.err()).isEmpty();
        assertThat(ending.code()).isZero();
        assertThat(names(natives)).contains("javacpp").anyMatch(name -> name.startsWith("sqlite-jdbc-"));
        // Only the worker process loads it.
        assertThat(names(natives.resolve("javacpp"))).anyMatch(name -> name.startsWith("ffmpeg-"));
        assertThat(temporary).isEmptyDirectory();
        assertThat(names(folder)).doesNotContain(".javacpp", "?");
    }

    @Test
    void aFolderThatCannotHoldLibrariesIsNamedBeforeAnyWork() throws Exception {
        Path natives = Files.createFile(folder.resolve("file"));

        Ending ending = run(natives, folder, "prepare", "no such run.yaml");

        assertThat(ending)
                .isEqualTo(new Ending(
                        1,
                        "melgauge: native libraries cannot be kept in " + natives + ": there is a file in its place;"
                                + " name another folder: MELGAUGE_NATIVES=DIR\n"));
    }

    @Test
    void aTemporaryFolderThatIsMissingIsNamedBeforeAnyWork() throws Exception {
        Path missing = folder.resolve("missing");

        Ending ending = run(folder.resolve("natives"), missing, "prepare", "no such run.yaml");

        assertThat(ending.code()).isEqualTo(1);
        assertThat(ending.err())
                .contains("melgauge: nothing can be written into the temporary folder " + missing)
                .endsWith("TMPDIR=DIR\n");
    }

    @Test
    void commandsThatLoadNoLibraryDoNotAskForTheFolder() throws Exception {
        Path natives = Files.createFile(folder.resolve("file"));

        assertThat(run(natives, folder, "prepare", "--help")).isEqualTo(new Ending(0, ""));
        assertThat(run(natives, folder, "init", folder.resolve("new").toString(), "--tracks", "100")
                        .code())
                .isZero();
    }

    private Ending run(Path natives, Path temporary, String... args) throws IOException, InterruptedException {
        Path err = folder.resolve("stderr");
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:-UsePerfData",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(err.toFile());
        builder.environment().put("MELGAUGE_NATIVES", natives.toString());
        builder.environment().put("HOME", folder.toString());
        int code = builder.start().waitFor();
        return new Ending(code, Files.readString(err, StandardCharsets.UTF_8));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }
}
