package melgauge.features;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;

/**
 * One mean and one standard deviation for all bands.
 *
 * @param bands at least 1
 * @param mean finite
 * @param std finite, above 0
 */
public record GlobalNormalizer(int bands, double mean, double std) implements Normalizer {
    /** @throws IllegalArgumentException if a number is out of its range */
    public GlobalNormalizer {
        if (bands < 1) {
            throw new IllegalArgumentException("bands=" + bands + " must be at least 1");
        }
        check("", mean, std);
    }

    /** Checks one band's numbers; {@code index} is appended to their names. */
    static void check(String index, double mean, double std) {
        if (!(Math.abs(mean) <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("mean" + index + "=" + mean + " must be finite");
        }
        if (!(std >= Float.MIN_NORMAL && std <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("std" + index + "=" + std + " must be finite and above 0");
        }
    }

    @Override
    public void apply(float[] values, int offset, int rows) {
        int count = Math.multiplyExact(rows, bands);
        Objects.checkFromIndexSize(offset, count, values.length);
        float shift = (float) mean;
        float factor = (float) (1 / std);
        for (int i = offset; i < offset + count; i++) {
            values[i] = (values[i] - shift) * factor;
        }
    }

    @Override
    public NormalizerKind kind() {
        return NormalizerKind.GLOBAL;
    }

    @Override
    public ObjectNode toJson() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("kind", "global")
                .put("bands", bands)
                .put("mean", mean)
                .put("std", std);
    }
}
