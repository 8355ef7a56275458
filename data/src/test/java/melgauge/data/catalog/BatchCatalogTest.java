package melgauge.data.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import melgauge.data.Failure;
import melgauge.data.FileStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchCatalogTest {
    private static final FileStatus STATUS = new FileStatus(7, 8, "9");

    @TempDir
    Path folder;

    private static BatchCatalog.Result result(String json) {
        return new BatchCatalog.Result(STATUS, json, null, null);
    }

    private static List<String> rows(BatchCatalog catalog, String maker) throws IOException {
        List<String> rows = new ArrayList<>();
        catalog.forEach(
                maker,
                (input, known) -> rows.add(
                        input.number() + " " + input.path() + " " + (known == null ? input.failure() : known.json())));
        return rows;
    }

    @Test
    void joinsInputsInTheirOrderWithWhatIsKnownOfTheirFiles() throws IOException {
        Path file = folder.resolve("tags.csv.catalog");
        Path a = folder.resolve("a");
        Path b = folder.resolve("b");
        try (BatchCatalog catalog = BatchCatalog.open(file)) {
            assertThat(catalog.setInputs(adder -> {
                        adder.add("./b", b, null);
                        adder.add("a", a, null);
                        adder.add("b again", b, null);
                        adder.add("\0", null, new Failure(Failure.Code.MISSING, "can be no file"));
                    }))
                    .isEqualTo(4);
            catalog.put("model 1", b, result("B"));
            catalog.put("model 2", a, result("A of another model"));
        }
        try (BatchCatalog catalog = BatchCatalog.open(file)) {
            assertThat(rows(catalog, "model 1"))
                    .containsExactly("0 ./b B", "1 a null", "2 b again B", "3 \0 missing: can be no file");
            assertThat(catalog.result("model 1", b).orElseThrow().status()).isEqualTo(STATUS);
            assertThat(catalog.result("model 1", a)).isEmpty();
            catalog.put("model 1", b, new BatchCatalog.Result(null, "B2", new byte[] {1}, new byte[] {2, 3}));
            BatchCatalog.Result again = catalog.result("model 1", b).orElseThrow();
            assertThat(again.status()).isNull();
            assertThat(again.json()).isEqualTo("B2");
            assertThat(again.series()).containsExactly(1);
            assertThat(again.vector()).containsExactly(2, 3);
        }
    }

    @Test
    void aRevisionKeepsSeriesAndVectorAndOtherMakers() throws IOException {
        Path a = folder.resolve("a");
        try (BatchCatalog catalog = BatchCatalog.open(folder.resolve("tags.csv.catalog"))) {
            catalog.put("m", a, new BatchCatalog.Result(STATUS, "A", new byte[] {1}, new byte[] {2, 3}));
            catalog.put("n", a, result("A of n"));
            FileStatus later = new FileStatus(10, 11, "12");
            catalog.revise("m", a, later, "A, later");
            catalog.revise("m", folder.resolve("unknown"), later, "nothing");
            BatchCatalog.Result revised = catalog.result("m", a).orElseThrow();
            assertThat(revised.status()).isEqualTo(later);
            assertThat(revised.json()).isEqualTo("A, later");
            assertThat(revised.series()).containsExactly(1);
            assertThat(revised.vector()).containsExactly(2, 3);
            assertThat(catalog.result("n", a).orElseThrow().status()).isEqualTo(STATUS);
            assertThat(catalog.result("m", folder.resolve("unknown"))).isEmpty();
        }
    }

    @Test
    void newInputsReplaceTheOldOnesAndKeepTheResults() throws IOException {
        Path a = folder.resolve("a");
        try (BatchCatalog catalog = BatchCatalog.open(folder.resolve("c"))) {
            catalog.setInputs(adder -> adder.add("a", a, null));
            catalog.put("m", a, result("A"));
            catalog.setInputs(adder -> {
                adder.add("new", folder.resolve("new"), null);
                adder.add("a", a, null);
            });
            assertThat(rows(catalog, "m")).containsExactly("0 new null", "1 a A");
        }
    }

    @Test
    void aListThatCannotBeReadToItsEndChangesNothing() throws IOException {
        try (BatchCatalog catalog = BatchCatalog.open(folder.resolve("c"))) {
            catalog.setInputs(adder -> adder.add("a", folder.resolve("a"), null));
            assertThatThrownBy(() -> catalog.setInputs(adder -> {
                        adder.add("b", folder.resolve("b"), null);
                        throw new IOException("the list ends within a line");
                    }))
                    .hasMessage("the list ends within a line");
            assertThat(rows(catalog, "m")).containsExactly("0 a null");
        }
    }

    @Test
    void keepsNamesThatAreNoText() throws IOException {
        Path odd = Path.of(URI.create("file://" + folder.toUri().getRawPath() + "caf%E9%0Aa"));
        try (BatchCatalog catalog = BatchCatalog.open(folder.resolve("c"))) {
            catalog.setInputs(adder -> adder.add("odd", odd, null));
            catalog.put("m", odd, result("odd"));
            Path back =
                    Objects.requireNonNull(catalog.inputs(input -> input).next().file());
            assertThat(back).isEqualTo(odd);
            assertThat(catalog.result("m", back)).isPresent();
        }
    }

    @Test
    void givesAllInputsThoughItReadsThemInPages() throws IOException {
        try (BatchCatalog catalog = BatchCatalog.open(folder.resolve("c"))) {
            catalog.setInputs(adder -> {
                for (int i = 0; i < 1000; i++) {
                    adder.add("t" + i, folder.resolve("t" + i), null);
                }
            });
            List<String> paths = new ArrayList<>();
            catalog.inputs(input -> input).forEachRemaining(input -> {
                assertThat(input.number()).isEqualTo(paths.size());
                paths.add(input.path());
            });
            assertThat(paths)
                    .hasSize(1000)
                    .doesNotHaveDuplicates()
                    .startsWith("t0", "t1")
                    .endsWith("t999");
        }
    }

    @Test
    void aFileThatIsNoCatalogueIsKeptAsideAndANewOneIsFilled() throws IOException {
        Path file =
                Files.write(folder.resolve("c"), "no database at all".repeat(50).getBytes(StandardCharsets.UTF_8));
        try (BatchCatalog catalog = BatchCatalog.open(file)) {
            assertThat(catalog.inputs(input -> input)).isExhausted();
            assertThat(folder.resolve("c.damaged")).exists();
        }
    }
}
