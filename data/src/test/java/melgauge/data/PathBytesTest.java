package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathBytesTest {
    @TempDir
    Path folder;

    /** A string with a character for each byte. */
    private static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.mp3",
                "/a.mp3",
                "/",
                "",
                "a/b",
                "./a",
                "../a/../b",
                "/a/../b",
                "..",
                " ",
                " a ",
                "a\nb",
                "a%20b",
                "a%b",
                "#?;:\\\"'",
                "\u00ff\u00fe",
                "/\u00c3\u00a9/\u00ff",
                "../\u00e9/../\u00e8",
                "\u00ed\u00a0\u0080",
                "~"
            })
    void bytesBecomeAPathAndThePathTheSameBytes(String latin1) {
        Path path = PathBytes.path(bytes(latin1));
        assertThat(path.isAbsolute()).isEqualTo(latin1.startsWith("/"));
        assertThat(PathBytes.of(path)).isEqualTo(bytes(latin1));
    }

    @Test
    void aPathOfPlainTextIsTheOneThatJavaMakesOfIt() {
        assertThat(PathBytes.path(bytes("a/b c.mp3"))).isEqualTo(Path.of("a/b c.mp3"));
        assertThat(PathBytes.path(bytes("/a//b/"))).isEqualTo(Path.of("/a/b"));
        assertThat(PathBytes.of(Path.of("/a/b"))).isEqualTo(bytes("/a/b"));
    }

    @Test
    void theShellsNamesAreFound() throws IOException, InterruptedException {
        // Octal, so that no encoding of Java has a say in what the shell makes.
        sh(
                "cd \"$0\" && for name in '\\377\\376.wav' 'caf\\303\\251' 'a\\nb'; do printf \"$name\" > \"$(printf \"$name\")\"; done");
        for (String name : List.of("\u00ff\u00fe.wav", "caf\u00c3\u00a9", "a\nb")) {
            Path file = folder.resolve(PathBytes.path(bytes(name)));
            assertThat(Files.readAllBytes(file)).isEqualTo(bytes(name));
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                assertThat(PathBytes.of(file.getFileName())).isEqualTo(Files.readAllBytes(file));
                assertThat(PathBytes.of(file)).endsWith(Files.readAllBytes(file));
            }
        }
    }

    @Test
    void aFolderHasNoSlashAtItsEnd() throws IOException {
        Path sub = Files.createDirectory(folder.resolve(PathBytes.path(bytes("\u00ff"))));
        assertThat(PathBytes.of(sub)).endsWith(bytes("/\u00ff"));
    }

    @Test
    void aNulIsRefused() {
        assertThatThrownBy(() -> PathBytes.path(bytes("a\0b")))
                .isInstanceOf(InvalidPathException.class)
                .hasMessageContaining("NUL");
    }

    @Test
    void textIsUtf8WithEscapesForWhatIsNone() {
        assertThat(PathBytes.shown("né\uD83C\uDFB5.mp3".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("né\uD83C\uDFB5.mp3");
        assertThat(PathBytes.shown(bytes("bad_\u00ff\u00fe.wav"))).isEqualTo("bad_\\xFF\\xFE.wav");
        assertThat(PathBytes.shown(bytes("\u00c3"))).isEqualTo("\\xC3");
        assertThat(PathBytes.shown(bytes("\u00ed\u00a0\u0080a"))).isEqualTo("\\xED\\xA0\\x80a");
        assertThat(PathBytes.shown(bytes("\u00f0\u009f\u008ex\u00c3\u00a9"))).isEqualTo("\\xF0\\x9F\\x8Exé");
        assertThat(PathBytes.shown(new byte[0])).isEmpty();
        assertThat(PathBytes.shown(PathBytes.path(bytes("x/\u00e9")))).isEqualTo("x/\\xE9");
    }

    @Test
    void theLocaleOfTheJvmDoesNotMatter() throws IOException, InterruptedException {
        sh("cd \"$0\" && : > \"$(printf 'caf\\303\\251_\\377')\"");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        InTheCLocale.class.getName(),
                        folder.toString())
                .redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        assertThat(printed.lines())
                .containsExactly(
                        // Java's own text has lost all three bytes.
                        HexFormat.of().formatHex("caf\uFFFD\uFFFD_\uFFFD".getBytes(StandardCharsets.UTF_8)),
                        HexFormat.of().formatHex(bytes("caf\u00c3\u00a9_\u00ff")),
                        HexFormat.of().formatHex("café_\\xFF".getBytes(StandardCharsets.UTF_8)),
                        "true");
    }

    /** What a JVM that knows ASCII alone sees in a folder. */
    static final class InTheCLocale {
        private InTheCLocale() {}

        public static void main(String[] args) throws IOException {
            Path folder = Path.of(args[0]);
            List<Path> files = new ArrayList<>();
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
                stream.forEach(files::add);
            }
            Path name = files.get(0).getFileName();
            byte[] bytes = PathBytes.of(name);
            HexFormat hex = HexFormat.of();
            System.out.println(hex.formatHex(name.toString().getBytes(StandardCharsets.UTF_8)));
            System.out.println(hex.formatHex(bytes));
            System.out.println(hex.formatHex(PathBytes.shown(name).getBytes(StandardCharsets.UTF_8)));
            System.out.println(Files.exists(folder.resolve(PathBytes.path(bytes))));
        }
    }

    private void sh(String script) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("sh", "-c", script, folder.toString())
                        .start()
                        .waitFor())
                .isZero();
    }
}
