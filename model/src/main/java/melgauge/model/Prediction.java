package melgauge.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's answer to a track: the mean over its patches, and each of them. Immutable.
 *
 * <pre>{@code
 * Prediction prediction = model.predict(Path.of("song.mp3"));
 * double valence = prediction.value("valence");
 * for (Segment segment : prediction.segments()) {
 *     System.out.printf("%.1f s: %.2f%n", segment.start(), segment.value("valence"));
 * }
 * }</pre>
 *
 * @param values by target, on its rating scale
 * @param spreads standard deviations over the patches, likewise
 * @param seconds length of the audio that was read
 * @param isShort whether it was shorter than a patch, so that it had to be repeated
 * @param segments one for each patch, in order; the last ends with the track, and so may overlap the one before
 */
public record Prediction(
        Map<String, Double> values,
        Map<String, Double> spreads,
        double seconds,
        boolean isShort,
        List<Segment> segments) {
    public Prediction {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        spreads = Collections.unmodifiableMap(new LinkedHashMap<>(spreads));
        segments = List.copyOf(segments);
    }

    /**
     * The value of a target, on its rating scale.
     *
     * @throws IllegalArgumentException naming the targets, if there is none of that name
     */
    public double value(String target) {
        return of(values, target);
    }

    /** The standard deviation of a target over the patches; otherwise like {@link #value}. */
    public double spread(String target) {
        return of(spreads, target);
    }

    static double of(Map<String, Double> numbers, String target) {
        Double number = numbers.get(target);
        if (number == null) {
            throw new IllegalArgumentException(
                    "the model predicts no " + target + ", but " + String.join(", ", numbers.keySet()));
        }
        return number;
    }
}
