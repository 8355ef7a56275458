package melgauge.model.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** By which means and variances a batch-normalised network predicts. */
public enum BatchNormStatistics {
    /** Those of training patches as they are, measured whenever the network is validated: see {@link PreciseStatistics}. */
    @JsonProperty("precise")
    PRECISE,
    /** Those that the steps have gathered on their way, of varied patches and earlier weights. */
    @JsonProperty("running")
    RUNNING
}
