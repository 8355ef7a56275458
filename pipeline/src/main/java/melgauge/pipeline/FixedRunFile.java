package melgauge.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import melgauge.data.UsageException;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.rules.Finding;
import melgauge.model.diagnosis.rules.Severity;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * The settings of a run with the remedies of its diagnosis, to train again in another folder: {@code run.fixed.yaml}.
 *
 * <p>The findings of severity error and warning are gone through in their order, the likeliest cause first. What one of
 * them sets, no later one sets again. A finding whose settings do not go with the others', or change nothing, is left to
 * be followed by hand, like those that no setting cures.
 */
public final class FixedRunFile {
    /** Its name in the run's folder. */
    public static final String FILE = "run.fixed.yaml";

    private static final int WIDTH = 100;

    /** What ends a word or, in YAML, a line. */
    private static final String BLANK = "[\\s\\p{Cc}\\p{Zl}\\p{Zp}]+";

    private final RunSpec run;
    private final Diagnosis diagnosis;
    private final List<Change> changes = new ArrayList<>();
    private final List<ByHand> byHand = new ArrayList<>();
    private RunSpec fixed;

    /**
     * A key that has another value now.
     *
     * @param key such as {@code training.learningRate}
     * @param was its value in the run
     * @param value its value from now on
     * @param finding whose remedy it is
     */
    public record Change(String key, JsonNode was, JsonNode value, Finding finding) {
        /** In a line. */
        @Override
        public String toString() {
            return key + ": " + shown(value) + ", was: " + shown(was) + " (" + finding.code() + ")";
        }
    }

    /**
     * A finding that the file does nothing about.
     *
     * @param finding which
     * @param reason why its settings were not applied; empty if it has none
     */
    public record ByHand(Finding finding, String reason) {
        /** In a line, with what to do. */
        @Override
        public String toString() {
            String where = finding.where().isEmpty() ? "" : " (" + finding.where() + ")";
            return finding.code() + where + ": " + finding.remedy() + (reason.isEmpty() ? "" : " [" + reason + "]");
        }
    }

    /**
     * Applies a diagnosis to the settings of its run.
     *
     * @param run the settings, as the run's own {@code run.yaml} has them
     * @throws UsageException if the run's folder has no name to which {@code -fixed} could be added
     */
    public static FixedRunFile of(RunSpec run, Diagnosis diagnosis) {
        return new FixedRunFile(run, diagnosis);
    }

    private FixedRunFile(RunSpec run, Diagnosis diagnosis) {
        this.run = run;
        this.diagnosis = diagnosis;
        Path name = run.output().getFileName();
        if (name == null) {
            throw new UsageException("output=" + run.output()
                    + " has no name, to which -fixed could be added; choose a folder below it");
        }
        fixed = run.withOutput(run.output().resolveSibling(name + "-fixed"));
        Optional<Finding> likeliest = diagnosis.findings().stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .findFirst();
        for (Finding finding : diagnosis.findings()) {
            if (finding.severity() != Severity.INFO) {
                String waitsFor =
                        likeliest.map(cause -> waitsFor(finding, cause)).orElse("");
                if (waitsFor.isEmpty()) {
                    apply(finding);
                } else {
                    byHand.add(new ByHand(finding, waitsFor));
                }
            }
        }
    }

    /**
     * Why a finding is not treated beside the likeliest cause: that may be what makes it, and then its remedy would change
     * a sound network. What is measured on the data alone has no other cause.
     *
     * @return empty if it is treated
     */
    private static String waitsFor(Finding finding, Finding cause) {
        if (cause.settings().isEmpty()) {
            return finding.equals(cause) ? "" : "it may come from " + cause.code() + ", which no setting cures";
        }
        return finding.severity() == Severity.WARNING
                        || finding.code() == cause.code()
                        || finding.code().isOfData()
                ? ""
                : "it may come from " + cause.code() + ": train, and see whether it is still there";
    }

    /** What is changed, in the order of the findings. */
    public List<Change> changes() {
        return List.copyOf(changes);
    }

    /** What is left to do by hand. */
    public List<ByHand> byHand() {
        return List.copyOf(byHand);
    }

    /** Why there is nothing to train again with; empty if there are changes. */
    public String whyNot() {
        if (!changes.isEmpty()) {
            return "";
        }
        return byHand.isEmpty()
                ? "the diagnosis found nothing to change (verdict: "
                        + diagnosis.verdict().word() + ")"
                : "no setting cures what was found:\n"
                        + byHand.stream().map(ByHand::toString).collect(Collectors.joining("\n"));
    }

    private void apply(Finding finding) {
        if (finding.settings().isEmpty()) {
            byHand.add(new ByHand(finding, ""));
            return;
        }
        Map<String, JsonNode> wanted = leaves(finding.settings());
        wanted.keySet().removeIf(this::isSet);
        if (wanted.isEmpty()) {
            return; // an earlier remedy says it all
        }
        RunSpec better;
        try {
            better = with(fixed, wanted);
        } catch (UsageException e) {
            byHand.add(new ByHand(finding, "its settings do not go with the others: " + e.getMessage()));
            return;
        }
        ObjectNode before = RunFile.toTree(run);
        ObjectNode after = RunFile.toTree(better);
        List<Change> made = wanted.keySet().stream()
                .map(key -> new Change(key, at(before, key), at(after, key), finding))
                .filter(change -> !change.was().equals(change.value()))
                .toList();
        if (made.isEmpty()) {
            byHand.add(new ByHand(finding, "its settings are those of the run already"));
            return;
        }
        changes.addAll(made);
        fixed = better;
    }

    private boolean isSet(String key) {
        return changes.stream().anyMatch(change -> overlap(key, change.key()));
    }

    /** Whether one key is the other, or a part of it. */
    private static boolean overlap(String one, String other) {
        return (one + ".").startsWith(other + ".") || (other + ".").startsWith(one + ".");
    }

    /** Settings of whole sections, such as {@code training.augment}, as those of their keys. */
    private static Map<String, JsonNode> leaves(Map<String, JsonNode> settings) {
        Map<String, JsonNode> leaves = new LinkedHashMap<>();
        settings.forEach((key, value) -> addLeaves(leaves, key, value));
        return leaves;
    }

    private static void addLeaves(Map<String, JsonNode> leaves, String key, JsonNode value) {
        if (value.isObject() && at(RunFile.defaults(), key).isObject() && !RunFile.FREE_KEYS.contains(key)) {
            value.properties().forEach(part -> addLeaves(leaves, key + "." + part.getKey(), part.getValue()));
        } else {
            leaves.put(key, value);
        }
    }

    private static RunSpec with(RunSpec spec, Map<String, JsonNode> settings) {
        // JSON is YAML, so that these are words for --set.
        List<String> sets = settings.entrySet().stream()
                .map(setting -> setting.getKey() + "=" + setting.getValue())
                .toList();
        return RunFile.read(yaml(spec), Path.of(FILE), sets);
    }

    private static String yaml(RunSpec spec) {
        try {
            return RunFile.toYaml(spec);
        } catch (IOException e) {
            throw new IllegalStateException("settings that were read cannot be written", e);
        }
    }

    private static JsonNode at(JsonNode root, String key) {
        JsonNode node = root;
        for (String part : key.split("\\.", -1)) {
            node = node.path(part);
        }
        return node;
    }

    private static String shown(JsonNode value) {
        return value instanceof MissingNode ? "nothing" : value.isTextual() ? value.asText() : value.toString();
    }

    /** The settings that {@link #text} says: those of the run, with the changes and a folder of their own. */
    public RunSpec spec() {
        return fixed;
    }

    /**
     * The content of the file: every key, each changed one under a comment that says why.
     *
     * @throws IllegalStateException if nothing is changed; {@link #whyNot} says why
     */
    public String text() {
        if (changes.isEmpty()) {
            throw new IllegalStateException(whyNot());
        }
        String yaml = yaml(fixed);
        Map<Integer, List<Change>> byLine = new TreeMap<>();
        Node root = Objects.requireNonNull(RunFile.compose(yaml, FILE));
        for (Change change : changes) {
            byLine.computeIfAbsent(line(root, change.key()), line -> new ArrayList<>())
                    .add(change);
        }
        StringBuilder text = new StringBuilder();
        head(text);
        List<String> lines = yaml.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            String indent =
                    line.substring(0, line.length() - line.stripLeading().length());
            for (Change change : byLine.getOrDefault(i, List.of())) {
                String cause = change.finding().cause().strip().replaceFirst("[.;]$", "");
                comment(text, indent, change.finding().code() + ": " + cause + "; was: " + shown(change.was()));
            }
            text.append(line).append('\n');
        }
        return text.toString();
    }

    private void head(StringBuilder text) {
        comment(text, "", "The settings of " + run.output() + ", changed as its diagnosis says.");
        comment(text, "", "Verdict: " + diagnosis.verdict().word());
        comment(text, "", "Changed:");
        changes.forEach(change -> comment(text, "", "- " + change));
        if (!byHand.isEmpty()) {
            comment(text, "", "Not cured by this file:");
            byHand.forEach(left -> comment(text, "", "- " + left));
        }
    }

    /** Lines of at most {@link #WIDTH} characters, where words allow it. */
    private static void comment(StringBuilder text, String indent, String words) {
        StringBuilder line = new StringBuilder(indent).append('#');
        for (String word : words.replaceAll(BLANK, " ").strip().split(" ", -1)) {
            if (line.length() + 1 + word.length() > WIDTH && line.length() > indent.length() + 4) {
                text.append(line).append('\n');
                line = new StringBuilder(indent).append("#  ");
            }
            line.append(' ').append(word);
        }
        text.append(line).append('\n');
    }

    /** The line of a key, from 0; of the nearest key above it, where it has gone. */
    private static int line(Node root, String key) {
        Node node = root;
        int line = 0;
        for (String part : key.split("\\.", -1)) {
            NodeTuple found = null;
            if (node instanceof MappingNode mapping) {
                for (NodeTuple entry : mapping.getValue()) {
                    if (entry.getKeyNode() instanceof ScalarNode name
                            && name.getValue().equals(part)) {
                        found = entry;
                    }
                }
            }
            if (found == null) {
                break;
            }
            line = found.getKeyNode().getStartMark().getLine();
            node = found.getValueNode();
        }
        return line;
    }
}
