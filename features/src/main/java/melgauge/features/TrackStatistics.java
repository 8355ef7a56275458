package melgauge.features;

/** What a whole track looks like on average: the input of a classical baseline beside the network. */
public final class TrackStatistics {
    private static final int BLOCK = 256;

    private TrackStatistics() {}

    /**
     * The mean and the population standard deviation of each band over a track.
     *
     * @return {@code [2·bands]}: all means, then all standard deviations
     * @throws IllegalArgumentException if the track has no frames
     */
    public static float[] of(FrameSource track) {
        return of(BandMoments.of(track));
    }

    private static float[] of(BandMoments moments) {
        if (moments.frames() == 0) {
            throw new IllegalArgumentException("a track without frames has no statistics; leave it out");
        }
        int bands = moments.bands();
        float[] statistics = new float[2 * bands];
        for (int band = 0; band < bands; band++) {
            statistics[band] = (float) moments.mean(band);
            statistics[bands + band] = (float) Math.sqrt(moments.variance(band));
        }
        return statistics;
    }

    /** Gathers the statistics while frames arrive; the result is that of {@link #of} to the last bit. For one thread. */
    public static final class Builder implements FrameSink {
        private final BandMoments moments;
        private final int bands;
        private final float[] block;
        private int filled;

        /** @param bands of each frame */
        public Builder(int bands) {
            this.moments = new BandMoments(bands);
            this.bands = bands;
            this.block = new float[BLOCK * bands];
        }

        @Override
        public void accept(float[] frame) {
            System.arraycopy(frame, 0, block, filled * bands, bands);
            if (++filled == BLOCK) {
                addBlock();
            }
        }

        private void addBlock() {
            moments.addBlock(block, filled);
            filled = 0;
        }

        /**
         * The statistics of all frames; nothing is to be added any more.
         *
         * @throws IllegalArgumentException if there were none
         */
        public float[] finish() {
            if (filled > 0) {
                addBlock();
            }
            return TrackStatistics.of(moments);
        }
    }
}
