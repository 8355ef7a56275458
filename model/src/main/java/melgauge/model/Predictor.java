package melgauge.model;

/**
 * What maps patches to numbers in [0,1]: one network, or several that answer together. Patches lie one behind the other in a
 * float array, each row by row as {@code [frames, bands]}. Not thread-safe: one thread at a time.
 */
public interface Predictor extends AutoCloseable {
    /** Shape of a patch. */
    PatchShape shape();

    /** Numbers per patch. */
    int outputs();

    /**
     * Predicts with the running statistics of batch normalisation and without dropout.
     *
     * @param patches at least {@code count} patches
     * @return {@code [count, outputs]}
     */
    float[] predict(float[] patches, int count);

    /**
     * Predicts, and says what the last hidden layer makes of each patch: an embedding.
     *
     * @param patches at least {@code count} patches
     */
    Answer answer(float[] patches, int count);

    /**
     * What is answered.
     *
     * @param outputs {@code [count, outputs]}, those of {@link #predict}
     * @param hidden {@code [count, units]} of the last hidden layer, behind its activation
     */
    @SuppressWarnings("ArrayRecordComponent") // made and read at once, never compared
    record Answer(float[] outputs, float[] hidden) {}

    /** Frees the native memory. */
    @Override
    void close();
}
