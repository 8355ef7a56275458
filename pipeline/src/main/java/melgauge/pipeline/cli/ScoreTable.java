package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import melgauge.data.Subset;
import melgauge.model.Evaluation;
import melgauge.model.TargetScores;
import melgauge.pipeline.results.Results;

/** Prints scores beside both baselines. */
final class ScoreTable {
    private ScoreTable() {}

    static void print(PrintWriter out, Results results) {
        Subset side = results.heldOut();
        Evaluation network = results.network(side);
        Evaluation mean = results.meanPredictor(side);
        Evaluation ridge = results.ridge(side);
        int width = Math.max(
                "mean of targets".length(),
                network.targets().keySet().stream()
                        .mapToInt(String::length)
                        .max()
                        .orElse(0));
        out.printf(
                Locale.ROOT,
                "%d %s tracks%n%-" + width + "s |%29s | %14s | %21s%n",
                network.tracks(),
                side.word(),
                "",
                "network",
                "mean predictor",
                "ridge regression");
        out.printf(
                Locale.ROOT,
                "%-" + width + "s |%7s%7s%7s%8s | %7s%7s | %7s%7s%7s%n",
                "target",
                "R²",
                "r",
                "CCC",
                "spread",
                "R²",
                "RMSE",
                "R²",
                "r",
                "CCC");
        for (Map.Entry<String, TargetScores> entry : network.targets().entrySet()) {
            TargetScores n = entry.getValue();
            TargetScores m = Objects.requireNonNull(mean.targets().get(entry.getKey()));
            TargetScores r = Objects.requireNonNull(ridge.targets().get(entry.getKey()));
            row(
                    out,
                    width,
                    entry.getKey(),
                    n.r2(),
                    n.pearson(),
                    n.ccc(),
                    n.spreadRatio(),
                    m.r2(),
                    m.rmse(),
                    r.r2(),
                    r.pearson(),
                    r.ccc());
        }
        row(
                out,
                width,
                "mean of targets",
                network.mean(TargetScores::r2),
                network.mean(TargetScores::pearson),
                network.mean(TargetScores::ccc),
                network.mean(TargetScores::spreadRatio),
                mean.mean(TargetScores::r2),
                mean.mean(TargetScores::rmse),
                ridge.mean(TargetScores::r2),
                ridge.mean(TargetScores::pearson),
                ridge.mean(TargetScores::ccc));
        out.flush();
    }

    private static void row(PrintWriter out, int width, String name, double... scores) {
        out.printf(Locale.ROOT, "%-" + width + "s |", name);
        for (int i = 0; i < scores.length; i++) {
            String cell = i == 3
                    ? String.format(Locale.ROOT, "%.0f %%", 100 * scores[i])
                    : String.format(Locale.ROOT, "%.3f", scores[i]);
            out.printf(
                    i == 3 ? "%8s |" : i == 5 ? "%7s |" : i == 4 || i == 6 ? "%8s" : "%7s",
                    Double.isNaN(scores[i]) ? "–" : cell);
        }
        out.println();
    }
}
