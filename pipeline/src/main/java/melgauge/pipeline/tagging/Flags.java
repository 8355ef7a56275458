package melgauge.pipeline.tagging;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import melgauge.data.Audit;
import melgauge.data.SourceInfo;
import melgauge.pipeline.decoding.Reading;

/**
 * Reasons to doubt a model's answer for a track:
 *
 * <ul>
 *   <li>{@code silent}: no sample of the mono mix that the model reads is above −60 dB of full scale.
 *   <li>{@code clipped}: at least 0.1 % of the samples of the file's channels are at full scale.
 *   <li>{@code cancelled}: the file's channels have level, but cancel each other in the mono mix.
 *   <li>{@code truncated}: the file holds less audio than its container declares, by more than 1 s and 5 %.
 *   <li>{@code ood:D}, out of domain: mean and deviation of its bands lie D standard deviations of the training tracks
 *       from their mean (root mean square over all of them), and D is above 2.5. Of training tracks D is 1 on average.
 *   <li>{@code seen}: this very file trained or validated the model, so its prediction says nothing about new tracks.
 *   <li>{@code not-tagged}: its values were to go into the file's own metadata and could not. Only of jobs that ask for it.
 * </ul>
 */
final class Flags {
    /** docs/tagging.md says how many tracks of which kind lie above it. */
    static final double FARTHEST = 2.5;

    static final String SEEN = "seen";

    static final String NOT_TAGGED = "not-tagged";

    private Flags() {}

    /**
     * Lists the flags of a track.
     *
     * @param distance from the training tracks
     * @param seen whether the file trained or validated the model
     */
    static String of(Reading reading, double distance, boolean seen) {
        SourceInfo source = reading.source();
        List<String> flags = new ArrayList<>();
        if (reading.audit().isSilent(source)) {
            flags.add("silent");
        }
        if (Audit.isClipped(source)) {
            flags.add("clipped");
        }
        if (Audit.isCancelled(source)) {
            flags.add("cancelled");
        }
        if (Audit.isTruncated(source, reading.seconds())) {
            flags.add("truncated");
        }
        if (distance > FARTHEST) {
            flags.add(String.format(Locale.ROOT, "ood:%.1f", distance));
        }
        if (seen) {
            flags.add(SEEN);
        }
        return String.join(" ", flags);
    }

    /** Whether a flag is among others. */
    static boolean contains(String flags, String flag) {
        return List.of(flags.split(" ", -1)).contains(flag);
    }

    /** Flags and one more. */
    static String with(String flags, String flag) {
        return flags.isEmpty() ? flag : flags + " " + flag;
    }
}
