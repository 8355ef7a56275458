package melgauge.model.diagnosis;

import static melgauge.model.diagnosis.Words.format;
import static melgauge.model.diagnosis.Words.number;
import static melgauge.model.diagnosis.Words.percent;
import static melgauge.model.diagnosis.Words.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import melgauge.data.Subset;
import melgauge.model.Evaluation;
import melgauge.model.TargetScores;
import melgauge.model.TrainSpec;
import melgauge.model.TrainingLog;

/** A sound network that has learned too little or too much. */
final class FitRules {
    /** At a rate of 0.001, Adam moves a weight by at most 0.2 in so many steps. */
    private static final long FEW_STEPS = 200;

    /** The share of all progress that the last quarter of the epochs may have made. */
    private static final double LATE_PROGRESS = 0.2;

    private static final double MOST_DISTANCE = 0.3;

    /** A best epoch within the first three quarters has been followed by enough others to see where the loss goes. */
    private static final double PAST_ITS_BEST = 0.75;

    /** By this factor the validation loss must have risen since; less is noise from epoch to epoch. */
    private static final double RISE = 1.02;

    /** A lead in R² below this is not worth another setting. */
    private static final double LEAST_LEAD = 0.05;

    private FitRules() {}

    static Stream<Finding> undertrained(Evidence evidence) {
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
                .mapToDouble(FitRules::loss)
                .min()
                .orElse(Double.NaN);
        double after = epochs.stream().mapToDouble(FitRules::loss).min().orElse(Double.NaN);
        return first > after ? (before - after) / (first - after) : 0;
    }

    private static double loss(TrainingLog.Epoch epoch) {
        return Double.isNaN(epoch.validationLoss()) ? epoch.trainLoss() : epoch.validationLoss();
    }

    static Stream<Finding> overfit(Evidence evidence) {
        double known = evidence.r2(Subset.TRAIN);
        double unknown = evidence.scored().mean(TargetScores::r2);
        double distance = known - unknown;
        if (!(distance > MOST_DISTANCE)
                || evidence.scoredSide() == Subset.TRAIN
                || evidence.scored().labelledTracks() < Evaluation.LEAST_TRACKS) {
            return Stream.of();
        }
        boolean varied = evidence.training().augment().mixup() > 0;
        return Stream.of(new Finding(
                Code.OVERFIT,
                evidence.blame(),
                "network",
                distance,
                MOST_DISTANCE,
                format(
                        "R² is %s on the training tracks and %s on held-out ones, mean over targets.",
                        number(known), number(unknown)),
                "The network knows the training tracks better than what they have in common with others: there are few of"
                        + " them, or they are seen too often in the same way.",
                varied
                        ? "More tracks help most; otherwise a narrower network.conv, or network.dropout=0.3."
                        : "Vary the patches: set training.augment as in the defaults (mixup 0.3, masks, gain), or add tracks.",
                varied ? settings("network.dropout", 0.3) : settings("training.augment.mixup", 0.3)));
    }

    static Stream<Finding> behindRegression(Evidence evidence) {
        EnsembleScores scores = evidence.ensemble();
        double lead = scores.regressionR2() - scores.r2();
        if (!(lead > LEAST_LEAD && scores.lead().low() > 0)) {
            return Stream.of();
        }
        return Stream.of(new Finding(
                Code.BEHIND_REGRESSION,
                Severity.WARNING,
                "modulationShare",
                lead,
                LEAST_LEAD,
                format(
                        "On the %s tracks the modulation regression alone has R² %s; the model, in which it has a share of %s,"
                                + " has R² %s. The 95 %% interval of the difference is %.2f to %.2f.",
                        evidence.scoredSide().inWords(),
                        number(scores.regressionR2()),
                        percent(scores.share()),
                        number(scores.r2()),
                        scores.lead().low(),
                        scores.lead().high()),
                "The network makes the predictions worse than the regression alone: there are too few tracks for it, or one of"
                        + " the other findings keeps it from learning.",
                "Set modulationShare to 1 until the network is better: the regression then predicts alone.",
                settings("modulationShare", 1)));
    }
}
