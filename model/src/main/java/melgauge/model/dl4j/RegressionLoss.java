package melgauge.model.dl4j;

import melgauge.model.Loss;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A {@link Loss} as Deeplearning4j's loss function. A label of NaN is unlabelled: it adds nothing to the loss and no
 * gradient. Deeplearning4j's own masks multiply, and so cannot hide a NaN.
 */
public final class RegressionLoss implements ILossFunction {
    private static final long serialVersionUID = 1;

    private final Loss loss;

    public RegressionLoss(@JsonProperty("loss") Loss loss) {
        this.loss = loss;
    }

    /** Which loss; part of a saved network. */
    @JsonProperty("loss")
    public Loss loss() {
        return loss;
    }

    @Override
    public double computeScore(
            INDArray labels, INDArray preOutput, IActivation activation, @Nullable INDArray mask, boolean average) {
        double sum = computeScoreArray(labels, preOutput, activation, mask)
                .sumNumber()
                .doubleValue();
        return average ? sum / labels.size(0) : sum;
    }

    @Override
    public INDArray computeScoreArray(
            INDArray labels, INDArray preOutput, IActivation activation, @Nullable INDArray mask) {
        INDArray predictions = activation.getActivation(preOutput.dup(), true);
        int rows = (int) labels.size(0);
        int outputs = (int) labels.size(1);
        INDArray scores = Nd4j.create(preOutput.dataType(), rows, 1);
        for (int i = 0; i < rows; i++) {
            double sum = 0;
            for (int j = 0; j < outputs; j++) {
                double label = labels.getDouble(i, j);
                if (!Double.isNaN(label)) {
                    sum += loss.value(predictions.getDouble(i, j), label);
                }
            }
            scores.putScalar(i, 0, sum / outputs);
        }
        return scores;
    }

    @Override
    public INDArray computeGradient(
            INDArray labels, INDArray preOutput, IActivation activation, @Nullable INDArray mask) {
        INDArray predictions = activation.getActivation(preOutput.dup(), true);
        int rows = (int) labels.size(0);
        int outputs = (int) labels.size(1);
        INDArray slopes = Nd4j.create(preOutput.dataType(), preOutput.shape());
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < outputs; j++) {
                double label = labels.getDouble(i, j);
                if (!Double.isNaN(label)) {
                    slopes.putScalar(i, j, loss.slope(predictions.getDouble(i, j), label) / outputs);
                }
            }
        }
        return activation.backprop(preOutput, slopes).getFirst();
    }

    @Override
    public Pair<Double, INDArray> computeGradientAndScore(
            INDArray labels, INDArray preOutput, IActivation activation, @Nullable INDArray mask, boolean average) {
        return new Pair<>(
                computeScore(labels, preOutput, activation, mask, average),
                computeGradient(labels, preOutput, activation, mask));
    }

    @Override
    public String name() {
        return toString();
    }

    @Override
    public String toString() {
        return "RegressionLoss(" + loss + ")";
    }
}
