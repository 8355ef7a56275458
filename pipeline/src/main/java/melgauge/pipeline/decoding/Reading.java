package melgauge.pipeline.decoding;

import melgauge.data.Audit;
import melgauge.data.SourceInfo;

/**
 * What is known of a track once all of it was read.
 *
 * @param audit that heard all samples of the mono mix
 * @param source what its file says, and how loud it is
 * @param sampleRate of the mono mix, in Hz
 */
public record Reading(Audit audit, SourceInfo source, int sampleRate) {
    /** Length of the decoded audio. */
    public double seconds() {
        return audit.sums().samples() / (double) sampleRate;
    }
}
