package melgauge.model.dl4j.layers;

import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A {@link ConvBlock} in ND4J operations, for any precision and backend, on {@code [batch, channels, height, width]}: what
 * {@link FirstBlock} and {@link NormPool} are measured against.
 */
final class PlainBlock {
    private final ConvBlock conf;
    private final Map<String, INDArray> parameters;
    private final INDArray input;
    private final INDArray x;
    private final INDArray batchMean;
    private final INDArray batchVariance;
    private final INDArray deviation;
    private final INDArray normalised;
    private final INDArray z;
    private final INDArray y;

    PlainBlock(ConvBlock conf, Map<String, INDArray> parameters, INDArray input, boolean training) {
        this.conf = conf;
        this.parameters = parameters;
        this.input = input.dup('c');
        x = Nd4j.createUninitialized(input.dataType(), input.size(0), conf.getChannels(), input.size(2), input.size(3));
        Nd4j.exec(convolution("conv2d")
                .addInputs(this.input, parameter(ConvBlock.WEIGHTS))
                .addOutputs(x)
                .build());
        batchMean = training ? x.mean(0, 2, 3) : parameter(ConvBlock.MEAN);
        batchVariance = training ? x.var(false, 0, 2, 3) : parameter(ConvBlock.VAR);
        deviation = Transforms.sqrt(batchVariance.add(conf.getEpsilon()));
        normalised = x.sub(spread(batchMean)).div(spread(deviation));
        z = normalised.mul(spread(parameter(ConvBlock.GAMMA))).add(spread(parameter(ConvBlock.BETA)));
        y = z.mul(slope());
    }

    /** 3×3, stride 1, dilation 1, the same size, channels first, weights as [out, in, 3, 3]. */
    private static DynamicCustomOp.DynamicCustomOpsBuilder convolution(String name) {
        return DynamicCustomOp.builder(name).addIntegerArguments(3, 3, 1, 1, 1, 1, 1, 1, 1, 0, 1);
    }

    INDArray batchMean() {
        return batchMean;
    }

    INDArray batchVariance() {
        return batchVariance;
    }

    private INDArray parameter(String name) {
        return Objects.requireNonNull(parameters.get(name));
    }

    private static INDArray spread(INDArray perChannel) {
        return perChannel.reshape(1, perChannel.length(), 1, 1);
    }

    /** 1 where z is positive, α elsewhere. */
    private INDArray slope() {
        INDArray positive = z.gt(0).castTo(z.dataType());
        return positive.add(positive.rsub(1).mul(spread(parameter(ConvBlock.ALPHA))));
    }

    /** The part of the maps that is pooled, as {@code [examples, channels, rows, 2, columns, step]}. */
    private INDArray squares(INDArray maps) {
        int step = conf.getPoolWidth();
        return pooledPart(maps)
                .dup('c')
                .reshape('c', maps.size(0), maps.size(1), maps.size(2) / 2, 2, maps.size(3) / step, step);
    }

    private INDArray pooledPart(INDArray maps) {
        int step = conf.getPoolWidth();
        return maps.get(
                NDArrayIndex.all(),
                NDArrayIndex.all(),
                NDArrayIndex.interval(0, maps.size(2) / 2 * 2),
                NDArrayIndex.interval(0, maps.size(3) / step * step));
    }

    private INDArray corner(INDArray squares, int corner) {
        return squares.get(
                NDArrayIndex.all(),
                NDArrayIndex.all(),
                NDArrayIndex.all(),
                NDArrayIndex.point(corner / conf.getPoolWidth()),
                NDArrayIndex.all(),
                NDArrayIndex.point(corner % conf.getPoolWidth()));
    }

    /** The output. */
    INDArray pooled() {
        INDArray squares = squares(y);
        INDArray best = corner(squares, 0).dup('c');
        for (int corner = 1; corner < 2 * conf.getPoolWidth(); corner++) {
            best = Transforms.max(best, corner(squares, corner).dup('c'));
        }
        return best;
    }

    /** The gradient of the input; those of the parameters are assigned to {@code gradients}. */
    INDArray backward(INDArray epsilon, Map<String, INDArray> gradients) {
        INDArray best = pooled();
        INDArray open = Nd4j.onesLike(best);
        INDArray values = squares(y);
        INDArray slopes = Nd4j.zerosLike(values);
        for (int corner = 0; corner < 2 * conf.getPoolWidth(); corner++) {
            INDArray hit = corner(values, corner)
                    .dup('c')
                    .eq(best)
                    .castTo(y.dataType())
                    .mul(open);
            open.subi(hit);
            corner(slopes, corner).assign(epsilon.mul(hit));
        }
        INDArray dy = Nd4j.zerosLike(y);
        INDArray pooledPart = pooledPart(dy);
        pooledPart.assign(slopes.reshape('c', pooledPart.shape()));
        INDArray negative = z.lte(0).castTo(z.dataType());
        assign(gradients, ConvBlock.ALPHA, dy.mul(z).mul(negative).sum(0, 2, 3));
        INDArray dz = dy.mul(slope());
        INDArray dBeta = dz.sum(0, 2, 3);
        INDArray dGamma = dz.mul(normalised).sum(0, 2, 3);
        assign(gradients, ConvBlock.BETA, dBeta);
        assign(gradients, ConvBlock.GAMMA, dGamma);
        double count = x.length() / (double) x.size(1);
        double share = 1 - conf.getDecay();
        assign(
                gradients,
                ConvBlock.MEAN,
                parameter(ConvBlock.MEAN).sub(batchMean).mul(share));
        assign(
                gradients,
                ConvBlock.VAR,
                parameter(ConvBlock.VAR).sub(batchVariance).mul(share));
        INDArray dx = dz.sub(spread(dBeta).div(count))
                .sub(normalised.mul(spread(dGamma)).div(count))
                .mul(spread(parameter(ConvBlock.GAMMA).div(deviation)));
        INDArray dInput = input.ulike();
        INDArray dWeights = parameter(ConvBlock.WEIGHTS).ulike();
        Nd4j.exec(convolution("conv2d_bp")
                .addInputs(input, parameter(ConvBlock.WEIGHTS), dx)
                .addOutputs(dInput, dWeights)
                .build());
        assign(gradients, ConvBlock.WEIGHTS, dWeights);
        return dInput;
    }

    private static void assign(Map<String, INDArray> gradients, String name, INDArray value) {
        Objects.requireNonNull(gradients.get(name)).assign(value);
    }
}
