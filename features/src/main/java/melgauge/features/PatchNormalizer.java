package melgauge.features;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;

/**
 * Takes each band's mean over the rows at hand away, and divides by a standard deviation. What is left says how a band
 * moves within a patch, and nothing about how loud or how bright the recording is: of logarithmic features it is what any
 * fixed filter and gain leave unchanged (cepstral mean normalisation, Atal 1974, over one patch).
 *
 * @param scale what divides; its means are 0
 */
public record PatchNormalizer(BandNormalizer scale) implements Normalizer {
    /** A normaliser that divides each band by its standard deviation, finite and above 0. */
    public static PatchNormalizer of(double[] std) {
        return new PatchNormalizer(new BandNormalizer(new double[std.length], std));
    }

    @Override
    public void apply(float[] values, int offset, int rows) {
        int bands = bands();
        int end = Math.addExact(offset, Math.multiplyExact(rows, bands));
        Objects.checkFromToIndex(offset, end, values.length);
        double[] mean = new double[bands];
        for (int start = offset; start < end; start += bands) {
            for (int band = 0; band < bands; band++) {
                mean[band] += values[start + band];
            }
        }
        for (int band = 0; band < bands; band++) {
            mean[band] /= rows;
        }
        for (int start = offset; start < end; start += bands) {
            for (int band = 0; band < bands; band++) {
                values[start + band] -= (float) mean[band];
            }
        }
        scale.apply(values, offset, rows);
    }

    @Override
    public int bands() {
        return scale.bands();
    }

    @Override
    public NormalizerKind kind() {
        return NormalizerKind.PATCH;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = scale.toJson().put("kind", "patch");
        json.remove("mean");
        return json;
    }
}
