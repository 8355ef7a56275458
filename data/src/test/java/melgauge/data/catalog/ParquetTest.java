package melgauge.data.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import melgauge.data.Natives;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetTest {
    @TempDir
    private Path folder;

    @Test
    void theLibraryIsKeptAmongTheNativesAndNotInTheTemporaryFolder() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        Set<String> before = names(temporary);
        Path csv = Files.writeString(folder.resolve("a.csv"), "name\nx\n");

        Parquet.fromCsv(csv, Map.of("name", Parquet.Type.TEXT), Map.of(), folder.resolve("a.parquet"));

        assertThat(folder.resolve("a.parquet")).isNotEmptyFile();
        assertThat(names(Natives.folder())).anyMatch(name -> name.startsWith("duckdb_jdbc-"));
        Set<String> after = names(temporary);
        after.removeAll(before);
        assertThat(after).noneMatch(name -> name.startsWith("libduckdb_java"));
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).collect(Collectors.toSet());
        }
    }
}
