package melgauge.model.diagnosis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is looked for, in the order in which one thing explains another. First the data, because no network makes up for
 * an input or for labels that hold nothing; then what the network was before its first step; then how its weights moved;
 * then what became of it; last a network that is sound and has learned too long or too little. So a constant input comes
 * before the dead units that it makes, and these before the gradient that they stop. Among findings of equal severity the
 * earlier rule's come first.
 */
final class Rules {
    private static final List<Rule> ALL = List.of(
            new Rule("input that is not finite", InputRules::notFinite),
            new Rule("constant input", InputRules::constant),
            new Rule("constant labels", LabelRules::constant),
            new Rule("a front end that passes little of the music", InputRules::passesLittle),
            new Rule("labels that fill a small part of their scale", LabelRules::narrow),
            new Rule("labels that have nothing to do with the sound", LabelRules::unrelated),
            new Rule("weights that start at 0", NetworkRules::zeroWeights),
            new Rule("units that are idle from the start", NetworkRules::deadFromTheStart),
            new Rule("input on a wrong scale", InputRules::unscaled),
            new Rule("too strong a penalty", StepRules::overRegularised),
            new Rule("too high a learning rate", StepRules::tooHigh),
            new Rule("batch normalisation that differs between training and prediction", NetworkRules::batchNormGap),
            new Rule("outputs that are saturated from the start", NetworkRules::saturatedFromTheStart),
            new Rule("too low a learning rate", StepRules::tooLow),
            new Rule("weights that are not finite", StepRules::notFinite),
            new Rule("idle units", NetworkRules::dead),
            new Rule("saturated outputs", NetworkRules::saturated),
            new Rule("a vanishing gradient", NetworkRules::vanishingGradient),
            new Rule("too little training", FitRules::undertrained),
            new Rule("overfitting", FitRules::overfit),
            new Rule("a network that makes the model worse", FitRules::behindRegression),
            new Rule("label noise", LabelRules::noise));

    /**
     * One thing that is looked for.
     *
     * @param subject names it in a list
     * @param findings none if the measurements are within their limits
     */
    private record Rule(String subject, Function<Evidence, Stream<Finding>> findings) {}

    private Rules() {}

    /** What is found, the likeliest cause first; of each code only what the first of its rules finds. */
    static List<Finding> findings(Evidence evidence) {
        Set<Code> found = EnumSet.noneOf(Code.class);
        List<Finding> findings = new ArrayList<>();
        boolean nothingToLearn = evidence.verdict() == Verdict.NOTHING_TO_LEARN;
        for (Rule rule : ALL) {
            List<Finding> here = rule.findings()
                    .apply(evidence)
                    // Whatever else such a run shows follows from its labels.
                    .filter(finding -> !nothingToLearn || finding.code() == Code.TARGET_CONSTANT)
                    .filter(finding -> !found.contains(finding.code()))
                    .toList();
            here.forEach(finding -> found.add(finding.code()));
            findings.addAll(here);
        }
        findings.sort(Comparator.comparing(Finding::severity));
        return findings;
    }

    /** States that no finding explains the run, and lists what was ruled out and what could not be measured. */
    static String unexplained(Evidence evidence) {
        Map<String, String> unmeasured = new LinkedHashMap<>();
        if (!evidence.measurements().signal().known()) {
            unmeasured.put(
                    "labels that have nothing to do with the sound", "it takes 20 labelled tracks of two groups");
        }
        if (!evidence.measurements().frontEnd().known()) {
            unmeasured.put("a front end that passes little of the music", "too little audio could be read again");
        }
        if (evidence.measurements().ceilings().stream().allMatch(ceiling -> Double.isNaN(ceiling.r2()))) {
            unmeasured.put("label noise", "it takes the columns ratings and NAME_std");
        }
        String ruledOut = ALL.stream()
                .filter(rule -> !unmeasured.containsKey(rule.subject()))
                .filter(rule -> rule.findings().apply(evidence).findAny().isEmpty())
                .map(Rule::subject)
                .distinct()
                .collect(Collectors.joining(", "));
        String open = unmeasured.entrySet().stream()
                .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                .collect(Collectors.joining(", "));
        return (evidence.verdict() == Verdict.NONE
                        ? "Nothing that was measured is beyond its limit."
                        : "Nothing that was measured explains this.")
                + " Ruled out: " + ruledOut + "."
                + (open.isEmpty() ? "" : " Not measured: " + open + ".")
                + " 'melgauge diagnose RUN_DIR --deep' experiments with the run.";
    }
}
