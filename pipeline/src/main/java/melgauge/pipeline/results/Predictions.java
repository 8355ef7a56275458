package melgauge.pipeline.results;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import melgauge.data.Scale;
import melgauge.model.task.Target;

/** Writes tables of predictions such as {@code predictions.csv}, in units of each target's rating scale. */
final class Predictions {
    private Predictions() {}

    /**
     * Writes the file, atomically.
     *
     * @param part name of the second column, which {@code partOf} fills: the part of the corpus that a track is in
     */
    static void write(
            Path file, String part, List<Target> targets, List<Results.Row> rows, Function<Results.Row, String> partOf)
            throws IOException {
        List<String> header = new ArrayList<>(List.of("path", part));
        for (Target target : targets) {
            header.add(target.name());
            header.add(target.name() + "_true");
            header.add(target.name() + "_spread");
        }
        Csv.write(file, header, printer -> {
            for (Results.Row row : rows) {
                List<Object> cells = new ArrayList<>(List.of(row.path(), partOf.apply(row)));
                for (int t = 0; t < targets.size(); t++) {
                    Scale scale = targets.get(t).scale();
                    cells.add(number(scale.fromUnit(row.mean()[t])));
                    cells.add(Float.isNaN(row.labels()[t]) ? "" : number(scale.fromUnit(row.labels()[t])));
                    cells.add(number(scale.widthFromUnit(row.spread()[t])));
                }
                printer.printRecord(cells);
            }
        });
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }
}
