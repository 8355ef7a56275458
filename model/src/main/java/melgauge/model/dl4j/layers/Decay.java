package melgauge.model.dl4j.layers;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Weight decay that is no part of the loss: Deeplearning4j's own adds ½·λ·Σw² to the loss that it reports, which with λ =
 * 0.05 puts 25 on top of an error of 0.02 and hides whether the network learns.
 *
 * @param lambda λ, above 0
 * @param decoupled whether learning rate · λ · w is taken from the weights beside the update rule (Loshchilov and Hutter
 *     2019), or λ · w added to the gradient
 */
public record Decay(
        @JsonProperty("lambda") double lambda,
        @JsonProperty("decoupled") boolean decoupled) implements Regularization {

    @Override
    public ApplyStep applyStep() {
        return decoupled ? ApplyStep.POST_UPDATER : ApplyStep.BEFORE_UPDATER;
    }

    @Override
    public void apply(INDArray weights, INDArray update, double learningRate, int iteration, int epoch) {
        update.addi(weights.mul(decoupled ? learningRate * lambda : lambda));
    }

    @Override
    public double score(INDArray weights, int iteration, int epoch) {
        return 0;
    }

    @Override
    @SuppressWarnings("MethodDoesntCallSuperMethod") // immutable
    public Regularization clone() {
        return this;
    }
}
