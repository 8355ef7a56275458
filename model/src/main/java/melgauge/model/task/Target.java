package melgauge.model.task;

import melgauge.data.Scale;
import melgauge.data.UsageException;

/**
 * A quality that a network predicts.
 *
 * @param name as in the manifest, not blank
 * @param scale the rating scale that the network's [0,1] stands for
 * @param trainingMean the mean label of the training tracks, in [0,1]; what the mean predictor answers
 */
public record Target(String name, Scale scale, double trainingMean) {
    public Target {
        // Jackson passes null for a missing key, whatever the annotations say.
        if (name == null || name.isBlank()) {
            throw new UsageException("a target must have a name");
        }
        if (scale == null) {
            throw new UsageException("target " + name + " must have a scale");
        }
        if (!(trainingMean >= 0 && trainingMean <= 1)) {
            throw new UsageException("trainingMean=" + trainingMean + " of target " + name + " must be from 0 to 1");
        }
    }
}
