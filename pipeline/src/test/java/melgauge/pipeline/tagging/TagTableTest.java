package melgauge.pipeline.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import melgauge.data.Failure;
import melgauge.data.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TagTableTest {
    @TempDir
    Path folder;

    @Test
    void choosesTheFormatByTheNamesEnding() {
        assertThat(TagTable.Format.of("--out", Path.of("a.CSV"))).isEqualTo(TagTable.Format.CSV);
        assertThat(TagTable.Format.of("--out", Path.of("a.b.parquet"))).isEqualTo(TagTable.Format.PARQUET);
        assertThatThrownBy(() -> TagTable.Format.of("--out", Path.of("csv")))
                .isInstanceOf(UsageException.class)
                .hasMessage("--out csv must end in .csv, .jsonl or .parquet");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=cmd|'calc'!A0.wav",
                "+1.mp3",
                "-rf.wav",
                "@SUM(A1).mp3",
                "\t=1.mp3",
                "\ra.mp3",
                "\na.mp3",
                " =1.mp3",
                "\uFF1D1.mp3"
            })
    void aPathThatIsAFormulaToASpreadsheetGetsAStartThatChangesNotWhatItNames(String path) {
        assertThat(TagTable.cell(path)).isEqualTo("./" + path);
        assertThat(folder.resolve(TagTable.cell(path)).normalize()).isEqualTo(folder.resolve(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=b.mp3", "/-rf.wav", "./=1.mp3", "a", "", " a.mp3", "'=1.mp3", "\u00e9=.mp3", "\\x3D"})
    void otherPathsStayAsTheyAre(String path) {
        assertThat(TagTable.cell(path)).isEqualTo(path);
    }

    @ParameterizedTest
    @EnumSource
    void noErrorIsAFormula(Failure.Code code) {
        assertThat(new Failure(code, "=1").toString()).matches("[a-z].*");
    }

    @Test
    void onlyCsvIsOpenedBySpreadsheets() throws IOException {
        List<TagTable.Column> columns = List.of(
                TagTable.Column.text("path"), TagTable.Column.integer("patches"), TagTable.Column.number("mood", 1));
        TagTable.Rows rows = sink -> sink.accept(List.of("=1.mp3", -1, -0.5));
        Path csv = folder.resolve("t.csv");
        new TagTable(csv, columns).write(rows);
        assertThat(csv).hasContent("path,patches,mood\n./=1.mp3,-1,-0.5\n");
        Path json = folder.resolve("t.jsonl");
        new TagTable(json, columns).write(rows);
        assertThat(json).hasContent("{\"path\":\"=1.mp3\",\"patches\":-1,\"mood\":-0.5}");
        // Parquet is made from CSV.
        Path parquet = folder.resolve("t.parquet");
        new TagTable(parquet, columns).write(rows);
        assertThat(new String(Files.readAllBytes(parquet), StandardCharsets.ISO_8859_1))
                .contains("=1.mp3")
                .doesNotContain("./=1.mp3");
    }
}
