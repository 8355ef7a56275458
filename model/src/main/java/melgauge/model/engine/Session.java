package melgauge.model.engine;

import java.io.IOException;
import java.io.OutputStream;
import melgauge.model.spec.TrainSpec;

/** An engine at work on one device. Networks that it opened are to be closed before it. For one thread at a time. */
public interface Session extends AutoCloseable {
    /** The name of its engine. */
    String engine();

    /** Where it computes, with advice where that is slower than it has to be or a GPU is left unused. */
    Engine.Device device();

    /** Threads that compute. */
    int threads();

    /** Bytes of memory that its networks may still take. */
    long freeBytes();

    /**
     * Opens a network with given weights, to predict, to look into, or to train on. Those of a new network come from {@link
     * InitialWeights}. They may be NaN or infinite, as a training that diverged leaves them.
     *
     * @param training its loss and update rule
     * @param weights in the order of {@link Architecture#slots}; copied
     * @throws IllegalArgumentException if they do not fit the architecture
     */
    Network open(Architecture architecture, TrainSpec training, float[] weights);

    /**
     * Writes a network for programs that have this engine's framework, but not Melgauge: an equivalent network in the
     * framework's own terms and format. It takes patches as {@code [patches, 1, frames, bands]}, normalised as the model's
     * normaliser does it, and predicts as {@link Network#predict} does, to within 1e-5.
     *
     * @param training its loss and update rule
     * @param weights in the order of {@link Architecture#slots}
     * @throws IOException if {@code out} fails
     */
    void export(Architecture architecture, TrainSpec training, float[] weights, OutputStream out) throws IOException;

    /** Releases what the session holds of its engine, so that another may have another number of threads. */
    @Override
    void close();
}
