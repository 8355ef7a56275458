package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import melgauge.model.Score;
import melgauge.pipeline.results.FoldResults;
import melgauge.pipeline.results.FoldResults.Predictor;
import melgauge.pipeline.results.FoldResults.Summary;

/** Prints the scores of a cross-validation: mean ± standard deviation over folds. */
final class FoldTable {
    private FoldTable() {}

    static void print(PrintWriter out, FoldResults results) {
        List<String> names = new ArrayList<>(results.targets());
        names.add(FoldResults.MEAN);
        int width = names.stream().mapToInt(String::length).max().orElseThrow();
        out.printf(
                Locale.ROOT,
                "%d folds, %d tracks, each tested once; mean ± standard deviation over folds%n",
                results.folds().size(),
                results.tracks());
        StringBuilder titles = new StringBuilder(" ".repeat(width));
        StringBuilder header = new StringBuilder(String.format("%-" + width + "s", "target"));
        for (Predictor predictor : results.predictors()) {
            titles.append(String.format(predictor == Predictor.MEAN ? " | %15s" : " | %31s", title(predictor)));
            header.append(predictor == Predictor.MEAN ? "" : String.format(" | %15s", "r"))
                    .append(String.format(predictor == Predictor.MEAN ? " | %15s" : " %15s", "R²"));
        }
        out.println(titles);
        out.println(header);
        for (String name : names) {
            StringBuilder line = new StringBuilder(String.format("%-" + width + "s", name));
            for (Predictor predictor : results.predictors()) {
                String r2 = cell(results.summary(predictor, name, Score.R2));
                line.append(
                        predictor == Predictor.MEAN
                                ? String.format(" | %15s", r2)
                                : String.format(
                                        " | %15s %15s", cell(results.summary(predictor, name, Score.PEARSON)), r2));
            }
            out.println(line);
        }
        out.flush();
    }

    private static String title(Predictor predictor) {
        return switch (predictor) {
            case NETWORK -> "network";
            case BLEND -> "both";
            case MODULATION -> "modulation regression";
            case RIDGE -> "ridge regression";
            case MEAN -> "mean predictor";
        };
    }

    static String cell(Summary summary) {
        return Double.isNaN(summary.mean())
                ? "–"
                : String.format(Locale.ROOT, "%.3f", summary.mean())
                        + (Double.isNaN(summary.sd()) ? "" : String.format(Locale.ROOT, " ± %.3f", summary.sd()));
    }
}
