package melgauge.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures one track while it is decoded, and judges it. Silence, level and offset are those of the mono mix that is used,
 * after it was resampled; {@code peakDb} and clipping are those of the file's own channels. For one thread.
 */
public final class Audit {
    private static final double SILENT_DB = -60;
    private static final double CLIPPED_SHARE = 0.001;

    /** Of {@link SourceInfo#mixRatio}, −20 dB: two channels of equal energy whose correlation is below −0.99. */
    private static final double CANCELLED_RATIO = 0.01;

    private static final double LARGE_OFFSET = 0.05;
    private static final double SHORT_SECONDS = 1;

    private long count;
    private double sum;
    private double energy;
    private float peak;

    /**
     * What was measured so far, to be handed to another process.
     *
     * @param samples how many
     * @param sum of them
     * @param energy sum of their squares
     * @param peak the largest of their absolute values
     */
    public record Sums(long samples, double sum, double energy, float peak) {}

    /** An audit that has heard nothing. */
    public Audit() {}

    /** An audit that goes on after what another one has heard. */
    public Audit(Sums heard) {
        count = heard.samples();
        sum = heard.sum();
        energy = heard.energy();
        peak = heard.peak();
    }

    /** What was heard so far. */
    public Sums sums() {
        return new Sums(count, sum, energy, peak);
    }

    /** Whether no sample of the mono mix is above −60 dB of full scale, for another reason than cancelled channels. */
    public boolean isSilent(SourceInfo source) {
        return decibels(peak) < SILENT_DB && !isCancelled(source);
    }

    /**
     * Whether a track's channels have level and cancel each other in their mean: it has less than a hundredth of the energy
     * that the mean of unrelated channels would have.
     */
    public static boolean isCancelled(SourceInfo source) {
        return decibels(source.peak()) >= SILENT_DB && source.mixRatio() < CANCELLED_RATIO;
    }

    /** Whether a track holds less than its container declares, by more than 1 s and 5 %. */
    public static boolean isTruncated(SourceInfo source, double seconds) {
        return seconds < source.declaredSeconds() && differs(source, seconds);
    }

    private static boolean differs(SourceInfo source, double seconds) {
        double gap = Math.abs(seconds - source.declaredSeconds());
        return gap > 1 && gap > 0.05 * source.declaredSeconds();
    }

    /** Whether at least 0.1 % of a track's samples are at full scale. */
    public static boolean isClipped(SourceInfo source) {
        return source.clippedShare() >= CLIPPED_SHARE;
    }

    private static double decibels(double amplitude) {
        return 20 * Math.log10(amplitude);
    }

    /** Measures more of the mono mix. */
    public void add(float[] samples, int offset, int length) {
        double blockSum = 0;
        double blockEnergy = 0;
        float blockPeak = 0;
        for (int i = offset; i < offset + length; i++) {
            blockSum += samples[i];
            blockEnergy += (double) samples[i] * samples[i];
            blockPeak = Math.max(blockPeak, Math.abs(samples[i]));
        }
        sum += blockSum;
        energy += blockEnergy;
        peak = Math.max(peak, blockPeak);
        count += length;
    }

    /**
     * The verdict. The track is suspect, with every reason, if the decoder warned, if the peak of its mono mix is below
     * −60 dB of full scale, if its channels cancel each other, if at least 0.1 % of its samples are at full scale, if its
     * mean is further than 0.05 from 0, if it is shorter than 1 s, or if its duration differs from the declared one by more
     * than 1 s and 5 %.
     *
     * @param sampleRate of the mono mix, in Hz
     */
    public AuditRow row(String path, int sampleRate, SourceInfo source, String sha256) {
        double seconds = count / (double) sampleRate;
        double peakDb = decibels(source.peak());
        double rmsDb = 10 * Math.log10(energy / count);
        double offset = sum / count;

        List<String> reasons = new ArrayList<>();
        if (!source.warning().isEmpty()) {
            reasons.add(source.warning());
        }
        if (isSilent(source)) {
            reasons.add(silence(peakDb));
        }
        if (isCancelled(source)) {
            reasons.add("cancelled: its channels are opposite in phase, and their mean has "
                    + (source.mixRatio() == 0
                            ? "no sound"
                            : format("%.0f dB less than it should", -10 * Math.log10(source.mixRatio())))
                    + "; set features.downmix to left or right");
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
        if (differs(source, seconds)) {
            reasons.add((isTruncated(source, seconds) ? "truncated: " : "")
                    + format("declares %.1f s and holds %.1f s", source.declaredSeconds(), seconds));
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

    private String silence(double filePeakDb) {
        if (filePeakDb >= SILENT_DB) {
            return format(
                    "silent: its peak is %.1f dB of full scale, but features.downmix and features.sampleRate leave %.1f dB"
                            + " of it",
                    filePeakDb, decibels(peak));
        }
        return Double.isInfinite(filePeakDb)
                ? "silent"
                : format("almost silent: its peak is %.1f dB of full scale", filePeakDb);
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
