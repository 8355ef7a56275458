package melgauge.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Judges what a decoder made of a file. */
public final class Audit {
    private static final double SILENT_DB = -60;
    private static final float FULL_SCALE = 0.999f;
    private static final double CLIPPED_SHARE = 0.001;
    private static final double LARGE_OFFSET = 0.05;
    private static final double SHORT_SECONDS = 1;

    private Audit() {}

    /**
     * Measures decoded audio. It is suspect, with every reason, if the decoder warned, if its peak is below −60 dB of
     * full scale, if at least 0.1 % of its samples are at full scale, if its mean is further than 0.05 from 0, if it is
     * shorter than 1 s, or if its duration differs from the declared one by more than 1 s and 5 %.
     */
    public static AuditRow of(String path, Decoded decoded, String sha256) {
        float[] samples = decoded.audio().samples();
        double sum = 0;
        double energy = 0;
        float peak = 0;
        long clipped = 0;
        for (float sample : samples) {
            float size = Math.abs(sample);
            sum += sample;
            energy += (double) sample * sample;
            peak = Math.max(peak, size);
            clipped += size >= FULL_SCALE ? 1 : 0;
        }
        double seconds = decoded.audio().seconds();
        double peakDb = 20 * Math.log10(peak);
        double rmsDb = 10 * Math.log10(energy / samples.length);
        double offset = sum / samples.length;
        double clippedShare = clipped / (double) samples.length;
        double gap = Math.abs(seconds - decoded.declaredSeconds());

        List<String> reasons = new ArrayList<>();
        if (!decoded.warning().isEmpty()) {
            reasons.add(decoded.warning());
        }
        if (peakDb < SILENT_DB) {
            reasons.add(peak == 0 ? "silent" : format("almost silent: its peak is %.1f dB of full scale", peakDb));
        }
        if (clippedShare >= CLIPPED_SHARE) {
            reasons.add(format("clipped: %.2f %% of its samples are at full scale", 100 * clippedShare));
        }
        if (Math.abs(offset) > LARGE_OFFSET) {
            reasons.add(format("has a constant offset of %.3f", offset));
        }
        if (seconds < SHORT_SECONDS) {
            reasons.add(format("only %.2f s long", seconds));
        }
        if (gap > 1 && gap > 0.05 * decoded.declaredSeconds()) {
            reasons.add(format("declares %.1f s and holds %.1f s", decoded.declaredSeconds(), seconds));
        }
        return new AuditRow(
                path,
                reasons.isEmpty() ? AuditRow.Status.OK : AuditRow.Status.SUSPECT,
                String.join("; ", reasons),
                seconds,
                decoded.declaredSeconds(),
                decoded.sampleRate(),
                decoded.channels(),
                decoded.codec(),
                peakDb,
                rmsDb,
                sha256);
    }

    /** The row of a track that cannot be used. */
    public static AuditRow rejected(String path, String reason, String sha256) {
        return new AuditRow(
                path,
                AuditRow.Status.REJECTED,
                reason,
                Double.NaN,
                Double.NaN,
                0,
                0,
                "",
                Double.NaN,
                Double.NaN,
                sha256);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
