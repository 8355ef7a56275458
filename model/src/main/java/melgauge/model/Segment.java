package melgauge.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model's answer to a part of a track. Immutable.
 *
 * <pre>{@code
 * Segment first = model.predict(Path.of("song.mp3")).segments().get(0);
 * System.out.printf("%.1f to %.1f s: %.2f%n", first.start(), first.end(), first.value("valence"));
 * }</pre>
 *
 * @param start in seconds from the beginning of the audio that was read
 * @param end in seconds
 * @param values by target, on its rating scale
 */
public record Segment(double start, double end, Map<String, Double> values) {
    public Segment {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * The value of a target, on its rating scale.
     *
     * @throws IllegalArgumentException naming the targets, if there is none of that name
     */
    public double value(String target) {
        return Prediction.of(values, target);
    }
}
