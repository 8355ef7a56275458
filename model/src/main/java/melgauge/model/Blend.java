package melgauge.model;

/**
 * What a modulation regression adds to the answers of networks: (1 − share) · network + share · regression.
 *
 * @param share above 0, at most 1; see {@link ModulationShare}
 * @param regression of the whole track
 */
public record Blend(double share, ModulationRegression regression) {
    public Blend {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share=" + share + " must be above 0 and at most 1");
        }
    }

    /** An answer of both. */
    public static double[] of(double share, double[] network, double[] regression) {
        double[] both = new double[network.length];
        for (int t = 0; t < both.length; t++) {
            both[t] = (1 - share) * network[t] + share * regression[t];
        }
        return both;
    }

    /**
     * The answer for a track.
     *
     * @param network what the networks say of it
     * @param energies of the track, from {@link melgauge.features.Modulation}
     */
    public TrackPrediction answer(TrackPrediction network, float[] energies) {
        return network.blended(share, regression.predict(energies));
    }

    /**
     * The answer for each patch of a track.
     *
     * @param network what the networks say, {@code [patches][targets]}
     * @param energies of the whole track
     */
    public float[] answers(float[] network, float[] energies) {
        double[] whole = regression.predict(energies);
        float[] answers = new float[network.length];
        for (int i = 0; i < answers.length; i++) {
            answers[i] = (float) ((1 - share) * network[i] + share * whole[i % whole.length]);
        }
        return answers;
    }
}
