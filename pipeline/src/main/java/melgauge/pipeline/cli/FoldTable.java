package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import melgauge.model.scores.Score;
import melgauge.pipeline.results.FoldResults;
import melgauge.pipeline.results.FoldResults.Predictor;
import melgauge.pipeline.results.FoldResults.Summary;

/** Prints the scores of a cross-validation, in at most 100 columns. */
final class FoldTable {
    private static final int NAME = 24;

    private FoldTable() {}

    /** Prints each predictor's mean over targets, then each target's scores of the model and of ridge regression. */
    static void print(PrintWriter out, FoldResults results) {
        out.printf(
                Locale.ROOT,
                "%d folds, %d tracks, each tested once; mean ± standard deviation over folds%n",
                results.folds().size(),
                results.tracks());
        line(out, FoldResults.MEAN, List.of("r", "R²"));
        for (Predictor predictor : results.predictors()) {
            line(out, title(results, predictor), cells(results, predictor, FoldResults.MEAN));
        }
        out.println();
        Predictor model = results.model();
        line(out, "", List.of("", title(results, model), "", "ridge regression"));
        line(out, "target", List.of("r", "R²", "r", "R²"));
        for (String target : results.targets()) {
            List<String> own = cells(results, model, target);
            List<String> ridge = cells(results, Predictor.RIDGE, target);
            line(out, target, List.of(own.get(0), own.get(1), ridge.get(0), ridge.get(1)));
        }
        results.behindRegression().ifPresent(finding -> {
            out.println();
            out.println("WARNING " + finding.code() + ": " + finding.evidence());
            out.println("   Remedy: " + finding.remedy());
        });
        out.flush();
    }

    private static List<String> cells(FoldResults results, Predictor predictor, String name) {
        return List.of(
                cell(results.summary(predictor, name, Score.PEARSON)),
                cell(results.summary(predictor, name, Score.R2)));
    }

    private static void line(PrintWriter out, String name, List<String> cells) {
        StringBuilder line = new StringBuilder(
                String.format("%-" + NAME + "s", name.length() > NAME ? name.substring(0, NAME - 1) + "…" : name));
        cells.forEach(cell -> line.append(String.format(" %17s", cell)));
        out.println(line.toString().stripTrailing());
    }

    private static String title(FoldResults results, Predictor predictor) {
        return switch (predictor) {
            case NETWORK -> results.blends() ? "network alone" : "network";
            case BLEND -> "the model";
            case MODULATION -> "modulation regression";
            case RIDGE -> "ridge regression";
            case MEAN -> "mean predictor";
        };
    }

    static String cell(Summary summary) {
        if (Double.isNaN(summary.mean())) {
            return "–";
        }
        return Double.isNaN(summary.sd())
                ? String.format(Locale.ROOT, "%.3f", summary.mean())
                : String.format(Locale.ROOT, "%.3f ± %.3f", summary.mean(), summary.sd());
    }
}
