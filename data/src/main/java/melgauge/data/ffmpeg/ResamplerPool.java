package melgauge.data.ffmpeg;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Resamplers that wait for the next track: to build the tables of one takes as long as to decode a second of audio.
 * Thread-safe.
 */
final class ResamplerPool implements Runnable {
    /** As many as there may be threads; a few hundred kilobytes each. */
    private static final int MOST = 16;

    private final ConcurrentLinkedQueue<Resampler> idle = new ConcurrentLinkedQueue<>();

    /** A resampler to the given rate that nobody else uses. */
    Resampler borrow(int sampleRate) {
        for (Resampler resampler = idle.poll(); resampler != null; resampler = idle.poll()) {
            if (resampler.sampleRate() == sampleRate) {
                return resampler;
            }
            resampler.close();
        }
        return new Resampler(sampleRate);
    }

    /** Takes back what was borrowed, whatever state it is in. */
    void giveBack(Resampler resampler) {
        if (idle.size() < MOST) {
            resampler.reset();
            idle.add(resampler);
        } else {
            resampler.close();
        }
    }

    /** Frees all that wait. */
    @Override
    public void run() {
        for (Resampler resampler = idle.poll(); resampler != null; resampler = idle.poll()) {
            resampler.close();
        }
    }
}
