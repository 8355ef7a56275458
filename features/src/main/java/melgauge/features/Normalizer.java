package melgauge.features;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/**
 * Brings spectrogram values to a mean of 0 and a standard deviation of 1: (x − mean) / std. Fitted on training tracks by
 * {@link NormalizerFit} and kept inside the model. Immutable, hence thread-safe; two are equal if they do the same.
 */
public sealed interface Normalizer permits BandNormalizer, GlobalNormalizer, NoNormalizer, PatchNormalizer {
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
     * As JSON that {@link #fromJson} understands: {@code {"kind":"band","bands":96,"mean":[…],"std":[…]}},
     * {@code {"kind":"global","bands":96,"mean":…,"std":…}}, {@code {"kind":"patch","bands":96,"std":[…]}} or {@code
     * {"kind":"none","bands":96}}.
     */
    ObjectNode toJson();

    /**
     * Reads what {@link #toJson} wrote, and nothing else.
     *
     * @throws IOException with a sentence that says what is wrong; the caller knows the file
     */
    static Normalizer fromJson(JsonNode json) throws IOException {
        String kind = json.path("kind").asText("");
        try {
            return switch (kind) {
                case "band" -> {
                    expectKeys(json, Set.of("kind", "bands", "mean", "std"));
                    BandNormalizer band = new BandNormalizer(numbers(json, "mean"), numbers(json, "std"));
                    requireBands(json, band, "means");
                    yield band;
                }
                case "global" -> {
                    expectKeys(json, Set.of("kind", "bands", "mean", "std"));
                    yield new GlobalNormalizer(
                            bands(json), number(json.get("mean"), "mean"), number(json.get("std"), "std"));
                }
                case "patch" -> {
                    expectKeys(json, Set.of("kind", "bands", "std"));
                    PatchNormalizer patch = PatchNormalizer.of(numbers(json, "std"));
                    requireBands(json, patch, "standard deviations");
                    yield patch;
                }
                case "none" -> {
                    expectKeys(json, Set.of("kind", "bands"));
                    yield new NoNormalizer(bands(json));
                }
                default ->
                    throw new IOException(
                            "the normaliser's kind is '" + kind + "', it must be band, global, patch or none");
            };
        } catch (IllegalArgumentException e) {
            throw new IOException("the normaliser is damaged: " + e.getMessage(), e);
        }
    }

    private static void requireBands(JsonNode json, Normalizer normalizer, String numbers) throws IOException {
        if (normalizer.bands() != bands(json)) {
            throw new IOException(
                    "the normaliser has " + normalizer.bands() + " " + numbers + ", it must have bands=" + bands(json));
        }
    }

    private static void expectKeys(JsonNode json, Set<String> keys) throws IOException {
        Set<String> found = new TreeSet<>();
        json.fieldNames().forEachRemaining(found::add);
        if (!found.equals(keys)) {
            throw new IOException("the normaliser has the keys " + found + ", it must have " + new TreeSet<>(keys));
        }
    }

    private static double[] numbers(JsonNode json, String name) throws IOException {
        JsonNode array = json.get(name);
        if (!array.isArray()) {
            throw new IOException("the normaliser's " + name + " must be a list of numbers");
        }
        double[] numbers = new double[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(array.get(i), name + "[" + i + "]");
        }
        return numbers;
    }

    private static double number(JsonNode json, String name) throws IOException {
        if (!json.isNumber()) {
            throw new IOException("the normaliser's " + name + "=" + json + " must be a number");
        }
        return json.doubleValue();
    }

    private static int bands(JsonNode json) throws IOException {
        JsonNode bands = json.get("bands");
        if (!bands.isInt()) {
            throw new IOException("the normaliser's bands=" + bands + " must be a whole number of at least 1");
        }
        return bands.intValue();
    }
}
