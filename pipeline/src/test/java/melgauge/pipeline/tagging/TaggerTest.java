package melgauge.pipeline.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import melgauge.data.Failure;
import melgauge.data.ProcessLock;
import melgauge.data.UsageException;
import melgauge.data.catalog.BatchCatalog;
import melgauge.features.Framing;
import melgauge.features.Npy;
import melgauge.features.Spectrogram;
import melgauge.model.engine.Execution;
import melgauge.pipeline.Corpus;
import melgauge.pipeline.ListeningMonitor;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.decoding.Limits;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class TaggerTest {
    private static final Limits IN_PROCESS = new Limits(60, 1024, 24, false);

    @TempDir
    Path folder;

    private Path model;
    private Path out;
    private final List<Path> files = new ArrayList<>();
    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void writeALibrary() throws IOException {
        model = TinyModel.write(folder.resolve("m.melgauge"), 1);
        out = folder.resolve("tags.csv");
        for (int i = 0; i < 6; i++) {
            files.add(Corpus.wav(folder.resolve("t" + i + ".wav"), Corpus.music(1 + i, i), 8000));
        }
    }

    private Tagger.Summary tag(TagJob job) throws IOException, InterruptedException {
        return tag(model, job, IN_PROCESS);
    }

    private Tagger.Summary tag(Path with, TagJob job, Limits limits) throws IOException, InterruptedException {
        said.clear();
        Monitor monitor = new ListeningMonitor(said);
        return new Tagger(with, Execution.on("cpu"), 2, limits).tag(this::listFiles, job, monitor);
    }

    private void listFiles(BatchCatalog.Adder adder) throws IOException {
        for (Path file : files) {
            adder.add(file.getFileName().toString(), file, null);
        }
    }

    static List<CSVRecord> read(Path csv) throws IOException {
        try (CSVParser parser = CSVParser.parse(
                csv,
                java.nio.charset.StandardCharsets.UTF_8,
                CSVFormat.RFC4180
                        .builder()
                        .setHeader()
                        .setSkipHeaderRecord(true)
                        .get())) {
            return parser.getRecords();
        }
    }

    private Map<String, String> statuses() throws IOException {
        Map<String, String> statuses = new TreeMap<>();
        for (CSVRecord row : read(out)) {
            statuses.put(row.get("path"), row.get("status") + row.get("code"));
        }
        return statuses;
    }

    @Test
    void everyInputHasOneRowInItsPlaceWhateverIsWrongWithIt() throws Exception {
        Path text = Files.writeString(folder.resolve("text.mp3"), "no music at all, in no way ".repeat(100));
        files.add(0, text);
        files.add(2, folder.resolve("gone.wav"));
        files.add(3, folder);
        files.add(4, Files.createFile(folder.resolve("empty.ogg")));
        files.add(files.get(1));
        Tagger.Summary summary = tag(TagJob.of(out));
        // The last input is known when its turn comes, if the file has been predicted by then as the second one.
        assertThat(summary.earlier()).isLessThanOrEqualTo(1);
        assertThat(summary).isEqualTo(new Tagger.Summary(11, 4, 0, summary.earlier(), 0, 0));
        List<CSVRecord> rows = read(out);
        assertThat(rows).hasSize(11);
        for (int i = 0; i < 11; i++) {
            assertThat(rows.get(i).get("path"))
                    .isEqualTo(files.get(i).getFileName().toString());
        }
        assertThat(rows.get(0).get("error")).startsWith("is not an audio file");
        assertThat(rows.get(2).get("code")).isEqualTo("missing");
        assertThat(rows.get(2).get("error")).isEqualTo("there is no such file");
        assertThat(rows.get(3).get("code")).isEqualTo("not-a-file");
        assertThat(rows.get(3).get("error")).isEqualTo("is a folder, not an audio file");
        assertThat(rows.get(4).get("code")).isEqualTo("empty");
        assertThat(rows.get(4).get("error")).isEqualTo("is empty (0 bytes)");
        assertThat(rows.get(10).get("valence")).isEqualTo(rows.get(1).get("valence"));
        CSVRecord sound = rows.get(5);
        assertThat(sound.get("status")).isEqualTo("ok");
        assertThat(sound.get("durationSeconds")).isEqualTo("2.000");
        assertThat(Double.parseDouble(sound.get("valence"))).isBetween(0.0, 1.0);
        assertThat(Double.parseDouble(sound.get("arousal"))).isBetween(1.0, 9.0);
    }

    @Test
    void aJobThatWasInterruptedEndsWithTheSameBytes() throws Exception {
        tag(TagJob.of(out));
        byte[] whole = Files.readAllBytes(out);
        Path other = folder.resolve("other.csv");
        List<Path> all = List.copyOf(files);
        files.subList(3, 6).clear();
        tag(TagJob.of(other)); // as far as an interrupted job came
        files.clear();
        files.addAll(all);
        Tagger.Summary summary = tag(TagJob.of(other));
        assertThat(summary.earlier()).isEqualTo(3);
        assertThat(said).anyMatch(line -> line.contains("going on after 3 tracks"));
        assertThat(Files.readAllBytes(other)).isEqualTo(whole);
    }

    @Test
    void aWorkerProcessChangesNoByte() throws Exception {
        tag(TagJob.of(out));
        Path isolated = folder.resolve("isolated.csv");
        tag(model, TagJob.of(isolated), Limits.defaults());
        assertThat(Files.readAllBytes(isolated)).isEqualTo(Files.readAllBytes(out));
    }

    @Test
    void worksOnlyOnWhatIsNewOrHasChanged() throws Exception {
        files.add(folder.resolve("late.wav"));
        assertThat(tag(TagJob.of(out)).errors()).isEqualTo(1);
        Corpus.wav(files.get(6), Corpus.music(2, 99), 8000);
        Corpus.wav(files.get(0), Corpus.music(4, 98), 8000);
        Tagger.Summary summary = tag(TagJob.of(out));
        assertThat(summary).isEqualTo(new Tagger.Summary(7, 0, 0, 5, 0, 0));
        assertThat(read(out).get(0).get("durationSeconds")).isEqualTo("4.000");
        Files.delete(files.get(1));
        assertThat(tag(TagJob.of(out)).earlier()).isEqualTo(6);
        assertThat(statuses()).containsEntry("t1.wav", "errormissing");
    }

    @Test
    void anotherModelIsAnotherResultAndTheOldOneIsKept() throws Exception {
        tag(TagJob.of(out));
        byte[] first = Files.readAllBytes(out);
        Path second = TinyModel.write(folder.resolve("m2.melgauge"), 2);
        assertThat(tag(second, TagJob.of(out), IN_PROCESS).earlier()).isZero();
        assertThat(Files.readAllBytes(out)).isNotEqualTo(first);
        assertThat(tag(TagJob.of(out)).earlier()).isEqualTo(6);
        assertThat(Files.readAllBytes(out)).isEqualTo(first);
    }

    @Test
    void triesAgainWhatFailedOnlyIfAsked() throws Exception {
        files.add(Files.writeString(folder.resolve("text.mp3"), "no music at all, in no way ".repeat(100)));
        tag(TagJob.of(out));
        assertThat(tag(TagJob.of(out)).earlier()).isEqualTo(7);
        assertThat(tag(new TagJob(out, null, null, true, false)).earlier()).isEqualTo(6);
    }

    @Test
    void aStreamHasTheRowsOfTheTable() throws Exception {
        files.add(0, folder.resolve("gone.wav"));
        files.add(3, Files.writeString(folder.resolve("text.mp3"), "no music at all, in no way ".repeat(100)));
        files.add(files.get(1));
        tag(TagJob.of(out));
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        Tagger.Summary summary = new Tagger(model, Execution.on("cpu"), 2, IN_PROCESS)
                .stream(this::listFiles, stream, Tagger.StreamFormat.CSV, new ListeningMonitor(said));
        assertThat(stream.toByteArray()).isEqualTo(Files.readAllBytes(out));
        assertThat(summary).isEqualTo(new Tagger.Summary(9, 2, 0, 0, 0, 0));
        assertThat(said).contains("gone.wav: there is no such file");
    }

    @Test
    void aRowIsThereWhileInputsAreStillBeingListed() throws Exception {
        CountDownLatch firstRow = new CountDownLatch(1);
        List<String> rows = new ArrayList<>();
        new Tagger(model, Execution.on("cpu"), 2, IN_PROCESS)
                .predict(
                        adder -> {
                            adder.add("first", files.get(0), null);
                            try {
                                assertThat(firstRow.await(60, TimeUnit.SECONDS)).isTrue();
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            }
                            adder.add("second", files.get(1), null);
                        },
                        (path, row) -> {
                            rows.add(path + " " + row.status());
                            firstRow.countDown();
                        },
                        Monitor.SILENT);
        assertThat(rows).containsExactly("first ok", "second ok");
    }

    @Test
    void aListThatCannotBeReadToItsEndEndsAStreamWithItsReason() throws Exception {
        Tagger tagger = new Tagger(model, Execution.on("cpu"), 2, IN_PROCESS);
        assertThatThrownBy(() -> tagger.predict(
                        adder -> {
                            adder.add("first", files.get(0), null);
                            throw new UsageException("line 2 is longer than a name can be");
                        },
                        (path, row) -> {},
                        Monitor.SILENT))
                .isInstanceOf(UsageException.class)
                .hasMessage("line 2 is longer than a name can be");
        assertThatThrownBy(() -> tagger.predict(
                        adder -> {
                            throw new IOException("the disk fails");
                        },
                        (path, row) -> {},
                        Monitor.SILENT))
                .isInstanceOf(IOException.class)
                .hasMessage("the disk fails");
    }

    @Test
    void aStreamEndsWhereItsReaderHasGone() throws IOException {
        OutputStream gone = new OutputStream() {
            private int bytes;

            @Override
            public void write(int value) throws IOException {
                if (++bytes > 400) {
                    throw new IOException("the reader has gone");
                }
            }
        };
        assertThatThrownBy(() -> new Tagger(model, Execution.on("cpu"), 2, IN_PROCESS)
                        .stream(this::listFiles, gone, Tagger.StreamFormat.JSONL, Monitor.SILENT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the reader has gone");
    }

    @Test
    void writesATimeLineAndEmbeddings() throws Exception {
        files.add(2, folder.resolve("gone.wav"));
        tag(TagJob.of(out));
        Path segments = folder.resolve("segments.csv");
        Path embeddings = folder.resolve("e.npy");
        Tagger.Summary summary = tag(new TagJob(out, segments, embeddings, false, false));
        assertThat(summary.earlier()).as("what was known lacks segments").isZero();
        List<CSVRecord> rows = read(out);
        List<CSVRecord> lines = read(segments);
        for (CSVRecord row : rows) {
            List<CSVRecord> own = lines.stream()
                    .filter(line -> line.get("path").equals(row.get("path")))
                    .toList();
            assertThat(own).hasSize(Integer.parseInt(row.get("patches")));
            if (!own.isEmpty()) {
                assertThat(own.get(0).get("start")).isEqualTo("0.000");
                assertThat(Double.parseDouble(own.get(own.size() - 1).get("end")))
                        .isEqualTo(Double.parseDouble(row.get("durationSeconds")), within(0.02));
                assertThat(own.stream()
                                .mapToDouble(line -> Double.parseDouble(line.get("arousal")))
                                .average()
                                .orElseThrow())
                        .isEqualTo(Double.parseDouble(row.get("arousal")), within(2e-6));
            }
        }
        Spectrogram vectors = Npy.read(embeddings);
        assertThat(vectors.frames()).isEqualTo(7);
        assertThat(vectors.bands()).isEqualTo(5);
        assertThat(vectors.values()[2 * 5]).isNaN();
        assertThat(vectors.values()[0]).isFinite();
        assertThat(Npy.readHeader(embeddings).storage()).isEqualTo(Framing.Storage.FLOAT32);
        byte[] before = Files.readAllBytes(segments);
        Files.delete(segments);
        assertThat(tag(new TagJob(out, segments, embeddings, false, false)).earlier())
                .isEqualTo(6);
        assertThat(Files.readAllBytes(segments)).isEqualTo(before);
    }

    @Test
    void refusesAnOutputThatIsBeingWritten() throws Exception {
        try (ProcessLock lock = ProcessLock.of(out, folder.resolve("tags.csv.lock"))) {
            assertThatThrownBy(() -> tag(TagJob.of(lock.output())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("tags.csv is being written by this process");
        }
        assertThat(tag(TagJob.of(out)).rows()).isEqualTo(6);
        assertThat(folder.resolve("tags.csv.lock")).doesNotExist();
    }

    @Test
    void removesWhatAKilledJobLeftBesideItsOutput() throws Exception {
        Path leftover = Files.createFile(folder.resolve(".tags.csv.00000000-0000-0000-0000-000000000000.tmp"));
        Path foreign = Files.createFile(folder.resolve(".tags.csv.old.tmp"));
        tag(TagJob.of(out));
        assertThat(leftover).doesNotExist();
        assertThat(foreign).exists();
    }

    @Test
    void flagsWhatIsSilentClippedOrFarFromTheTrainingTracks() throws Exception {
        files.clear();
        files.add(Corpus.wav(folder.resolve("silent.wav"), new float[16000], 8000));
        float[] loud = Corpus.music(2, 5);
        for (int i = 0; i < loud.length; i++) {
            loud[i] = Math.max(-1, Math.min(1, 50 * loud[i]));
        }
        files.add(Corpus.wav(folder.resolve("loud.wav"), loud, 8000));
        tag(TagJob.of(out));
        assertThat(read(out).get(0).get("flags")).startsWith("silent");
        assertThat(read(out).get(1).get("flags")).startsWith("clipped");
    }

    @Test
    void flagsChannelsThatCancelEachOtherAndFilesThatWereCut() throws Exception {
        files.clear();
        float[] music = Corpus.music(4, 5);
        files.add(Corpus.wav(folder.resolve("opposite.wav"), 8000, music, Corpus.inverted(music)));
        files.add(Corpus.wav(folder.resolve("alike.wav"), 8000, music, music));
        byte[] whole = Files.readAllBytes(Path.of("../data/demo/audio/freedoom_d-dm06_085.flac"));
        files.add(Files.write(folder.resolve("cut.flac"), Arrays.copyOf(whole, whole.length / 2)));
        tag(model, TagJob.of(out), Limits.defaults());
        assertThat(read(out).get(0).get("flags").split(" "))
                .contains("cancelled")
                .doesNotContain("silent");
        assertThat(read(out).get(1).get("flags").split(" ")).doesNotContain("cancelled", "truncated");
        assertThat(read(out).get(2).get("flags").split(" ")).contains("truncated");
    }

    @Test
    void anInputThatCanBeNoFileIsARow() throws Exception {
        Tagger.Summary summary = new Tagger(model, Execution.on("cpu"), 1, IN_PROCESS)
                .tag(
                        adder -> adder.add("\0", null, new Failure(Failure.Code.MISSING, "no file has such a name")),
                        TagJob.of(out),
                        Monitor.SILENT);
        assertThat(summary).isEqualTo(new Tagger.Summary(1, 1, 0, 0, 0, 0));
        assertThat(read(out).get(0).get("code")).isEqualTo("missing");
        assertThat(read(out).get(0).get("error")).isEqualTo("no file has such a name");
    }

    @Test
    void aDamagedCatalogueCostsTimeAndNothingElse() throws Exception {
        tag(TagJob.of(out));
        byte[] whole = Files.readAllBytes(out);
        Files.write(
                folder.resolve("tags.csv.catalog"),
                new byte[5000],
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
        Files.delete(out);
        assertThat(tag(TagJob.of(out)).earlier()).isZero();
        assertThat(Files.readAllBytes(out)).isEqualTo(whole);
    }

    @Test
    void outputsWithoutAKnownEndingOrWithTheSameNameAreRefused() {
        assertThatThrownBy(() -> TagJob.of(Path.of("x.xls")))
                .isInstanceOf(UsageException.class)
                .hasMessage("--out x.xls must end in .csv, .jsonl or .parquet");
        assertThatThrownBy(() -> new TagJob(Path.of("x.csv"), Path.of("./x.csv"), null, false, false))
                .hasMessageContaining("--segments ./x.csv is --out as well");
        assertThatThrownBy(() -> new TagJob(Path.of("x.csv"), null, Path.of("e.bin"), false, false))
                .hasMessageContaining("--embeddings e.bin must end in .npy");
    }

    @Test
    void refusesAModelWhoseTargetsHaveNamesOfColumns() throws IOException {
        for (String[] names : new String[][] {{"error", "calm"}, {"Flags", "calm"}, {"calm", "calm_spread"}}) {
            Path strange = TinyModel.write(folder.resolve("strange.melgauge"), 1, names[0], names[1]);
            assertThatThrownBy(() -> tag(strange, TagJob.of(out), IN_PROCESS))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining(strange + ": ")
                    .hasMessageContaining("rename the column in the manifest and train again");
            assertThat(out).doesNotExist();
        }
    }
}
