package melgauge.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import melgauge.data.Scale;
import melgauge.data.io.StrictJson;
import melgauge.features.PatchSpec;
import melgauge.model.task.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
    private static JsonNode tree(String text) throws IOException {
        return StrictJson.tree("some.json", text.getBytes(StandardCharsets.UTF_8));
    }

    private static void fails(String text, String message) {
        assertThatThrownBy(() -> tree(text))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("some.json ")
                .hasMessageContaining(message);
    }

    @Test
    void readsWhatJsonIs() throws IOException {
        JsonNode tree = tree("{\"a\": [1, 2.5, null, true], \"b\": {\"a\": \"ä\\n\\t\"}}");
        assertThat(tree.at("/a/1").doubleValue()).isEqualTo(2.5);
        assertThat(tree.at("/b/a").textValue()).isEqualTo("ä\n\t");
    }

    @Test
    void refusesDepthsThatWouldOverflowAStack() throws IOException {
        assertThat(tree("[".repeat(50) + "]".repeat(50)).isArray()).isTrue();
        fails("[".repeat(51) + "]".repeat(51), "depth (51) exceeds the maximum allowed (50)");
        fails("{\"a\":".repeat(100_000), "depth");
    }

    @Test
    void refusesMoreThanItIsWorthReading() {
        fails(" ".repeat(StrictJson.MOST_BYTES) + "[]", "exceeds the maximum allowed");
        // 3 MB of text that would be 100 MB of objects.
        fails("[" + "{},".repeat(1_000_000) + "{}]", "exceeds the maximum allowed");
        fails("[" + "1".repeat(101) + "]", "exceeds the maximum allowed");
    }

    @Test
    void refusesAKeyThatIsThereTwice() {
        fails("{\"a\": 1, \"b\": 2, \"a\": 3}", "Duplicate field 'a'");
        fails("[{\"b\": {\"a\\u0062\": 1, \"\\u0061b\": 3}}]", "Duplicate field 'ab'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[1,]", "{} {}", "[1] x", "{'a': 1}", "NaN", "[Infinity]", "// 1", "01", "\u001b[31m"})
    void refusesWhatIsNoJson(String text) {
        assertThatThrownBy(() -> tree(text))
                .isInstanceOf(IOException.class)
                .hasMessageMatching("some\\.json is \\P{Cntrl}+");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e309", "-1e999999999", "{\"a\": [1e400]}"})
    void refusesNumbersBeyondDoublePrecision(String text) {
        fails(text, "a number that is too large");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\\u001b[31m\"", "{\"\\u0007\": 1}", "[[\"a\\u009bb\"]]", "\"\\r\""})
    void refusesTextsThatATerminalWouldObey(String text) {
        fails(text, "a control character");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"frames\": 1.5}      | part.frames is not what belongs there",
                "{\"frames\": \"64\"}   | part.frames is not what belongs there",
                "{\"frames\": null}     | part.frames is not what belongs there",
                "{\"frames\": [64]}     | part.frames is not what belongs there",
                "{\"frames\": 1e10}     | part.frames is not what belongs there",
                "{\"frames\": 9e9}      | part.frames is not what belongs there",
                "{\"frames\": 4294967360} | part.frames is not what belongs there",
                "{\"frames\": 64, \"x\": 1} | part.x is not what belongs there",
                "{}                     | part.frames is not what belongs there",
                "[]                     | part is not what belongs there",
                "7                      | part is not what belongs there",
                "{\"frames\": 7}        | part: frames=7 must be at least 8",
                "{\"frames\": 65537}    | part: frames=65537 must be at most 65536"
            })
    void refusesValuesOfAnotherKind(String text, String message) throws IOException {
        JsonNode tree = tree(text);
        assertThatThrownBy(() -> StrictJson.value("part", tree, PatchSpec.class))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void refusesATargetThatLacksSomething() throws IOException {
        String scale = "{\"low\": 0, \"high\": 1}";
        assertThat(StrictJson.value(
                        "part",
                        tree("{\"name\": \"a\", \"scale\": " + scale + ", \"trainingMean\": 0.5}"),
                        Target.class))
                .isEqualTo(new Target("a", Scale.UNIT, 0.5));
        for (String text : new String[] {
            "{\"scale\": " + scale + ", \"trainingMean\": 0.5}",
            "{\"name\": \" \", \"scale\": " + scale + ", \"trainingMean\": 0.5}",
            "{\"name\": \"a\", \"trainingMean\": 0.5}",
            "{\"name\": \"a\", \"scale\": " + scale + "}",
            "{\"name\": \"a\", \"scale\": {\"low\": 0}, \"trainingMean\": 0.5}",
            "{\"name\": \"a\", \"scale\": {\"low\": 1, \"high\": 1}, \"trainingMean\": 0.5}",
            "{\"name\": \"a\", \"scale\": {\"low\": -1e308, \"high\": 1e308}, \"trainingMean\": 0.5}",
            "{\"name\": \"a\", \"scale\": " + scale + ", \"trainingMean\": -0.1}",
            "{\"name\": \"a\", \"scale\": " + scale + ", \"trainingMean\": 1e9}",
            "{\"name\": \"a\", \"scale\": " + scale + ", \"trainingMean\": \"NaN\"}"
        }) {
            JsonNode tree = tree(text);
            assertThatThrownBy(() -> StrictJson.value("part", tree, Target.class))
                    .as(text)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("part");
        }
    }
}
