package melgauge.model.dl4j.layers;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Configuration of a PReLU with one learnt slope α per channel of {@code [batch, channels, height, width]} or per unit
 * of {@code [batch, units]} (He et al. 2015). Deeplearning4j's own PReLU learns one slope per value of the map, or
 * fails in the backward pass when they are shared.
 */
public final class ChannelPReLU extends PReLULayer {
    private static final long serialVersionUID = 1;

    private static final double INITIAL_SLOPE = 0.25;

    /** For reading a saved network. */
    public ChannelPReLU() {}

    /** A PReLU of this many channels or units. */
    public static ChannelPReLU of(String name, int channels) {
        ChannelPReLU layer = new ChannelPReLU();
        layer.setLayerName(name);
        layer.setNIn(channels);
        layer.setNOut(channels);
        layer.setInputShape(new long[] {channels});
        layer.setWeightInitFn(new WeightInitConstant(INITIAL_SLOPE));
        return layer;
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parametersView,
            boolean initialise,
            DataType dataType) {
        return Layers.connect(
                new ChannelPReLULayer(conf, dataType), conf, listeners, index, parametersView, initialise);
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
