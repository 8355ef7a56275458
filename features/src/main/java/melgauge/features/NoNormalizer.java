package melgauge.features;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;

/**
 * Leaves values as they are.
 *
 * @param bands at least 1
 */
public record NoNormalizer(int bands) implements Normalizer {
    /** @throws IllegalArgumentException if there are no bands */
    public NoNormalizer {
        if (bands < 1) {
            throw new IllegalArgumentException("bands=" + bands + " must be at least 1");
        }
    }

    @Override
    public void apply(float[] values, int offset, int rows) {
        Objects.checkFromIndexSize(offset, Math.multiplyExact(rows, bands), values.length);
    }

    @Override
    public NormalizerKind kind() {
        return NormalizerKind.NONE;
    }

    @Override
    public ObjectNode toJson() {
        return JsonNodeFactory.instance.objectNode().put("kind", "none").put("bands", bands);
    }
}
