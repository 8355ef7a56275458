package melgauge.data;

/** Where the uncertainty of a target's labels is known from. */
public enum LabelNoise {
    /** The manifest says nothing about it. */
    UNKNOWN,
    /**
     * Only the number of raters is known: the variance is the largest that it can be, which it is where each rater
     * answered yes or no.
     */
    AT_MOST,
    /** From how far the raters' answers lie apart. */
    MEASURED
}
