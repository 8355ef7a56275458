package melgauge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each type that other programs are to use has an example, and it compiles. */
@Tag("slow")
class ExamplesTest {
    private static final Pattern EXAMPLE = Pattern.compile("<pre>\\{@code\n(.*?)\n \\* }</pre>", Pattern.DOTALL);

    @TempDir
    Path folder;

    /** As it stands there. */
    @Test
    void theExampleOfTheFirstPageCompiles() throws IOException {
        Matcher example =
                Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Path.of("../README.md")));
        assertThat(example.find()).isTrue();
        assertThat(errors(example.group(1), "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model/src/main/java/melgauge/model/Model.java",
                "model/src/main/java/melgauge/model/Prediction.java",
                "model/src/main/java/melgauge/model/Segment.java",
                "pipeline/src/main/java/melgauge/pipeline/tagging/Tagger.java",
                "pipeline/src/main/java/melgauge/pipeline/training/Training.java",
                "pipeline/src/main/java/melgauge/pipeline/training/TrainedRun.java",
                "pipeline/src/main/java/melgauge/pipeline/results/RunFolder.java"
            })
    void theExampleCompiles(String file) throws IOException {
        Matcher example = EXAMPLE.matcher(Files.readString(Path.of("..").resolve(file)));
        assertThat(example.find()).isTrue();
        assertThat(errors(example.group(1).replaceAll("(?m)^ \\* ?", ""), file)).isEmpty();
    }

    /** What the compiler says; empty if it compiles. */
    private String errors(String example, String file) {
        String source = """
                import java.nio.file.Path;
                import java.util.List;
                import melgauge.data.Subset;
                import melgauge.model.*;
                import melgauge.model.scores.TargetScores;
                import melgauge.pipeline.Monitor;
                import melgauge.pipeline.results.*;
                import melgauge.pipeline.tagging.*;
                import melgauge.pipeline.training.*;
                class Example {
                    void run(%s) throws Exception {
                        %s
                    }
                }
                """.formatted(
                        file.endsWith("Model.java") || file.isEmpty() ? "" : "Model model, List<Path> files", example);
        SimpleJavaFileObject unit =
                new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        // An example may open a model of its own by the same name.
                        return source.contains("Model model =")
                                ? source.replace("Model model, List<Path> files", "List<Path> files")
                                : source;
                    }
                };
        StringWriter errors = new StringWriter();
        List<String> options =
                List.of("-proc:none", "-d", folder.toString(), "-classpath", System.getProperty("java.class.path"));
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(errors, null, null, options, null, List.of(unit))
                .call();
        assertThat(compiled).isEqualTo(errors.toString().isEmpty());
        return errors.toString();
    }
}
