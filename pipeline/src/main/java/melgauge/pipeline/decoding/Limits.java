package melgauge.pipeline.decoding;

import java.time.Duration;
import melgauge.data.UsageException;

/**
 * What one track may cost.
 *
 * @param timeout seconds that decoding may take, beside a tenth of the audio's own length
 * @param memory MiB that the process which decodes may take
 * @param hours of audio in a track
 * @param isolate whether tracks are decoded in a process of their own; the first two limits only hold there
 */
public record Limits(double timeout, int memory, double hours, boolean isolate) {
    private static final int LEAST_MEMORY = 256;

    /** What a worker process takes beside Java's heap. */
    private static final int BESIDE_HEAP = 160;

    private static final int LARGEST_HEAP = 512;

    public Limits {
        require("timeout", timeout);
        require("hours", hours);
        if (memory < LEAST_MEMORY) {
            throw new UsageException("memory=" + memory + " must be at least " + LEAST_MEMORY
                    + " MiB, which decoding takes at its least");
        }
    }

    private static void require(String name, double value) {
        if (!(value > 0 && value <= 1e6)) {
            throw new UsageException(name + "=" + value + " must be above 0 and at most 1000000");
        }
    }

    /** A minute beside a tenth of the track's length, 1 GiB, one day of audio, in a process of its own. */
    public static Limits defaults() {
        return new Limits(60, 1024, 24, true);
    }

    /** How long a track may take of which so much audio has been decoded. */
    Duration time(double audioSeconds) {
        return Duration.ofMillis(Math.round(1000 * (timeout + audioSeconds / 10)));
    }

    /** MiB of Java's heap in a worker process. */
    int heap() {
        return Math.min(LARGEST_HEAP, memory - BESIDE_HEAP);
    }
}
