package melgauge.pipeline.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import melgauge.data.AudioException;
import melgauge.data.Failure;
import melgauge.data.UsageException;
import melgauge.features.FeatureSpec;
import melgauge.pipeline.Corpus;
import melgauge.pipeline.RunFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("slow")
class TrackReaderTest {
    private static final Path DEMO =
            Path.of("../data/demo/audio").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    private FeatureSpec features;
    private TrackReader faulty;
    private Path sound;

    @BeforeEach
    void startAWorker() throws IOException {
        Path spec = Files.writeString(
                folder.resolve("spec.yaml"),
                "{sampleRate: 8000, nFft: 256, winLength: 256, hopLength: 64, nMels: 24, fMax: 4000}");
        features = RunFile.readFeatures(spec);
        // The clock is not to end what another limit ends, however slow the machine is.
        faulty = faulty(60);
        sound = Corpus.wav(folder.resolve("sound.wav"), Corpus.music(3, 1), 8000);
    }

    private TrackReader faulty(int seconds) throws IOException {
        return new ProcessReader(features, new Limits(seconds, 400, 1, true), true, FaultyWorkerMain.class.getName());
    }

    @AfterEach
    void endIt() {
        faulty.close();
    }

    private static List<Float> frames(TrackReader reader, Path file) throws IOException, InterruptedException {
        List<Float> values = new ArrayList<>();
        reader.read(file, frame -> {
            for (float value : frame) {
                values.add(value);
            }
        });
        return values;
    }

    @Test
    void aProcessOfItsOwnChangesNoBit() throws Exception {
        List<Path> files;
        try (Stream<Path> all = Files.list(DEMO)) {
            files = all.sorted()
                    .filter(file -> file.getFileName().hashCode() % 50 == 0)
                    .toList();
        }
        assertThat(files).hasSizeGreaterThan(3);
        try (TrackReader local = TrackReader.open(features, new Limits(60, 1024, 24, false), false);
                TrackReader process = TrackReader.open(features, Limits.defaults(), true)) {
            assertThat(local).isInstanceOf(LocalReader.class);
            assertThat(process).isInstanceOf(ProcessReader.class);
            for (Path file : files) {
                assertThat(frames(process, file)).isEqualTo(frames(local, file));
                Reading here = local.read(file, frame -> {});
                Reading there = process.read(file, frame -> {});
                assertThat(there.audit().sums()).isEqualTo(here.audit().sums());
                assertThat(there.source()).isEqualTo(here.source());
                assertThat(there.seconds()).isEqualTo(here.seconds());
            }
            Path none = folder.resolve("none.wav");
            for (TrackReader reader : List.of(local, process)) {
                AudioException e = catchThrowableOfType(AudioException.class, () -> reader.read(none, frame -> {}));
                assertThat(e.failure()).isEqualTo(new Failure(Failure.Code.MISSING, "there is no such file"));
            }
        }
    }

    @ParameterizedTest(name = "{0} is a failure of kind {1}")
    @CsvSource(delimiter = '|', textBlock = """
                    segmentation fault | CRASH   | the process that decoded it died: SIGSEGV
                    killed             | CRASH   | was ended by signal SIGKILL
                    exit               | CRASH   | ended with exit code 9
                    defect             | CRASH   | the decoder failed: java.lang.IllegalStateException: index 7
                    deep               | CRASH   | the decoder failed: java.lang.StackOverflowError
                    hangs              | TIMEOUT | took longer to decode than the limit of 1 s and a tenth of its length
                    native memory      | MEMORY  | took more memory to decode than the limit of 400 MiB
                    heap               | MEMORY  | took more than the 240 MiB that Java's part of decoding may take
                    """)
    void whateverAFileDoesIsItsOwnFailureAndTheNextOneIsRead(String name, Failure.Code code, String words)
            throws Exception {
        if (code == Failure.Code.TIMEOUT) {
            faulty.close();
            faulty = faulty(1);
        }
        AudioException e =
                catchThrowableOfType(AudioException.class, () -> faulty.read(folder.resolve(name), frame -> {}));
        assertThat(e.failure().code()).isEqualTo(code);
        assertThat(e.failure().reason()).contains(words);
        assertThat(frames(faulty, sound)).hasSizeGreaterThan(24);
    }

    @Test
    void aTrackThatGetsOnHasATenthOfItsLengthMore() throws Exception {
        faulty.close();
        faulty = faulty(1);
        assertThat(frames(faulty, folder.resolve("slow but alive"))).hasSize(24);
    }

    @Test
    void timeInWhichFramesWaitToBeTakenDoesNotCount() throws Exception {
        faulty.close();
        faulty = faulty(4); // more than decoding takes on a busy machine
        boolean[] waited = new boolean[1];
        faulty.read(sound, frame -> {
            if (!waited[0]) {
                waited[0] = true;
                try {
                    Thread.sleep(4500);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        });
        assertThat(waited[0]).isTrue();
    }

    @Test
    void aWorkerThatIsAskedToEndSaysNothingOfTheTrack() {
        assertThatThrownBy(() -> faulty.read(folder.resolve("asked to end"), frame -> {}))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void aFailureOfTheSinkIsPassedOnAndTheNextFileIsRead() throws Exception {
        assertThatThrownBy(() -> faulty.read(sound, frame -> {
                    throw new IOException("the disk is full");
                }))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("the disk is full");
        assertThat(frames(faulty, sound)).isNotEmpty();
    }

    @Test
    void aTrackBeyondTheLimitOfHoursFails() {
        try (TrackReader local = TrackReader.open(features, new Limits(60, 1024, 2.9 / 3600, false), false)) {
            AudioException e = catchThrowableOfType(AudioException.class, () -> local.read(sound, frame -> {}));
            assertThat(e.failure().code()).isEqualTo(Failure.Code.TOO_LONG);
        }
    }

    @Test
    void aWorkerThatCannotStartIsAnErrorOfTheCommandNotOfTheTrack() {
        try (TrackReader reader = new ProcessReader(features, Limits.defaults(), false, "no.such.Main")) {
            assertThatThrownBy(() -> reader.read(sound, frame -> {}))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessageContaining("a worker process cannot be started")
                    .hasMessageContaining("no.such.Main");
        }
    }

    @Test
    void closingEndsAReadingUnderWay() throws Exception {
        Throwable[] thrown = new Throwable[1];
        Thread thread = new Thread(() -> {
            try {
                faulty.read(folder.resolve("hangs"), frame -> {});
            } catch (IOException | InterruptedException e) {
                thrown[0] = e;
            }
        });
        faulty.read(sound, frame -> {});
        thread.start();
        faulty.close();
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
        assertThat(thrown[0]).isNotNull();
    }

    @Test
    void aWorkerEndsWhenNobodyWantsAnythingAnyMore() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WorkerProcess.serve(new ByteArrayInputStream(new byte[0]), out);
        assertThat(out.size()).isZero();
    }

    @Test
    void limitsThatCannotBeMetAreRefused() {
        assertThatThrownBy(() -> new Limits(0, 1024, 24, true))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("timeout=0.0");
        assertThatThrownBy(() -> new Limits(60, 100, 24, true))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("memory=100 must be at least 256 MiB");
        assertThatThrownBy(() -> new Limits(60, 1024, Double.NaN, true)).isInstanceOf(UsageException.class);
    }
}
