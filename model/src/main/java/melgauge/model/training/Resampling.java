package melgauge.model.training;

/** Stretches spectrograms in time, by linear interpolation between frames, and moves them along the bands. */
final class Resampling {
    private Resampling() {}

    /**
     * Fills a patch: its frame t and band b are frame {@code factor · t} and band {@code b − shift} of the source. Beyond
     * its edges, the source repeats its outermost frame and band.
     *
     * @param source {@code [sourceFrames, bands]}
     * @param into receives {@code [frames, bands]} from {@code offset} on
     */
    static void apply(
            float[] source,
            int sourceFrames,
            int bands,
            double factor,
            int shift,
            float[] into,
            int offset,
            int frames) {
        float[] row = new float[bands];
        for (int t = 0; t < frames; t++) {
            double position = Math.min(sourceFrames - 1, factor * t);
            int before = (int) position;
            int first = before * bands;
            int second = Math.min(sourceFrames - 1, before + 1) * bands;
            float late = (float) (position - before);
            for (int b = 0; b < bands; b++) {
                row[b] = source[first + b] + late * (source[second + b] - source[first + b]);
            }
            int to = offset + t * bands;
            for (int b = 0; b < bands; b++) {
                into[to + b] = row[Math.max(0, Math.min(bands - 1, b - shift))];
            }
        }
    }
}
