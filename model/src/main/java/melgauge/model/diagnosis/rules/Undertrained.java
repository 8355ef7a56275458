package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.percent;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import melgauge.model.spec.TrainSpec;
import melgauge.model.training.TrainingLog;

/** A training that ended while it still made progress. */
final class Undertrained implements Rule {
    /** At a rate of 0.001, Adam moves a weight by at most 0.2 in so many steps. */
    private static final long FEW_STEPS = 200;

    /** The share of all progress that the last quarter of the epochs may have made. */
    private static final double LATE_PROGRESS = 0.2;

    /** A best epoch within the first three quarters has been followed by enough others to see where the loss goes. */
    private static final double PAST_ITS_BEST = 0.75;

    /** By this factor the validation loss must have risen since; less is noise from epoch to epoch. */
    private static final double RISE = 1.02;

    @Override
    public Code code() {
        return Code.UNDERTRAINED;
    }

    @Override
    public String subject() {
        return "too little training";
    }

    @Override
    public List<Fault> faults() {
        return List.of(Fault.curable("one-epoch", "training ends after one epoch", "training.epochs=1"));
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        TrainSpec training = evidence.training();
        List<TrainingLog.Epoch> epochs = evidence.log().epochs();
        if (epochs.size() < training.epochs() || evidence.log().diverged()) {
            return Stream.of();
        }
        long steps = evidence.steps();
        double late = lateProgress(epochs);
        boolean few = steps < FEW_STEPS && !isPastItsBest(evidence.log());
        boolean stillGoing =
                epochs.size() >= 4 && late > LATE_PROGRESS && evidence.log().bestEpoch() > 0.9 * epochs.size();
        if (!few && !stillGoing) {
            return Stream.of();
        }
        double times = Math.max(3, few ? 1500.0 / Math.max(1, steps) : 0);
        int more = (int) Math.min(1000, Math.ceil(times * training.epochs()));
        Map<String, JsonNode> change = training.patience() > 0 && training.patience() < 20
                ? settings("training.epochs", more, "training.patience", 20)
                : settings("training.epochs", more);
        return Stream.of(new Finding(
                Code.UNDERTRAINED,
                evidence.blame(),
                "training.epochs",
                few ? steps : late,
                few ? FEW_STEPS : LATE_PROGRESS,
                few
                        ? format(
                                "Training took %d steps in %d epochs. At the usual rate Adam moves a weight by at most 0.001 a"
                                        + " step, and needs some hundreds.",
                                steps, epochs.size())
                        : format(
                                "The last quarter of %d epochs made %s of all progress of the validation loss, and the best"
                                        + " epoch was the %dth.",
                                epochs.size(), percent(late), evidence.log().bestEpoch()),
                "Training ended because training.epochs=" + training.epochs()
                        + " were done, not because it had arrived.",
                "Set training.epochs to " + more + ".",
                change));
    }

    /** Whether the validation loss has turned: more epochs of the same kind would make it worse. */
    private static boolean isPastItsBest(TrainingLog log) {
        List<TrainingLog.Epoch> epochs = log.epochs();
        if (log.bestEpoch() < 1 || log.bestEpoch() > PAST_ITS_BEST * epochs.size()) {
            return false;
        }
        double best = epochs.get(log.bestEpoch() - 1).validationLoss();
        double late = epochs.subList(3 * epochs.size() / 4, epochs.size()).stream()
                .mapToDouble(TrainingLog.Epoch::validationLoss)
                .average()
                .orElse(Double.NaN);
        return late > RISE * best;
    }

    private static double lateProgress(List<TrainingLog.Epoch> epochs) {
        int early = Math.max(1, 3 * epochs.size() / 4);
        double first = loss(epochs.get(0));
        double before = epochs.subList(0, early).stream()
                .mapToDouble(Undertrained::loss)
                .min()
                .orElse(Double.NaN);
        double after = epochs.stream().mapToDouble(Undertrained::loss).min().orElse(Double.NaN);
        return first > after ? (before - after) / (first - after) : 0;
    }

    private static double loss(TrainingLog.Epoch epoch) {
        return Double.isNaN(epoch.validationLoss()) ? epoch.trainLoss() : epoch.validationLoss();
    }
}
