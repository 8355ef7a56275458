package melgauge.model.diagnosis;

import static melgauge.model.diagnosis.Words.format;
import static melgauge.model.diagnosis.Words.number;
import static melgauge.model.diagnosis.Words.percent;
import static melgauge.model.diagnosis.Words.settings;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import melgauge.data.LabelNoise;
import melgauge.data.Scale;
import melgauge.model.Score;

/** What can be wrong with the labels. */
final class LabelRules {
    /** A thousandth of the scale: finer than any rating. */
    private static final double LEAST_STD = 1e-3;

    /** Labels that are spread evenly over a scale have 0.29; those of listening studies 0.1 to 0.25. */
    private static final double NARROW_STD = 0.02;

    /** How much better r must be with moved labels: neighbouring rows are often alike, so a little is no sign. */
    private static final double SLIPPED = 0.1;

    /** Where half of what labels tell is chance. */
    private static final double LEAST_CEILING = 0.5;

    private LabelRules() {}

    static Stream<Finding> constant(Evidence evidence) {
        List<Examination.Labels> labels = evidence.examination().labels();
        List<String> varying = labels.stream()
                .filter(target -> !(target.std() < LEAST_STD))
                .map(Examination.Labels::target)
                .toList();
        return labels.stream()
                .filter(target -> target.std() < LEAST_STD)
                .map(target -> new Finding(
                        Code.TARGET_CONSTANT,
                        Severity.ERROR,
                        target.target(),
                        target.std(),
                        LEAST_STD,
                        format(
                                "The %d training labels of %s have a mean of %s and a standard deviation of %s on a scale of"
                                        + " 0 to 1.",
                                target.labelled(), target.target(), number(target.mean()), number(target.std())),
                        "There is nothing to tell the tracks apart by: answering the mean is right for every one of them.",
                        varying.isEmpty()
                                ? "See the column " + target.target() + " of the manifest; no setting cures this."
                                : "See the column " + target.target()
                                        + " of the manifest, or leave it out: set corpus.targets to "
                                        + varying + ".",
                        varying.isEmpty() ? Map.of() : settings("corpus.targets", varying)));
    }

    static Stream<Finding> narrow(Evidence evidence) {
        return IntStream.range(0, evidence.targets().size()).boxed().flatMap(t -> {
            Examination.Labels labels = evidence.examination().labels().get(t);
            if (!(labels.std() >= LEAST_STD && labels.std() < NARROW_STD)) {
                return Stream.of();
            }
            Scale scale = evidence.targets().get(t).scale();
            double low = scale.fromUnit(labels.least());
            double high = scale.fromUnit(labels.most());
            double step = Math.pow(10, Math.floor(Math.log10(high - low)));
            low = Math.max(scale.low(), Math.floor(low / step) * step);
            high = Math.min(scale.high(), Math.ceil(high / step) * step);
            List<Double> better = List.of(round(low), round(high));
            return Stream.of(new Finding(
                    Code.TARGET_NARROW,
                    evidence.blame(),
                    labels.target(),
                    labels.std(),
                    NARROW_STD,
                    format(
                            "The labels of %s lie between %s and %s of a scale of 0 to 1, with a standard deviation of %s;"
                                    + " those of listening studies have 0.1 to 0.25.",
                            labels.target(), number(labels.least()), number(labels.most()), number(labels.std())),
                    format(
                            "The scale [%s, %s] is much wider than the labels, so that they differ by less than what the"
                                    + " network's answers waver by, and the loss is tiny whatever it answers.",
                            number(scale.low()), number(scale.high())),
                    format("Set corpus.scale to the range that the labels have: %s: %s.", labels.target(), better),
                    settings("corpus.scale." + labels.target(), better)));
        });
    }

    private static double round(double value) {
        return Double.parseDouble(format("%.6g", value));
    }

    static Stream<Finding> unrelated(Evidence evidence) {
        Signal signal = evidence.measurements().signal();
        // Where there is nothing to hear, probes find nothing, whatever the labels are.
        if (!signal.known() || InputRules.isConstant(evidence)) {
            return Stream.of();
        }
        Signal.Alignment alignment = signal.alignment();
        boolean slipped = alignment.bestShift() != 0
                && alignment.bestR() > alignment.highestByChance()
                && alignment.bestR() - alignment.unshiftedR() > SLIPPED;
        if (slipped) {
            return Stream.of(slipped(evidence, alignment));
        }
        if (evidence.verdict() == Verdict.HEALTHY) {
            return unrelatedTargets(evidence, signal);
        }
        return signal.linear().beyondChance() || signal.kernel().beyondChance()
                ? Stream.of()
                : Stream.of(unrelated(
                        "corpus.manifest", Severity.ERROR, signal, signal.linear(), signal.kernel(), "the labels"));
    }

    /** Targets that nothing can be said about, in a run that has learned others. */
    private static Stream<Finding> unrelatedTargets(Evidence evidence, Signal signal) {
        return signal.targets().stream()
                .filter(target -> target.linear().known()
                        && !target.linear().beyondChance()
                        && !target.kernel().beyondChance()
                        && !(evidence.intervals().of(target.target(), Score.R2).low() > 0))
                .map(target -> unrelated(
                        target.target(),
                        Severity.INFO,
                        signal,
                        target.linear(),
                        target.kernel(),
                        "the labels of " + target.target()));
    }

    private static Finding unrelated(
            String where,
            Severity severity,
            Signal signal,
            Signal.Strength linear,
            Signal.Strength kernel,
            String labels) {
        double best = Math.max(linear.r(), kernel.r());
        double chance = Math.max(linear.highestByChance(), kernel.highestByChance());
        return new Finding(
                Code.LABELS_UNRELATED,
                severity,
                where,
                best,
                chance,
                format(
                        "Ridge regression from each band's mean and deviation reaches r %s on held-out tracks, kernel ridge"
                                + " regression %s (%d tracks, %d folds that keep groups together). Of %d random dealings of"
                                + " the same labels the luckiest reached %s and %s.",
                        number(linear.r()),
                        number(kernel.r()),
                        signal.tracks(),
                        signal.folds(),
                        signal.permutations(),
                        number(linear.highestByChance()),
                        number(kernel.highestByChance())),
                "Neither the network nor the probes find anything in the sound that goes with " + labels
                        + ": labels that belong to other tracks, labels that are noise, or a quality that this sound does not"
                        + " carry. A network that is shown such labels learns their mean, or single tracks by heart.",
                "Check in the manifest that each label stands beside its own path: listen to the tracks with the highest and"
                        + " the lowest labels. No setting cures this.",
                Map.of());
    }

    private static Finding slipped(Evidence evidence, Signal.Alignment alignment) {
        int rows = Math.abs(alignment.bestShift());
        return new Finding(
                Code.LABELS_UNRELATED,
                evidence.blame(),
                "corpus.manifest",
                alignment.unshiftedR(),
                alignment.bestR(),
                format(
                        "Ridge regression from each band's mean and deviation reaches r %s with the labels as they stand, and r"
                                + " %s with those that stand %d row%s further %s in the manifest; random dealings reach %s.",
                        number(alignment.unshiftedR()),
                        number(alignment.bestR()),
                        rows,
                        rows == 1 ? "" : "s",
                        alignment.bestShift() > 0 ? "down" : "up",
                        number(alignment.highestByChance())),
                format(
                        "The labels have slipped against the paths: a track's label stands %d row%s too far %s.",
                        rows, rows == 1 ? "" : "s", alignment.bestShift() > 0 ? "down" : "up"),
                format(
                        "Move the columns of labels %d row%s %s in the manifest; look where it begins, often a row that was"
                                + " deleted or sorted in one column only. No setting cures this.",
                        rows, rows == 1 ? "" : "s", alignment.bestShift() > 0 ? "up" : "down"),
                Map.of());
    }

    static Stream<Finding> noise(Evidence evidence) {
        return evidence.measurements().ceilings().stream()
                .filter(ceiling -> ceiling.r2() < LEAST_CEILING)
                .map(ceiling -> new Finding(
                        Code.LABEL_NOISE,
                        Severity.WARNING,
                        ceiling.target(),
                        ceiling.r2(),
                        LEAST_CEILING,
                        format(
                                "By the numbers of ratings in the manifest, %s of the variance of the labels of %s over %d tracks"
                                        + " is what the raters agree on%s; the rest is who happened to be asked (Spearman"
                                        + " 1904).",
                                percent(ceiling.reliability()),
                                ceiling.target(),
                                ceiling.tracks(),
                                ceiling.noise() == LabelNoise.AT_MOST
                                        ? ", or more if raters did not answer yes or no"
                                        : ""),
                        format(
                                "No model can have a higher R² than %s or a higher r than %s on such labels, other than by luck.",
                                number(ceiling.r2()), number(ceiling.r())),
                        "Judge the scores of this target by that ceiling; more raters for each track raise it, settings do"
                                + " not.",
                        Map.of()));
    }
}
