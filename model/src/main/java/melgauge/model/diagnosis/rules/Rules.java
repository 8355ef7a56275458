package melgauge.model.diagnosis.rules;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is looked for, in the order in which one thing explains another. First the data, because no network makes up for
 * an input or for labels that hold nothing; then what the network was before its first step; then how its weights moved;
 * then what became of it; last a network that is sound and has learned too long or too little. So a constant input comes
 * before the dead units that it makes, and these before the gradient that they stop. Among findings of equal severity the
 * earlier rule's come first.
 */
public final class Rules {
    private static final List<Rule> ALL = List.of(
            new InputNotFinite(),
            new ConstantInput(),
            new ConstantLabels(),
            new NarrowFrontEnd(),
            new NarrowLabels(),
            new UnrelatedLabels(),
            new ZeroWeights(),
            new IdleUnits(true),
            new UnscaledInput(),
            new StrongPenalty(),
            new HighLearningRate(),
            new BatchNormGap(),
            new SaturatedOutputs(true),
            new LowLearningRate(),
            new WeightsNotFinite(),
            new IdleUnits(false),
            new SaturatedOutputs(false),
            new VanishingGradient(),
            new Undertrained(),
            new Overfitting(),
            new BehindRegression(),
            new NoisyLabels());

    private Rules() {}

    /** What is found, the likeliest cause first; of each code only what the first of its rules finds. */
    public static List<Finding> findings(Evidence evidence) {
        Set<Code> found = EnumSet.noneOf(Code.class);
        List<Finding> findings = new ArrayList<>();
        boolean nothingToLearn = evidence.verdict() == Verdict.NOTHING_TO_LEARN;
        for (Rule rule : ALL) {
            List<Finding> here = rule.findings(evidence)
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
    public static String unexplained(Evidence evidence) {
        String ruledOut = ALL.stream()
                .filter(rule -> rule.unmeasured(evidence).isEmpty())
                .filter(rule -> rule.findings(evidence).findAny().isEmpty())
                .map(Rule::subject)
                .collect(Collectors.joining(", "));
        String open = ALL.stream()
                .filter(rule -> !rule.unmeasured(evidence).isEmpty())
                .map(rule -> rule.subject() + " (" + rule.unmeasured(evidence) + ")")
                .collect(Collectors.joining(", "));
        return (evidence.verdict() == Verdict.NONE
                        ? "Nothing that was measured is beyond its limit."
                        : "Nothing that was measured explains this.")
                + " Ruled out: " + ruledOut + "."
                + (open.isEmpty() ? "" : " Not measured: " + open + ".")
                + " 'melgauge diagnose RUN_DIR --deep' experiments with the run.";
    }

    /**
     * The faults by which the rules are tried, each with the codes of which one should be found first; by rule, in their
     * order.
     */
    public static Map<Fault, Set<Code>> faults() {
        Map<Fault, Set<Code>> faults = new LinkedHashMap<>();
        for (Rule rule : ALL) {
            for (Fault fault : rule.faults()) {
                Set<Code> expected = EnumSet.of(rule.code());
                expected.addAll(fault.also());
                faults.put(fault, expected);
            }
        }
        return faults;
    }
}
