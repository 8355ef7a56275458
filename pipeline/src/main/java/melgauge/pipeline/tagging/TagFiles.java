package melgauge.pipeline.tagging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import melgauge.data.AtomicFile;
import melgauge.data.catalog.BatchCatalog;
import melgauge.features.MelSpec;
import melgauge.features.Npy;
import melgauge.model.FloatBytes;
import melgauge.model.ModelBundle;
import melgauge.model.Target;
import org.jspecify.annotations.Nullable;

/** Writes what a catalogue holds of a finished job. Each file is written whole or not at all. */
final class TagFiles {
    /** The table has them all. */
    private static final int MOST_FAILURES = 5;

    private final ModelBundle bundle;
    private final BatchCatalog catalog;
    private final String maker;

    TagFiles(ModelBundle bundle, BatchCatalog catalog, String maker) {
        this.bundle = bundle;
        this.catalog = catalog;
        this.maker = maker;
    }

    /**
     * Counts of a table's rows.
     *
     * @param errors rows without a prediction
     * @param seen rows of files that trained or validated the model
     * @param failures the first few rows without a prediction: path and reason
     */
    record Written(long errors, long seen, List<String> failures) {}

    /**
     * Writes a row for each input: {@code path,status,code,error,durationSeconds,patches,NAME,NAME_spread,…,flags}.
     *
     * @param tags whether to flag files that have no tags although they were to get some
     */
    Written writeTable(Path output, boolean tags) throws IOException {
        List<TagTable.Column> columns = new ArrayList<>(List.of(
                TagTable.Column.text("path"),
                TagTable.Column.text("status"),
                TagTable.Column.text("code"),
                TagTable.Column.text("error"),
                TagTable.Column.number("durationSeconds", 3),
                TagTable.Column.integer("patches")));
        for (Target target : bundle.targets()) {
            columns.add(TagTable.Column.number(target.name(), 6));
            columns.add(TagTable.Column.number(target.name() + "_spread", 6));
        }
        columns.add(TagTable.Column.text("flags"));
        long[] errors = new long[1];
        long[] seen = new long[1];
        List<String> failures = new ArrayList<>();
        new TagTable(output, columns)
                .write(sink -> catalog.forEach(maker, (input, result) -> {
                    TagRow row = Tagger.row(input, result);
                    errors[0] += row.failed() ? 1 : 0;
                    if (row.failed() && failures.size() < MOST_FAILURES) {
                        failures.add(input.path() + ": " + row.errorSentence());
                    }
                    seen[0] += Flags.contains(row.flags(), Flags.SEEN) ? 1 : 0;
                    List<@Nullable Object> cells = new ArrayList<>(Arrays.asList(
                            input.path(),
                            row.status(),
                            row.errorCode(),
                            row.errorSentence(),
                            row.failed() ? null : row.durationSeconds(),
                            row.patches()));
                    for (int t = 0; t < bundle.targets().size(); t++) {
                        cells.add(row.failed() ? null : row.values().get(t));
                        cells.add(row.failed() ? null : row.spreads().get(t));
                    }
                    cells.add(tags && row.untagged() ? Flags.with(row.flags(), Flags.NOT_TAGGED) : row.flags());
                    sink.accept(cells);
                }));
        return new Written(errors[0], seen[0], failures);
    }

    /** Writes a row for each patch of each input that has a prediction: {@code path,start,end,NAME,…}, in seconds. */
    void writeSegments(Path output) throws IOException {
        List<TagTable.Column> columns = new ArrayList<>(List.of(
                TagTable.Column.text("path"), TagTable.Column.number("start", 3), TagTable.Column.number("end", 3)));
        bundle.targets().forEach(target -> columns.add(TagTable.Column.number(target.name(), 6)));
        MelSpec features = bundle.features();
        double secondsPerFrame = features.hopLength() / (double) features.sampleRate();
        int outputs = bundle.targets().size();
        new TagTable(output, columns)
                .write(sink -> catalog.forEach(maker, (input, result) -> {
                    TagRow row = Tagger.row(input, result);
                    if (row.failed() || result == null || result.series() == null) {
                        return;
                    }
                    float[] series = FloatBytes.floats(result.series());
                    int[] starts = bundle.patch().starts(row.frames());
                    for (int patch = 0; patch < starts.length; patch++) {
                        double start = starts[patch] * secondsPerFrame;
                        double end = start + bundle.patch().frames() * secondsPerFrame;
                        List<@Nullable Object> cells = new ArrayList<>(
                                Arrays.asList(input.path(), start, Math.min(end, row.durationSeconds())));
                        for (int t = 0; t < outputs; t++) {
                            cells.add(bundle.targets().get(t).scale().fromUnit(series[patch * outputs + t]));
                        }
                        sink.accept(cells);
                    }
                }));
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
            Npy.Writer writer = new Npy.Writer(draft.channel(), MelSpec.Storage.FLOAT32, nothing.length);
            catalog.forEach(
                    maker,
                    (input, result) -> writer.accept(
                            result == null || result.vector() == null ? nothing : FloatBytes.floats(result.vector())));
            writer.finish();
            draft.publish();
        }
    }
}
