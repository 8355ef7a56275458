package melgauge.model.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.OutputBias;

/**
 * The weights of an untrained network, the same for every engine.
 *
 * <ul>
 *   <li>Convolutions and dense layers: normal with standard deviation gain · √(2/fan-in) (He et al. 2015, <em>Delving deep into
 *       rectifiers</em>), with the gain of {@link NetworkSpec#initGain}.
 *   <li>Batch normalisation: γ 1, β {@link NetworkSpec#initBias}, running mean 0, running variance 1. Biases: {@code
 *       initBias}. Slopes of PReLU: 0.25.
 *   <li>Biases of the output layer: the logit of the mean label, kept in [0.01, 0.99], with {@link OutputBias#MEAN}; else 0.
 * </ul>
 */
public final class InitialWeights {
    private static final float SLOPE = 0.25f;
    private static final double LEAST_MEAN = 0.01;

    private InitialWeights() {}

    /**
     * Chooses weights. Equal arguments give equal weights, on every machine.
     *
     * @param labelMeans the mean label of each target on the training tracks, in [0,1]; as many as outputs
     * @param seed of what is random
     * @return in the order of {@link Architecture#slots}
     */
    public static float[] of(Architecture architecture, double[] labelMeans, long seed) {
        if (labelMeans.length != architecture.outputs()) {
            throw new IllegalArgumentException(
                    labelMeans.length + " label means do not fit " + architecture.outputs() + " outputs");
        }
        NetworkSpec network = architecture.network();
        // Its algorithm is part of its contract, unlike that of newer generators. Seeds of neighbouring runs differ in
        // one bit, which the mixing spreads.
        Random random = new Random(mixed(seed));
        float[] weights = new float[architecture.size()];
        for (Architecture.Layer layer : architecture.layers()) {
            for (Architecture.Parameter parameter : layer.parameters()) {
                int from = parameter.offset();
                int to = from + parameter.size();
                if (parameter.name().equals(Architecture.WEIGHT)) {
                    double deviation = network.initGain() * Math.sqrt(2.0 / parameter.fanIn());
                    for (int i = from; i < to; i++) {
                        weights[i] = (float) (deviation * random.nextGaussian());
                    }
                } else if (layer.name().equals(Architecture.OUTPUT)) {
                    for (int t = 0; t < labelMeans.length && network.outputBias() == OutputBias.MEAN; t++) {
                        weights[from + t] = (float) logit(labelMeans[t]);
                    }
                } else {
                    Arrays.fill(weights, from, to, constant(network, parameter.name()));
                }
            }
        }
        return weights;
    }

    private static double logit(double labelMean) {
        double mean = Math.max(LEAST_MEAN, Math.min(1 - LEAST_MEAN, labelMean));
        return Math.log(mean / (1 - mean));
    }

    private static float constant(NetworkSpec network, String parameter) {
        return switch (parameter) {
            case "gamma", "variance" -> 1;
            case "alpha" -> SLOPE;
            case "beta", "bias" -> (float) network.initBias();
            case "mean" -> 0;
            default -> throw new IllegalArgumentException("no parameter is called " + parameter);
        };
    }

    /** Spreads each bit of a seed over all of them (Steele et al. 2014, <em>Fast splittable pseudorandom number generators</em>). */
    private static long mixed(long seed) {
        long z = seed + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Describes how a parameter begins. */
    static String inWords(NetworkSpec network, String layer, String parameter, List<Long> shape) {
        if (parameter.equals(Architecture.WEIGHT)) {
            long fanIn = shape.stream().skip(1).reduce(1L, Math::multiplyExact);
            double gain = network.initGain();
            return String.format(
                    Locale.ROOT,
                    "normal, standard deviation %s√(2/%d) = %.4f (He et al. 2015)",
                    gain == 1 ? "" : gain + "·",
                    fanIn,
                    gain * Math.sqrt(2.0 / fanIn));
        }
        if (layer.equals(Architecture.OUTPUT)) {
            return network.outputBias() == OutputBias.MEAN ? "the logit of the training labels' mean" : "0";
        }
        double value = constant(network, parameter);
        return value == Math.rint(value) ? Long.toString((long) value) : Float.toString((float) value);
    }
}
