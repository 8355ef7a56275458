package melgauge.model.task;

/** Hears how far a long job is. Called often, from the thread that does the job. */
@FunctionalInterface
public interface Progress {
    /** Nobody listens. */
    Progress NONE = (done, total) -> {};

    /** {@code done} of {@code total} units are finished. */
    void at(long done, long total);
}
