package melgauge.data.tarsos;

import static org.assertj.core.api.Assertions.assertThat;

import be.tarsos.dsp.pitch.PitchProcessor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import melgauge.data.Wav;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarsosAudioTest {
    @Test
    void findsThePitchOfADecodedFile(@TempDir Path folder) throws IOException {
        Path file = Wav.write(folder.resolve("a.wav"), 44100, 16, 1, Wav.sine(440, 0.6));
        List<Float> pitches = new ArrayList<>();
        TarsosAudio.process(
                file,
                22050,
                2048,
                1024,
                new PitchProcessor(
                        PitchProcessor.PitchEstimationAlgorithm.YIN,
                        22050,
                        2048,
                        (result, event) -> pitches.add(result.getPitch())));
        assertThat(pitches).hasSizeGreaterThan(15);
        assertThat(pitches.subList(2, pitches.size() - 3))
                .allSatisfy(pitch -> assertThat(pitch).isBetween(439f, 441f));
    }
}
