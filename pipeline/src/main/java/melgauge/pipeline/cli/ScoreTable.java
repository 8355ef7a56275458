package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import melgauge.data.Subset;
import melgauge.model.Evaluation;
import melgauge.model.Intervals;
import melgauge.model.Intervals.Interval;
import melgauge.model.Score;
import melgauge.model.TargetScores;
import melgauge.pipeline.results.Results;

/** Prints scores beside the baselines. */
final class ScoreTable {
    private ScoreTable() {}

    static void print(PrintWriter out, Results results) {
        Subset side = results.heldOut();
        Evaluation network = results.answers(side);
        Evaluation mean = results.meanPredictor(side);
        Evaluation ridge = results.ridge(side);
        int width = Math.max(
                "mean of targets".length(),
                network.targets().keySet().stream()
                        .mapToInt(String::length)
                        .max()
                        .orElse(0));
        Intervals intervals = results.intervals(side);
        String level = Math.round(100 * intervals.level()) + " %";
        out.printf("%d %s tracks%n", network.tracks(), side.word());
        out.printf("%-" + width + "s |%59s | %14s | %21s%n", "", title(results), "mean predictor", "ridge regression");
        out.printf(
                "%-" + width + "s |%7s%15s%7s%15s%7s%8s | %7s%7s | %7s%7s%7s%n",
                "target",
                "R²",
                level,
                "r",
                level,
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
                    intervals.of(entry.getKey(), Score.R2),
                    intervals.of(entry.getKey(), Score.PEARSON),
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
                intervals.ofMean(Score.R2),
                intervals.ofMean(Score.PEARSON),
                network.mean(TargetScores::r2),
                network.mean(TargetScores::pearson),
                network.mean(TargetScores::ccc),
                network.mean(TargetScores::spreadRatio),
                mean.mean(TargetScores::r2),
                mean.mean(TargetScores::rmse),
                ridge.mean(TargetScores::r2),
                ridge.mean(TargetScores::pearson),
                ridge.mean(TargetScores::ccc));
        if (results.modulationShare() > 0) {
            mean(out, "the network alone", results.network(side));
        }
        results.modulation(side).ifPresent(evaluation -> mean(out, "modulation regression alone", evaluation));
        if (intervals.units() > 1) {
            out.println(level + ": where the score would lie for other tracks like these, by " + intervals.resamples()
                    + " resamples of the " + intervals.units() + " " + intervals.unit() + "s");
        }
        out.flush();
    }

    private static void mean(PrintWriter out, String name, Evaluation evaluation) {
        out.printf(
                Locale.ROOT,
                "%s: R² %.3f, r %.3f, CCC %.3f%n",
                name,
                evaluation.mean(TargetScores::r2),
                evaluation.mean(TargetScores::pearson),
                evaluation.mean(TargetScores::ccc));
    }

    private static String title(Results results) {
        return results.modulationShare() == 0
                ? "network"
                : String.format(
                        Locale.ROOT, "network, with %.0f %% of modulation regression", 100 * results.modulationShare());
    }

    private static void row(PrintWriter out, int width, String name, Interval r2, Interval pearson, double... scores) {
        out.printf(Locale.ROOT, "%-" + width + "s |", name);
        for (int i = 0; i < scores.length; i++) {
            String cell = i == 3
                    ? String.format(Locale.ROOT, "%.0f %%", 100 * scores[i])
                    : String.format(Locale.ROOT, "%.3f", scores[i]);
            out.printf(
                    i == 3 ? "%8s |" : i == 5 ? "%7s |" : i == 4 || i == 6 ? "%8s" : "%7s",
                    Double.isNaN(scores[i]) ? "–" : cell);
            if (i < 2) {
                out.printf("%15s", cell(i == 0 ? r2 : pearson));
            }
        }
        out.println();
    }

    private static String cell(Interval interval) {
        return Double.isNaN(interval.low())
                ? "–"
                : String.format(Locale.ROOT, "[%.2f, %.2f]", interval.low(), interval.high());
    }
}
