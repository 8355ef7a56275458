package melgauge.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Listens to one track while it is decoded, and judges it. Level and offset are those of the mono mix, peak and clipping
 * those of the file's own channels. For one thread.
 */
public final class Audit {
    private static final double SILENT_DB = -60;
    private static final double CLIPPED_SHARE = 0.001;
    private static final double LARGE_OFFSET = 0.05;
    private static final double SHORT_SECONDS = 1;

    private long count;
    private double sum;
    private double energy;

    /**
     * What was heard so far, to be handed to another process.
     *
     * @param samples how many
     * @param sum of them
     * @param energy sum of their squares
     */
    public record Sums(long samples, double sum, double energy) {}

    /** An audit that has heard nothing. */
    public Audit() {}

    /** An audit that goes on after what another one has heard. */
    public Audit(Sums heard) {
        count = heard.samples();
        sum = heard.sum();
        energy = heard.energy();
    }

    /** What was heard so far. */
    public Sums sums() {
        return new Sums(count, sum, energy);
    }

    /** Whether a track has no sample louder than −60 dB of full scale. */
    public static boolean isSilent(SourceInfo source) {
        return peakDb(source) < SILENT_DB;
    }

    /** Whether at least 0.1 % of a track's samples are at full scale. */
    public static boolean isClipped(SourceInfo source) {
        return source.clippedShare() >= CLIPPED_SHARE;
    }

    private static double peakDb(SourceInfo source) {
        return 20 * Math.log10(source.peak());
    }

    /** Hears some more of the mono mix. */
    public void add(float[] samples, int offset, int length) {
        double blockSum = 0;
        double blockEnergy = 0;
        for (int i = offset; i < offset + length; i++) {
            blockSum += samples[i];
            blockEnergy += (double) samples[i] * samples[i];
        }
        sum += blockSum;
        energy += blockEnergy;
        count += length;
    }

    /**
     * The verdict. The track is suspect, with every reason, if the decoder warned, if its peak is below −60 dB of full
     * scale, if at least 0.1 % of its samples are at full scale, if its mean is further than 0.05 from 0, if it is
     * shorter than 1 s, or if its duration differs from the declared one by more than 1 s and 5 %.
     *
     * @param sampleRate of the mono mix, in Hz
     */
    public AuditRow row(String path, int sampleRate, SourceInfo source, String sha256) {
        double seconds = count / (double) sampleRate;
        double peakDb = peakDb(source);
        double rmsDb = 10 * Math.log10(energy / count);
        double offset = sum / count;
        double gap = Math.abs(seconds - source.declaredSeconds());

        List<String> reasons = new ArrayList<>();
        if (!source.warning().isEmpty()) {
            reasons.add(source.warning());
        }
        if (isSilent(source)) {
            reasons.add(
                    source.peak() == 0 ? "silent" : format("almost silent: its peak is %.1f dB of full scale", peakDb));
        }
        if (isClipped(source)) {
            reasons.add(format("clipped: %.2f %% of its samples are at full scale", 100 * source.clippedShare()));
        }
        if (Math.abs(offset) > LARGE_OFFSET) {
            reasons.add(format("has a constant offset of %.3f", offset));
        }
        if (seconds < SHORT_SECONDS) {
            reasons.add(format("only %.2f s long", seconds));
        }
        if (gap > 1 && gap > 0.05 * source.declaredSeconds()) {
            reasons.add(format("declares %.1f s and holds %.1f s", source.declaredSeconds(), seconds));
        }
        return new AuditRow(
                path,
                reasons.isEmpty() ? AuditRow.Status.OK : AuditRow.Status.SUSPECT,
                String.join("; ", reasons),
                seconds,
                source.declaredSeconds(),
                source.sampleRate(),
                source.channels(),
                source.codec(),
                peakDb,
                rmsDb,
                sha256);
    }

    /** The row of a track that cannot be used; its reason begins with the failure's code. */
    public static AuditRow rejected(String path, Failure failure, String sha256) {
        return new AuditRow(
                path,
                AuditRow.Status.REJECTED,
                failure.toString(),
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
