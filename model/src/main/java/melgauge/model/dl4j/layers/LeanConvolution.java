package melgauge.model.dl4j.layers;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Configuration of a 3×3 convolution without activation that does not compute its output again in the backward pass.
 * Deeplearning4j's own does, only to hand it to the activation, which for an identity needs nothing.
 */
public final class LeanConvolution extends ConvolutionLayer {
    private static final long serialVersionUID = 1;

    /** For reading a saved network. */
    public LeanConvolution() {}

    private LeanConvolution(Builder builder) {
        super(builder);
    }

    /**
     * A convolution whose maps keep their size.
     *
     * @param channels of the output
     * @param bias whether a bias is added
     * @param l2 Deeplearning4j's coefficient, which stands for ½·l2·Σw²
     */
    public static LeanConvolution of(int channels, boolean bias, double l2) {
        return new LeanConvolution(new Builder(3, 3)
                .nOut(channels)
                .convolutionMode(ConvolutionMode.Same)
                .hasBias(bias)
                .activation(new ActivationIdentity())
                .l2(l2));
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parametersView,
            boolean initialise,
            DataType dataType) {
        return Layers.connect(new LeanLayer(conf, dataType), conf, listeners, index, parametersView, initialise);
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }

    private static final class LeanLayer extends org.deeplearning4j.nn.layers.convolution.ConvolutionLayer {
        private static final long serialVersionUID = 1;

        private transient @Nullable INDArray epsilon;

        LeanLayer(NeuralNetConfiguration conf, DataType dataType) {
            super(conf, dataType);
        }

        @Override
        public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
            this.epsilon = epsilon;
            try {
                return super.backpropGradient(epsilon, workspaces);
            } finally {
                this.epsilon = null;
            }
        }

        /** In the backward pass, anything of the output's shape: the identity looks at nothing else. */
        @Override
        protected Pair<INDArray, INDArray> preOutput4d(
                boolean training, boolean forBackprop, LayerWorkspaceMgr workspaces) {
            return forBackprop ? new Pair<>(epsilon, null) : super.preOutput4d(training, false, workspaces);
        }
    }
}
