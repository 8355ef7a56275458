package melgauge.model.diagnosis;

import static melgauge.model.diagnosis.Words.format;
import static melgauge.model.diagnosis.Words.number;
import static melgauge.model.diagnosis.Words.percent;
import static melgauge.model.diagnosis.Words.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
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

    /** Fewer examples of anything but the commonest label leave next to none for validation and test. */
    private static final int LEAST_DIFFERING = 5;

    /** Of so few tracks that this share is reached, nothing is rare. */
    private static final double MOST_RARE = 0.2;

    private static final int MOST_NAMED = 5;

    /** Labels that are spread evenly over a scale have 0.29; those of listening studies 0.1 to 0.25. */
    private static final double NARROW_STD = 0.02;

    /** How much better r must be with moved labels: neighbouring rows are often alike, so a little is no sign. */
    private static final double SLIPPED = 0.1;

    /** The normal deviate that is exceeded once in 2,000 draws. */
    private static final double ONE_IN_2000 = 3.29;

    /** With fewer, probes overlook what is there: a correlation of 0.3 is found in two of three corpora of 60 tracks. */
    private static final int FEW_TRACKS = 60;

    /** Where half of what labels tell is chance. */
    private static final double LEAST_CEILING = 0.5;

    private LabelRules() {}

    /** Whether labels are constant, nearly constant, or differ from the commonest one in a few tracks only. */
    private static boolean saysNothing(Examination.Labels target) {
        return target.std() < LEAST_STD || isRare(target) || target.labelled() == 0;
    }

    private static boolean isRare(Examination.Labels target) {
        return target.differing() < LEAST_DIFFERING && target.differing() <= MOST_RARE * target.labelled();
    }

    /** Whether no target has labels to learn from. */
    static boolean nothingToLearn(Evidence evidence) {
        return evidence.examination().labels().stream().allMatch(LabelRules::saysNothing);
    }

    static Stream<Finding> constant(Evidence evidence) {
        List<Examination.Labels> labels = evidence.examination().labels();
        List<Examination.Labels> found =
                labels.stream().filter(LabelRules::saysNothing).toList();
        if (found.isEmpty()) {
            return Stream.of();
        }
        List<String> others = labels.stream()
                .filter(target -> !saysNothing(target))
                .map(Examination.Labels::target)
                .toList();
        String each = some(found.stream()
                .map(target -> target.std() < LEAST_STD || target.labelled() == 0
                        ? format(
                                "%s (%d labels, standard deviation %s)",
                                target.target(), target.labelled(), number(target.std()))
                        : format(
                                "%s (%d of %d labels differ from the others)",
                                target.target(), target.differing(), target.labelled()))
                .toList());
        boolean constant = found.stream().anyMatch(target -> !isRare(target) || target.std() < LEAST_STD);
        String columns = some(found.stream().map(Examination.Labels::target).toList());
        return Stream.of(new Finding(
                Code.TARGET_CONSTANT,
                Severity.ERROR,
                columns,
                constant
                        ? found.stream()
                                .mapToDouble(Examination.Labels::std)
                                .filter(Double::isFinite)
                                .min()
                                .orElse(0)
                        : found.stream()
                                .mapToInt(Examination.Labels::differing)
                                .min()
                                .orElse(0),
                constant ? LEAST_STD : LEAST_DIFFERING,
                format(
                        "%d of %d target%s: %s. Labels need a standard deviation of at least %s on a scale of 0 to 1, and at"
                                + " least %d training tracks that differ from the commonest label.",
                        found.size(),
                        labels.size(),
                        labels.size() == 1 ? "" : "s",
                        each,
                        number(LEAST_STD),
                        LEAST_DIFFERING),
                "There is nothing to tell the tracks apart by, or next to nothing: predicting the mean is right for almost"
                        + " every one of them.",
                others.isEmpty()
                        ? "Check the columns " + columns + " of the manifest; no setting cures this."
                        : "Check the columns " + columns + " of the manifest, or leave them out: set corpus.targets to "
                                + others + ".",
                others.isEmpty() ? Map.of() : settings("corpus.targets", others)));
    }

    /** The first few of a list, and how many more there are. */
    private static String some(List<String> all) {
        int more = all.size() - MOST_NAMED;
        return String.join(", ", all.subList(0, Math.min(MOST_NAMED, all.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }

    static Stream<Finding> narrow(Evidence evidence) {
        List<Integer> found = IntStream.range(0, evidence.targets().size())
                .filter(t -> isNarrow(evidence.examination().labels().get(t)))
                .boxed()
                .toList();
        if (found.isEmpty()) {
            return Stream.of();
        }
        Map<String, JsonNode> scales = new LinkedHashMap<>();
        List<String> each = new ArrayList<>();
        List<String> remedies = new ArrayList<>();
        for (int t : found) {
            Examination.Labels labels = evidence.examination().labels().get(t);
            Scale scale = evidence.targets().get(t).scale();
            double low = scale.fromUnit(labels.least());
            double high = scale.fromUnit(labels.most());
            double step = Math.pow(10, Math.floor(Math.log10(high - low)));
            low = Math.max(scale.low(), Math.floor(low / step) * step);
            high = Math.min(scale.high(), Math.ceil(high / step) * step);
            List<Double> better = List.of(round(low), round(high));
            each.add(format(
                    "%s lies between %s and %s of its scale [%s, %s], with a standard deviation of %s",
                    labels.target(),
                    number(labels.least()),
                    number(labels.most()),
                    number(scale.low()),
                    number(scale.high()),
                    number(labels.std())));
            remedies.add(labels.target() + ": " + better);
            scales.putAll(settings("corpus.scale." + labels.target(), better));
        }
        return Stream.of(new Finding(
                Code.TARGET_NARROW,
                evidence.blame(),
                some(found.stream()
                        .map(t -> evidence.examination().labels().get(t).target())
                        .toList()),
                found.stream()
                        .mapToDouble(t -> evidence.examination().labels().get(t).std())
                        .min()
                        .orElseThrow(),
                NARROW_STD,
                "As shares of a scale of 0 to 1: " + String.join("; ", each)
                        + ". Labels of listening studies have a standard deviation of 0.1 to 0.25.",
                "The scale is much wider than the labels. They differ by less than the network's predictions waver, and the"
                        + " loss is tiny whatever it predicts.",
                "Set corpus.scale to the range that the labels have: " + String.join(", ", remedies) + ".",
                scales));
    }

    private static boolean isNarrow(Examination.Labels labels) {
        return labels.std() >= LEAST_STD && labels.std() < NARROW_STD && !isRare(labels);
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
                && alignment.bestR() > luckiest(signal.tracks())
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
                        "corpus.manifest", evidence.blame(), signal, signal.linear(), signal.kernel(), "the labels"));
    }

    /**
     * The correlation that the best of ten wrong shifts exceeds once in 200 corpora where there is nothing to find: by
     * Fisher's z-transformation (1915), whose standard deviation is 1/√(n − 3), and Bonferroni's correction.
     */
    private static double luckiest(int tracks) {
        return Math.tanh(ONE_IN_2000 / Math.sqrt(Math.max(1, tracks - 3)));
    }

    /** Targets that nothing can be said about, in a run that has learned others. */
    private static Stream<Finding> unrelatedTargets(Evidence evidence, Signal signal) {
        List<Signal.OfTarget> found = signal.targets().stream()
                .filter(target -> target.linear().known()
                        && !target.linear().beyondChance()
                        && !target.kernel().beyondChance()
                        && !(evidence.intervals().of(target.target(), Score.R2).low() > 0))
                .toList();
        if (found.isEmpty()) {
            return Stream.of();
        }
        // The target that comes nearest to what chance reaches stands for all.
        Signal.OfTarget nearest = found.stream()
                .max(Comparator.comparingDouble(
                        target -> target.kernel().r() - target.kernel().highestByChance()))
                .orElseThrow();
        String names = some(found.stream().map(Signal.OfTarget::target).toList());
        return Stream.of(
                unrelated(names, Severity.INFO, signal, nearest.linear(), nearest.kernel(), "the labels of " + names));
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
                        + " carry."
                        + (signal.tracks() >= FEW_TRACKS
                                ? ""
                                : format(
                                        " Or there are too few tracks to tell: with %d, a true correlation below about %s is"
                                                + " easily lost.",
                                        signal.tracks(), number(2 / Math.sqrt(Math.max(4, signal.tracks() - 3)))))
                        + " A network that is shown such labels learns their mean, or single tracks by heart.",
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
