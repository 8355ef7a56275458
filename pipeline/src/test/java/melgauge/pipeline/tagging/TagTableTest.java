package melgauge.pipeline.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
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
        assertThat(TagTable.Format.of(Path.of("a.CSV"))).isEqualTo(TagTable.Format.CSV);
        assertThat(TagTable.Format.of(Path.of("a.b.parquet"))).isEqualTo(TagTable.Format.PARQUET);
        assertThatThrownBy(() -> TagTable.Format.of(Path.of("csv")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("must end in");
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
        TagTable.Rows rows = sink -> sink.accept(TagRow.error("=1.mp3", "missing: there is no such file"));
        Path csv = folder.resolve("t.csv");
        TagTable.write(csv, TagTable.Format.CSV, List.of(), rows);
        assertThat(Files.readString(csv)).contains("\n./=1.mp3,error,");
        Path json = folder.resolve("t.jsonl");
        TagTable.write(json, TagTable.Format.JSONL, List.of(), rows);
        assertThat(Files.readString(json)).contains("\"path\":\"=1.mp3\"");
    }
}
