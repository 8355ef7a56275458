package melgauge.pipeline;

import java.io.IOException;

/**
 * One step of a run. A stage reads what earlier stages left in the run's folder and leaves its own result there, so
 * that it can be skipped when nothing that it depends on has changed.
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

    /**
     * All that the result depends on, as text: settings, what comes from outside, and the digests of what earlier stages
     * left. Equal text, equal result.
     */
    String inputs(Run run) throws IOException;

    /** Whether all that the stage leaves behind is still there. */
    boolean isComplete(Run run) throws IOException;

    /**
     * Does the work.
     *
     * @return what was done, in a sentence for the user
     */
    String run(Run run) throws IOException, InterruptedException;
}
