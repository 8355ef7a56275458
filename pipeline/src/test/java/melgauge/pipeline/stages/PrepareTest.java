package melgauge.pipeline.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import melgauge.data.Audio;
import melgauge.data.AuditCsv;
import melgauge.data.AuditRow;
import melgauge.data.Decoder;
import melgauge.data.Failure;
import melgauge.data.UsageException;
import melgauge.data.catalog.BatchCatalog;
import melgauge.features.CacheFolder;
import melgauge.pipeline.Corpus;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.RunFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class PrepareTest {
    private static final Path DEMO =
            Path.of("../data/demo/audio").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    private Corpus corpus;

    @BeforeEach
    void writeACorpus() throws IOException {
        corpus = new Corpus(folder);
        corpus.add("a.wav", "train", 1);
        corpus.add("b.wav", "train", 2);
        corpus.add("c.wav", "train", 3);
        corpus.add("d.wav", "validation", 4);
        corpus.add("e.wav", "test", 5);
    }

    /** Nothing keeps root from writing, for whom this proves nothing. */
    @Test
    void aCacheThatMayOnlyBeReadIsUsedAndSaysWhatItLacks() throws Exception {
        corpus.prepare(false);
        setWritable(false);
        try {
            assumeFalse(Files.isWritable(corpus.cache()));

            assertThat(corpus.prepare(false, "output=" + folder.resolve("out2")))
                    .contains("the cache may only be read")
                    .contains("5 ok, 0 suspect, 0 rejected");
            assertThatThrownBy(() -> corpus.prepare(false, "features.nMels=20"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("there is no spectrogram of ")
                    .hasMessageContaining("the cache " + corpus.cache() + " cannot be written");
        } finally {
            setWritable(true);
        }
    }

    private void setWritable(boolean writable) throws IOException {
        try (Stream<Path> files = Files.walk(corpus.cache())) {
            for (Path file : files.toList()) {
                assertThat(file.toFile().setWritable(writable)).isTrue();
            }
        }
    }

    @Test
    void aSecondPrepareTrustsTheStatusOfFiles() throws Exception {
        assertThat(corpus.prepare(false)).contains("5 ok, 0 suspect, 0 rejected");
        AuditRow before = corpus.audit("a.wav");
        Corpus.changeUnnoticed(folder.resolve("a.wav"));
        assertThat(corpus.prepare(false))
                .contains("spectrograms: unchanged, skipped")
                .contains("normaliser: unchanged, skipped");
        assertThat(corpus.audit("a.wav")).isEqualTo(before);
    }

    @Test
    void noticesAFileThatTookThePlaceOfOneWithTheSameSizeAndTime() throws Exception {
        corpus.prepare(false);
        AuditRow before = corpus.audit("a.wav");
        Path other = Corpus.wav(folder.resolve("other.wav"), Corpus.music(3, 9), 8000);
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(folder.resolve("a.wav")));
        Files.move(other, folder.resolve("a.wav"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(corpus.prepare(false)).contains("spectrograms: 5 tracks");
        assertThat(corpus.audit("a.wav").sha256()).isNotEqualTo(before.sha256());
    }

    @Test
    void verifyFindsWhatTheStatusDoesNotTell() throws Exception {
        corpus.prepare(false);
        AuditRow before = corpus.audit("a.wav");
        assertThat(corpus.prepare(true))
                .contains("verified: 5 files hashed, 0 changed unnoticed; 5 cache entries read, 0 damaged")
                .contains("normaliser: fitted")
                .doesNotContain("skipped");
        Corpus.changeUnnoticed(folder.resolve("a.wav"));
        assertThat(corpus.prepare(true))
                .contains("a.wav: its content has changed, though its size, time and inode have not")
                .contains("5 files hashed, 1 changed unnoticed; 4 cache entries read, 0 damaged");
        assertThat(corpus.audit("a.wav").sha256()).isNotEqualTo(before.sha256());
        assertThat(corpus.prepare(false)).contains("spectrograms: unchanged, skipped");
    }

    @Test
    void verifyMakesDamagedCacheEntriesAnew() throws Exception {
        corpus.prepare(false);
        Path entry = corpus.entry("b.wav");
        byte[] sound = Files.readAllBytes(entry);
        Corpus.changeUnnoticed(entry);
        assertThat(corpus.prepare(false)).contains("spectrograms: unchanged, skipped");
        Files.write(corpus.entry("c.wav"), new byte[10]);
        assertThat(corpus.prepare(true))
                .contains("b.wav: its cache entry was damaged and was made anew: " + entry + " has the checksum")
                .contains("c.wav: its cache entry was damaged and was made anew")
                .contains("0 changed unnoticed; 5 cache entries read, 2 damaged and made anew");
        assertThat(Files.readAllBytes(entry)).isEqualTo(sound);
        assertThat(corpus.prepare(true)).contains("5 cache entries read, 0 damaged");
    }

    @Test
    void namesTheTrackWhoseSpectrogramHoldsWhatIsNoNumber() throws Exception {
        corpus.prepare(false);
        Path entry = corpus.entry("b.wav");
        byte[] content = Files.readAllBytes(entry);
        for (int i = content.length - 200; i < content.length; i += 2) {
            content[i] = 0;
            content[i + 1] = 0x7e;
        }
        Files.write(entry, content);
        Files.delete(folder.resolve("out/checkpoint/normalizer.json"));
        assertThatThrownBy(() -> corpus.prepare(false))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("the spectrogram of b.wav cannot be used")
                .hasMessageContaining("not finite")
                .hasMessageContaining("prepare --verify");
        assertThat(corpus.prepare(true)).contains("normaliser: fitted");
    }

    @Test
    void aCatalogueOfAnEarlierVersionIsAPlainUpgrade() throws Exception {
        corpus.prepare(false);
        try (var connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + corpus.cache().resolve("catalog.sqlite"));
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 1");
        }
        assertThat(corpus.prepare(true))
                .contains("was written by an earlier version of Melgauge")
                .contains("kept as catalog.sqlite.format-1, and a new one is filled")
                .contains("0 changed unnoticed; 0 cache entries read, 0 damaged")
                .doesNotContain("its cache entry was damaged");
    }

    @Test
    void theNumberOfWorkersChangesNoByte() throws Exception {
        for (int i = 0; i < 12; i++) {
            corpus.add("more" + i + ".wav", "train", 100 + i / 2);
        }
        Files.writeString(folder.resolve("broken.wav"), "no audio at all");
        corpus.list("broken.wav", "train");
        Map<String, Integer> one = filesOf(1);
        assertThat(one).hasSizeGreaterThan(10).containsKeys("audit.csv", "normalizer.json");
        assertThat(filesOf(3)).isEqualTo(one);
    }

    @Test
    void filesThatNobodyLabelledHaveAnAuditOfTheirOwn() throws Exception {
        Path audit = folder.resolve("library/audit.csv");
        Path text = Files.writeString(folder.resolve("text.mp3"), "no audio by any means, but long enough");
        LibraryPreparation library = new LibraryPreparation(RunFile.read(corpus.runFile(), List.of()), false);
        BatchCatalog.Inputs inputs = adder -> {
            adder.add("text", text, null);
            adder.add("b", folder.resolve("b.wav"), null);
            adder.add("\0", null, new Failure(Failure.Code.MISSING, "no file has such a name"));
            adder.add("b again", folder.resolve("b.wav"), null);
            adder.add("gone", folder.resolve("gone.wav"), null);
        };
        LibraryPreparation.Summary summary = library.prepare(inputs, audit, Monitor.SILENT);
        assertThat(summary).isEqualTo(new LibraryPreparation.Summary(5, 0, 3));
        List<AuditRow> rows = AuditCsv.read(audit);
        assertThat(rows).extracting(AuditRow::path).containsExactly("text", "b", "\0", "b again", "gone");
        assertThat(rows.get(0).reason()).startsWith("not-audio: ");
        assertThat(rows.get(2).reason()).isEqualTo("missing: no file has such a name");
        assertThat(rows.get(4).reason()).isEqualTo("missing: there is no such file");
        assertThat(rows.get(1).durationSeconds()).isEqualTo(3);
        // The same content, and the same cache, as the corpus has.
        assertThat(corpus.prepare(false)).contains("5 ok, 0 suspect, 0 rejected");
        assertThat(rows.get(3).forPath("b.wav")).isEqualTo(corpus.audit("b.wav"));
        byte[] before = Files.readAllBytes(audit);
        library.prepare(inputs, audit, Monitor.SILENT);
        assertThat(Files.readAllBytes(audit)).isEqualTo(before);
    }

    @Test
    void decodingInAProcessOfItsOwnChangesNoByte() throws Exception {
        Files.writeString(corpus.add("f.wav", "train", 6), "no audio by any means, but long enough");
        Map<String, Integer> inThisProcess = filesOf(2);
        Path cache = folder.resolve("isolated-cache");
        Path out = folder.resolve("isolated-out");
        corpus.prepare(false, "decoding.isolate=true", "cache=" + cache, "output=" + out);
        assertThat(inThisProcess).isEqualTo(bytes(cache, out));
    }

    /** The hash of every byte that a run on so many workers leaves. */
    private Map<String, Integer> filesOf(int workers) throws Exception {
        Path cache = folder.resolve("cache" + workers);
        Path out = folder.resolve("out" + workers);
        corpus.prepare(false, "workers=" + workers, "cache=" + cache, "output=" + out);
        return bytes(cache, out);
    }

    private static Map<String, Integer> bytes(Path cache, Path out) throws IOException {
        Map<String, Integer> files = new TreeMap<>();
        for (CacheFolder.Item item : new CacheFolder(cache).items()) {
            files.put(cache.relativize(item.file()).toString(), Arrays.hashCode(Files.readAllBytes(item.file())));
        }
        for (String name : new String[] {"audit.csv", "checkpoint/normalizer.json"}) {
            Path file = out.resolve(name);
            files.put(file.getFileName().toString(), Arrays.hashCode(Files.readAllBytes(file)));
        }
        return files;
    }

    @Test
    void tracksThatAreTheSameAudioTwiceAreSuspectAndUsed() throws Exception {
        Files.copy(folder.resolve("a.wav"), folder.resolve("copy.wav"));
        corpus.list("copy.wav", "train");
        // The same music 3 dB softer, at another sampling rate, with 50 ms of silence in front.
        float[] music = Corpus.music(3, 2);
        float[] soft = new float[2 * music.length + 800];
        for (int i = 0; i < 2 * music.length - 1; i++) {
            soft[800 + i] = 0.7f * (music[i / 2] + music[(i + 1) / 2]) / 2;
        }
        Corpus.wav(folder.resolve("soft.wav"), soft, 16000);
        corpus.list("soft.wav", "test");
        assertThat(corpus.prepare(false))
                .contains("3 ok, 4 suspect, 0 rejected; 2 pairs of tracks are the same audio, 1 of them on two sides of"
                        + " the split: give such tracks one group");
        assertThat(corpus.audit("a.wav").reason()).isEqualTo("has the same bytes as copy.wav");
        assertThat(corpus.audit("copy.wav").reason()).isEqualTo("has the same bytes as a.wav");
        assertThat(corpus.audit("b.wav").reason())
                .matches("sounds the same as soft\\.wav \\(fingerprints agree to (0\\.9\\d|1\\.00)\\)");
        assertThat(corpus.audit("soft.wav").reason()).startsWith("sounds the same as b.wav");
        assertThat(corpus.audit("c.wav").status()).isEqualTo(AuditRow.Status.OK);

        // What was found depends on the corpus: another one with the same cache knows nothing of it.
        Corpus other = new Corpus(folder);
        other.list("copy.wav", "train");
        other.list("soft.wav", "train");
        assertThat(other.prepare(false)).contains("2 ok, 0 suspect").doesNotContain("same audio");
    }

    @Test
    void silentTracksAreNotTheSame() throws Exception {
        Corpus.wav(folder.resolve("silent1.wav"), new float[24000], 8000);
        Corpus.wav(folder.resolve("silent2.wav"), new float[24080], 8000);
        corpus.list("silent1.wav", "train");
        corpus.list("silent2.wav", "train");
        assertThat(corpus.prepare(false)).contains("5 ok, 2 suspect").doesNotContain("same audio");
        assertThat(corpus.audit("silent1.wav").reason()).isEqualTo("silent");
    }

    @Test
    void channelsThatCancelEachOtherAreSuspectUntilOneOfThemIsChosen() throws Exception {
        float[] music = Corpus.music(3, 77);
        Corpus.wav(folder.resolve("opposite.wav"), 8000, music, Corpus.inverted(music));
        Corpus.wav(folder.resolve("one.wav"), 8000, music);
        corpus.list("opposite.wav", "train");
        assertThat(corpus.prepare(false)).contains("5 ok, 1 suspect");
        assertThat(corpus.audit("opposite.wav").reason())
                .isEqualTo("cancelled: its channels are opposite in phase, and their mean has no sound; set"
                        + " features.downmix to left or right");
        corpus.list("one.wav", "train");
        corpus.prepare(false, "features.downmix=left");
        // The left channel is the mono file, to the last bit: two tracks of different bytes sound the same.
        assertThat(corpus.audit("opposite.wav").reason()).startsWith("sounds the same as one.wav");
    }

    @Test
    void aDownmixHasSpectrogramsOfItsOwnWhichAreTheSameForMonoFiles() throws Exception {
        corpus.prepare(false);
        assertThat(corpus.prepare(false, "features.downmix=right")).doesNotContain("unchanged");
        String sha256 = corpus.audit("a.wav").sha256();
        List<byte[]> entries = new ArrayList<>();
        for (CacheFolder.Item item : new CacheFolder(corpus.cache()).items()) {
            if (item.sha256().equals(sha256)) {
                entries.add(Files.readAllBytes(item.file()));
            }
        }
        assertThat(entries).hasSize(2);
        assertThat(entries.get(1)).isEqualTo(entries.get(0));
    }

    @Test
    void aClipOfTheDemoIsRecognisedInAnotherEncoding() throws Exception {
        for (String name : new String[] {"freedoom_d-bunny_012.mp3", "freedoom_d-dm06_085.flac"}) {
            Audio audio = Decoder.standard().decode(DEMO.resolve(name), 22050).audio();
            float[] soft = new float[audio.samples().length];
            IntStream.range(0, soft.length).forEach(i -> soft[i] = 0.7f * audio.samples()[i]);
            Files.copy(DEMO.resolve(name), folder.resolve(name));
            Corpus.wav(folder.resolve(name + ".wav"), soft, 22050);
            corpus.list(name, "train");
            corpus.list(name + ".wav", "train");
        }
        assertThat(corpus.prepare(false))
                .contains("2 pairs of tracks are the same audio")
                .doesNotContain("two sides");
        assertThat(corpus.audit("freedoom_d-bunny_012.mp3").reason())
                .contains("sounds the same as freedoom_d-bunny_012.mp3.wav");
        assertThat(corpus.audit("freedoom_d-dm06_085.flac.wav").reason())
                .contains("sounds the same as freedoom_d-dm06_085.flac (");
    }

    @Test
    void saysWhichFileIsThereInPlaceOfAMissingOne() throws Exception {
        corpus.list("A.WAV", "train");
        corpus.list("http://example.org/a.wav", "train");
        assertThat(corpus.prepare(false)).contains("2 rejected");
        assertThat(corpus.audit("A.WAV").reason()).isEqualTo("missing: there is no such file; there is a.wav");
        assertThat(corpus.audit("http://example.org/a.wav").reason())
                .isEqualTo("not-a-file: is an address on a network, not a file");
        assertThat(corpus.prepare(false)).contains("spectrograms: unchanged, skipped");
        Files.move(folder.resolve("a.wav"), folder.resolve("a.flac"));
        assertThat(corpus.prepare(false)).contains("3 rejected");
        assertThat(corpus.audit("A.WAV").reason()).isEqualTo("missing: there is no such file; there is a.flac");
    }

    @Test
    void takesADataSetInTheLayoutOfAudiofolder() throws Exception {
        for (String side : List.of("train", "validation", "test")) {
            Files.createDirectories(folder.resolve("hf/" + side));
        }
        for (String name : List.of("train/a.wav", "train/b.wav", "train/c.wav", "validation/d.wav", "test/e.wav")) {
            String file = name.substring(name.indexOf('/') + 1);
            Path moved = folder.resolve("hf/" + name);
            Files.move(folder.resolve(file), moved);
            Files.writeString(
                    moved.resolveSibling("metadata.jsonl"),
                    "{\"file_name\": \"" + file + "\", \"v\": 0." + name.length() + "}\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
        String said = corpus.prepare(false, "corpus.manifest=" + folder.resolve("hf"));
        assertThat(said).contains("5 ok, 0 suspect, 0 rejected").contains("fitted on 3 training tracks");
        assertThat(corpus.audit("validation/d.wav").status()).isEqualTo(AuditRow.Status.OK);
    }
}
