package melgauge.data;

import java.util.Locale;

/**
 * What the audit says of one track.
 *
 * @param path as in the manifest
 * @param status whether the track is used
 * @param reason why it is rejected or suspect; empty if it is neither
 * @param durationSeconds what was decoded; NaN if nothing was
 * @param declaredSeconds what the container claims; NaN if it claims nothing
 * @param sampleRate of the file in Hz; 0 if unknown
 * @param channels of the file; 0 if unknown
 * @param codec short name; empty if unknown
 * @param peakDb largest absolute sample of any channel in dB of full scale; NaN if nothing was decoded, −∞ for digital
 *     silence
 * @param rmsDb root mean square of the mono mix in dB of full scale, likewise
 * @param sha256 of the file's bytes; empty if it could not be read
 */
public record AuditRow(
        String path,
        Status status,
        String reason,
        double durationSeconds,
        double declaredSeconds,
        int sampleRate,
        int channels,
        String codec,
        double peakDb,
        double rmsDb,
        String sha256) {

    /** What becomes of a track. */
    public enum Status {
        /** Used. */
        OK,
        /** Used, but somebody should look at it. */
        SUSPECT,
        /** Not used. */
        REJECTED;

        /** The word in {@code audit.csv}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The same findings and one more: a track that is used becomes suspect. */
    public AuditRow withReason(String more) {
        return with(
                path, status == Status.OK ? Status.SUSPECT : status, reason.isEmpty() ? more : reason + "; " + more);
    }

    /** The same findings for another name of the same file. */
    public AuditRow forPath(String other) {
        return with(other, status, reason);
    }

    private AuditRow with(String newPath, Status newStatus, String newReason) {
        return new AuditRow(
                newPath,
                newStatus,
                newReason,
                durationSeconds,
                declaredSeconds,
                sampleRate,
                channels,
                codec,
                peakDb,
                rmsDb,
                sha256);
    }
}
