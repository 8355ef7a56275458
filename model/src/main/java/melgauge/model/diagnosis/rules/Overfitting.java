package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import java.util.stream.Stream;
import melgauge.data.Subset;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.TargetScores;

/** A network that knows its training tracks by heart, and does not predict others. */
final class Overfitting implements Rule {
    private static final double MOST_DISTANCE = 0.3;

    @Override
    public Code code() {
        return Code.OVERFIT;
    }

    @Override
    public String subject() {
        return "overfitting";
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
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
}
