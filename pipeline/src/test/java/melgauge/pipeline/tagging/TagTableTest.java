package melgauge.pipeline.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
        List<TagTable.Column> columns =
                List.of(TagTable.Column.text("path"), TagTable.Column.number("v", 3), TagTable.Column.integer("n"));
        TagTable.Rows rows = sink -> {
            sink.accept(List.of("=1.mp3", -0.5, 2));
            sink.accept(Arrays.asList("b", null, null));
        };
        Path csv = folder.resolve("t.csv");
        new TagTable(columns).write(csv, Map.of(), rows);
        assertThat(Files.readString(csv)).isEqualTo("path,v,n\n./=1.mp3,-0.500,2\nb,,\n");
        Path json = folder.resolve("t.jsonl");
        new TagTable(columns).write(json, Map.of(), rows);
        assertThat(Files.readString(json)).endsWith("{\"path\":\"b\",\"v\":null,\"n\":null}\n");
        assertThat(Files.readString(json)).contains("\"path\":\"=1.mp3\"");
    }
}
