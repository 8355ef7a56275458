package melgauge.pipeline.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import melgauge.data.Audio;
import melgauge.data.AudioException;
import melgauge.data.Failure;
import melgauge.data.ffmpeg.FfmpegDecoder;
import melgauge.model.Model;
import melgauge.model.Prediction;
import melgauge.model.Segment;
import melgauge.model.engine.Execution;
import melgauge.pipeline.Corpus;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.decoding.Limits;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The door for Java programs, beside what {@code tag} writes. */
class ModelTest {
    private static final double SECONDS = 21.3;

    @TempDir
    Path folder;

    private Path file;
    private Path song;

    @BeforeEach
    void writeAModelAndASong() throws IOException {
        file = TinyModel.write(folder.resolve("m.melgauge"), 1);
        song = Corpus.wav(folder.resolve("song.wav"), Corpus.music(SECONDS, 3), 8000);
    }

    private static String text(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }

    @Test
    void predictsWhatTagWrites() throws Exception {
        Path out = folder.resolve("t.csv");
        Path segments = folder.resolve("s.csv");
        new Tagger(file, Execution.on("cpu"), 2, new Limits(60, 1024, 24, false))
                .tag(
                        adder -> adder.add("song", song, null),
                        new TagJob(out, segments, null, false, false),
                        Monitor.SILENT);
        CSVRecord row = TaggerTest.read(out).get(0);
        List<CSVRecord> overTime = TaggerTest.read(segments);
        try (Model model = Model.open(file)) {
            Prediction prediction = model.predict(song);
            assertThat(model.targets()).hasSize(2);
            assertThat(prediction.values()).containsOnlyKeys("valence", "arousal");
            for (String target : prediction.values().keySet()) {
                assertThat(text(prediction.value(target))).isEqualTo(row.get(target));
                assertThat(text(prediction.spread(target))).isEqualTo(row.get(target + "_spread"));
            }
            assertThat(prediction.seconds()).isEqualTo(SECONDS, within(0.01));
            assertThat(prediction.isShort()).isFalse();
            // More patches than one batch.
            assertThat(prediction.segments()).hasSizeGreaterThan(20).hasSameSizeAs(overTime);
            for (int i = 0; i < overTime.size(); i++) {
                Segment segment = prediction.segments().get(i);
                assertThat(text(segment.value("arousal")))
                        .isEqualTo(overTime.get(i).get("arousal"));
                assertThat(segment.start())
                        .isEqualTo(Double.parseDouble(overTime.get(i).get("start")), within(5e-4));
                assertThat(segment.end())
                        .isEqualTo(Double.parseDouble(overTime.get(i).get("end")), within(5e-4));
            }
        }
    }

    @Test
    void predictsAudioInMemoryAtAnyRate() throws IOException {
        float[] samples = Corpus.music(SECONDS, 3);
        try (Model model = Model.open(file)) {
            Prediction ofFile = model.predict(song);
            // The file has 16 bits.
            assertThat(model.predict(samples, 8000).value("valence")).isEqualTo(ofFile.value("valence"), within(1e-3));
            float[] finer = new FfmpegDecoder()
                    .resample(new Audio(samples, 8000), 44100)
                    .samples();
            assertThat(finer.length / 44100.0).isEqualTo(SECONDS, within(0.01));
            Prediction resampled = model.predict(finer, 44100);
            assertThat(resampled.value("valence")).isEqualTo(ofFile.value("valence"), within(0.02));
            assertThat(resampled.seconds()).isEqualTo(SECONDS, within(0.01));
            assertThatThrownBy(() -> model.predict(new float[0], 8000))
                    .isInstanceOf(AudioException.class)
                    .hasMessageContaining("is too short for a single frame");
        }
    }

    @Test
    void aFileThatCannotBeDecodedStopsNoOther() throws IOException {
        Path text = Files.writeString(folder.resolve("text.mp3"), "no music at all, in no way ".repeat(100));
        try (Model model = Model.open(file)) {
            assertThatThrownBy(() -> model.predict(text))
                    .isInstanceOf(AudioException.class)
                    .hasMessageStartingWith("is not an audio file");
            List<Model.FileResult> results = model.predictAll(List.of(song, text, folder.resolve("none.wav"), song));
            assertThat(results)
                    .extracting(Model.FileResult::file)
                    .containsExactly(song, text, folder.resolve("none.wav"), song);
            assertThat(results.get(0).prediction())
                    .isPresent()
                    .isEqualTo(results.get(3).prediction());
            assertThat(results.get(0).prediction()).contains(model.predict(song));
            assertThat(results.get(1).failure().orElseThrow().code()).isEqualTo(Failure.Code.NOT_AUDIO);
            assertThat(results.get(2).failure().orElseThrow().code()).isEqualTo(Failure.Code.MISSING);
        }
    }

    @Test
    void namesTheTargetsWhereOneIsAskedForThatItDoesNotPredict() throws IOException {
        try (Model model = Model.open(file)) {
            Prediction prediction = model.predict(song);
            assertThatThrownBy(() -> prediction.value("joy"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the model predicts no joy, but valence, arousal");
            assertThatThrownBy(() -> prediction.segments().get(0).value("joy"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void isOfNoUseOnceItIsClosed() throws IOException {
        Model model = Model.open(file);
        model.close();
        model.close();
        assertThatThrownBy(() -> model.predict(song))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("m.melgauge has been closed");
    }
}
