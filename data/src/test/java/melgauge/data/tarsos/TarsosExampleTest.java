package melgauge.data.tarsos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import be.tarsos.dsp.onsets.ComplexOnsetDetector;
import be.tarsos.dsp.pitch.PitchProcessor;
import be.tarsos.dsp.pitch.PitchProcessor.PitchEstimationAlgorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import melgauge.data.Wav;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the example of {@code docs/tarsosdsp.md}. */
class TarsosExampleTest {
    @Test
    void theDocumentedExampleFindsPitchAndOnsets(@TempDir Path folder) throws IOException {
        // Half a second of silence, then a tone of 440 Hz, another pause, and one of 220 Hz.
        Path file = Wav.write(folder.resolve("a.wav"), 44100, 16, 2.5, t -> {
            double hertz = t < 1.5 ? 440 : 220;
            boolean sounds = (t >= 0.5 && t < 1.2) || t >= 1.7;
            return sounds ? 0.5 * Math.sin(2 * Math.PI * hertz * t) : 0;
        });

        // begin of the example
        Map<Double, Float> pitches = new TreeMap<>();
        List<Double> onsets = new ArrayList<>();
        ComplexOnsetDetector onsetDetector = new ComplexOnsetDetector(2048, 0.4);
        onsetDetector.setHandler((seconds, salience) -> onsets.add(seconds));

        TarsosAudio.process(
                file,
                22_050,
                2048,
                1024,
                new PitchProcessor(PitchEstimationAlgorithm.YIN, 22_050, 2048, (pitch, event) -> {
                    if (pitch.isPitched()) {
                        pitches.put(event.getTimeStamp(), pitch.getPitch());
                    }
                }),
                onsetDetector);
        // end of the example

        assertThat(pitches).isNotEmpty();
        pitches.forEach((seconds, hertz) -> {
            if (seconds > 0.6 && seconds < 1) {
                assertThat((double) hertz).isCloseTo(440, within(1.0));
            } else if (seconds > 1.8 && seconds < 2.3) {
                assertThat((double) hertz).isCloseTo(220, within(1.0));
            }
        });
        assertThat(onsets).anySatisfy(seconds -> assertThat(seconds).isCloseTo(0.5, within(0.1)));
        assertThat(onsets).anySatisfy(seconds -> assertThat(seconds).isCloseTo(1.7, within(0.1)));
    }

    @Test
    void thePageShowsTheCodeThatRuns() throws IOException {
        String source = Files.readString(Path.of("src/test/java/melgauge/data/tarsos/TarsosExampleTest.java"));
        String code = source.substring(
                        source.indexOf("// begin of the example\n") + "// begin of the example\n".length(),
                        source.indexOf("\n        // end of the example"))
                .stripIndent();
        String page = Files.readString(Path.of("../docs/tarsosdsp.md"));
        assertThat(page).contains("```java\n" + code + "\n```");
    }
}
