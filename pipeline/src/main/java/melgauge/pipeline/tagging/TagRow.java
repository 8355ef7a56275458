package melgauge.pipeline.tagging;

import java.util.List;

/**
 * What is said of one input.
 *
 * @param path as it was given or found
 * @param status {@code ok}, {@code short} (shorter than a patch, so it was repeated) or {@code error}
 * @param error why there is no prediction; empty if there is one
 * @param durationSeconds decoded length; 0 if there is none
 * @param patches how many were averaged
 * @param values predictions in units of each target's rating scale; empty for an error
 * @param spreads standard deviations over the patches, likewise
 */
public record TagRow(
        String path,
        String status,
        String error,
        double durationSeconds,
        int patches,
        List<Double> values,
        List<Double> spreads) {
    public TagRow {
        values = List.copyOf(values);
        spreads = List.copyOf(spreads);
    }

    static TagRow error(String path, String error) {
        return new TagRow(path, "error", error, 0, 0, List.of(), List.of());
    }

    /** Whether there is no prediction. */
    public boolean failed() {
        return status.equals("error");
    }
}
