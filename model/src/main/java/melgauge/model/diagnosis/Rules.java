package melgauge.model.diagnosis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What is looked for, in the order in which one thing explains another. First the data, because no network makes up for
 * an input or for labels that hold nothing; then what the network was before its first step; then how its weights moved;
 * then what became of it; last a network that is sound and has learned too long or too little. So a constant input comes
 * before the dead units that it makes, and these before the gradient that they stop. Among findings of equal severity the
 * earlier rule's come first.
 */
final class Rules {
    private static final List<Function<Evidence, Stream<Finding>>> ALL = List.of(
            InputRules::notFinite,
            InputRules::constant,
            LabelRules::constant,
            LabelRules::narrow,
            LabelRules::unrelated,
            NetworkRules::zeroWeights,
            NetworkRules::deadFromTheStart,
            InputRules::unscaled,
            StepRules::overRegularised,
            StepRules::tooHigh,
            NetworkRules::batchNormGap,
            NetworkRules::saturatedFromTheStart,
            StepRules::tooLow,
            StepRules::notFinite,
            NetworkRules::dead,
            NetworkRules::saturated,
            NetworkRules::vanishingGradient,
            FitRules::undertrained,
            FitRules::overfit,
            LabelRules::noise);

    private Rules() {}

    /** What is found, the likeliest cause first; of each code only what the first of its rules finds. */
    static List<Finding> findings(Evidence evidence) {
        Set<Code> found = EnumSet.noneOf(Code.class);
        List<Finding> findings = new ArrayList<>();
        for (Function<Evidence, Stream<Finding>> rule : ALL) {
            List<Finding> here = rule.apply(evidence)
                    .filter(finding -> !found.contains(finding.code()))
                    .toList();
            here.forEach(finding -> found.add(finding.code()));
            findings.addAll(here);
        }
        findings.sort(Comparator.comparing(Finding::severity));
        return findings;
    }
}
