package melgauge.model.diagnosis.rules;

import java.util.List;
import java.util.Set;

/**
 * A way to break a sound run on purpose, by which a rule is tried.
 *
 * @param name in lower-case words
 * @param what is done, in a sentence
 * @param also codes that may come first in place of the rule's own
 * @param curable whether settings alone can heal it
 * @param settings that break the run, as words for {@code --set}
 * @param damage to its data
 */
public record Fault(String name, String what, Set<Code> also, boolean curable, List<String> settings, Damage damage) {
    public Fault {
        also = Set.copyOf(also);
        settings = List.copyOf(settings);
    }

    /** What is done to the data of a run. */
    public enum Damage {
        /** Nothing. */
        NONE,
        /** Every file holds zeros. */
        SILENCE,
        /** Some files hold samples of 1e11 times full scale. */
        ABSURD_SAMPLES,
        /** The first target has the same label for every track. */
        CONSTANT_TARGET,
        /** The rows of labels are permuted. */
        SHUFFLED_LABELS,
        /** The tracks are in no order, and labels stand five rows too far down. */
        SHIFTED_LABELS,
        /** Labels are random numbers. */
        RANDOM_LABELS
    }

    /** One that settings make and cure. */
    static Fault curable(String name, String what, String... settings) {
        return new Fault(name, what, Set.of(), true, List.of(settings), Damage.NONE);
    }

    /** One of the data, which no setting cures. */
    static Fault ofData(String name, String what, Damage damage) {
        return new Fault(name, what, Set.of(), false, List.of(), damage);
    }
}
