package melgauge.pipeline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import melgauge.data.Subset;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.Score;
import melgauge.pipeline.results.FoldResults;
import melgauge.pipeline.results.FoldResults.Predictor;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.results.RunFolder;

/** Prints the scores of a control with shuffled labels beside those of the true labels, where these are at hand. */
final class Control {
    private Control() {}

    /** @param truth the folder of the run with true labels, whether or not it has results */
    static void print(PrintWriter out, Results shuffled, Path truth) throws IOException {
        explain(out);
        RunFolder folder = new RunFolder(truth);
        if (folder.has(RunFolder.RESULTS)) {
            Results results = folder.read(RunFolder.RESULTS);
            List<String> names = new ArrayList<>(
                    shuffled.network(shuffled.scoredSide()).targets().keySet());
            names.add(FoldResults.MEAN);
            Subset trueSide = results.scoredSide();
            Subset shuffledSide = shuffled.scoredSide();
            table(
                    out,
                    truth,
                    names,
                    (name, score) -> new Cells(
                            cell(results.network(trueSide), name, score),
                            cell(shuffled.network(shuffledSide), name, score)));
        }
        out.println();
    }

    /** @param truth the folder of the cross-validation with true labels, whether or not it has results */
    static void print(PrintWriter out, FoldResults shuffled, Path truth) throws IOException {
        explain(out);
        Optional<FoldResults> results = FoldResults.find(truth);
        if (results.isPresent()) {
            List<String> names = new ArrayList<>(shuffled.targets());
            names.add(FoldResults.MEAN);
            table(
                    out,
                    truth,
                    names,
                    (name, score) -> new Cells(
                            results.get().targets().contains(name) || name.equals(FoldResults.MEAN)
                                    ? FoldTable.cell(results.get().summary(Predictor.NETWORK, name, score))
                                    : "–",
                            FoldTable.cell(shuffled.summary(Predictor.NETWORK, name, score))));
        }
        out.println();
    }

    private static void explain(PrintWriter out) {
        out.println("Shuffled labels: the network learned from training and validation tracks that had each other's"
                + " labels,");
        out.println("and was tested on true ones. The scores below are what chance gives; those of the true labels"
                + " count for as much");
        out.println("as they lie above.");
    }

    private record Cells(String truth, String shuffled) {}

    private interface Row {
        Cells of(String target, Score score);
    }

    private static void table(PrintWriter out, Path truth, List<String> names, Row row) {
        out.println();
        out.println("network, beside that of the true labels in " + truth);
        int width = names.stream().mapToInt(String::length).max().orElseThrow();
        out.printf("%-" + width + "s | %31s | %31s%n", "", "r", "R²");
        out.printf("%-" + width + "s | %15s %15s | %15s %15s%n", "target", "true", "shuffled", "true", "shuffled");
        for (String name : names) {
            Cells r = row.of(name, Score.PEARSON);
            Cells r2 = row.of(name, Score.R2);
            out.printf(
                    "%-" + width + "s | %15s %15s | %15s %15s%n",
                    name,
                    r.truth(),
                    r.shuffled(),
                    r2.truth(),
                    r2.shuffled());
        }
    }

    private static String cell(Evaluation evaluation, String name, Score score) {
        double value = name.equals(FoldResults.MEAN)
                ? evaluation.mean(score::of)
                : evaluation.targets().containsKey(name)
                        ? score.of(Objects.requireNonNull(evaluation.targets().get(name)))
                        : Double.NaN;
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.3f", value);
    }
}
