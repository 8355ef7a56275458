package melgauge.data;

import org.jspecify.annotations.Nullable;

/**
 * A part of a track. It is cut at the file's own sampling rate, to the nearest sample, before anything else is done.
 *
 * @param start seconds from the beginning of the track, at least 0
 * @param duration seconds, above 0; null is everything from {@code start} on. Where the track ends earlier, so does the
 *     excerpt
 */
public record Excerpt(double start, @Nullable Double duration) {
    /** The whole track. */
    public static final Excerpt WHOLE = new Excerpt(0, null);

    /** @throws UsageException if a number is out of its range */
    public Excerpt {
        if (!(start >= 0 && start <= Integer.MAX_VALUE)) {
            throw new UsageException("excerpt.start=" + start + " must lie between 0 and " + Integer.MAX_VALUE + " s");
        }
        if (duration != null && !(duration > 0 && duration <= Integer.MAX_VALUE)) {
            throw new UsageException(
                    "excerpt.duration=" + duration + " must be above 0 and at most " + Integer.MAX_VALUE + " s");
        }
    }

    /** Whether nothing is cut off. */
    public boolean coversAll() {
        return start == 0 && duration == null;
    }

    /** How much of a track of so many seconds lies in the excerpt; NaN for NaN. */
    public double of(double seconds) {
        double left = Math.max(0, seconds - start);
        return duration == null || Double.isNaN(seconds) ? left : Math.min(duration, left);
    }

    /** Samples in front of the excerpt. */
    public long samplesBefore(int sampleRate) {
        return Math.round(start * sampleRate);
    }

    /** Samples in the excerpt, at least 1; {@link Long#MAX_VALUE} where it has no end. */
    public long samples(int sampleRate) {
        return duration == null ? Long.MAX_VALUE : Math.max(1, Math.round(duration * sampleRate));
    }
}
