package melgauge.model.engine;

import java.util.HashMap;
import java.util.Map;
import melgauge.model.spec.Head;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.PatchShape;

/**
 * The network by its formulas, in double precision and one number after the other: the reference of every engine. Without
 * dropout.
 */
final class ReferenceNetwork {
    private static final double EPSILON = 1e-5;
    private static final double LEAKY_SLOPE = 0.01;

    private final Architecture architecture;
    private final double[] weights;
    private final Map<String, Integer> offsets = new HashMap<>();

    ReferenceNetwork(Architecture architecture, float[] weights) {
        this(architecture, doubles(weights));
    }

    ReferenceNetwork(Architecture architecture, double[] weights) {
        this.architecture = architecture;
        this.weights = weights;
        architecture.slots().forEach(slot -> offsets.put(slot.name(), slot.offset()));
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    private double weight(String name, int index) {
        Integer offset = offsets.get(name);
        if (offset == null) {
            throw new IllegalArgumentException("no array is called " + name);
        }
        return weights[offset + index];
    }

    private boolean has(String name) {
        return offsets.containsKey(name);
    }

    /** Maps {@code [patch][channel][frame][band]} of one layer. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Maps(double[][][][] values) {
        int channels() {
            return values[0].length;
        }

        int frames() {
            return values[0][0].length;
        }

        int bands() {
            return values[0][0][0].length;
        }
    }

    double[] forward(float[] patches, int count, Network.Mode mode) {
        PatchShape shape = architecture.shape();
        NetworkSpec network = architecture.network();
        double[][][][] input = new double[count][1][shape.frames()][shape.bands()];
        for (int p = 0; p < count; p++) {
            for (int f = 0; f < shape.frames(); f++) {
                for (int b = 0; b < shape.bands(); b++) {
                    input[p][0][f][b] = patches[(p * shape.frames() + f) * shape.bands() + b];
                }
            }
        }
        Maps maps = new Maps(input);
        for (int i = 1; i <= network.conv().size(); i++) {
            maps = convolved(maps, "conv" + i, network.conv().get(i - 1));
            String slopes = has("norm" + i + ".alpha") ? "norm" + i : "act" + i;
            respond(maps, network.batchNorm() ? "norm" + i : "", slopes, mode);
            maps = pooled(maps);
        }
        if (network.head() == Head.AVERAGE) {
            maps = averaged(maps);
        }
        for (int i = 1; i <= network.dense().size(); i++) {
            maps = dense(maps, "dense" + i, network.dense().get(i - 1));
            respond(maps, network.batchNorm() ? "denseNorm" + i : "", "denseAct" + i, mode);
        }
        maps = dense(maps, "output", architecture.outputs());
        double[] outputs = new double[count * architecture.outputs()];
        for (int i = 0; i < outputs.length; i++) {
            double z = maps.values[i / architecture.outputs()][i % architecture.outputs()][0][0];
            outputs[i] = 1 / (1 + Math.exp(-z));
        }
        return outputs;
    }

    /** A 3×3 convolution over maps with a border of zeros. */
    private Maps convolved(Maps in, String name, int channels) {
        double[][][][] out = new double[in.values.length][channels][in.frames()][in.bands()];
        for (int p = 0; p < out.length; p++) {
            for (int o = 0; o < channels; o++) {
                for (int f = 0; f < in.frames(); f++) {
                    for (int b = 0; b < in.bands(); b++) {
                        double sum = has(name + ".bias") ? weight(name + ".bias", o) : 0;
                        for (int c = 0; c < in.channels(); c++) {
                            for (int k = 0; k < 9; k++) {
                                int y = f + k / 3 - 1;
                                int x = b + k % 3 - 1;
                                if (y >= 0 && y < in.frames() && x >= 0 && x < in.bands()) {
                                    sum += weight(name + ".weight", (o * in.channels() + c) * 9 + k)
                                            * in.values[p][c][y][x];
                                }
                            }
                        }
                        out[p][o][f][b] = sum;
                    }
                }
            }
        }
        return new Maps(out);
    }

    /** The largest of two frames by two bands, or by one where there is but one. */
    private static Maps pooled(Maps in) {
        int width = Math.min(2, in.bands());
        double[][][][] out = new double[in.values.length][in.channels()][in.frames() / 2][in.bands() / width];
        for (int p = 0; p < out.length; p++) {
            for (int c = 0; c < in.channels(); c++) {
                for (int f = 0; f < in.frames() / 2; f++) {
                    for (int b = 0; b < in.bands() / width; b++) {
                        double most = Double.NEGATIVE_INFINITY;
                        for (int k = 0; k < 2 * width; k++) {
                            most = Math.max(most, in.values[p][c][2 * f + k / width][width * b + k % width]);
                        }
                        out[p][c][f][b] = most;
                    }
                }
            }
        }
        return new Maps(out);
    }

    private static Maps averaged(Maps in) {
        double[][][][] out = new double[in.values.length][in.channels()][1][1];
        for (int p = 0; p < out.length; p++) {
            for (int c = 0; c < in.channels(); c++) {
                for (double[] row : in.values[p][c]) {
                    for (double value : row) {
                        out[p][c][0][0] += value / (in.frames() * in.bands());
                    }
                }
            }
        }
        return new Maps(out);
    }

    private Maps dense(Maps in, String name, int units) {
        int inputs = in.channels() * in.frames() * in.bands();
        double[][][][] out = new double[in.values.length][units][1][1];
        for (int p = 0; p < out.length; p++) {
            for (int u = 0; u < units; u++) {
                double sum = has(name + ".bias") ? weight(name + ".bias", u) : 0;
                int at = u * inputs;
                for (double[][] map : in.values[p]) {
                    for (double[] row : map) {
                        for (double value : row) {
                            sum += weight(name + ".weight", at++) * value;
                        }
                    }
                }
                out[p][u][0][0] = sum;
            }
        }
        return new Maps(out);
    }

    /** Normalises each channel, unless {@code norm} is empty, and applies the activation, in place. */
    private void respond(Maps maps, String norm, String slopes, Network.Mode mode) {
        for (int c = 0; c < maps.channels(); c++) {
            double scale = 1;
            double shift = 0;
            if (!norm.isEmpty()) {
                double mean = weight(norm + ".mean", c);
                double variance = weight(norm + ".variance", c);
                if (mode == Network.Mode.TRAINING) {
                    mean = mean(maps, c, 0, 1);
                    variance = mean(maps, c, mean, 2);
                }
                scale = weight(norm + ".gamma", c) / Math.sqrt(variance + EPSILON);
                shift = weight(norm + ".beta", c) - scale * mean;
            }
            for (double[][][] patch : maps.values) {
                for (double[] row : patch[c]) {
                    for (int b = 0; b < row.length; b++) {
                        row[b] = activated(scale * row[b] + shift, slopes, c);
                    }
                }
            }
        }
    }

    /** The mean over a channel of (value − centre) to a power. */
    private static double mean(Maps maps, int channel, double centre, int power) {
        double sum = 0;
        for (double[][][] patch : maps.values) {
            for (double[] row : patch[channel]) {
                for (double value : row) {
                    sum += Math.pow(value - centre, power);
                }
            }
        }
        return sum / (maps.values.length * maps.frames() * maps.bands());
    }

    private double activated(double z, String slopes, int channel) {
        return switch (architecture.network().activation()) {
            case RELU -> Math.max(0, z);
            case LEAKYRELU -> z > 0 ? z : LEAKY_SLOPE * z;
            case ELU -> z > 0 ? z : Math.expm1(z);
            case PRELU -> z > 0 ? z : weight(slopes + ".alpha", channel) * z;
        };
    }
}
