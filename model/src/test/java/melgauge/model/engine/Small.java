package melgauge.model.engine;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import melgauge.features.FrameSource;
import melgauge.features.Spectrogram;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Augment;
import melgauge.model.spec.Balance;
import melgauge.model.spec.BatchNormStatistics;
import melgauge.model.spec.Head;
import melgauge.model.spec.HoldOut;
import melgauge.model.spec.Loss;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.OnCollapse;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.OutputBias;
import melgauge.model.spec.PatchShape;
import melgauge.model.spec.Sampling;
import melgauge.model.spec.Schedule;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import org.jspecify.annotations.Nullable;

/** Networks and data that are small enough for tests. */
public final class Small {
    /** The threads of the tests' session: small networks gain nothing from more. */
    public static final int THREADS = 1;

    private static @Nullable Session session;

    public static final PatchShape SHAPE = new PatchShape(32, 16);

    private Small() {}

    /** Two blocks and one dense layer. */
    public static NetworkSpec network() {
        return network(0, 0);
    }

    /** Two blocks and one dense layer, regularised. */
    public static NetworkSpec network(double l2, double dropout) {
        return network(Activation.PRELU, true, 0.9, l2, dropout);
    }

    /** Two blocks and one dense layer, normalised in some way. */
    public static NetworkSpec network(Activation activation, boolean batchNorm, double batchNormDecay) {
        return network(activation, batchNorm, batchNormDecay, 0, 0);
    }

    private static NetworkSpec network(
            Activation activation, boolean batchNorm, double batchNormDecay, double l2, double dropout) {
        return new NetworkSpec(
                List.of(4, 8),
                List.of(8),
                activation,
                batchNorm,
                batchNormDecay,
                l2,
                dropout,
                Head.FLATTEN,
                OutputBias.MEAN,
                1,
                0);
    }

    /** A training that runs all of its epochs. */
    public static TrainSpec training(int epochs, double learningRate, Optimizer optimizer, Loss loss, int patience) {
        return plain(epochs, 8, learningRate, optimizer, loss, patience, OnCollapse.STOP);
    }

    /** Training at a constant rate on patches as they are, with nothing that could be left away. */
    public static TrainSpec plain(
            int epochs,
            int batchSize,
            double learningRate,
            Optimizer optimizer,
            Loss loss,
            int patience,
            OnCollapse onCollapse) {
        return new TrainSpec(
                epochs,
                batchSize,
                learningRate,
                0,
                Schedule.CONSTANT,
                optimizer,
                0,
                0,
                loss,
                Sampling.RANDOM,
                Balance.NONE,
                Augment.none(),
                0,
                BatchNormStatistics.RUNNING,
                patience,
                onCollapse,
                1,
                HoldOut.SAME);
    }

    /** The same, validated and kept by other statistics of batch normalisation. */
    public static TrainSpec with(TrainSpec plain, BatchNormStatistics statistics) {
        return with(plain, plain.optimizer(), plain.weightDecay(), statistics);
    }

    /** The same with another update rule and weight decay. */
    public static TrainSpec decaying(TrainSpec plain, Optimizer optimizer, double weightDecay) {
        return with(plain, optimizer, weightDecay, plain.batchNormStatistics());
    }

    private static TrainSpec with(
            TrainSpec plain, Optimizer optimizer, double weightDecay, BatchNormStatistics statistics) {
        return new TrainSpec(
                plain.epochs(),
                plain.batchSize(),
                plain.learningRate(),
                plain.warmUp(),
                plain.schedule(),
                optimizer,
                weightDecay,
                plain.clipNorm(),
                plain.loss(),
                plain.sampling(),
                plain.balance(),
                plain.augment(),
                plain.averaging(),
                statistics,
                plain.patience(),
                plain.onCollapse(),
                plain.networks(),
                plain.holdOut());
    }

    public static TrainSpec adam(double learningRate) {
        return training(1, learningRate, Optimizer.ADAM, Loss.MSE, 0);
    }

    /** All that a training goes on from. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Saved(Architecture architecture, float[] weights, Network.OptimizerState optimizer) {
        /** A network as it is now. */
        public static Saved of(Network regressor) {
            return new Saved(regressor.architecture(), regressor.weights(), regressor.optimizerState());
        }

        /** Another network that is the same. */
        public Network open(TrainSpec training) {
            return open(session(), training);
        }

        /** Another network that is the same, in a session. */
        public Network open(Session session, TrainSpec training) {
            Network network = session.open(architecture, training, weights);
            network.load(optimizer);
            return network;
        }
    }

    /** An untrained network. */
    public static Network regressor(NetworkSpec network, TrainSpec training, long seed, double... labelMeans) {
        return regressor(network, training, SHAPE, seed, labelMeans);
    }

    /** An untrained network that reads other patches. */
    public static Network regressor(
            NetworkSpec network, TrainSpec training, PatchShape shape, long seed, double... labelMeans) {
        Architecture architecture = new Architecture(network, shape, labelMeans.length);
        return session().open(architecture, training, InitialWeights.of(architecture, labelMeans, seed));
    }

    /** Closes the session of the tests, so that another number of threads may be used. */
    static synchronized void closeSession() {
        if (session != null) {
            session.close();
            session = null;
        }
    }

    /** The session of all tests. */
    public static synchronized Session session() {
        if (session == null) {
            session = Execution.on("cpu").withThreads(THREADS).open();
        }
        return session;
    }

    /** Numbers of a normal distribution with mean 0 and standard deviation 1. */
    public static float[] noise(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) gauss(random);
        }
        return values;
    }

    /** Numbers between 0 and 1. */
    public static float[] uniform(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble();
        }
        return values;
    }

    private static double gauss(SplittableRandom random) {
        return Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble());
    }

    /**
     * Tracks of noise with two labels: how loud the lower half of the bands is, and how loud the upper half is, each
     * between 0 and 1.
     */
    public static List<Example> tracks(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    float[] labels = {(float) random.nextDouble(), (float) random.nextDouble()};
                    int frames = 34 + random.nextInt(40);
                    float[] values = new float[frames * SHAPE.bands()];
                    for (int k = 0; k < values.length; k++) {
                        double loudness = labels[k % SHAPE.bands() < SHAPE.bands() / 2 ? 0 : 1];
                        values[k] = (float) (3 * loudness - 1.5 + 0.5 * gauss(random));
                    }
                    return new Example(
                            "track" + i, FrameSource.of(new Spectrogram(values, frames, SHAPE.bands())), labels);
                })
                .toList();
    }
}
