package melgauge.model.dl4j.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import melgauge.model.dl4j.kernels.Buffers;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Mean and variance of each channel that a layer normalises, over all of some batches: those of the whole follow from those
 * of its parts, σ² = E[σ²_batch + μ²_batch] − E[μ_batch]².
 */
public final class BatchMoments {
    /** Of a unit that never moves: nothing beside the ε of normalisation, with a logarithm. */
    private static final double LEAST_VARIANCE = 1e-20;

    private final Layer layer;
    private final int index;
    private final double[] mean;
    private final double[] square;
    private long patches;

    private BatchMoments(Layer layer, int index, int channels) {
        this.layer = layer;
        this.index = index;
        this.mean = new double[channels];
        this.square = new double[channels];
    }

    /** One for each layer of a network that normalises. */
    public static List<BatchMoments> of(MultiLayerNetwork network) {
        List<BatchMoments> moments = new ArrayList<>();
        for (int i = 0; i < network.getnLayers(); i++) {
            Layer layer = network.getLayer(i);
            INDArray running = layer.paramTable().get(BatchNormalizationParamInitializer.GLOBAL_MEAN);
            if (running != null) {
                moments.add(new BatchMoments(layer, i, Math.toIntExact(running.length())));
            }
        }
        return moments;
    }

    /**
     * Adds a batch that the network has just been through as in training.
     *
     * @param activations what each layer read, and the output
     */
    public void add(List<INDArray> activations, int count) {
        if (layer instanceof ConvBlockLayer block) {
            add(block.batchMean(), block.batchVariance(), count);
        } else {
            INDArray read = activations.get(index);
            int[] others = read.rank() == 4 ? new int[] {0, 2, 3} : new int[] {0};
            add(Buffers.copy(read.mean(others)), Buffers.copy(read.var(false, others)), count);
        }
    }

    private void add(float[] batchMean, float[] batchVariance, int count) {
        patches += count;
        double share = count / (double) patches;
        for (int c = 0; c < mean.length; c++) {
            mean[c] += share * (batchMean[c] - mean[c]);
            square[c] += share * (batchVariance[c] + (double) batchMean[c] * batchMean[c] - square[c]);
        }
    }

    /** Makes them what the layer normalises predictions by. */
    public void write() {
        float[] means = new float[mean.length];
        float[] variances = new float[mean.length];
        for (int c = 0; c < mean.length; c++) {
            double variance = Math.max(LEAST_VARIANCE, square[c] - mean[c] * mean[c]);
            means[c] = (float) mean[c];
            variances[c] = (float) variance;
        }
        set(BatchNormalizationParamInitializer.GLOBAL_MEAN, means);
        set(BatchNormalizationParamInitializer.GLOBAL_VAR, variances);
    }

    private void set(String name, float[] values) {
        Buffers.write(Objects.requireNonNull(layer.paramTable().get(name)), values);
    }
}
