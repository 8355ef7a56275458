package melgauge.model;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** A network that can be trained, looked into and trained on. Not thread-safe: one thread at a time. */
public interface Regressor extends Predictor {
    /**
     * What the network answers in training: normalised by the batch's own statistics, with dropout. Changes nothing.
     *
     * @param patches at least {@code count} patches
     * @return {@code [count, outputs]}
     */
    float[] predictAsInTraining(float[] patches, int count);

    /**
     * Measures anew by what predictions are normalised: mean and variance of each channel over all of some batches, which on
     * their way to it are normalised by themselves, as in training (Wu and Johnson 2021, Rethinking "Batch" in BatchNorm).
     * Changes nothing else, and a network without batch normalisation not at all.
     *
     * @param count batches, at least 1
     * @param batches gives them one by one; their labels are not read
     */
    void measure(int count, Supplier<Batch> batches);

    /**
     * The gradient that a step on a batch would follow, without penalties and clipping. Changes nothing.
     *
     * @param loss by whichever loss
     * @return as long as {@link #parameters()}, 0 for running statistics
     */
    float[] gradient(Batch batch, Loss loss);

    /**
     * How the units of each hidden layer with an activation answer to a batch, in inference. A unit is a channel of a
     * convolution, over all places, or a unit of a dense layer.
     *
     * @param patches at least {@code count} patches, at least two of which should differ
     */
    List<Activity> activity(float[] patches, int count);

    /**
     * One training step.
     *
     * @param batch what to learn from
     * @param clipNorm a gradient with a larger norm over all layers is scaled down to it; 0: never
     * @return what the step did
     */
    StepReport step(Batch batch, double clipNorm);

    /**
     * One training step on a batch whose labels count all the same.
     *
     * @param patches {@code count} patches
     * @param labels {@code [count, outputs]}, NaN where unlabelled
     */
    default StepReport step(float[] patches, float[] labels, int count) {
        return step(new Batch(patches, labels, null, count), 0);
    }

    /**
     * Whether steps report how each layer moves, as they do at first.
     *
     * @param on otherwise reports have NaN there, and steps take a little less time
     */
    void watch(boolean on);

    /** Sets the learning rate of the next steps; until then it is that of the settings the network was built with. */
    void learningRate(double rate);

    /** Seeds what is random in the next steps (dropout), so that a training that goes on later does as it would have. */
    void seed(long seed);

    /** The layers in order of the data, with their parameters. */
    List<Layer> layers();

    /** What the network's arithmetic follows from, beside its parameters. */
    Architecture architecture();

    /** A copy of all parameters, running statistics included, in the order of {@link Architecture#slots}. */
    float[] parameters();

    /** Puts back what {@link #parameters()} gave. */
    void restore(float[] parameters);

    /** A copy of what the update rule remembers. */
    OptimizerState optimizerState();

    /**
     * Puts back what {@link #optimizerState()} gave: with the parameters, the next step is that of a training that was never
     * interrupted.
     *
     * @throws IllegalArgumentException if the update rule keeps other moments
     */
    void restore(OptimizerState state);

    /**
     * What an update rule remembers from one step to the next.
     *
     * @param step how many steps were done
     * @param moments running averages by name, each as long as {@link #parameters()} and in its order: {@code m} of the
     *     gradient, {@code v} of its square; 0 for running statistics
     */
    record OptimizerState(long step, SortedMap<String, float[]> moments) {
        public OptimizerState {
            moments = Collections.unmodifiableSortedMap(new TreeMap<>(moments));
        }
    }

    /**
     * What a step did, layer by layer of {@link #layers()}. Running statistics are not counted: they do not follow a
     * gradient.
     *
     * @param loss of the batch before the step, with the L2 penalty
     * @param gradientNorm ‖∂loss/∂w‖₂ of each layer before clipping, 0 for a layer without parameters; NaN unless watched
     * @param updateRatio ‖Δw‖₂/‖w‖₂ of each layer; NaN for a layer without parameters or with all of them 0, and unless
     *     watched
     */
    @SuppressWarnings("ArrayRecordComponent") // made and read within one step, never compared
    record StepReport(double loss, double[] gradientNorm, double[] updateRatio) {}

    /**
     * How the units of a layer answer to a batch.
     *
     * @param layer its name in {@link #layers()}
     * @param units in it
     * @param still units whose output differs by less than 1e-6 of the layer's largest, or 1e-12, between patches and places
     */
    record Activity(String layer, int units, int still) {
        /** The share of still units. */
        public double stillShare() {
            return still / (double) units;
        }
    }

    /**
     * A layer.
     *
     * @param name such as {@code conv1} or {@code dense2}
     * @param kind what it computes, in words
     * @param parameters in the order in which they are stored
     */
    record Layer(String name, String kind, List<Parameter> parameters) {
        /** The weights proper, if it is a convolution or a dense layer. */
        public Optional<Parameter> weights() {
            return hasWeights()
                    ? parameters.stream()
                            .filter(parameter -> parameter.name().equals("weight"))
                            .findFirst()
                    : Optional.empty();
        }

        /** Whether it is a convolution or a dense layer. */
        public boolean hasWeights() {
            return name.matches("(conv|dense)\\d+|output");
        }
    }

    /**
     * A parameter array of a layer.
     *
     * @param name such as {@code W} or {@code gamma}
     * @param shape outermost first
     * @param order {@code c} if the last index runs fastest, {@code f} if the first does
     * @param offset where it begins in {@link #parameters()}
     * @param initialisation how its first values are chosen
     * @param trained whether it follows a gradient; running statistics do not
     */
    record Parameter(String name, List<Long> shape, char order, int offset, String initialisation, boolean trained) {
        /** Numbers in it. */
        public int size() {
            return Math.toIntExact(shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b));
        }
    }
}
