package melgauge.model.training;

import java.util.ArrayList;
import java.util.List;
import melgauge.model.engine.Architecture;

/**
 * What happened in a training, epoch by epoch, as the report, the diagnosis and a resumed run read it.
 *
 * @param untrained what the network answered before its first step, per target
 * @param layers the layers with their parameters, in the order of {@link Epoch#movement()}
 * @param epochs in order
 * @param bestEpoch number of the epoch whose weights were kept; 0 before the first
 * @param end why the training ended; empty while it goes on
 * @param batchSize patches per step, {@code auto} resolved
 * @param validationTracks labelled tracks that validated it
 */
public record TrainingLog(
        List<Untrained> untrained,
        List<Architecture.Layer> layers,
        List<Epoch> epochs,
        int bestEpoch,
        String end,
        int batchSize,
        int validationTracks) {

    public TrainingLog {
        untrained = List.copyOf(untrained);
        layers = List.copyOf(layers);
        epochs = List.copyOf(epochs);
    }

    /** The beginning of a log. */
    static TrainingLog start(
            List<Untrained> untrained, List<Architecture.Layer> layers, int batchSize, int validationTracks) {
        return new TrainingLog(untrained, layers, List.of(), 0, "", batchSize, validationTracks);
    }

    /** This log and one more epoch. */
    TrainingLog with(Epoch epoch, boolean best) {
        List<Epoch> longer = new ArrayList<>(epochs);
        longer.add(epoch);
        return new TrainingLog(
                untrained, layers, longer, best ? epoch.number() : bestEpoch, end, batchSize, validationTracks);
    }

    /** This log, ended. */
    TrainingLog ended(String reason) {
        return new TrainingLog(untrained, layers, epochs, bestEpoch, reason, batchSize, validationTracks);
    }

    /** This log of a training that goes on after its end. */
    public TrainingLog reopened() {
        return ended("");
    }

    /** Epochs since the best one. */
    int sinceBest() {
        return epochs.size() - bestEpoch;
    }

    /** The smallest validation loss so far; infinity before the first epoch. */
    double bestLoss() {
        return bestEpoch == 0
                ? Double.POSITIVE_INFINITY
                : epochs.get(bestEpoch - 1).validationLoss();
    }

    /** Whether a loss or a weight stopped being a number. */
    public boolean diverged() {
        return epochs.stream().anyMatch(epoch -> !Double.isFinite(epoch.trainLoss()));
    }

    /**
     * The untrained network's answers to one target, over tracks.
     *
     * @param mean of its track predictions, in [0,1]
     * @param std their standard deviation
     * @param labelMean mean of the training labels, in [0,1]
     */
    public record Untrained(double mean, double std, double labelMean) {}

    /**
     * One epoch.
     *
     * @param number from 1
     * @param trainLoss mean loss of its steps, with the L2 penalty
     * @param validationLoss loss of the track predictions of the validation tracks after it; NaN without such tracks
     * @param validationR2 R² of each target on the validation tracks
     * @param validationSpread standard deviation of the predictions as a share of that of the labels, each target
     * @param movement of each layer
     * @param steps that it took
     * @param seconds it took, validation included
     * @param learningRate of its last step
     */
    public record Epoch(
            int number,
            double trainLoss,
            double validationLoss,
            List<Double> validationR2,
            List<Double> validationSpread,
            List<Movement> movement,
            int steps,
            double seconds,
            double learningRate) {
        public Epoch {
            validationR2 = List.copyOf(validationR2);
            validationSpread = List.copyOf(validationSpread);
            movement = List.copyOf(movement);
        }

        /** Mean over the targets for which R² is defined. */
        public double meanValidationR2() {
            return mean(validationR2);
        }

        /** Mean over the targets for which the spread is defined. */
        public double meanValidationSpread() {
            return mean(validationSpread);
        }

        private static double mean(List<Double> values) {
            return values.stream()
                    .mapToDouble(Double::doubleValue)
                    .filter(Double::isFinite)
                    .average()
                    .orElse(Double.NaN);
        }
    }

    /**
     * How a layer moved in an epoch, as means over its steps.
     *
     * @param gradientNorm ‖∂loss/∂w‖₂
     * @param updateRatio ‖Δw‖₂/‖w‖₂; NaN for a layer without parameters; a step in which it was no number counts as 0
     */
    public record Movement(double gradientNorm, double updateRatio) {}
}
