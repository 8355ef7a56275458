package melgauge.model.dl4j;

import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitRelu;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** First weights as He et al. 2015 propose, normal with variance 2 / fan-in, times a factor. */
public final class HeNormal implements IWeightInit {
    private static final long serialVersionUID = 1;

    private final double gain;

    public HeNormal(@JsonProperty("gain") double gain) {
        this.gain = gain;
    }

    /** The factor; part of a saved network. */
    @JsonProperty("gain")
    public double gain() {
        return gain;
    }

    @Override
    public INDArray init(double fanIn, double fanOut, long[] shape, char order, INDArray view) {
        return new WeightInitRelu().init(fanIn, fanOut, shape, order, view).muli(gain);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HeNormal same && same.gain == gain;
    }

    @Override
    public int hashCode() {
        return Double.hashCode(gain);
    }
}
