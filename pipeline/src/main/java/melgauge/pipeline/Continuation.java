package melgauge.pipeline;

import melgauge.data.UsageException;

/** What a training does with an unfinished training that is in its folder. */
public enum Continuation {
    /** Refuse to begin, because nobody said whether to go on or to begin anew. */
    ASK,
    /** Go on; refuse if settings or data differ. */
    RESUME,
    /** Begin anew. */
    RESTART,
    /** Go on if settings and data are the same, else begin anew. */
    RESUME_IF_SAME;

    /** The one that the options {@code --resume} and {@code --restart} stand for. */
    public static Continuation of(boolean resume, boolean restart) {
        if (resume && restart) {
            throw new UsageException(
                    "--resume goes on with an unfinished training, --restart begins anew; give one of them");
        }
        return resume ? RESUME : restart ? RESTART : ASK;
    }
}
