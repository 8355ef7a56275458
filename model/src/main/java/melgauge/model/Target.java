package melgauge.model;

import melgauge.data.Scale;

/**
 * A quality that a network predicts.
 *
 * @param name as in the manifest
 * @param scale the rating scale that the network's [0,1] stands for
 * @param trainingMean the mean label of the training tracks, in [0,1]; what the mean predictor answers
 */
public record Target(String name, Scale scale, double trainingMean) {}
