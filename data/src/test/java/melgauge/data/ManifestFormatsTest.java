package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However spreadsheets and programs write a manifest, the same tracks come out, and what is unusual is said. */
class ManifestFormatsTest {
    @TempDir
    Path folder;

    private Manifest read(String name, String text, Charset charset) throws IOException {
        Path file = Files.write(folder.resolve(name), text.getBytes(charset));
        return Manifest.read(file, folder, List.of(), Map.of());
    }

    private Manifest read(String text) throws IOException {
        return read("labels.csv", text, StandardCharsets.UTF_8);
    }

    private static void assertIsTheCorpus(Manifest manifest) {
        assertThat(manifest.targets()).containsExactly("valence", "arousal");
        assertThat(manifest.tracks()).extracting(Track::path).containsExactly("a.mp3", "b.mp3");
        assertThat(manifest.tracks()).extracting(Track::group).containsExactly("Ann", "Bob");
        assertThat(manifest.tracks().get(0).targets()).containsExactly(0.25, 1.0);
        assertThat(manifest.tracks().get(1).targets()).containsExactly(Double.NaN, 0.5);
    }

    private static String how(Manifest manifest) {
        assertThat(manifest.notes()).hasSize(2);
        return manifest.notes().get(0);
    }

    @Test
    void ofTheUsualFormNeedNoRemark() throws IOException {
        Manifest manifest = read("path,group,valence,arousal\na.mp3,Ann,0.25,1\nb.mp3,Bob,,0.5\n");
        assertIsTheCorpus(manifest);
        assertThat(manifest.notes()).containsExactly("learning valence and arousal");
    }

    @Test
    void haveSemicolonsAndDecimalCommasFromSpreadsheetsInMuchOfTheWorld() throws IOException {
        Manifest manifest = read("\uFEFFpath;group;valence;arousal\r\na.mp3;Ann;0,25;1\r\nb.mp3;Bob;;5E-1\r\n");
        assertIsTheCorpus(manifest);
        assertThat(how(manifest))
                .isEqualTo("labels.csv is read with ; between cells, CRLF line ends and a byte order mark;"
                        + " numbers have decimal commas");
    }

    @Test
    void haveDecimalCommasInQuotes() throws IOException {
        Manifest manifest = read("path,group,valence,arousal\na.mp3,Ann,\"0,25\",1\nb.mp3,Bob,,\"0,5\"\n");
        assertIsTheCorpus(manifest);
        assertThat(how(manifest)).isEqualTo("numbers have decimal commas");
    }

    @Test
    void mayNotMixDecimalCommasAndPointsInOneColumn() {
        assertThatThrownBy(() -> read("path;valence\na;0,25\nb;0.5\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("labels.csv:2: column valence: \"0,25\" is written with a decimal comma");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sep=;", "\"sep=;\"", "SEP=;", "sep=;;;;"})
    void mayBeginWithALineThatDeclaresTheSeparator(String line) throws IOException {
        Manifest manifest = read(line + "\r\npath;group;valence;arousal\r\na.mp3;Ann;0.25;1\r\nb.mp3;Bob;;0.5\r\n");
        assertIsTheCorpus(manifest);
        assertThat(how(manifest)).contains("the line " + line);
    }

    @Test
    void countLinesFromTheOneThatDeclaresTheSeparator() {
        assertThatThrownBy(() -> read("sep=;\npath;v\na;0.5\nb;2\n")).hasMessageContaining("labels.csv:4: column v: 2");
    }

    @Test
    void mayHaveTabsWhateverTheirNameEndsIn() throws IOException {
        for (String name : List.of("labels.tsv", "labels.txt")) {
            Manifest manifest = read(
                    name,
                    "path\tgroup\tvalence\tarousal\na.mp3\tAnn\t0.25\t1\nb.mp3\tBob\t\t0.5\n",
                    StandardCharsets.UTF_8);
            assertIsTheCorpus(manifest);
            assertThat(how(manifest)).isEqualTo(name + " is read with tabs between cells");
        }
    }

    @Test
    void takeTheSeparatorThatSetsThePathApart() throws IOException {
        Manifest manifest = read("note; or; what; you; like,path,v\nx,a.mp3,0.5\n");
        assertThat(manifest.tracks()).extracting(Track::path).containsExactly("a.mp3");
    }

    @Test
    void mayBeInUtf16() throws IOException {
        for (Charset charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            Manifest manifest = read(
                    "labels.csv",
                    "\uFEFFpath\tgroup\tvalence\tarousal\r\na.mp3\tAnn\t0.25\t1\r\nb.mp3\tBob\t\t0.5\r\n",
                    charset);
            assertIsTheCorpus(manifest);
            assertThat(how(manifest)).contains("UTF-16");
        }
    }

    @Test
    void inAnotherEncodingAreRefusedWithTheRemedy() {
        assertThatThrownBy(() -> read("labels.csv", "path,v\ncaf\u00e9.mp3,0.5\n", StandardCharsets.ISO_8859_1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("labels.csv is not UTF-8 text; save it in UTF-8");
    }

    @Test
    void mayHaveSpacesBehindCommas() throws IOException {
        Manifest manifest = read("path, group, valence, arousal\na.mp3, \"Ann\", 0.25, 1\nb.mp3, Bob, , 0.5\n");
        assertIsTheCorpus(manifest);
    }

    @Test
    void mayHaveTheEmptyColumnsAndRowsOfASpreadsheet() throws IOException {
        Manifest manifest =
                read("path,group,valence,arousal,,\na.mp3,Ann,0.25,1,,\n,,,,,\nb.mp3,Bob,,0.5,,\n , ,,,,\n,,,,,\n");
        assertIsTheCorpus(manifest);
        assertThat(manifest.notes()).containsExactly("learning valence and arousal");
        assertIsTheCorpus(read("path,group,valence,arousal\na.mp3,Ann,0.25,1,,,\nb.mp3,Bob,,0.5,\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "NA", "N/A", "n/a", "null", "NULL", "None", "#N/A", "nan", "NaN", "<NA>"})
    void writeEmptyCellsInManyWays(String word) throws IOException {
        Manifest manifest = read("path,group,valence,arousal\na.mp3,Ann,0.25,1\nb.mp3,Bob," + word + ",0.5\n");
        assertIsTheCorpus(manifest);
        assertThat(read("path,group,v\na.mp3," + word + ",0.5\n")
                        .tracks()
                        .get(0)
                        .group())
                .isEqualTo("a.mp3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"path", "Path", "file", "filename", "file_name", "filepath", "FileName", "FILE_PATH", "File Name"
            })
    void callTheColumnOfPathsByManyNames(String name) throws IOException {
        Manifest manifest = read(name + ",group,valence,arousal\na.mp3,Ann,0.25,1\nb.mp3,Bob,,0.5\n");
        assertIsTheCorpus(manifest);
        if (name.equals("path")) {
            assertThat(manifest.notes()).hasSize(1);
        } else {
            assertThat(how(manifest)).isEqualTo("column " + name + " is read as path");
        }
    }

    @Test
    void preferThePathAndRefuseToChooseBetweenOtherNames() throws IOException {
        assertThat(read("file,path,v\nx,a.mp3,0.5\n").tracks().get(0).path()).isEqualTo("a.mp3");
        assertThatThrownBy(() -> read("file,filename,v\nx,a.mp3,0.5\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("columns file and filename may both name the audio files");
    }

    @Test
    void mayBeJsonLines() throws IOException {
        Manifest manifest = read("labels.jsonl", """
                {"path": "a.mp3", "group": "Ann", "valence": 0.25, "arousal": 1}

                {"arousal": 5e-1, "path": "b.mp3", "valence": NaN, "group": "Bob", "note": null, "tags": ["x", 1]}
                """, StandardCharsets.UTF_8);
        assertIsTheCorpus(manifest);
        assertThat(manifest.notes())
                .containsExactly(
                        "labels.jsonl is read with JSON lines",
                        "learning valence and arousal; not learning: note (empty), tags (text)");
    }

    @Test
    void inBadJsonLinesAreRefusedWithTheLine() {
        for (String line : List.of("{\"path\": \"b\"", "[1]", "{\"path\": 1, \"path\": 2}", "{} {}")) {
            assertThatThrownBy(() ->
                            read("labels.jsonl", "{\"path\": \"a\", \"v\": 1}\n" + line + "\n", StandardCharsets.UTF_8))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("labels.jsonl:2: ");
        }
    }
}
