package melgauge.model;

import melgauge.data.UsageException;

/**
 * How a network is trained.
 *
 * @param epochs at most this many passes; at least 1
 * @param batchSize patches per step; 1 to 65536
 * @param learningRate above 0
 * @param optimizer the update rule
 * @param loss what is made small
 * @param patience epochs without a better validation loss after which training ends; 0: never end early
 * @param onCollapse what to do when every track gets the same answer
 * @param engine the name of an {@link Engine}, or {@code auto}
 * @param device {@code auto}, {@code cpu}, or {@code cuda:N}
 */
public record TrainSpec(
        int epochs,
        int batchSize,
        double learningRate,
        Optimizer optimizer,
        Loss loss,
        int patience,
        OnCollapse onCollapse,
        String engine,
        String device) {

    public TrainSpec {
        atLeast("epochs", epochs, 1);
        atLeast("batchSize", batchSize, 1);
        atLeast("patience", patience, 0);
        if (batchSize > 65536) {
            throw new UsageException("batchSize=" + batchSize + " must be at most 65536");
        }
        if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
            throw new UsageException(
                    "learningRate=" + learningRate + " must be above 0 and finite; 0.001 is usual for adam");
        }
        if (!device.matches("auto|cpu|cuda(:\\d{1,3})?")) {
            throw new UsageException("device=" + device + " must be auto, cpu, cuda or cuda:N");
        }
    }

    /** The training of the defaults in {@code run.yaml}. */
    public static TrainSpec defaults() {
        return new TrainSpec(40, 16, 0.001, Optimizer.ADAM, Loss.MSE, 8, OnCollapse.STOP, "auto", "auto");
    }

    private static void atLeast(String name, int value, int limit) {
        if (value < limit) {
            throw new UsageException(name + "=" + value + " must be at least " + limit);
        }
    }
}
