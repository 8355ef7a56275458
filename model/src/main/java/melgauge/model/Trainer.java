package melgauge.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import melgauge.data.UsageException;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a network: every epoch sees each training track once, as one patch at a random place, in a random order, and
 * ends with the validation tracks, predicted whole. The weights with the smallest validation loss are kept; training
 * ends early when that has not fallen for {@code patience} epochs, when the loss is no longer a number, or when the
 * network has collapsed.
 *
 * <p>All that is random in an epoch comes from the seed and the epoch's number, so that a training which goes on from
 * a {@link State} does exactly what it would have done.
 */
public final class Trainer {
    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

    /** A network whose predictions vary less than this share of the labels' standard deviation answers one number. */
    private static final double COLLAPSED_SPREAD = 0.02;

    /** So many epochs in a row must look collapsed, none of them among the first so many, before it is believed. */
    private static final int COLLAPSED_EPOCHS = 5;

    private final TrainSpec spec;
    private final PatchSpec patch;
    private final Normalizer normalizer;
    private final long seed;

    /** A trainer of networks that read such patches. */
    public Trainer(TrainSpec spec, PatchSpec patch, Normalizer normalizer, long seed) {
        this.spec = spec;
        this.patch = patch;
        this.normalizer = normalizer;
        this.seed = seed;
    }

    /**
     * Where a training stands between two epochs; together with the network's resumable files it is all that going on
     * takes.
     *
     * @param log so far
     * @param bestParameters the weights kept so far
     */
    @SuppressWarnings("ArrayRecordComponent") // megabytes that are written once and never compared
    public record State(TrainingLog log, float[] bestParameters) {}

    /** Hears of every finished epoch, to show and to save it. */
    public interface EpochListener {
        /** {@code regressor} has the weights after the epoch. */
        void onEpoch(Regressor regressor, State state) throws IOException;
    }

    /**
     * Trains until it ends and leaves the best weights in {@code regressor}.
     *
     * @param regressor a new network, or the one that a state belongs to
     * @param train at least 2 tracks
     * @param validation may be empty or unlabelled: then training runs to its last epoch and keeps the last weights
     * @param from where to go on; null for a new training
     * @param listener after each epoch
     * @param progress steps of the current epoch
     */
    public TrainingLog train(
            Regressor regressor,
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
        TrainingLog log;
        float[] best;
        if (from == null) {
            log = TrainingLog.start(untrained(regressor, train, validation), regressor.layers());
            best = regressor.parameters();
        } else {
            log = from.log();
            best = from.bestParameters();
        }
        String end = log.end();
        while (end.isEmpty()) {
            int number = log.epochs().size() + 1;
            TrainingLog.Epoch epoch = epoch(regressor, number, train, scored, progress);
            boolean better = scored.isEmpty() || epoch.validationLoss() < log.bestLoss();
            log = log.with(epoch, better);
            if (better) {
                best = regressor.parameters();
            }
            end = reasonToEnd(log);
            log = log.ended(end);
            listener.onEpoch(regressor, new State(log, best));
        }
        regressor.restore(best);
        return log;
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

    private static boolean hasCollapsed(TrainingLog log) {
        List<TrainingLog.Epoch> epochs = log.epochs();
        return epochs.size() >= 2 * COLLAPSED_EPOCHS
                && epochs.subList(epochs.size() - COLLAPSED_EPOCHS, epochs.size()).stream()
                        .allMatch(epoch -> epoch.validationSpread().stream().anyMatch(Double::isFinite)
                                && epoch.validationSpread().stream()
                                        .filter(Double::isFinite)
                                        .allMatch(spread -> spread < COLLAPSED_SPREAD));
    }

    private TrainingLog.Epoch epoch(
            Regressor regressor, int number, List<Example> train, List<Example> validation, Progress progress) {
        long begin = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed * 1_000_003L + number);
        regressor.seed(random.nextLong());
        List<Example> order = shuffled(train, random);

        int steps = (order.size() + spec.batchSize() - 1) / spec.batchSize();
        int size = regressor.shape().size();
        int largest = (order.size() + steps - 1) / steps;
        float[] patches = new float[largest * size];
        float[] labels = new float[largest * regressor.outputs()];
        double loss = 0;
        double[] gradientNorm = new double[regressor.layers().size()];
        double[] updateRatio = new double[gradientNorm.length];
        for (int step = 0; step < steps; step++) {
            // Batches of nearly one size: a last batch of one patch would break batch normalisation.
            int first = (int) ((long) order.size() * step / steps);
            int count = (int) ((long) order.size() * (step + 1) / steps) - first;
            for (int i = 0; i < count; i++) {
                Example track = order.get(first + i);
                int room = track.frames().frames() - patch.frames();
                patch.cut(track.frames(), room > 0 ? random.nextInt(room + 1) : 0, patches, i * size);
                normalizer.apply(patches, i * size, patch.frames());
                System.arraycopy(track.labels(), 0, labels, i * regressor.outputs(), regressor.outputs());
            }
            Regressor.StepReport report = regressor.step(patches, labels, count);
            loss += report.loss() / steps;
            for (int layer = 0; layer < gradientNorm.length; layer++) {
                gradientNorm[layer] += report.gradientNorm()[layer] / steps;
                updateRatio[layer] += report.updateRatio()[layer] / steps;
            }
            progress.at(step + 1, steps);
        }
        List<TrainingLog.Movement> movement = new ArrayList<>();
        for (int layer = 0; layer < gradientNorm.length; layer++) {
            movement.add(new TrainingLog.Movement(gradientNorm[layer], updateRatio[layer]));
        }
        Validation validated = validate(regressor, train, validation);
        return new TrainingLog.Epoch(
                number,
                loss,
                validated.loss,
                validated.r2,
                validated.spread,
                movement,
                (System.nanoTime() - begin) / 1e9);
    }

    private static List<Example> shuffled(List<Example> tracks, SplittableRandom random) {
        List<Example> order = new ArrayList<>(tracks);
        for (int i = order.size() - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            order.set(i, order.set(other, order.get(i)));
        }
        return order;
    }

    private record Validation(double loss, List<Double> r2, List<Double> spread) {}

    private Validation validate(Regressor regressor, List<Example> train, List<Example> validation) {
        if (validation.isEmpty()) {
            return new Validation(Double.NaN, List.of(), List.of());
        }
        List<double[]> predictions = predictor(regressor).predict(validation, Progress.NONE).stream()
                .map(TrackPrediction::mean)
                .toList();
        double loss = 0;
        List<Double> r2 = new ArrayList<>();
        List<Double> spread = new ArrayList<>();
        for (int t = 0; t < regressor.outputs(); t++) {
            double[] predicted = column(predictions, t);
            double[] labels = labels(validation, t);
            for (int i = 0; i < labels.length; i++) {
                if (!Double.isNaN(labels[i])) {
                    loss += spec.loss().value(predicted[i], labels[i]) / (labels.length * (double) regressor.outputs());
                }
            }
            TargetScores scores = TargetScores.of(predicted, labels, labelMean(train, t));
            r2.add(scores.r2());
            spread.add(scores.spreadRatio());
        }
        return new Validation(loss, r2, spread);
    }

    private TrackPredictor predictor(Regressor regressor) {
        return new TrackPredictor(regressor, patch, normalizer, spec.batchSize());
    }

    /** What the network answers before its first step, on the validation tracks if there are any. */
    private List<TrainingLog.Untrained> untrained(Regressor regressor, List<Example> train, List<Example> validation) {
        List<Example> asked = validation.size() > 1 ? validation : train;
        List<double[]> predictions =
                predictor(regressor).predict(asked.subList(0, Math.min(asked.size(), 200)), Progress.NONE).stream()
                        .map(TrackPrediction::mean)
                        .toList();
        List<TrainingLog.Untrained> untrained = new ArrayList<>();
        for (int t = 0; t < regressor.outputs(); t++) {
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
