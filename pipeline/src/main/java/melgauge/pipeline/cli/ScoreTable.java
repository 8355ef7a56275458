package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import melgauge.data.Subset;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.Intervals;
import melgauge.model.scores.Intervals.Interval;
import melgauge.model.scores.Score;
import melgauge.model.scores.TargetScores;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.results.Scores;

/** Prints scores beside the baselines, in at most 100 columns. */
final class ScoreTable {
    private static final int WIDEST_NAME = 22;
    private static final String MEAN = "mean of targets";

    private ScoreTable() {}

    /** Prints the scores of the side that counts most; see {@link Results#scoredSide}. */
    static void print(PrintWriter out, Results results) {
        Subset side = results.scoredSide();
        print(out, results, side, results.tracksInWords(side));
    }

    /** Prints the scores of one side under a title. */
    static void print(PrintWriter out, Results results, Subset side, String title) {
        print(out, results.scores(side), title, Integer.MAX_VALUE);
    }

    /**
     * Prints scores under a title.
     *
     * @param most targets with a row of their own; the line of means is of all
     */
    static void print(PrintWriter out, Scores scores, String title, int most) {
        Evaluation model = scores.answers();
        Evaluation ridge = scores.beside().ridge();
        Intervals intervals = scores.intervals();
        out.println(title + ", " + predictor(scores.modulationShare()));
        scores.caveats()
                .forEach(caveat -> Page.wrap("WARNING: " + caveat, Page.WIDTH).forEach(out::println));
        int width = Math.min(
                WIDEST_NAME,
                Math.max(
                        MEAN.length(),
                        model.targets().keySet().stream()
                                .mapToInt(String::length)
                                .max()
                                .orElse(0)));
        String level = Math.round(100 * intervals.level()) + " %";
        out.printf(
                "%-" + width + "s %7s%15s%7s%15s%7s%8s | %8s%7s%n",
                "target",
                "R²",
                level,
                "r",
                level,
                "CCC",
                "spread",
                "ridge R²",
                "r");
        for (Map.Entry<String, TargetScores> entry :
                model.targets().entrySet().stream().limit(most).toList()) {
            TargetScores own = entry.getValue();
            TargetScores other = ridge.targets().getOrDefault(entry.getKey(), TargetScores.UNDEFINED);
            row(
                    out,
                    width,
                    entry.getKey(),
                    intervals.of(entry.getKey(), Score.R2),
                    intervals.of(entry.getKey(), Score.PEARSON),
                    own.r2(),
                    own.pearson(),
                    own.ccc(),
                    own.spreadRatio(),
                    other.r2(),
                    other.pearson());
        }
        if (model.targets().size() > most) {
            out.println("… and " + (model.targets().size() - most) + " more targets");
        }
        row(
                out,
                width,
                MEAN,
                intervals.ofMean(Score.R2),
                intervals.ofMean(Score.PEARSON),
                model.mean(TargetScores::r2),
                model.mean(TargetScores::pearson),
                model.mean(TargetScores::ccc),
                model.mean(TargetScores::spreadRatio),
                ridge.mean(TargetScores::r2),
                ridge.mean(TargetScores::pearson));
        means(out, "mean predictor", scores.beside().meanPredictor());
        if (scores.modulationShare() > 0) {
            means(out, "the network alone", scores.beside().network());
        }
        scores.beside().modulation().ifPresent(evaluation -> means(out, "modulation regression alone", evaluation));
        if (intervals.units() >= Intervals.LEAST_UNITS) {
            out.println(level + ": interval of the score for other tracks like these (" + intervals.resamples()
                    + " resamples of " + intervals.units() + " " + intervals.unit() + "s)");
        }
        out.flush();
    }

    private static void means(PrintWriter out, String name, Evaluation evaluation) {
        out.println(name + ": R² " + score(evaluation.mean(TargetScores::r2)) + ", r "
                + score(evaluation.mean(TargetScores::pearson)) + ", CCC "
                + score(evaluation.mean(TargetScores::ccc)));
    }

    private static String predictor(double modulationShare) {
        return modulationShare == 0
                ? "predicted by the network"
                : String.format(
                        Locale.ROOT,
                        "predicted by the network with %.0f %% of modulation regression",
                        100 * modulationShare);
    }

    private static void row(
            PrintWriter out,
            int width,
            String name,
            Interval r2Interval,
            Interval rInterval,
            double r2,
            double r,
            double ccc,
            double spread,
            double ridgeR2,
            double ridgeR) {
        out.printf(
                "%-" + width + "s %7s%15s%7s%15s%7s%8s | %8s%7s%n",
                name.length() > width ? name.substring(0, width - 1) + "…" : name,
                score(r2),
                interval(r2Interval),
                score(r),
                interval(rInterval),
                score(ccc),
                Double.isFinite(spread)
                        ? (spread < 100 ? String.format(Locale.ROOT, "%.0f", 100 * spread) : number(100 * spread, 0))
                                + " %"
                        : "–",
                score(ridgeR2),
                score(ridgeR));
    }

    private static String score(double value) {
        return Double.isFinite(value) ? number(value, 3) : "–";
    }

    private static String interval(Interval interval) {
        return Double.isNaN(interval.low())
                ? "–"
                : "[" + number(interval.low(), 2) + ", " + number(interval.high(), 2) + "]";
    }

    /** In at most seven columns. */
    private static String number(double value, int decimals) {
        return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%." + decimals + "f" : "%.0e", value);
    }
}
