package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.decimals;
import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.percent;

import java.util.List;
import java.util.Optional;
import melgauge.data.Subset;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.Intervals;
import melgauge.model.scores.Intervals.Interval;
import melgauge.model.scores.Score;
import melgauge.model.scores.TargetScores;
import melgauge.model.training.Trainer;
import melgauge.model.training.TrainingLog;

/**
 * The verdict on a run and the sentence that justifies it.
 *
 * <p>Only tracks that had no part in the training decide between {@code healthy}, {@code weak} and {@code collapsed}: the
 * test tracks, or the validation tracks if the caller withholds the test tracks on purpose, as a sweep does. The network is
 * healthy if the 95 % interval of its mean R² over targets lies above 0, the R² of the mean predictor. It has collapsed if
 * it is not healthy and its predictions hardly vary, or if predictions of the validation tracks hardly varied any more when
 * training ended: the kept weights are then what was left of an early epoch.
 *
 * @param verdict the outcome
 * @param reason a sentence with the numbers behind it
 */
public record Ruling(Verdict verdict, String reason) {
    /** Below this share of the labels' standard deviation, predictions count as all the same. */
    static final double COLLAPSED_SPREAD = 0.1;

    /** Below this R², predictions that hardly vary count as no better than the mean. */
    private static final double COLLAPSED_R2 = 0.05;

    /** Training ended collapsed if this many epochs at its end were. */
    private static final int LAST_EPOCHS = 3;

    private static final String TOO_FEW =
            " Judge such a corpus by 'melgauge crossvalidate', which tests every track once.";

    /** Judges a finished run. */
    public static Ruling of(Evidence evidence) {
        Optional<Ruling> certain = diverged(evidence.log());
        if (certain.isPresent()) {
            return certain.get();
        }
        if (ConstantLabels.nothingToLearn(evidence)) {
            return new Ruling(
                    Verdict.NOTHING_TO_LEARN,
                    "the training labels of "
                            + (evidence.targets().size() == 1
                                    ? evidence.targets().get(0).name() + " are constant, or nearly so."
                                    : "all " + evidence.targets().size() + " targets are constant, or nearly so."));
        }
        if (evidence.log().validationTracks() >= Evaluation.LEAST_TRACKS && endedCollapsed(evidence.log())) {
            return collapsedAtTheEnd();
        }
        Subset side = evidence.scoredSide();
        Evaluation scored = evidence.scored();
        if (side == Subset.TRAIN) {
            return new Ruling(Verdict.NONE, "no track was held out, so nothing tells how new tracks are predicted.");
        }
        if (side == Subset.VALIDATION && !evidence.testWithheld()) {
            return new Ruling(
                    Verdict.NONE,
                    "there are no test tracks, and the validation tracks had a part in the training: they chose the weights"
                            + " that were kept.");
        }
        int labelled = scored.labelledTracks();
        if (labelled < Evaluation.LEAST_TRACKS) {
            return new Ruling(
                    Verdict.NONE,
                    format(
                            "only %d labelled %s track%s; %d are needed, because with fewer the spread of the predictions is"
                                    + " known to no better than a quarter.%s",
                            labelled,
                            side.word(),
                            labelled == 1 ? " was held out" : "s were held out",
                            Evaluation.LEAST_TRACKS,
                            TOO_FEW));
        }
        int groups = evidence.intervals().units();
        if (groups < Intervals.LEAST_UNITS) {
            return new Ruling(
                    Verdict.NONE,
                    format(
                            "the %d %s tracks are of only %d group%s; %d are needed, because with fewer an interval cannot be"
                                    + " estimated.%s",
                            scored.tracks(),
                            side.word(),
                            groups,
                            groups == 1 ? "" : "s",
                            Intervals.LEAST_UNITS,
                            TOO_FEW));
        }
        return judged(scored, evidence.intervals().ofMean(Score.R2), side);
    }

    /** Judges a training that is still running, by the validation tracks of its last epoch. */
    public static Ruling ofRunning(TrainingLog log) {
        Optional<Ruling> certain = diverged(log);
        if (certain.isPresent()) {
            return certain.get();
        }
        if (log.validationTracks() < Evaluation.LEAST_TRACKS) {
            return new Ruling(
                    Verdict.NONE,
                    format(
                            "training goes on, and its %d labelled validation tracks are too few to judge it: %d are needed.",
                            log.validationTracks(), Evaluation.LEAST_TRACKS));
        }
        if (endedCollapsed(log)) {
            return collapsedAtTheEnd();
        }
        TrainingLog.Epoch last = log.epochs().get(log.epochs().size() - 1);
        return judged(
                last.meanValidationR2(),
                last.meanValidationSpread(),
                Interval.UNKNOWN,
                log.validationTracks(),
                "validation");
    }

    private static Optional<Ruling> diverged(TrainingLog log) {
        return log.epochs().stream()
                .filter(epoch -> !Double.isFinite(epoch.trainLoss()))
                .findFirst()
                .map(epoch -> new Ruling(
                        Verdict.DIVERGED, "the loss stopped being a finite number in epoch " + epoch.number() + "."));
    }

    private static Ruling collapsedAtTheEnd() {
        return new Ruling(
                Verdict.COLLAPSED,
                format(
                        "when training ended, the network predicted about the same for every track: predictions of the"
                                + " validation tracks varied by less than %s of their labels.",
                        percent(Trainer.COLLAPSED_SPREAD)));
    }

    private static boolean endedCollapsed(TrainingLog log) {
        List<TrainingLog.Epoch> epochs = log.epochs();
        return epochs.size() > LAST_EPOCHS
                && epochs.subList(epochs.size() - LAST_EPOCHS, epochs.size()).stream()
                        .allMatch(epoch -> epoch.meanValidationSpread() < Trainer.COLLAPSED_SPREAD);
    }

    private static Ruling judged(Evaluation scored, Interval skill, Subset side) {
        return judged(
                scored.mean(TargetScores::r2),
                scored.mean(TargetScores::spreadRatio),
                skill,
                scored.labelledTracks(),
                side.word());
    }

    /**
     * Judges scores.
     *
     * @param skill interval of the mean R²; if it is unknown, the R² itself decides
     */
    private static Ruling judged(double r2, double spread, Interval skill, int tracks, String side) {
        boolean known = !Double.isNaN(skill.low());
        double least = known ? skill.low() : r2;
        String numbers = format(
                "R² %s%s",
                decimals(r2), known ? format(", 95 %% interval %.2f to %.2f", skill.low(), skill.high()) : "");
        if (least > 0 && (r2 >= COLLAPSED_R2 || spread >= COLLAPSED_SPREAD)) {
            return new Ruling(
                    Verdict.HEALTHY,
                    format("the network predicts %d %s tracks better than the mean does: %s.", tracks, side, numbers));
        }
        // Without a spread the held-out labels do not vary, so nothing can be said about the predictions.
        if (Double.isNaN(spread)) {
            return new Ruling(
                    Verdict.NONE,
                    format("the labels of the %d %s tracks do not vary: nothing to score.", tracks, side));
        }
        return spread >= COLLAPSED_SPREAD
                ? new Ruling(
                        Verdict.WEAK,
                        format(
                                "predictions vary, but on %d %s tracks they are not surely better than the mean: %s.",
                                tracks, side, numbers))
                : new Ruling(
                        Verdict.COLLAPSED,
                        format(
                                "the network predicts about the same for every track: predictions of %d %s tracks vary by %s of"
                                        + " their labels.",
                                tracks, side, percent(spread)));
    }
}
