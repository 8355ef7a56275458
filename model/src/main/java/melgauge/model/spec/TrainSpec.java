package melgauge.model.spec;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import melgauge.data.UsageException;
import melgauge.features.FeatureSpec;

/**
 * How a network is trained: all that its weights follow from, beside its layers and the data. {@link Execution} says where.
 *
 * @param epochs at most this many passes; at least 1
 * @param batchSize patches per step, 1 to 65536; 0, in files {@code auto}: see {@link BatchSize}
 * @param learningRate above 0
 * @param warmUp epochs, or a part of one, in which the learning rate rises evenly to {@code learningRate}
 * @param schedule how it goes on
 * @param optimizer the update rule
 * @param weightDecay λ ≥ 0 that pulls the weights of convolutions and dense layers towards 0; as in PyTorch, {@code adamw}
 *     takes learning rate · λ · w from them, and the other rules add λ · w to their gradient
 * @param clipNorm a gradient whose norm over all layers is larger than this is scaled down to it; 0: never
 * @param loss what is made small
 * @param sampling which patches an epoch sees
 * @param balance how much rare labels count
 * @param augment how patches are varied
 * @param averaging the network that is validated and kept has averages of the weights over the last steps: at each step
 *     these keep so much of themselves, 0.99 for the last hundred steps or so (fewer at the beginning: step/(step + 9)); 0:
 *     the weights themselves
 * @param batchNormStatistics by what the network that is validated and kept is normalised
 * @param patience epochs without a better validation loss after which training ends; 0: never end early
 * @param onCollapse what to do when every track gets the same answer
 * @param networks that are trained, each with random numbers of its own, and answer together: see {@link Ensemble}; 1 to
 *     {@value #MOST_NETWORKS}
 * @param holdOut which tracks each of these networks is validated by
 */
public record TrainSpec(
        int epochs,

        @JsonDeserialize(using = BatchSize.Reader.class) @JsonSerialize(using = BatchSize.Writer.class)
        int batchSize,

        double learningRate,
        double warmUp,
        Schedule schedule,
        Optimizer optimizer,
        double weightDecay,
        double clipNorm,
        Loss loss,
        Sampling sampling,
        Balance balance,
        Augment augment,
        double averaging,
        BatchNormStatistics batchNormStatistics,
        int patience,
        OnCollapse onCollapse,
        int networks,
        HoldOut holdOut) {
    /** More would gain nothing that anybody could notice; and a model's file may hold only so many parts. */
    public static final int MOST_NETWORKS = 10;

    public TrainSpec {
        atLeast("epochs", epochs, 1);
        atLeast("batchSize", batchSize, 0);
        atLeast("patience", patience, 0);
        if (batchSize > 65536) {
            throw new UsageException("batchSize=" + batchSize + " must be at most 65536");
        }
        if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
            throw new UsageException(
                    "learningRate=" + learningRate + " must be above 0 and finite; 0.001 is usual for adam");
        }
        if (!(warmUp >= 0 && warmUp <= epochs)) {
            throw new UsageException("warmUp=" + warmUp + " must be from 0 to epochs=" + epochs);
        }
        notNegative("weightDecay", weightDecay);
        notNegative("clipNorm", clipNorm);
        if (!(averaging >= 0 && averaging < 1)) {
            throw new UsageException("averaging=" + averaging + " must be at least 0 and below 1; 0.99 is usual");
        }
        if (networks < 1 || networks > MOST_NETWORKS) {
            throw new UsageException("networks=" + networks + " must be from 1 to " + MOST_NETWORKS);
        }
    }

    /** The training of the defaults in {@code run.yaml}; docs/training.md says why they are what they are. */
    public static TrainSpec defaults() {
        return new TrainSpec(
                160,
                16,
                0.001,
                0,
                Schedule.COSINE,
                Optimizer.ADAMW,
                0.05,
                0,
                Loss.MSE,
                Sampling.RANDOM,
                Balance.NONE,
                Augment.defaults(),
                0.99,
                BatchNormStatistics.PRECISE,
                50,
                OnCollapse.STOP,
                1,
                HoldOut.SAME);
    }

    /**
     * The same with a number in place of {@code auto}, and with the variation that the features allow, as a training needs
     * them.
     */
    public TrainSpec resolved(int size, FeatureSpec features) {
        return with(size, weightDecay, augment.suiting(features), networks);
    }

    /** The same with patches as they are. */
    public TrainSpec withoutVariation() {
        return with(batchSize, weightDecay, Augment.none(), networks);
    }

    /** The same without weight decay. */
    public TrainSpec withoutWeightDecay() {
        return with(batchSize, 0, augment, networks);
    }

    /** Whether there are networks that learn from the validation tracks. */
    public boolean rotates() {
        return holdOut == HoldOut.ROTATE && networks > 1;
    }

    /** The same for one network alone. */
    public TrainSpec withSingleNetwork() {
        return with(batchSize, weightDecay, augment, 1);
    }

    private TrainSpec with(int size, double decay, Augment variation, int members) {
        return new TrainSpec(
                epochs,
                size,
                learningRate,
                warmUp,
                schedule,
                optimizer,
                decay,
                clipNorm,
                loss,
                sampling,
                balance,
                variation,
                averaging,
                batchNormStatistics,
                patience,
                onCollapse,
                members,
                holdOut);
    }

    private static void atLeast(String name, int value, int limit) {
        if (value < limit) {
            throw new UsageException(name + "=" + value + " must be at least " + limit);
        }
    }

    private static void notNegative(String name, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new UsageException(name + "=" + value + " must be at least 0 and finite");
        }
    }
}
