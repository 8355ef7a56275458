package melgauge.model.dl4j.layers;

import melgauge.model.spec.Loss;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A {@link Loss} as Deeplearning4j's loss function. A label of NaN is unlabelled: it adds nothing to the loss and no
 * gradient. Deeplearning4j's own masks multiply, and so cannot hide a NaN; they also scale what comes before the
 * activation, and so cannot weigh labels. Weights are therefore set beside it, for the batch that comes.
 */
public final class RegressionLoss implements ILossFunction {
    private static final long serialVersionUID = 1;

    private final Loss loss;

    /** What is evaluated instead, for as long as it is set. */
    private transient @Nullable Loss other;

    /** How much each label of the batch under way counts, {@code [examples, outputs]}; null: all the same. */
    private transient float @Nullable [] weights;

    public RegressionLoss(@JsonProperty("loss") Loss loss) {
        this.loss = loss;
    }

    /** Which loss; part of a saved network. */
    @JsonProperty("loss")
    public Loss loss() {
        return loss;
    }

    /** From now on, another loss is evaluated; null: the network's own. */
    public void evaluateInstead(@Nullable Loss other) {
        this.other = other;
    }

    private Loss evaluated() {
        return other == null ? loss : other;
    }

    /** From now on, labels count by these weights, {@code [examples, outputs]} or longer; null: all the same. */
    public void weigh(float @Nullable [] weights) {
        this.weights = weights;
    }

    /** The loss of a batch, and its derivatives by the predictions, {@code [outputs][examples]}. */
    @SuppressWarnings("ArrayRecordComponent") // made and read within one call
    private record Evaluated(double value, double[][] slopes) {}

    private Evaluated evaluate(INDArray labels, INDArray preOutput, IActivation activation, int firstRow) {
        INDArray predictions = activation.getActivation(preOutput.dup(), true);
        int outputs = (int) labels.size(1);
        double[][] slopes = new double[outputs][(int) labels.size(0)];
        double sum = 0;
        for (int j = 0; j < outputs; j++) {
            sum += evaluated()
                    .of(
                            column(predictions, j),
                            column(labels, j),
                            weights(firstRow, (int) labels.size(0), outputs, j),
                            slopes[j]);
        }
        return new Evaluated(sum / outputs, slopes);
    }

    private static double[] column(INDArray array, int index) {
        double[] values = new double[(int) array.size(0)];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.getDouble(i, index);
        }
        return values;
    }

    private double @Nullable [] weights(int firstRow, int rows, int outputs, int index) {
        float[] all = weights;
        if (all == null) {
            return null;
        }
        double[] values = new double[rows];
        for (int i = 0; i < rows; i++) {
            values[i] = all[(firstRow + i) * outputs + index];
        }
        return values;
    }

    /** The mean over examples, or, as Deeplearning4j has it, the sum. */
    @Override
    public double computeScore(
            INDArray labels, INDArray preOutput, IActivation activation, @Nullable INDArray mask, boolean average) {
        return evaluate(labels, preOutput, activation, 0).value * (average ? 1 : labels.size(0));
    }

    /** Each example by itself; a loss that only a batch has is shared out evenly. */
    @Override
    public INDArray computeScoreArray(
            INDArray labels, INDArray preOutput, IActivation activation, @Nullable INDArray mask) {
        INDArray scores = Nd4j.create(preOutput.dataType(), labels.size(0), 1);
        if (evaluated() == Loss.CCC) {
            return scores.addi(evaluate(labels, preOutput, activation, 0).value);
        }
        for (int i = 0; i < labels.size(0); i++) {
            long[] row = {i, i + 1};
            scores.putScalar(i, 0, evaluate(rows(labels, row), rows(preOutput, row), activation, i).value);
        }
        return scores;
    }

    private static INDArray rows(INDArray array, long[] range) {
        return array.get(NDArrayIndex.interval(range[0], range[1]), NDArrayIndex.all());
    }

    /** Of the sum over examples: Deeplearning4j divides by their number when it updates. */
    @Override
    public INDArray computeGradient(
            INDArray labels, INDArray preOutput, IActivation activation, @Nullable INDArray mask) {
        return gradient(evaluate(labels, preOutput, activation, 0), preOutput, activation);
    }

    private static INDArray gradient(Evaluated evaluated, INDArray preOutput, IActivation activation) {
        int outputs = evaluated.slopes.length;
        int examples = evaluated.slopes[0].length;
        INDArray slopes = Nd4j.create(preOutput.dataType(), preOutput.shape());
        for (int i = 0; i < examples; i++) {
            for (int j = 0; j < outputs; j++) {
                slopes.putScalar(i, j, evaluated.slopes[j][i] * examples / outputs);
            }
        }
        return activation.backprop(preOutput, slopes).getFirst();
    }

    @Override
    public Pair<Double, INDArray> computeGradientAndScore(
            INDArray labels, INDArray preOutput, IActivation activation, @Nullable INDArray mask, boolean average) {
        Evaluated evaluated = evaluate(labels, preOutput, activation, 0);
        return new Pair<>(evaluated.value * (average ? 1 : labels.size(0)), gradient(evaluated, preOutput, activation));
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
