package melgauge.features;

/** What a whole track looks like on average: the input of a classical baseline beside the network. */
public final class TrackStatistics {
    private TrackStatistics() {}

    /**
     * The mean and the population standard deviation of each band over a track.
     *
     * @return {@code [2·bands]}: all means, then all standard deviations
     * @throws IllegalArgumentException if the track has no frames
     */
    public static float[] of(FrameSource track) {
        BandMoments moments = BandMoments.of(track);
        if (moments.frames() == 0) {
            throw new IllegalArgumentException("a track without frames has no statistics; leave it out");
        }
        int bands = track.bands();
        float[] statistics = new float[2 * bands];
        for (int band = 0; band < bands; band++) {
            statistics[band] = (float) moments.mean(band);
            statistics[bands + band] = (float) Math.sqrt(moments.variance(band));
        }
        return statistics;
    }
}
