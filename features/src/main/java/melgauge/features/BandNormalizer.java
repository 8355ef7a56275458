package melgauge.features;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A mean and a standard deviation for each band. */
public final class BandNormalizer implements Normalizer {
    private final double[] mean;
    private final double[] std;
    private final float[] shift;
    private final float[] factor;

    /**
     * @param mean of each band, finite
     * @param std of each band, finite and above 0
     * @throws IllegalArgumentException if they are something else, or not equally many
     */
    public BandNormalizer(double[] mean, double[] std) {
        if (mean.length < 1 || mean.length != std.length) {
            throw new IllegalArgumentException("mean holds " + mean.length + " bands and std " + std.length
                    + ", they must hold equally many, at least 1");
        }
        this.mean = mean.clone();
        this.std = std.clone();
        this.shift = new float[mean.length];
        this.factor = new float[mean.length];
        for (int band = 0; band < mean.length; band++) {
            GlobalNormalizer.check("[" + band + "]", mean[band], std[band]);
            shift[band] = (float) mean[band];
            factor[band] = (float) (1 / std[band]);
        }
    }

    @Override
    public void apply(float[] values, int offset, int rows) {
        int bands = shift.length;
        Objects.checkFromIndexSize(offset, Math.multiplyExact(rows, bands), values.length);
        // Row by row through a copy, because the JIT vectorises only loops whose arrays share one index.
        float[] row = new float[bands];
        for (int start = offset, end = offset + rows * bands; start < end; start += bands) {
            System.arraycopy(values, start, row, 0, bands);
            for (int band = 0; band < bands; band++) {
                row[band] = (row[band] - shift[band]) * factor[band];
            }
            System.arraycopy(row, 0, values, start, bands);
        }
    }

    @Override
    public int bands() {
        return mean.length;
    }

    @Override
    public NormalizerKind kind() {
        return NormalizerKind.BAND;
    }

    /** The mean of each band; a new array at each call. */
    public double[] mean() {
        return mean.clone();
    }

    /** The standard deviation of each band; a new array at each call. */
    public double[] std() {
        return std.clone();
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", "band").put("bands", mean.length);
        add(json.putArray("mean"), mean);
        add(json.putArray("std"), std);
        return json;
    }

    private static void add(ArrayNode array, double[] values) {
        for (double value : values) {
            array.add(value);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof BandNormalizer that && Arrays.equals(mean, that.mean) && Arrays.equals(std, that.std);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(mean) + Arrays.hashCode(std);
    }

    @Override
    public String toString() {
        return toJson().toString();
    }
}
