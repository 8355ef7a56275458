package melgauge.model.diagnosis.measure;

import java.util.List;

/**
 * Whether sound and labels of a corpus have anything to do with each other, as {@link Probe} measures it. A number that
 * cannot be known is NaN.
 *
 * @param tracks that were measured
 * @param ofTracks labelled tracks of the corpus; above {@code tracks} where it was too large to measure all
 * @param groups of the tracks that were measured
 * @param folds of the cross-validation
 * @param permutations how often the labels were dealt anew to see what chance gives
 * @param targets in the targets' order
 * @param linear mean over the targets that are known
 * @param kernel mean over the targets that are known
 * @param alignment whether each label sits beside its own track
 */
public record Signal(
        int tracks,
        int ofTracks,
        int groups,
        int folds,
        int permutations,
        List<OfTarget> targets,
        Strength linear,
        Strength kernel,
        Alignment alignment) {
    public Signal {
        targets = List.copyOf(targets);
    }

    /** Whether there were tracks and groups enough to tell anything. */
    public boolean known() {
        return linear.known();
    }

    /**
     * The signal for one target.
     *
     * @param labelled tracks with a label, of those that were measured
     * @param linear of ridge regression
     * @param kernel of kernel ridge regression, which also finds what is not linear
     */
    public record OfTarget(String target, int labelled, Strength linear, Strength kernel) {}

    /**
     * How well held-out tracks are predicted, beside what chance gives. Where there is nothing to learn, r is more often
     * a little below 0 than above: tracks whose labels are low leave higher ones to learn from.
     *
     * @param r Pearson's correlation of predictions and labels
     * @param r2 1 − SSE/SST, SST about the mean of the labels that each prediction was learnt from
     * @param highestByChance the highest r with labels that were dealt anew
     * @param p the share of dealings, the true one among them, whose r is at least as high. At least
     *     1 / (permutations + 1), which it is where r is above {@code highestByChance}.
     */
    public record Strength(double r, double r2, double highestByChance, double p) {
        static final Strength UNKNOWN = new Strength(Double.NaN, Double.NaN, Double.NaN, Double.NaN);

        /** Whether there were labels enough to tell. */
        public boolean known() {
            return !Double.isNaN(r);
        }

        /** Whether no dealing of the labels gave as much. */
        public boolean beyondChance() {
            return r > highestByChance;
        }
    }

    /**
     * How well labels fit when they are moved by some rows against the tracks: a column that slipped in a spreadsheet
     * fits best elsewhere than at 0. Where neighbouring rows are alike, as in a sorted list, neighbouring shifts fit
     * nearly as well, and the best shift means something only if its r is clearly above that at 0.
     *
     * @param r mean over targets of the linear probe's r, for each shift from −n to n, n = {@link #furthest()}
     * @param bestShift where r is highest: the label that fits a track best stands this many rows further down; of
     *     equals the one nearest 0
     * @param bestR the highest r
     * @param unshiftedR the r of the labels as they stand; it differs a little from {@link Signal#linear}'s where labels
     *     are missing
     * @param highestByChance as of {@link Signal#linear}
     */
    public record Alignment(List<Double> r, int bestShift, double bestR, double unshiftedR, double highestByChance) {
        public Alignment {
            r = List.copyOf(r);
        }

        /** The largest shift that was tried. */
        public int furthest() {
            return r.size() / 2;
        }
    }
}
