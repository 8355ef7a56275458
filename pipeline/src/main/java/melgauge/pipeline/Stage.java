package melgauge.pipeline;

import java.io.IOException;
import java.util.List;
import melgauge.pipeline.results.Input;
import melgauge.pipeline.results.Product;

/**
 * One step of a run. A stage says what it reads, what it depends on, and what it writes; {@link Pipeline} skips it if none
 * of that has changed.
 */
public interface Stage {
    /** A word for messages and for the record of finished stages. */
    String name();

    /**
     * Refuses a run that this stage cannot work on, before any stage has done anything.
     *
     * @throws melgauge.data.UsageException with a remedy
     */
    default void check(Run run) throws IOException {}

    /** What it reads in the run's folder; {@link Run#read} refuses the rest. */
    List<Input<?>> reads(Run run);

    /** What its result depends on beside that. */
    List<Dependency> dependsOn();

    /** What it leaves in the run's folder. */
    List<Product<?>> writes(Run run);

    /** Whether what it left is of use still. All that it writes is there. */
    default boolean isComplete(Run run) throws IOException {
        return true;
    }

    /**
     * Does the work.
     *
     * @param identity of the result
     * @return what was done, in a sentence for the user
     */
    String run(Run run, Identity identity) throws IOException, InterruptedException;
}
