package melgauge.model.diagnosis.rules;

import java.util.List;
import java.util.stream.Stream;

/** One thing that is looked for in a run: what is measured, the limit, what it means and what cures it. Stateless. */
interface Rule {
    /** What is found. */
    Code code();

    /** Names it in a list, such as {@code too high a learning rate}. */
    String subject();

    /** What is found; nothing if the measurements are within their limits. */
    Stream<Finding> findings(Evidence evidence);

    /** Why it could not be looked for; empty if it could. */
    default String unmeasured(Evidence evidence) {
        return "";
    }

    /** Ways to break a run so that this is found. */
    default List<Fault> faults() {
        return List.of();
    }
}
