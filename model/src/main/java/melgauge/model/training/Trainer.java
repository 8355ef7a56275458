package melgauge.model.training;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import melgauge.data.UsageException;
import melgauge.features.Gain;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.Network;
import melgauge.model.inference.Ensemble;
import melgauge.model.inference.Inference;
import melgauge.model.inference.TrackPrediction;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.TargetScores;
import melgauge.model.spec.BatchNormStatistics;
import melgauge.model.spec.BatchSize;
import melgauge.model.spec.OnCollapse;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import melgauge.model.task.Progress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a network: every epoch sees each training track, cut and varied by a {@link PatchFeed}, and ends with the
 * validation tracks, predicted whole. The weights with the smallest validation loss are kept; training ends early when
 * that has not fallen for {@code patience} epochs, when the loss is no longer a number, or when the network has collapsed.
 *
 * <p>All that is random in a step comes from the seed, the number of the epoch and that of the step, so that a training
 * which goes on from a {@link State} does exactly what it would have done.
 */
public final class Trainer {
    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

    /** A network whose predictions vary less than this share of the labels' standard deviation answers one number. */
    public static final double COLLAPSED_SPREAD = 0.02;

    /** So many epochs in a row must look collapsed, none of them among the first so many, before it is believed. */
    private static final int COLLAPSED_EPOCHS = 5;

    /** So many epochs without a gradient are enough: nothing brings it back. */
    private static final int DEAD_EPOCHS = 3;

    /** Far below what single precision leaves of any gradient that could still move a weight. */
    private static final double NO_GRADIENT = 1e-12;

    private final TrainSpec spec;
    private final PatchSpec patch;
    private final Normalizer normalizer;
    private final @Nullable Gain gain;
    private final LearningRate learningRate;
    private final long seed;

    /**
     * A trainer of networks that read such patches.
     *
     * @param spec with a number for {@code batchSize}: see {@link TrainSpec#resolved}
     * @param gain how louder audio changes values; null only if {@code gainDb} is 0
     */
    public Trainer(TrainSpec spec, PatchSpec patch, Normalizer normalizer, @Nullable Gain gain, long seed) {
        if (spec.batchSize() == BatchSize.AUTO) {
            throw new IllegalArgumentException("batchSize must be chosen before training");
        }
        this.spec = spec;
        this.patch = patch;
        this.normalizer = normalizer;
        this.gain = gain;
        this.learningRate = new LearningRate(spec);
        this.seed = seed;
    }

    /**
     * Where a training stands; together with the network's resumable files it is all that going on takes.
     *
     * @param log of the finished epochs
     * @param bestWeights the weights kept so far
     * @param averages the averaged weights; null without averaging
     * @param begun the epoch that is under way; null between two epochs
     */
    @SuppressWarnings("ArrayRecordComponent") // megabytes that are written once and never compared
    public record State(
            TrainingLog log,
            float[] bestWeights,
            float @Nullable [] averages,
            @Nullable Begun begun) {}

    /**
     * An epoch that is under way.
     *
     * @param steps done
     * @param loss sum of their losses
     * @param gradientNorm sums of their gradient norms, layer by layer
     * @param updateRatio sums of their update ratios, layer by layer
     * @param seconds they took
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Begun(int steps, double loss, double[] gradientNorm, double[] updateRatio, double seconds) {}

    /** Hears of steps and epochs, to show and to save them. */
    public interface EpochListener {
        /** After every epoch; {@code network} has the weights of its last step. */
        void onEpoch(Network network, State state) throws IOException;

        /**
         * After every step but an epoch's last.
         *
         * @param state the state, made when it is asked for, during this call
         */
        default void onStep(Network network, Supplier<State> state) throws IOException {}
    }

    /**
     * Trains until it ends and leaves the best weights in {@code network}.
     *
     * @param network a new network, or the one that a state belongs to
     * @param train at least 2 tracks
     * @param validation may be empty or unlabelled: then training runs to its last epoch and keeps the last weights
     * @param from where to go on; null for a new training
     * @param listener after each step and epoch
     * @param progress steps of the current epoch
     */
    public TrainingLog train(
            Network network,
            List<Example> train,
            List<Example> validation,
            @Nullable State from,
            EpochListener listener,
            Progress progress)
            throws IOException {
        if (train.size() < 2) {
            throw new UsageException("training needs at least 2 usable training tracks, there "
                    + (train.size() == 1 ? "is 1" : "are none") + "; see audit.csv for what was rejected");
        }
        List<Example> scored = validation.stream().anyMatch(Trainer::isLabelled) ? validation : List.of();
        State state = from == null
                ? new State(
                        TrainingLog.start(
                                untrained(network, train, validation),
                                network.architecture().layers(),
                                spec.batchSize(),
                                (int) scored.stream()
                                        .filter(Trainer::isLabelled)
                                        .count()),
                        network.weights(),
                        spec.averaging() > 0 ? network.weights() : null,
                        null)
                : from;
        if (state.averages() != null) {
            network.loadAverages(state.averages());
        }
        try (PatchFeed feed = new PatchFeed(train, spec, patch, normalizer, gain, seed);
                PreciseStatistics statistics = new PreciseStatistics(train, spec, patch, normalizer, seed)) {
            while (state.log().end().isEmpty()) {
                state = epoch(network, state, feed, statistics, train, scored, listener, progress);
                listener.onEpoch(network, state);
            }
        }
        network.load(state.bestWeights());
        return state.log();
    }

    private static boolean isLabelled(Example track) {
        for (float label : track.labels()) {
            if (!Float.isNaN(label)) {
                return true;
            }
        }
        return false;
    }

    private String reasonToEnd(TrainingLog log) {
        TrainingLog.Epoch last = log.epochs().get(log.epochs().size() - 1);
        if (!Double.isFinite(last.trainLoss())) {
            return "the loss is no longer a number in epoch " + last.number()
                    + "; a smaller training.learningRate is the usual remedy";
        }
        if (isWithoutGradient(log)) {
            String reason =
                    "in " + DEAD_EPOCHS + " epochs no gradient has reached any layer but the last, so nothing but the"
                            + " output bias can learn";
            if (spec.onCollapse() == OnCollapse.STOP) {
                return reason + "; training.onCollapse=warn trains on regardless";
            }
            LOG.warn("Epoch {}: {}", last.number(), reason);
        }
        if (hasCollapsed(log)) {
            String reason = String.format(
                    Locale.ROOT,
                    "the network answers the same for every validation track: for %d epochs the predictions of each"
                            + " target have varied by less than %.0f %% of its labels",
                    COLLAPSED_EPOCHS,
                    100 * COLLAPSED_SPREAD);
            if (spec.onCollapse() == OnCollapse.STOP) {
                return reason + "; training.onCollapse=warn trains on regardless";
            }
            LOG.warn("Epoch {}: {}", last.number(), reason);
        }
        if (spec.patience() > 0 && log.sinceBest() >= spec.patience()) {
            return "the validation loss has not fallen for " + log.sinceBest() + " epochs";
        }
        return last.number() >= spec.epochs() ? "all " + spec.epochs() + " epochs are done" : "";
    }

    /** Whether all hidden layers stand still for want of a gradient: dead units, zero weights, or saturated outputs. */
    private static boolean isWithoutGradient(TrainingLog log) {
        List<TrainingLog.Epoch> epochs = log.epochs();
        int[] hidden = IntStream.range(0, log.layers().size())
                .filter(i -> log.layers().get(i).hasWeights()
                        && !log.layers().get(i).name().equals("output"))
                .toArray();
        return epochs.size() >= DEAD_EPOCHS
                && epochs.subList(epochs.size() - DEAD_EPOCHS, epochs.size()).stream()
                        .allMatch(epoch -> Arrays.stream(hidden)
                                .mapToDouble(i -> epoch.movement().get(i).gradientNorm())
                                .allMatch(norm -> norm < NO_GRADIENT));
    }

    private static boolean hasCollapsed(TrainingLog log) {
        List<TrainingLog.Epoch> epochs = log.epochs();
        return log.validationTracks() >= Evaluation.LEAST_TRACKS
                && epochs.size() >= 2 * COLLAPSED_EPOCHS
                && epochs.subList(epochs.size() - COLLAPSED_EPOCHS, epochs.size()).stream()
                        .allMatch(epoch -> epoch.validationSpread().stream().anyMatch(Double::isFinite)
                                && epoch.validationSpread().stream()
                                        .filter(Double::isFinite)
                                        .allMatch(spread -> spread < COLLAPSED_SPREAD));
    }

    private State epoch(
            Network network,
            State from,
            PatchFeed feed,
            PreciseStatistics statistics,
            List<Example> train,
            List<Example> validation,
            EpochListener listener,
            Progress progress)
            throws IOException {
        TrainingLog log = from.log();
        int number = log.epochs().size() + 1;
        Running running = new Running(from.begun(), log.layers());
        boolean averaging = from.averages() != null;
        PatchFeed.Batches batches = feed.epoch(number, running.steps);
        int steps = batches.steps();
        double rate = spec.learningRate();
        while (running.steps < steps) {
            int step = running.steps;
            rate = learningRate.at(log.epochs(), step, steps);
            network.learningRate(rate);
            network.seed(seed * 1_000_003L + number + step * 0x9E3779B97F4A7C15L);
            running.add(network.step(batches.next(), spec.clipNorm()));
            if (averaging) {
                network.average(keep((long) (number - 1) * steps + step));
            }
            progress.at(step + 1, steps);
            if (step + 1 < steps) {
                listener.onStep(
                        network,
                        () -> new State(
                                log, from.bestWeights(), averaging ? network.averages() : null, running.snapshot()));
            }
        }
        float[] last = network.weights();
        float[] averages = averaging ? network.averages() : null;
        if (averages != null) {
            network.load(averages);
        }
        if (spec.batchNormStatistics() == BatchNormStatistics.PRECISE) {
            statistics.measure(network);
        }
        float[] candidate = network.weights();
        Validation validated = validate(network, train, validation);
        network.load(last);
        TrainingLog.Epoch epoch = new TrainingLog.Epoch(
                number,
                running.loss / steps,
                validated.loss,
                validated.r2,
                validated.spread,
                running.movement(),
                steps,
                running.seconds(),
                rate);
        boolean better = validation.isEmpty() || epoch.validationLoss() < log.bestLoss();
        TrainingLog longer = log.with(epoch, better);
        return new State(longer.ended(reasonToEnd(longer)), better ? candidate : from.bestWeights(), averages, null);
    }

    /** The share that averages keep of themselves at a step of the whole training, from 0. */
    private float keep(long step) {
        return (float) Math.min(spec.averaging(), step / (step + 9.0));
    }

    /** Sums over the steps of an epoch. */
    private static final class Running {
        private final long begin = System.nanoTime();
        private final double secondsBefore;
        private final double[] gradientNorm;
        private final double[] updateRatio;
        private final boolean[] trained;
        private int steps;
        private double loss;

        Running(@Nullable Begun begun, List<Architecture.Layer> all) {
            int layers = all.size();
            trained = new boolean[layers];
            for (int i = 0; i < layers; i++) {
                trained[i] = all.get(i).parameters().stream().anyMatch(Architecture.Parameter::trained);
            }
            steps = begun == null ? 0 : begun.steps();
            loss = begun == null ? 0 : begun.loss();
            gradientNorm =
                    begun == null ? new double[layers] : begun.gradientNorm().clone();
            updateRatio =
                    begun == null ? new double[layers] : begun.updateRatio().clone();
            secondsBefore = begun == null ? 0 : begun.seconds();
        }

        void add(Network.StepReport report) {
            steps++;
            loss += report.loss();
            for (int layer = 0; layer < gradientNorm.length; layer++) {
                gradientNorm[layer] += report.gradientNorm()[layer];
                double ratio = report.updateRatio()[layer];
                updateRatio[layer] += trained[layer] && !Double.isFinite(ratio) ? 0 : ratio;
            }
        }

        List<TrainingLog.Movement> movement() {
            List<TrainingLog.Movement> movement = new ArrayList<>();
            for (int layer = 0; layer < gradientNorm.length; layer++) {
                movement.add(new TrainingLog.Movement(gradientNorm[layer] / steps, updateRatio[layer] / steps));
            }
            return movement;
        }

        double seconds() {
            return secondsBefore + (System.nanoTime() - begin) / 1e9;
        }

        Begun snapshot() {
            return new Begun(steps, loss, gradientNorm.clone(), updateRatio.clone(), seconds());
        }
    }

    private record Validation(double loss, List<Double> r2, List<Double> spread) {}

    private Validation validate(Network network, List<Example> train, List<Example> validation) {
        if (validation.isEmpty()) {
            return new Validation(Double.NaN, List.of(), List.of());
        }
        List<double[]> predictions = predict(network, validation);
        double loss = 0;
        List<Double> r2 = new ArrayList<>();
        List<Double> spread = new ArrayList<>();
        for (int t = 0; t < network.outputs(); t++) {
            double[] predicted = column(predictions, t);
            double[] labels = labels(validation, t);
            loss += spec.loss().of(predicted, labels, null, null) / network.outputs();
            TargetScores scores = TargetScores.of(predicted, labels, labelMean(train, t));
            r2.add(scores.r2());
            spread.add(scores.spreadRatio());
        }
        return new Validation(loss, r2, spread);
    }

    private List<double[]> predict(Network network, List<Example> tracks) {
        // Not closed: the network stays the caller's.
        return Inference.here(
                        new Ensemble(List.of(network)),
                        new Inference.Cut(patch, normalizer),
                        spec.batchSize(),
                        Inference.Wanted.NOTHING)
                .predict(tracks, Progress.NONE)
                .stream()
                .map(TrackPrediction::mean)
                .toList();
    }

    /** What the network answers before its first step, on the validation tracks if there are any. */
    private List<TrainingLog.Untrained> untrained(Network network, List<Example> train, List<Example> validation) {
        List<Example> asked = validation.size() > 1 ? validation : train;
        List<double[]> predictions = predict(network, asked.subList(0, Math.min(asked.size(), 200)));
        List<TrainingLog.Untrained> untrained = new ArrayList<>();
        for (int t = 0; t < network.outputs(); t++) {
            double[] answers = column(predictions, t);
            double mean = 0;
            for (double answer : answers) {
                mean += answer / answers.length;
            }
            double variance = 0;
            for (double answer : answers) {
                variance += (answer - mean) * (answer - mean) / answers.length;
            }
            untrained.add(new TrainingLog.Untrained(mean, Math.sqrt(variance), labelMean(train, t)));
        }
        return untrained;
    }

    /** The mean label of a target over tracks, in [0,1]; 0.5 if no track is labelled. */
    public static double labelMean(List<Example> tracks, int target) {
        return tracks.stream()
                .mapToDouble(track -> track.labels()[target])
                .filter(label -> !Double.isNaN(label))
                .average()
                .orElse(0.5);
    }

    private static double[] column(List<double[]> rows, int target) {
        return rows.stream().mapToDouble(row -> row[target]).toArray();
    }

    private static double[] labels(List<Example> tracks, int target) {
        return tracks.stream().mapToDouble(track -> track.labels()[target]).toArray();
    }
}
