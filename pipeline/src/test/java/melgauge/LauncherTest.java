package melgauge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs the launchers with scripts in the place of Java. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Path LAUNCHER = Path.of("pipeline/src/main/launcher/melgauge");

    @TempDir
    private Path folder;

    private record Ending(int code, String out, String err) {}

    @Test
    void aJavaHomeWithoutJavaIsNamed() throws Exception {
        Path home = folder.resolve("no java");

        Ending ending = launch(distribution("melgauge"), Map.of("JAVA_HOME", home.toString()));

        assertThat(ending.code()).isEqualTo(1);
        assertThat(ending.err())
                .isEqualTo("melgauge: JAVA_HOME=" + home + " has no bin/java that can be run; set it to the folder of"
                        + " Java 17 or newer, or unset it\n");
    }

    @Test
    void aJavaThatIsTooOldIsNamedWithItsVersion() throws Exception {
        for (String version : new String[] {"1.8.0_292", "11.0.2", "16"}) {
            Path home = java("java " + version, version);

            Ending ending = launch(distribution("melgauge"), Map.of("JAVA_HOME", home.toString()));

            assertThat(ending.code()).as(version).isEqualTo(1);
            assertThat(ending.err())
                    .isEqualTo("melgauge: " + home + "/bin/java is Java " + version + "; needs Java 17 or newer:"
                            + " install it, or set JAVA_HOME to its folder\n");
        }
    }

    @Test
    void aJavaOfAnyLaterVersionRunsTheCommand() throws Exception {
        for (String version : new String[] {"17", "17.0.15", "21-ea", "100.0.1+3"}) {
            Path home = java("java " + version, version);

            Ending ending = launch(distribution("mel gauge"), Map.of("JAVA_HOME", home.toString()), "tag", "a b");

            assertThat(ending.err()).as(version).isEmpty();
            assertThat(ending.code()).isZero();
            assertThat(ending.out())
                    .contains("\n-cp\n" + folder + "/mel gauge/lib/*\nmelgauge.pipeline.cli.Main\ntag\na b\n");
        }
    }

    @Test
    void theTemporaryFolderIsTheOneOfTheEnvironment() throws Exception {
        Path home = java("java", "17");

        Ending ending =
                launch(distribution("melgauge"), Map.of("JAVA_HOME", home.toString(), "TMPDIR", folder + "/a b"));

        assertThat(ending.out()).contains("\n-Djava.io.tmpdir=" + folder + "/a b\n");
    }

    @Test
    void aPathThatSplitsTheClassPathIsRefused() throws Exception {
        Path home = java("java", "17");

        Ending ending = launch(distribution("a:b"), Map.of("JAVA_HOME", home.toString()), "--version");

        assertThat(ending.code()).isEqualTo(1);
        assertThat(ending.err())
                .isEqualTo("melgauge: cannot run from " + folder + "/a:b: Java splits its class path at ':'; move the"
                        + " folder to a path without ':'\n");
    }

    @Test
    void aCheckoutIsNotBuiltWithAJavaThatIsTooOld() throws Exception {
        Path checkout = Files.createDirectories(folder.resolve("checkout"));
        Path script = checkout.resolve("melgauge");
        Files.copy(ROOT.resolve("melgauge"), script);
        Files.createDirectories(checkout.resolve(LAUNCHER).getParent());
        Files.copy(ROOT.resolve(LAUNCHER), checkout.resolve(LAUNCHER));
        Path home = java("java 11", "11.0.2");

        Ending ending = launch(script, Map.of("JAVA_HOME", home.toString()), "--version");

        assertThat(ending.code()).isEqualTo(1);
        assertThat(ending.err()).contains("/bin/java is Java 11.0.2; ").doesNotContain("building");
    }

    /** A distribution without its jars; returns its launcher. */
    private Path distribution(String name) throws IOException {
        Path script = folder.resolve(name).resolve("bin/melgauge");
        if (!Files.exists(script)) {
            Files.createDirectories(script.getParent());
            Files.createDirectories(folder.resolve(name).resolve("lib"));
            Files.copy(ROOT.resolve(LAUNCHER), script);
        }
        return script;
    }

    /** The folder of a Java that tells its version, and otherwise prints its arguments. */
    private Path java(String name, String version) throws IOException {
        Path home = folder.resolve(name);
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, """
                #!/bin/sh
                [ "$1" != -version ] || { echo 'openjdk version "%s" 2020-01-01' >&2; exit 0; }
                printf '%%s\\n' "$@"
                """.formatted(version));
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        return home;
    }

    private Ending launch(Path script, Map<String, String> environment, String... args)
            throws IOException, InterruptedException {
        Path out = folder.resolve("stdout");
        Path err = folder.resolve("stderr");
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", script.toString());
        builder.command().addAll(List.of(args));
        builder.environment().remove("JAVA_OPTS");
        builder.environment().putAll(environment);
        int code = builder.redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        return new Ending(
                code, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }
}
