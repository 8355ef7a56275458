package melgauge.pipeline.tagging;

import java.util.List;
import melgauge.data.Failure;
import org.jspecify.annotations.Nullable;

/**
 * What is said of one input, but for its name.
 *
 * @param status {@code ok}, {@code short} (shorter than a patch, so it was repeated) or {@code error}
 * @param error why there is no prediction: a stable code, a colon, a sentence; empty if there is one
 * @param durationSeconds decoded length; 0 if there is none
 * @param frames of the spectrogram
 * @param patches how many were averaged
 * @param flags what to know before trusting the prediction, separated by spaces; see {@link Flags}
 * @param values predictions in units of each target's rating scale; empty for an error
 * @param spreads standard deviations over the patches, likewise
 * @param tags what became of the values in the file's own metadata: null if nobody has asked for that, empty if they are
 *     there, otherwise why not, like {@code error}
 */
public record TagRow(
        String status,
        String error,
        double durationSeconds,
        int frames,
        int patches,
        String flags,
        List<Double> values,
        List<Double> spreads,
        @Nullable String tags) {
    public TagRow {
        values = List.copyOf(values);
        spreads = List.copyOf(spreads);
    }

    static TagRow error(Failure failure) {
        return new TagRow("error", failure.toString(), 0, 0, 0, "", List.of(), List.of(), null);
    }

    /** The stable word of the error; empty if there is none. */
    String errorCode() {
        int colon = error.indexOf(": ");
        return colon < 0 ? "" : error.substring(0, colon);
    }

    /** The sentence of the error; empty if there is none. */
    public String errorSentence() {
        int colon = error.indexOf(": ");
        return colon < 0 ? error : error.substring(colon + 2);
    }

    /** Whether there is no prediction. */
    public boolean failed() {
        return status.equals("error");
    }

    /** This row, with what became of the values in the file's own metadata. */
    TagRow tagged(String tags) {
        return new TagRow(status, error, durationSeconds, frames, patches, flags, values, spreads, tags);
    }

    /** Whether the values were to go into the file's own metadata and could not. */
    boolean untagged() {
        return tags != null && !tags.isEmpty();
    }

    /** Whether this is why they could not. */
    boolean untaggedBy(Failure.Code code) {
        return tags != null && tags.startsWith(code.word() + ":");
    }

    /** Whether it failed for this reason. */
    boolean failedBy(Failure.Code code) {
        return error.startsWith(code.word() + ":");
    }
}
