package melgauge.features;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Set;

/**
 * Brings spectrogram values to a mean of 0 and a standard deviation of 1: (x − mean) / std. Fitted on training tracks by
 * {@link NormalizerFit} and kept inside the model. Immutable, hence thread-safe; two are equal if they do the same.
 */
public sealed interface Normalizer {
    /**
     * Normalises frames in place.
     *
     * @param values holds {@code [rows, bands]} from {@code offset} on
     * @throws IndexOutOfBoundsException if it does not
     */
    void apply(float[] values, int offset, int rows);

    /** Numbers per frame, at least 1. */
    int bands();

    /** Which variant this is. */
    NormalizerKind kind();

    /**
     * As JSON that {@link #read} understands: {@code {"kind":"band","mean":[…],"std":[…]}},
     * {@code {"kind":"global","bands":96,"mean":…,"std":…}} or {@code {"kind":"none","bands":96}}.
     */
    JsonNode toJson();

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws IOException with a sentence if it is anything else; the caller knows the file
     */
    static Normalizer read(JsonNode json) throws IOException {
        return NormalizerJson.read(json);
    }
}
