package melgauge.model.diagnosis.experiments;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.score;
import static melgauge.model.diagnosis.measure.Phrases.setting;

import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import melgauge.model.diagnosis.measure.Phrases;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import melgauge.model.training.Trainer;
import org.jspecify.annotations.Nullable;

/**
 * Can a new network with the run's settings learn a few tracks by heart? One that cannot will not learn many; one that
 * can is able to learn, whatever the data are like. Each track is one patch, from its middle, unvaried.
 *
 * @param tracks that it learnt
 * @param learningRate of all steps
 * @param asSet with the run's penalties
 * @param withoutPenalties without them; null where the run has none
 * @param penalties those that the run has, as settings with their values
 * @param culprits those without any one of which it learns where it does not learn with all; all of them if it takes
 *     that; empty where it learns, or learns in no case
 */
record Overfit(
        int tracks,
        double learningRate,
        Curve asSet,
        @Nullable Curve withoutPenalties,
        List<String> penalties,
        List<String> culprits) {
    /** From this R² on, tracks count as known by heart. */
    static final double BY_HEART = 0.9;

    /** By so much R² may be lower in inference because running statistics lag behind. */
    private static final double LOST = 0.2;

    private static final int TRACKS = 32;
    private static final int LOOKS = 20;

    Overfit {
        penalties = List.copyOf(penalties);
        culprits = List.copyOf(culprits);
    }

    /** What it takes at most, unless single penalties have to be left away. */
    static Experiments.Load load(Subject subject, int steps) {
        int tracks = Math.min(TRACKS, subject.train().size());
        // Each is asked in both modes.
        return Experiments.Load.ofTrainings(
                subject, penalties(subject).isEmpty() ? 1 : 2, steps, LOOKS, 2L * tracks, tracks);
    }

    static Overfit of(Subject subject, int steps, Tally tally) {
        List<Example> all = Patches.some(subject.train(), TRACKS, subject.seed());
        // R² about these tracks' own mean: answering that is not learning by heart.
        double[] means = IntStream.range(0, subject.targets().size())
                .mapToDouble(t -> Trainer.labelMean(all, t))
                .toArray();
        Patches patches = new Patches(subject, all, 1, means);
        List<Example> middles =
                all.stream().map(track -> Middle.of(subject.patch(), track)).toList();
        Function<List<Penalty>, Curve> without = left -> {
            NetworkSpec network = subject.network();
            TrainSpec training = subject.training().withoutVariation();
            for (Penalty penalty : left) {
                network = penalty.network.apply(network);
                training = penalty.training.apply(training);
            }
            return Curve.of(
                    new Curve.Course(subject, network, training, middles, subject.seed()),
                    patches,
                    true,
                    steps,
                    LOOKS,
                    tally);
        };
        List<Penalty> penalties = penalties(subject);
        Curve asSet = without.apply(List.of());
        Curve free = penalties.isEmpty() ? null : without.apply(penalties);
        List<Penalty> culprits = List.of();
        if (free != null && !learns(asSet) && learns(free)) {
            if (penalties.size() > 1) {
                tally.expect((long) penalties.size() * steps);
                culprits = penalties.stream()
                        .filter(one -> learns(without.apply(List.of(one))))
                        .toList();
            }
            culprits = culprits.isEmpty() ? penalties : culprits;
        }
        return new Overfit(
                all.size(),
                subject.training().learningRate(),
                asSet,
                free,
                penalties.stream().map(Penalty::inWords).toList(),
                culprits.stream().map(Penalty::inWords).toList());
    }

    /** Something that holds weights back, and how to leave it away. */
    private record Penalty(
            String key, double value, UnaryOperator<NetworkSpec> network, UnaryOperator<TrainSpec> training) {
        String inWords() {
            return key + "=" + Phrases.setting(value);
        }
    }

    private static List<Penalty> penalties(Subject subject) {
        return Stream.of(
                        new Penalty(
                                "network.l2",
                                subject.network().l2(),
                                network -> network.withPenalties(0, network.dropout()),
                                UnaryOperator.identity()),
                        new Penalty(
                                "training.weightDecay",
                                subject.training().weightDecay(),
                                UnaryOperator.identity(),
                                TrainSpec::withoutWeightDecay),
                        new Penalty(
                                "network.dropout",
                                subject.network().dropout(),
                                network -> network.withPenalties(network.l2(), 0),
                                UnaryOperator.identity()))
                .filter(penalty -> penalty.value() > 0)
                .toList();
    }

    private static boolean learns(Curve curve) {
        return curve.end() >= BY_HEART || (curve.endAsInTraining() >= BY_HEART && curve.end() >= BY_HEART - LOST);
    }

    /** What came of it. */
    enum Outcome {
        /** It can learn. */
        LEARNS,
        /** It learns, and its predictions do not show it. */
        ONLY_IN_TRAINING,
        /** It learns without penalties. */
        PENALISED,
        /** It gets better, and is not there yet. */
        SLOW,
        /** It does not learn. */
        UNABLE,
        /** There is nothing to learn. */
        UNKNOWN
    }

    Outcome outcome() {
        if (asSet.r2().stream().noneMatch(Double::isFinite) && !asSet.diverged()) {
            return Outcome.UNKNOWN;
        }
        if (learns(asSet)) {
            return Outcome.LEARNS;
        }
        if (!culprits.isEmpty()) {
            return Outcome.PENALISED;
        }
        if (asSet.endAsInTraining() >= BY_HEART) {
            return Outcome.ONLY_IN_TRAINING;
        }
        double best = withoutPenalties == null ? asSet.end() : Math.max(asSet.end(), withoutPenalties.end());
        return best >= BY_HEART / 2 ? Outcome.SLOW : Outcome.UNABLE;
    }

    /** The penalties that keep it from learning. */
    String culpritsInWords() {
        return String.join(" and ", culprits);
    }

    Experiment inWords() {
        Curve free = withoutPenalties;
        String without = free == null
                ? "It has no penalties that could be left away."
                : format(
                        "Without %s the R² is %s in predictions and %s as in training.",
                        String.join(" and ", penalties), score(free.end()), score(free.endAsInTraining()));
        String reached = format(
                "A new network with the run's settings, its learning rate of %s held constant and patches unvaried, had R² %s on"
                        + " %d training tracks (a patch of each) after %d steps, and %s when it answers as in training. %s ",
                setting(learningRate),
                score(asSet.end()),
                tracks,
                asSet.taken(),
                score(asSet.endAsInTraining()),
                asSet.diverged() ? "Then its loss stopped being a number. " + without : without);
        return Experiments.told(
                Experiments.OVERFIT,
                "Can this network learn a few tracks by heart?",
                reached
                        + switch (outcome()) {
                            case LEARNS ->
                                "So it learns them by heart: network, penalties and learning rate are able to"
                                        + " learn. Where scores on new tracks are low, look at the data and at how long was"
                                        + " trained.";
                            case PENALISED ->
                                format(
                                        "So the network can learn, and a penalty keeps it from it: %s is the cause. Lower it to"
                                                + " 0.",
                                        culpritsInWords());
                            case ONLY_IN_TRAINING ->
                                "So it learns, and what it has learnt is lost in predictions: the"
                                        + " running statistics of batch normalisation, which stand in for those of a batch"
                                        + " there, do not fit. Set training.batchNormStatistics to precise, and"
                                        + " training.batchSize to 16 if it is smaller.";
                            case SLOW ->
                                "So it learns, and slowly: more steps (--steps) would tell whether it gets there."
                                        + " The learning rate may be too small or just too large; see the range test.";
                            case UNABLE ->
                                "So it cannot learn even these, and no data would help: the cause is in what the"
                                        + " network reads, in the network, or in its learning rate.";
                            case UNKNOWN ->
                                "No target's labels differ between these tracks, so there was nothing to learn.";
                        },
                this);
    }
}
