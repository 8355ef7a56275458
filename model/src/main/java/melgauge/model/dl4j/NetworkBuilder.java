package melgauge.model.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import melgauge.model.dl4j.layers.ChannelPReLU;
import melgauge.model.dl4j.layers.ConvBlock;
import melgauge.model.dl4j.layers.Decay;
import melgauge.model.dl4j.layers.LeanConvolution;
import melgauge.model.dl4j.layers.RegressionLoss;
import melgauge.model.engine.Architecture;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Head;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.PatchShape;
import melgauge.model.spec.TrainSpec;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Writes the Deeplearning4j configuration of a {@link NetworkSpec}. Layers are named {@code block1}, {@code dense1}, … Weights
 * are loaded afterwards.
 */
public final class NetworkBuilder {
    /** With a number behind it, the name of a {@link ConvBlock}. */
    static final String BLOCK = "block";

    private static final double BATCH_NORM_EPSILON = 1e-5;

    private final NetworkSpec network;
    private final TrainSpec training;
    private final NeuralNetConfiguration.ListBuilder layers;

    private NetworkBuilder(NetworkSpec network, TrainSpec training, DataType dataType) {
        this.network = network;
        this.training = training;
        this.layers = new NeuralNetConfiguration.Builder()
                .dataType(dataType)
                .updater(updater(training.optimizer(), training.learningRate()))
                .convolutionMode(ConvolutionMode.Same)
                .list();
    }

    public static MultiLayerConfiguration build(Architecture architecture, TrainSpec training, DataType dataType) {
        NetworkSpec network = architecture.network();
        PatchShape shape = architecture.shape();
        network.checkFits(shape);
        NetworkBuilder builder = new NetworkBuilder(network, training, dataType);
        int bands = shape.bands();
        for (int i = 0; i < network.conv().size(); i++) {
            int pooledBands = Math.min(2, bands);
            builder.block(i, network.conv().get(i), pooledBands);
            bands /= pooledBands;
        }
        if (network.head() == Head.AVERAGE) {
            builder.add("average", new GlobalPoolingLayer(PoolingType.AVG));
        }
        for (int i = 0; i < network.dense().size(); i++) {
            builder.dense(i + 1, network.dense().get(i));
        }
        builder.add(
                "output",
                new OutputLayer.Builder(new RegressionLoss(training.loss()))
                        .nOut(architecture.outputs())
                        .activation(new ActivationSigmoid())
                        .build());
        return builder.layers
                .setInputType(InputType.convolutional(shape.frames(), shape.bands(), 1))
                .build();
    }

    /** A block whose pooling takes two frames by one or two bands. */
    private void block(int index, int channels, int pooledBands) {
        int number = index + 1;
        if (network.batchNorm() && network.activation() == Activation.PRELU) {
            add(
                    BLOCK + number,
                    ConvBlock.of(
                            channels,
                            pooledBands,
                            network.batchNormDecay(),
                            BATCH_NORM_EPSILON,
                            penalty(),
                            index == 0,
                            number == network.conv().size()));
            return;
        }
        add(
                "conv" + number,
                // Batch normalisation takes a bias away again; its gradient would be rounding noise.
                LeanConvolution.of(channels, !network.batchNorm(), penalty()));
        normalise("norm" + number);
        activate("act" + number, channels);
        add(
                "pool" + number,
                new SubsamplingLayer.Builder(
                                SubsamplingLayer.PoolingType.MAX, new int[] {2, pooledBands}, new int[] {2, pooledBands
                                })
                        .convolutionMode(ConvolutionMode.Truncate)
                        .build());
    }

    private void dense(int number, int units) {
        add(
                "dense" + number,
                new DenseLayer.Builder()
                        .nOut(units)
                        .hasBias(!network.batchNorm())
                        .activation(new ActivationIdentity())
                        .l2(penalty())
                        .build());
        normalise("denseNorm" + number);
        activate("denseAct" + number, units);
        if (network.dropout() > 0) {
            add("drop" + number, new DropoutLayer.Builder(1 - network.dropout()).build());
        }
    }

    private void normalise(String name) {
        if (network.batchNorm()) {
            add(
                    name,
                    new BatchNormalization.Builder()
                            .decay(network.batchNormDecay())
                            .eps(BATCH_NORM_EPSILON)
                            .useLogStd(false)
                            .build());
        }
    }

    private void activate(String name, int channels) {
        if (network.activation() == Activation.PRELU) {
            add(name, ChannelPReLU.of(name, channels));
        } else {
            add(
                    name,
                    new ActivationLayer(
                            switch (network.activation()) {
                                case RELU -> new ActivationReLU();
                                case LEAKYRELU -> new ActivationLReLU(0.01);
                                case ELU -> new ActivationELU();
                                case PRELU -> throw new IllegalStateException("has its own layer");
                            }));
        }
    }

    private void add(String name, Layer layer) {
        layer.setLayerName(name);
        if (training.weightDecay() > 0
                && (layer instanceof ConvBlock
                        || layer instanceof ConvolutionLayer
                        || layer instanceof DenseLayer
                        || layer instanceof OutputLayer)) {
            decay((BaseLayer) layer);
        }
        layers.layer(layer);
    }

    private void decay(BaseLayer layer) {
        List<Regularization> all = new ArrayList<>(Objects.requireNonNullElse(layer.getRegularization(), List.of()));
        all.add(new Decay(training.weightDecay(), training.optimizer() == Optimizer.ADAMW));
        layer.setRegularization(all);
    }

    /** Deeplearning4j's l2 stands for ½·l2·Σw². */
    private double penalty() {
        return 2 * network.l2();
    }

    private static IUpdater updater(Optimizer optimizer, double learningRate) {
        return switch (optimizer) {
            case ADAM, ADAMW -> new Adam(learningRate);
            case NADAM -> new Nadam(learningRate);
            case SGD -> new Nesterovs(learningRate, 0.9);
        };
    }
}
