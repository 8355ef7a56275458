package melgauge.model.dl4j.layers;

import java.util.Collection;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What every layer of ours does when Deeplearning4j instantiates it. */
final class Layers {
    private Layers() {}

    /** Gives a new layer its place in the network and its part of the parameters. */
    static <L extends BaseLayer<?>> L connect(
            L layer,
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parametersView,
            boolean initialise) {
        layer.setListeners(listeners);
        layer.setIndex(index);
        layer.setParamsViewArray(parametersView);
        layer.setParamTable(conf.getLayer().initializer().init(conf, parametersView, initialise));
        layer.setConf(conf);
        return layer;
    }
}
