package melgauge.model.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;

/**
 * How much rare labels count. Most tracks have labels near the middle, and a network that is right about those alone has
 * a small loss. The weights follow label-distribution smoothing (Yang et al. 2021, Delving into Deep Imbalanced
 * Regression): the histogram of a target's labels in 50 bins is smoothed by a Gaussian with a standard deviation of two
 * bins, because neighbouring labels support each other, and a label weighs the reciprocal of its density, or of the root
 * of that.
 */
public enum Balance {
    /** Every label counts the same. */
    @JsonProperty("none")
    NONE {
        @Override
        double weight(double density) {
            return 1;
        }
    },
    /** 1/√density. */
    @JsonProperty("sqrt")
    SQRT {
        @Override
        double weight(double density) {
            return 1 / Math.sqrt(density);
        }
    },
    /** 1/density. */
    @JsonProperty("inverse")
    INVERSE {
        @Override
        double weight(double density) {
            return 1 / density;
        }
    };

    private static final int BINS = 50;
    private static final double KERNEL_STD = 2;

    abstract double weight(double density);

    /**
     * The weight of every label, with a mean of 1 for each target.
     *
     * @param labels one array per training track, in [0,1], NaN where unlabelled
     * @return of the same shape; 0 where unlabelled
     */
    public List<float[]> weights(List<float[]> labels) {
        int targets = labels.isEmpty() ? 0 : labels.get(0).length;
        List<float[]> weights = new ArrayList<>(labels.size());
        for (int i = 0; i < labels.size(); i++) {
            weights.add(new float[targets]);
        }
        for (int t = 0; t < targets; t++) {
            double[] density = density(labels, t);
            double sum = 0;
            int labelled = 0;
            for (int i = 0; i < labels.size(); i++) {
                float label = labels.get(i)[t];
                if (!Float.isNaN(label)) {
                    double weight = weight(density[bin(label)]);
                    weights.get(i)[t] = (float) weight;
                    sum += weight;
                    labelled++;
                }
            }
            for (float[] row : weights) {
                row[t] = labelled == 0 ? 0 : (float) (row[t] * labelled / sum);
            }
        }
        return weights;
    }

    private static double[] density(List<float[]> labels, int target) {
        double[] density = new double[BINS];
        for (float[] row : labels) {
            if (!Float.isNaN(row[target])) {
                int centre = bin(row[target]);
                for (int b = 0; b < BINS; b++) {
                    double distance = (b - centre) / KERNEL_STD;
                    density[b] += Math.exp(-0.5 * distance * distance);
                }
            }
        }
        return density;
    }

    private static int bin(float label) {
        return Math.max(0, Math.min(BINS - 1, (int) (label * BINS)));
    }
}
