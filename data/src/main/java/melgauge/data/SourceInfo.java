package melgauge.data;

/**
 * What a decoder found in a file. Levels are those of the file's own samples, before channels are mixed and before
 * resampling, either of which would hide clipping.
 *
 * @param codec the codec's short name, such as {@code mp3} or {@code vorbis}
 * @param sampleRate the file's own rate in Hz
 * @param channels the file's own channel count
 * @param samples decoded samples per channel, at the file's own rate, without encoder delay and padding
 * @param declaredSeconds the duration that the container claims; NaN where it claims none. Of an excerpt, the part of
 *     it that would lie in the excerpt
 * @param peak the largest absolute sample of any channel; full scale is 1
 * @param clippedShare samples at full scale or beyond, as a share of all samples of all channels
 * @param mixRatio energy of the channels' mean, divided by the energy that it would have if the channels were unrelated
 *     (the sum of their energies over the square of their number): their number where all are alike, 1 where they are
 *     unrelated, near 0 where they cancel each other. 1 where nothing was mixed, and for silence
 * @param warning what was wrong with the file although it could be decoded, as a sentence; empty if nothing
 */
public record SourceInfo(
        String codec,
        int sampleRate,
        int channels,
        long samples,
        double declaredSeconds,
        double peak,
        double clippedShare,
        double mixRatio,
        String warning) {
    /** From here on a sample counts as full scale: the largest 16-bit sample is 0.99997. */
    public static final float FULL_SCALE = 0.999f;

    /** What can be said of samples that came from nowhere. */
    public static SourceInfo of(Audio audio) {
        float peak = 0;
        long clipped = 0;
        for (float sample : audio.samples()) {
            peak = Math.max(peak, Math.abs(sample));
            clipped += Math.abs(sample) >= FULL_SCALE ? 1 : 0;
        }
        return new SourceInfo(
                "samples",
                audio.sampleRate(),
                1,
                audio.samples().length,
                Double.NaN,
                peak,
                clipped / (double) Math.max(1, audio.samples().length),
                1,
                "");
    }
}
