package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import melgauge.data.Words;
import melgauge.model.diagnosis.measure.Examination;

/** Labels that hardly vary, or only in a few tracks. */
final class ConstantLabels implements Rule {
    /** A thousandth of the scale: finer than any rating. */
    static final double LEAST_STD = 1e-3;

    /** Fewer examples of anything but the commonest label leave next to none for validation and test. */
    private static final int LEAST_DIFFERING = 5;

    /** Of so few tracks that this share is reached, nothing is rare. */
    private static final double MOST_RARE = 0.2;

    @Override
    public Code code() {
        return Code.TARGET_CONSTANT;
    }

    @Override
    public String subject() {
        return "constant labels";
    }

    @Override
    public List<Fault> faults() {
        return List.of(new Fault(
                "constant-target",
                "one of the targets has the same label for every track",
                Set.of(),
                true,
                List.of(),
                Fault.Damage.CONSTANT_TARGET));
    }

    /** Whether labels are constant, nearly constant, or differ from the commonest one in a few tracks only. */
    static boolean saysNothing(Examination.Labels target) {
        return target.std() < LEAST_STD || isRare(target) || target.labelled() == 0;
    }

    static boolean isRare(Examination.Labels target) {
        return target.differing() < LEAST_DIFFERING && target.differing() <= MOST_RARE * target.labelled();
    }

    /** Whether no target has labels to learn from. */
    static boolean nothingToLearn(Evidence evidence) {
        return evidence.examination().labels().stream().allMatch(ConstantLabels::saysNothing);
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        List<Examination.Labels> labels = evidence.examination().labels();
        List<Examination.Labels> found =
                labels.stream().filter(ConstantLabels::saysNothing).toList();
        if (found.isEmpty()) {
            return Stream.of();
        }
        List<String> others = labels.stream()
                .filter(target -> !saysNothing(target))
                .map(Examination.Labels::target)
                .toList();
        String each = Words.some(found.stream()
                .map(target -> target.std() < LEAST_STD || target.labelled() == 0
                        ? format(
                                "%s (%d labels, standard deviation %s)",
                                target.target(), target.labelled(), number(target.std()))
                        : format(
                                "%s (%d of %d labels differ from the others)",
                                target.target(), target.differing(), target.labelled()))
                .toList());
        boolean constant = found.stream().anyMatch(target -> !isRare(target) || target.std() < LEAST_STD);
        String columns =
                Words.some(found.stream().map(Examination.Labels::target).toList());
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
}
