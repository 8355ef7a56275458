package melgauge.model.spec;

import java.util.ArrayList;
import java.util.List;
import melgauge.data.UsageException;

/**
 * The network: one block of [3×3 convolution → batch normalisation → activation → 2×2 max pooling] for each entry of
 * {@code conv} (pooling is 2×1, of frames alone, where one band is left), the head, one [dense → batch normalisation → activation] for each entry of {@code dense}, and a dense
 * sigmoid layer with one output per target. Weights start as He et al. 2015 propose (normal, variance 2 / fan-in), times {@code initGain}.
 *
 * @param conv channels of each block; 1 to 8 blocks of 1 to 4096 channels
 * @param dense units of each dense layer; 0 to 8 layers of 1 to 65536 units
 * @param activation behind every convolution and dense layer but the last
 * @param batchNorm whether convolutions and dense layers are batch-normalised (Ioffe and Szegedy 2015; ε 1e-5)
 * @param batchNormDecay what the running statistics of batch normalisation, which predictions use, keep of themselves at
 *     each step of training, in [0,1]; at 1 they never leave mean 0 and variance 1
 * @param l2 λ ≥ 0 of the penalty λ·Σw² on the weights of convolutions and hidden dense layers
 * @param dropout the share of a dense layer's outputs dropped in training, in [0, 1)
 * @param head how maps reach the dense layers
 * @param outputBias where the output bias starts
 * @param initGain times which the weights of all layers start, at least 0; 1 keeps the variance of a layer's outputs near
 *     that of its inputs
 * @param initBias where the shifts of convolutions and hidden dense layers start: the β of batch normalisation, or the bias
 *     without it
 */
public record NetworkSpec(
        List<Integer> conv,
        List<Integer> dense,
        Activation activation,
        boolean batchNorm,
        double batchNormDecay,
        double l2,
        double dropout,
        Head head,
        OutputBias outputBias,
        double initGain,
        double initBias) {

    public NetworkSpec {
        conv = List.copyOf(conv);
        dense = List.copyOf(dense);
        checkSizes("conv", conv, 1, 4096);
        checkSizes("dense", dense, 0, 65536);
        if (!(l2 >= 0) || Double.isInfinite(l2)) {
            throw new UsageException("l2=" + l2 + " must be at least 0 and finite");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new UsageException("dropout=" + dropout + " must be at least 0 and below 1");
        }
        if (!(batchNormDecay >= 0 && batchNormDecay <= 1)) {
            throw new UsageException("batchNormDecay=" + batchNormDecay + " must be from 0 to 1; 0.9 is usual");
        }
        if (!(initGain >= 0) || Double.isInfinite(initGain)) {
            throw new UsageException("initGain=" + initGain + " must be at least 0 and finite; 1 is usual");
        }
        if (!Double.isFinite(initBias)) {
            throw new UsageException("initBias=" + initBias + " must be finite; 0 is usual");
        }
    }

    private static void checkSizes(String name, List<Integer> sizes, int fewest, int most) {
        if (sizes.size() < fewest || sizes.size() > 8) {
            throw new UsageException(name + "=" + sizes + " must name " + fewest + " to 8 layers");
        }
        for (int size : sizes) {
            if (size < 1 || size > most) {
                throw new UsageException(name + "=" + sizes + " must hold numbers from 1 to " + most + ", not " + size);
            }
        }
    }

    /** The network of the defaults in {@code run.yaml}. */
    public static NetworkSpec defaults() {
        return new NetworkSpec(
                List.of(32, 64, 128, 128, 128),
                List.of(128, 128),
                Activation.PRELU,
                true,
                0.9,
                0,
                0,
                Head.FLATTEN,
                OutputBias.MEAN,
                1,
                0);
    }

    /** The same layers with other penalties. */
    public NetworkSpec withPenalties(double otherL2, double otherDropout) {
        return new NetworkSpec(
                conv,
                dense,
                activation,
                batchNorm,
                batchNormDecay,
                otherL2,
                otherDropout,
                head,
                outputBias,
                initGain,
                initBias);
    }

    /**
     * Checks that patches of this shape survive the poolings, each of which halves the frames. Bands are halved as long as
     * there are at least two, so that any number of them will do.
     *
     * @throws UsageException if no frame would be left
     */
    public void checkFits(PatchShape shape) {
        if (shape.frames() >> conv.size() < 1) {
            throw new UsageException(
                    "conv=" + conv + " pools " + conv.size() + " times, which leaves nothing of patches of ["
                            + shape.frames() + " frames, " + shape.bands() + " bands]; use at most "
                            + (31 - Integer.numberOfLeadingZeros(shape.frames()))
                            + " blocks, or more patch.frames");
        }
    }

    /**
     * Numbers of a network with these layers: weights, biases, slopes of PReLU, and the four that batch normalisation has for
     * each channel or unit (γ, β, running mean and variance). Convolutions and hidden dense layers have no bias beside it.
     *
     * @throws UsageException if patches of this shape do not fit, see {@link #checkFits}
     */
    public long parameters(PatchShape shape, int outputs) {
        checkFits(shape);
        int each = (batchNorm ? 4 : 1) + (activation == Activation.PRELU ? 1 : 0);
        long parameters = 0;
        long inputs = 1;
        int bands = shape.bands();
        for (int channels : conv) {
            parameters += (9 * inputs + each) * channels;
            inputs = channels;
            bands = Math.max(1, bands / 2);
        }
        if (head == Head.FLATTEN) {
            inputs *= (long) (shape.frames() >> conv.size()) * bands;
        }
        for (int units : dense) {
            parameters += (inputs + each) * units;
            inputs = units;
        }
        return parameters + (inputs + 1) * outputs;
    }

    /** Bytes that a patch takes at least while the network predicts it: a layer's input and output, and what is pooled. */
    public long predictionBytes(PatchShape shape) {
        long most = 0;
        long inputs = shape.size();
        for (Maps maps : maps(shape)) {
            most = Math.max(most, inputs + maps.whole() + maps.pooled());
            inputs = maps.pooled();
        }
        return Float.BYTES * most;
    }

    /**
     * Bytes that a patch takes while the network learns from it: the maps before and after each pooling, and their
     * gradients, in single precision.
     */
    public long trainingBytes(PatchShape shape) {
        long floats = 2L * shape.size();
        for (Maps maps : maps(shape)) {
            floats += 2 * (maps.whole() + maps.pooled());
        }
        return Float.BYTES * floats;
    }

    /** Numbers in the maps of a convolution, before pooling and after it. */
    private record Maps(long whole, long pooled) {}

    private List<Maps> maps(PatchShape shape) {
        List<Maps> all = new ArrayList<>();
        int frames = shape.frames();
        int bands = shape.bands();
        for (int channels : conv) {
            long whole = (long) channels * frames * bands;
            frames /= 2;
            bands = Math.max(1, bands / 2);
            all.add(new Maps(whole, (long) channels * frames * bands));
        }
        return all;
    }
}
