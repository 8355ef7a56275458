package melgauge.model.diagnosis.measure;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import melgauge.model.engine.Network;
import melgauge.model.spec.Loss;

/**
 * What was measured on the training tracks of a run and on its network at several moments. {@link Examiner} makes it.
 *
 * @param input what the network reads
 * @param labels of each target
 * @param states of the network, by moment
 * @param patches that the states were measured on, each from another track as far as there are so many
 * @param batchSize patches that were normalised together, as in training
 */
public record Examination(Input input, List<Labels> labels, List<State> states, int patches, int batchSize) {
    public Examination {
        labels = List.copyOf(labels);
        states = List.copyOf(states);
    }

    /**
     * The normalised values that the network reads, unvaried.
     *
     * @param tracks that were looked at, spread over the training tracks
     * @param mean of the finite values
     * @param std their standard deviation
     * @param commonest the share of a patch's values that are one and the same number, mean over patches
     * @param stillTracks tracks in which all values differ by less than 1e-4
     * @param largest the largest absolute value of the finite ones
     * @param notFinite the share of values that are no number
     * @param notFiniteTracks tracks with such values, or with values beyond 1e10, up to five
     */
    public record Input(
            int tracks,
            double mean,
            double std,
            double commonest,
            int stillTracks,
            double largest,
            double notFinite,
            List<String> notFiniteTracks) {
        /** Squares of larger values leave single precision within a few layers. */
        public static final double LARGEST = 1e10;

        public Input {
            notFiniteTracks = List.copyOf(notFiniteTracks);
        }

        /** Root of the mean square: 1 where values are standardised. */
        public double rms() {
            return Math.sqrt(mean * mean + std * std);
        }
    }

    /**
     * The labels of a target on the training tracks, in [0,1].
     *
     * @param target its name
     * @param labelled tracks with a label
     * @param mean of the labels
     * @param std their standard deviation
     * @param least the smallest in the whole manifest
     * @param most the largest there
     * @param differing labelled training tracks whose label is not the commonest one
     */
    public record Labels(
            String target, int labelled, double mean, double std, double least, double most, int differing) {}

    /** When. */
    public enum Moment {
        /** Before the first step. */
        @JsonProperty("untrained")
        UNTRAINED,
        /** With the weights that were kept. */
        @JsonProperty("kept")
        KEPT,
        /** After the last step. */
        @JsonProperty("last")
        LAST
    }

    /**
     * The network at a moment.
     *
     * @param moment when
     * @param notFinite parameters that are no number; if there are any, nothing else could be measured
     * @param layers with weights, in order of the data
     * @param activity of the hidden units, in inference
     * @param outputs of each target, in inference
     * @param r2 in inference, on the patches, mean over targets
     * @param r2AsInTraining the same with batch normalisation by the batch's own statistics
     * @param gap root of the mean squared difference between the two answers, as a share of the labels' standard deviation,
     *     mean over targets
     * @param losses how the gradients of other losses lie to that of the run's own; empty where they were not measured
     */
    public record State(
            Moment moment,
            int notFinite,
            List<LayerState> layers,
            List<Network.Activity> activity,
            List<Output> outputs,
            double r2,
            double r2AsInTraining,
            double gap,
            Map<Loss, Angle> losses) {
        public State {
            layers = List.copyOf(layers);
            activity = List.copyOf(activity);
            outputs = List.copyOf(outputs);
            // In the same order in every process, so that equal diagnoses are equal files.
            losses = new TreeMap<>(losses);
        }
    }

    /**
     * A layer with weights.
     *
     * @param layer its name
     * @param weightNorm ‖w‖₂ of the weights proper, without biases and what batch normalisation learns
     * @param moved ‖w − w₀‖₂ / ‖w₀‖₂ since the first step
     * @param gradientNorm ‖∂loss/∂w‖₂ of these weights over all patches, without penalties
     */
    public record LayerState(String layer, double weightNorm, double moved, double gradientNorm) {}

    /**
     * The answers to one target.
     *
     * @param target its name
     * @param mean over patches
     * @param std over patches
     * @param meanAsInTraining over patches, with batch normalisation by the batch's own statistics
     * @param stdAsInTraining likewise
     * @param saturated the share of answers below 0.01 or above 0.99 whose label is between 0.02 and 0.98
     */
    public record Output(
            String target,
            double mean,
            double std,
            double meanAsInTraining,
            double stdAsInTraining,
            double saturated) {}

    /**
     * How the gradient of a loss lies to that of the loss that is trained.
     *
     * @param cosine over all weights; 1: the same direction
     * @param firstLayer over the weights of the first layer
     */
    public record Angle(double cosine, double firstLayer) {}

    /** The network at a moment, if it was measured. */
    public Optional<State> at(Moment moment) {
        return states.stream().filter(state -> state.moment() == moment).findFirst();
    }
}
