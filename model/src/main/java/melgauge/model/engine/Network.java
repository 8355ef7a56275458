package melgauge.model.engine;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import melgauge.model.spec.Loss;
import melgauge.model.spec.PatchShape;

/**
 * A network that an engine computes: it predicts, learns, and can be looked into. Patches lie one behind the other in a float
 * array, each row by row as {@code [frames, bands]}. Weights and the state of the update rule are
 * arrays in the order of {@link Architecture#slots}, which any engine reads. Not thread-safe: one thread at a time.
 */
public interface Network extends AutoCloseable {
    /** Its layers, and the order of its weights. */
    Architecture architecture();

    /** The shape of a patch. */
    default PatchShape shape() {
        return architecture().shape();
    }

    /** Numbers per patch. */
    default int outputs() {
        return architecture().outputs();
    }

    /** How batch normalisation and dropout behave. */
    enum Mode {
        /** By the running statistics, without dropout. */
        INFERENCE,
        /** By the batch's own statistics, with dropout. */
        TRAINING
    }

    /**
     * Computes the outputs. Changes nothing.
     *
     * @param patches at least {@code count} patches
     * @return {@code [count, outputs]}
     */
    float[] forward(float[] patches, int count, Mode mode);

    /** Computes the outputs in inference; see {@link #forward}. */
    default float[] predict(float[] patches, int count) {
        return forward(patches, count, Mode.INFERENCE);
    }

    /**
     * Computes the outputs in inference, and the last hidden layer of each patch: an embedding.
     *
     * @param patches at least {@code count} patches
     */
    Answer answer(float[] patches, int count);

    /**
     * Outputs and embeddings.
     *
     * @param outputs {@code [count, outputs]}, those of {@link #predict}
     * @param hidden {@code [count, units]} of the last hidden layer, behind its activation
     */
    @SuppressWarnings("ArrayRecordComponent") // made and read at once, never compared
    record Answer(float[] outputs, float[] hidden) {}

    /**
     * Measures the running statistics anew: mean and variance of each channel over all of some batches, which on their way to
     * it are normalised by themselves, as in training (Wu and Johnson 2021, Rethinking "Batch" in BatchNorm). Changes nothing
     * else, and a network without batch normalisation not at all.
     *
     * @param count batches, at least 1
     * @param batches gives them one by one; their labels are not read
     */
    void measure(int count, Supplier<Batch> batches);

    /**
     * Computes the gradient that a step on a batch would follow, without penalties and clipping. Changes nothing.
     *
     * @param loss any; {@link Loss#of} is the reference
     * @return in the order of the weights, 0 for running statistics
     */
    float[] gradient(Batch batch, Loss loss);

    /**
     * Compares how the units of each hidden layer with an activation respond to the patches of a batch, in inference. A unit
     * is a channel of a convolution, over all places, or a unit of a dense layer.
     *
     * @param patches at least {@code count} patches, at least two of which should differ
     */
    List<Activity> activity(float[] patches, int count);

    /**
     * Does one training step.
     *
     * @param batch what to learn from
     * @param clipNorm a gradient with a larger norm over all layers is scaled down to it; 0: never
     */
    StepReport step(Batch batch, double clipNorm);

    /**
     * Does one training step on a batch whose labels have equal weights.
     *
     * @param patches {@code count} patches
     * @param labels {@code [count, outputs]}, NaN where unlabelled
     */
    default StepReport step(float[] patches, float[] labels, int count) {
        return step(new Batch(patches, labels, null, count), 0);
    }

    /**
     * Chooses whether steps report how each layer moves, as they do at first. The engine computes that where the weights are.
     *
     * @param on otherwise reports have NaN there, and steps take a little less time
     */
    void watch(boolean on);

    /** Sets the learning rate of the next steps; until then it is that of the settings the network was opened with. */
    void learningRate(double rate);

    /** Seeds what is random in the next steps (dropout), so that a training that goes on later does as it would have. */
    void seed(long seed);

    /** Copies all weights, running statistics included. */
    float[] weights();

    /** Sets all weights. */
    void load(float[] weights);

    /**
     * Moves the averaged weights towards the weights, where these are: averages = keep · averages + (1 − keep) · weights, in
     * single precision. The first call begins with the weights as averages, unless {@link #loadAverages} gave others.
     *
     * @param keep from 0 to 1
     */
    void average(float keep);

    /**
     * Copies the averaged weights.
     *
     * @throws IllegalStateException if there are none yet
     */
    float[] averages();

    /** Sets the averaged weights. */
    void loadAverages(float[] averages);

    /** Copies what the update rule remembers. */
    OptimizerState optimizerState();

    /**
     * Sets what the update rule remembers: with the weights, the next step is that of a training that was never interrupted.
     *
     * @throws IllegalArgumentException if the update rule keeps other moments
     */
    void load(OptimizerState state);

    /**
     * What an update rule remembers from one step to the next.
     *
     * @param step number of steps done
     * @param moments running averages by name, each in the order of the weights: {@code m} of the gradient, {@code v} of its
     *     square; 0 for running statistics
     */
    record OptimizerState(long step, SortedMap<String, float[]> moments) {
        public OptimizerState {
            moments = Collections.unmodifiableSortedMap(new TreeMap<>(moments));
        }
    }

    /**
     * Measurements of a step, layer by layer of {@link Architecture#layers}. Running statistics are not counted: they do not
     * follow a gradient.
     *
     * @param loss of the batch before the step, with the L2 penalty
     * @param gradientNorm ‖∂loss/∂w‖₂ of each layer before clipping, 0 for a layer without parameters; NaN unless watched
     * @param updateRatio ‖Δw‖₂/‖w‖₂ of each layer; NaN for a layer without parameters or with all of them 0, and unless
     *     watched
     */
    @SuppressWarnings("ArrayRecordComponent") // made and read within one step, never compared
    record StepReport(double loss, double[] gradientNorm, double[] updateRatio) {}

    /**
     * Responses of a layer's units to a batch.
     *
     * @param layer its name in {@link Architecture#layers}
     * @param units in it
     * @param still units whose output differs by less than 1e-6 of the layer's largest, or 1e-12, between patches and places
     */
    record Activity(String layer, int units, int still) {
        /** The share of still units. */
        public double stillShare() {
            return still / (double) units;
        }
    }

    /** Frees the native memory. */
    @Override
    void close();
}
