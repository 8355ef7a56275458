package melgauge.model.diagnosis.rules;

/** What can be wrong with a run. */
public enum Code {
    /** The network's input hardly varies. */
    INPUT_CONSTANT,
    /** The network's input is far from mean 0 and standard deviation 1. */
    INPUT_UNSCALED(true),
    /** The front end discards most of what varies in the recordings. */
    INPUT_NARROW,
    /** The labels of a target hardly vary, or only in a few tracks. */
    TARGET_CONSTANT(true),
    /** The labels of a target fill only a small part of their scale. */
    TARGET_NARROW(true),
    /** Nothing in the audio says anything about the labels: shuffled ones would do as well. */
    LABELS_UNRELATED,
    /** Batch normalisation does something else in predictions than it did in training. */
    BATCHNORM_GAP,
    /** Most units of a layer answer the same to everything. */
    DEAD_UNITS,
    /** Outputs stand at 0 or 1, where the sigmoid has no slope. */
    SATURATED_OUTPUT,
    /** The loss does not reach the first layers. */
    VANISHING_GRADIENT,
    /** Each step changes the weights by too much of their size. */
    LEARNING_RATE_TOO_HIGH,
    /** The weights have hardly left where they started. */
    LEARNING_RATE_TOO_LOW,
    /** A penalty has more to say than the labels. */
    OVER_REGULARISED,
    /** Something is NaN or infinite. */
    NOT_FINITE,
    /** The training tracks are known by heart, and others are not predicted. */
    OVERFIT,
    /** Training ended while it still made progress. */
    UNDERTRAINED,
    /** The regression beside the network predicts better alone. */
    BEHIND_REGRESSION,
    /** The labels themselves are so uncertain that no model could score well. */
    LABEL_NOISE;

    private final boolean ofData;

    Code() {
        this(false);
    }

    Code(boolean ofData) {
        this.ofData = ofData;
    }

    /** Whether settings of the data cure it, whatever else is wrong with the run. */
    public boolean isOfData() {
        return ofData;
    }
}
