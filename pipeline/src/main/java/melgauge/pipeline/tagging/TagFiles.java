package melgauge.pipeline.tagging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import melgauge.data.AtomicFile;
import melgauge.data.catalog.BatchCatalog;
import melgauge.data.io.FloatBytes;
import melgauge.features.Framing;
import melgauge.features.Npy;
import melgauge.model.ModelBundle;
import melgauge.model.Segment;
import melgauge.pipeline.Version;
import org.jspecify.annotations.Nullable;

/** Writes what a catalogue holds of a finished job. Each file is written whole or not at all. */
final class TagFiles {
    private final ModelBundle bundle;
    private final BatchCatalog catalog;
    private final String maker;

    TagFiles(ModelBundle bundle, BatchCatalog catalog, String maker) {
        this.bundle = bundle;
        this.catalog = catalog;
        this.maker = maker;
    }

    /** Writes a row for each input; the rows are counted. */
    void writeTable(Path output, TagRows rows) throws IOException {
        new TagTable(rows.columns())
                .write(
                        output,
                        metadata(),
                        sink -> catalog.forEach(maker, (input, result) -> {
                            TagRow row = Tagger.row(input, result);
                            rows.count(input.path(), row);
                            sink.accept(rows.cells(input.path(), row));
                        }));
    }

    /** Writes a row for each patch of each input that has a prediction: {@code path,start,end,NAME,…}, in seconds. */
    void writeSegments(Path output) throws IOException {
        List<TagTable.Column> columns = new ArrayList<>(List.of(
                TagTable.Column.text("path"), TagTable.Column.number("start", 3), TagTable.Column.number("end", 3)));
        bundle.targets().forEach(target -> columns.add(TagTable.Column.number(target.name(), 6)));
        new TagTable(columns)
                .write(
                        output,
                        metadata(),
                        sink -> catalog.forEach(maker, (input, result) -> {
                            TagRow row = Tagger.row(input, result);
                            if (row.failed() || result == null || result.series() == null) {
                                return;
                            }
                            float[] series = FloatBytes.floats(result.series());
                            for (Segment segment : bundle.segments(series, row.frames(), row.durationSeconds())) {
                                List<@Nullable Object> cells =
                                        new ArrayList<>(List.of(input.path(), segment.start(), segment.end()));
                                cells.addAll(segment.values().values());
                                sink.accept(cells);
                            }
                        }));
    }

    private Map<String, String> metadata() {
        return Map.of("melgauge.model", maker, "melgauge.version", Version.text());
    }

    /** Writes {@code [inputs, units]}, float32, in the order of the table; NaN where there is no prediction. */
    void writeEmbeddings(Path output) throws IOException {
        int[] units = new int[1];
        catalog.forEach(maker, (input, result) -> {
            if (result != null && result.vector() != null) {
                units[0] = result.vector().length / Float.BYTES;
            }
        });
        float[] nothing = new float[Math.max(1, units[0])];
        Arrays.fill(nothing, Float.NaN);
        try (AtomicFile.Draft draft = AtomicFile.Draft.of(output)) {
            Npy.Writer writer = new Npy.Writer(draft.channel(), Framing.Storage.FLOAT32, nothing.length);
            catalog.forEach(
                    maker,
                    (input, result) -> writer.accept(
                            result == null || result.vector() == null ? nothing : FloatBytes.floats(result.vector())));
            writer.finish();
            draft.publish();
        }
    }
}
