package melgauge.features;

/**
 * Count, mean and sum of squared deviations of each band, in double precision. Sums are taken about a frame nearby, and
 * blocks are merged by the formula of Chan, Golub and LeVeque (1979), so that nothing cancels however far the values lie
 * from 0. Not thread-safe. {@link NormalizerFit} makes and merges them.
 */
public final class BandMoments {
    private static final int BLOCK = 256;

    private final int bands;
    private final double[] mean;
    private final double[] squares;
    private long frames;

    BandMoments(int bands) {
        this.bands = bands;
        this.mean = new double[bands];
        this.squares = new double[bands];
    }

    /** The moments of all frames of a source. */
    static BandMoments of(FrameSource source) {
        BandMoments moments = new BandMoments(source.bands());
        float[] block = new float[Math.min(BLOCK, source.frames()) * source.bands()];
        for (int first = 0; first < source.frames(); first += BLOCK) {
            int count = Math.min(BLOCK, source.frames() - first);
            source.read(first, count, block, 0);
            moments.addBlock(block, count);
        }
        return moments;
    }

    /** Adds {@code count} frames, at least one, as one block: {@link #of} takes 256 at a time. */
    void addBlock(float[] block, int count) {
        double[] row = new double[bands];
        double[] sum = new double[bands];
        double[] sumOfSquares = new double[bands];
        for (int frame = 1; frame < count; frame++) { // frame 0 is the origin of the sums
            int start = frame * bands;
            for (int band = 0; band < bands; band++) {
                row[band] = (double) block[start + band] - block[band];
            }
            for (int band = 0; band < bands; band++) { // apart from the conversion, so that the JIT vectorises it
                sum[band] += row[band];
                sumOfSquares[band] += row[band] * row[band];
            }
        }
        for (int band = 0; band < bands; band++) {
            double blockMean = sum[band] / count;
            merge(band, count, block[band] + blockMean, Math.max(0, sumOfSquares[band] - sum[band] * blockMean));
        }
        frames += count;
    }

    /** Adds the moments of other frames. */
    void add(BandMoments other) {
        for (int band = 0; band < bands; band++) {
            merge(band, other.frames, other.mean[band], other.squares[band]);
        }
        frames += other.frames;
    }

    private void merge(int band, long otherFrames, double otherMean, double otherSquares) {
        long total = frames + otherFrames;
        if (total == 0) {
            return;
        }
        double distance = otherMean - mean[band];
        double share = otherFrames / (double) total;
        squares[band] += otherSquares + distance * distance * frames * share;
        mean[band] += distance * share;
        if (frames == 0) {
            mean[band] = otherMean;
        }
    }

    int bands() {
        return bands;
    }

    long frames() {
        return frames;
    }

    double mean(int band) {
        return mean[band];
    }

    /** Population variance: divided by the number of frames. */
    double variance(int band) {
        return squares[band] / frames;
    }
}
