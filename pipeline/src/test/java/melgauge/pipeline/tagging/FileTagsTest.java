package melgauge.pipeline.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import melgauge.data.FileDigest;
import melgauge.data.FileStatus;
import melgauge.data.Scale;
import melgauge.data.UsageException;
import melgauge.data.catalog.BatchCatalog;
import melgauge.data.tags.AudioTags;
import melgauge.model.engine.Execution;
import melgauge.model.task.Target;
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
class FileTagsTest {
    private static final Path DEMO =
            Path.of("../data/demo/audio").toAbsolutePath().normalize();
    private static final Set<String> NAMES = Set.of("MELGAUGE_VALENCE", "MELGAUGE_AROUSAL", "MELGAUGE_MODEL");

    @TempDir
    Path folder;

    private Path model;
    private Path out;
    private final List<Path> files = new ArrayList<>();
    private final List<String> said = new ArrayList<>();

    private final Monitor monitor = new ListeningMonitor(said);

    @BeforeEach
    void copyALibrary() throws IOException {
        model = TinyModel.write(folder.resolve("m.melgauge"), 1);
        out = folder.resolve("tags.csv");
        for (String ending : List.of("mp3", "flac", "ogg", "m4a")) {
            files.add(copy(ending));
        }
        files.add(Corpus.wav(folder.resolve("e.wav"), Corpus.music(3, 1), 8000));
    }

    private Path copy(String ending) throws IOException {
        try (Stream<Path> demo = Files.list(DEMO)) {
            Path clip = demo.filter(file -> file.toString().endsWith(ending))
                    .min(Path::compareTo)
                    .orElseThrow();
            return Files.copy(clip, folder.resolve("clip." + ending));
        }
    }

    private Tagger.Summary tag(boolean writeTags) throws IOException, InterruptedException {
        said.clear();
        return new Tagger(model, Execution.on("cpu"), 2, new Limits(60, 1024, 24, false))
                .tag(
                        adder -> {
                            for (Path file : files) {
                                adder.add(file.getFileName().toString(), file, null);
                            }
                        },
                        new TagJob(out, null, null, false, writeTags),
                        monitor);
    }

    private List<CSVRecord> rows() throws IOException {
        CSVFormat format = CSVFormat.RFC4180.builder().setHeader().get();
        try (CSVParser parser = CSVParser.parse(out, StandardCharsets.UTF_8, format)) {
            return parser.getRecords();
        }
    }

    private static Map<Path, FileStatus> statuses(List<Path> files) throws IOException {
        Map<Path, FileStatus> statuses = new TreeMap<>();
        for (Path file : files) {
            statuses.put(file, FileStatus.of(file));
        }
        return statuses;
    }

    @Test
    void eachFileGetsTheValuesOfItsRowAndASecondRunPredictsAndWritesNothing() throws Exception {
        assertThat(tag(true)).isEqualTo(new Tagger.Summary(5, 0, 0, 0, 5, 0));
        List<CSVRecord> rows = rows();
        for (int i = 0; i < files.size(); i++) {
            assertThat(AudioTags.read(files.get(i), NAMES))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "MELGAUGE_VALENCE",
                            rows.get(i).get("valence"),
                            "MELGAUGE_AROUSAL",
                            rows.get(i).get("arousal"),
                            "MELGAUGE_MODEL",
                            FileDigest.of(model).substring(0, 16)));
            assertThat(rows.get(i).get("flags")).doesNotContain("not-tagged");
        }
        Map<Path, FileStatus> written = statuses(files);
        byte[] table = Files.readAllBytes(out);
        assertThat(tag(true)).isEqualTo(new Tagger.Summary(5, 0, 0, 5, 0, 0));
        assertThat(statuses(files)).isEqualTo(written);
        assertThat(Files.readAllBytes(out)).isEqualTo(table);
    }

    @Test
    void filesAreLeftAloneUnlessTagsAreAskedForAndGetThemLater() throws Exception {
        Map<Path, FileStatus> before = statuses(files);
        tag(false);
        byte[] table = Files.readAllBytes(out);
        assertThat(statuses(files)).isEqualTo(before);
        assertThat(tag(true)).isEqualTo(new Tagger.Summary(5, 0, 0, 5, 5, 0));
        assertThat(Files.readAllBytes(out)).isEqualTo(table);
    }

    @Test
    void aJobKilledBetweenAWriteAndItsRecordPredictsTheSameAndFindsItWritten() throws Exception {
        Map<Path, FileStatus> before = statuses(files);
        tag(true);
        byte[] table = Files.readAllBytes(out);
        Map<Path, FileStatus> written = statuses(files);
        String maker = FileDigest.of(model);
        try (BatchCatalog catalog = BatchCatalog.open(folder.resolve("tags.csv.catalog"))) {
            for (Path file : files.subList(0, 3)) {
                TagRow row = Tagger.row(catalog.result(maker, file).orElseThrow());
                catalog.revise(
                        maker,
                        file,
                        before.get(file),
                        Tagger.json(new TagRow(
                                row.status(),
                                row.error(),
                                row.durationSeconds(),
                                row.frames(),
                                row.patches(),
                                row.flags(),
                                row.values(),
                                row.spreads(),
                                null)));
            }
        }
        assertThat(tag(true)).isEqualTo(new Tagger.Summary(5, 0, 0, 2, 0, 0));
        assertThat(statuses(files)).as("not written again").isEqualTo(written);
        assertThat(Files.readAllBytes(out)).isEqualTo(table);
        assertThat(tag(true).earlier()).isEqualTo(5);
    }

    @Test
    void aFileIsWrittenOnceHoweverOftenAndUnderHoweverManyNamesItIsListed() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link.mp3"), files.get(0));
        for (int i = 0; i < 10; i++) {
            files.add(i % 2 == 0 ? link : files.get(0));
        }
        Tagger.Summary first = tag(true);
        assertThat(first.rows()).isEqualTo(15);
        assertThat(first.tagged()).isEqualTo(5);
        assertThat(first.errors() + first.untagged()).isZero();
        assertThat(link).isSymbolicLink();
        assertThat(tag(true)).isEqualTo(new Tagger.Summary(15, 0, 0, 15, 0, 0));
    }

    @Test
    void aFileThatCannotBeWrittenKeepsItsRowAndIsFlaggedUntilItCan() throws Exception {
        Path opus = copy("opus");
        Path other = Files.createLink(folder.resolve("other.flac"), files.get(1));
        Path text = Files.writeString(folder.resolve("text.mp3"), "no music at all, in no way ".repeat(100));
        files.addAll(List.of(opus, text));
        byte[] before = Files.readAllBytes(opus);
        assertThat(tag(true)).isEqualTo(new Tagger.Summary(7, 1, 0, 0, 4, 2));
        assertThat(said)
                .anyMatch(line -> line.startsWith("not tagged: clip.flac: unwritable: has 2 names (hard links)"))
                .anyMatch(line -> line.startsWith("not tagged: clip.opus: unsupported: is Ogg Opus"))
                .noneMatch(line -> line.startsWith("not tagged: text.mp3"));
        List<CSVRecord> rows = rows();
        assertThat(rows.get(1).get("status")).isEqualTo("ok");
        assertThat(rows.get(1).get("flags")).endsWith("not-tagged");
        assertThat(rows.get(5).get("status")).isEqualTo("ok");
        assertThat(rows.get(5).get("flags")).endsWith("not-tagged");
        assertThat(rows.get(6).get("flags")).isEmpty();
        assertThat(Files.readAllBytes(opus)).isEqualTo(before);

        Files.delete(other);
        assertThat(tag(true)).isEqualTo(new Tagger.Summary(7, 1, 0, 7, 1, 1));
        assertThat(said)
                .filteredOn(line -> line.startsWith("not tagged"))
                .hasSize(1)
                .allMatch(line -> line.contains("clip.opus"));
        assertThat(rows().get(1).get("flags")).doesNotContain("not-tagged");

        tag(false);
        assertThat(rows().get(5).get("flags")).as("nobody asks").doesNotContain("not-tagged");
    }

    @Test
    void aFileThatWasChangedAfterItWasPredictedIsNotGivenTheValuesOfItsFormerSelf() throws Exception {
        Path file = files.get(4);
        try (BatchCatalog catalog = BatchCatalog.open(folder.resolve("x.catalog"))) {
            catalog.setInputs(adder -> adder.add("e.wav", file, null));
            TagRow row = new TagRow("ok", "", 3, 300, 5, "", List.of(0.25), List.of(0.1), null);
            catalog.put("m", file, new BatchCatalog.Result(FileStatus.of(file), Tagger.json(row), null, null));
            Corpus.wav(file, Corpus.music(4, 2), 8000);
            byte[] changed = Files.readAllBytes(file);
            FileTags.Names names = FileTags.Names.of(List.of(new Target("v", Scale.UNIT, 0.5)), "0123456789abcdef0123");
            assertThat(new FileTags(names, catalog, "m", 1).write(1, false, monitor))
                    .isEqualTo(new FileTags.Count(0, 1));
            assertThat(said).allMatch(line -> line.contains("was changed after it was predicted"));
            assertThat(Files.readAllBytes(file)).isEqualTo(changed);
            assertThat(Tagger.row(catalog.result("m", file).orElseThrow()).untagged())
                    .isTrue();
        }
    }

    @Test
    void goesThroughMoreInputsThanAPageHolds() throws Exception {
        try (BatchCatalog catalog = BatchCatalog.open(folder.resolve("x.catalog"))) {
            List<Path> many = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                many.add(Files.copy(files.get(4), folder.resolve(i + ".wav")));
            }
            catalog.setInputs(adder -> {
                for (Path file : many) {
                    adder.add(file.toString(), file, null);
                }
            });
            TagRow row = new TagRow("ok", "", 3, 300, 5, "", List.of(0.25), List.of(0.1), null);
            for (Path file : many) {
                catalog.put("m", file, new BatchCatalog.Result(FileStatus.of(file), Tagger.json(row), null, null));
            }
            FileTags.Names names = FileTags.Names.of(List.of(new Target("v", Scale.UNIT, 0.5)), "0".repeat(64));
            assertThat(new FileTags(names, catalog, "m", 2).write(300, false, monitor))
                    .isEqualTo(new FileTags.Count(300, 0));
            assertThat(AudioTags.read(many.get(299), Set.of("MELGAUGE_V")))
                    .containsExactly(Map.entry("MELGAUGE_V", "0.250000"));
        }
    }

    private static FileTags.Names names(String... targets) {
        return FileTags.Names.of(
                Stream.of(targets)
                        .map(name -> new Target(name, Scale.UNIT, 0.5))
                        .toList(),
                "0".repeat(64));
    }

    @Test
    void fieldsAreNamedByTargetsInCapitals() {
        assertThat(names("valence", "Tense/Arousal 2", "größe").targets())
                .containsExactly("MELGAUGE_VALENCE", "MELGAUGE_TENSE_AROUSAL_2", "MELGAUGE_GR_SSE");
    }

    @Test
    void targetsWhoseFieldsWouldBeTheSameAreRefusedBeforeAnyWork() throws Exception {
        assertThatThrownBy(() -> names("joy", "a-b", "A b"))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "--write-tags cannot write target A b: its field would be MELGAUGE_A_B, and so would be that of"
                                + " target a-b; train with a name that differs in more than punctuation and case");
        assertThatThrownBy(() -> names("model")).hasMessageContaining("that of the model itself");
        assertThatThrownBy(
                        () -> names(IntStream.range(0, 30).mapToObj(i -> "long").reduce("", String::concat)))
                .hasMessageContaining("129 characters, and 100 are the most");
        model = TinyModel.write(folder.resolve("m.melgauge"), 1, "my joy", "my-joy");
        assertThatThrownBy(() -> tag(true)).isInstanceOf(UsageException.class);
        assertThat(folder.resolve("tags.csv.catalog")).doesNotExist();
        assertThat(tag(false).errors()).isZero();
    }
}
