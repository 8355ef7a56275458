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
        out.printf("%-" + width + "s | %31s | %31s | %15s%n", "", "network", "ridge regression", "mean predictor");
        out.printf("%-" + width + "s | %15s %15s | %15s %15s | %15s%n", "target", "r", "R²", "r", "R²", "R²");
        for (String name : names) {
            out.printf(
                    "%-" + width + "s | %15s %15s | %15s %15s | %15s%n",
                    name,
                    cell(results.summary(Predictor.NETWORK, name, Score.PEARSON)),
                    cell(results.summary(Predictor.NETWORK, name, Score.R2)),
                    cell(results.summary(Predictor.RIDGE, name, Score.PEARSON)),
                    cell(results.summary(Predictor.RIDGE, name, Score.R2)),
                    cell(results.summary(Predictor.MEAN, name, Score.R2)));
        }
        out.flush();
    }

    static String cell(Summary summary) {
        return Double.isNaN(summary.mean())
                ? "–"
                : String.format(Locale.ROOT, "%.3f", summary.mean())
                        + (Double.isNaN(summary.sd()) ? "" : String.format(Locale.ROOT, " ± %.3f", summary.sd()));
    }
}
