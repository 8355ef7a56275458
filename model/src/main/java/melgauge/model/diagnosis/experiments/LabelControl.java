package melgauge.model.diagnosis.experiments;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.score;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import melgauge.model.diagnosis.measure.Probe;
import melgauge.model.task.Example;

/**
 * Do labels help? The same short training twice, once with true labels and once with labels dealt anew among the training
 * tracks, whole groups as wholes ({@link Probe}); both are scored on the true labels of tracks that neither has seen.
 *
 * @param side that was scored
 * @param tracks of it, at most a hundred, up to three patches of each
 * @param truth with true labels
 * @param shuffled with labels dealt anew
 */
record LabelControl(String side, int tracks, Curve truth, Curve shuffled) {
    /** By so much R² must be higher to be more than luck of a short training. */
    static final double CLEARLY = 0.05;

    static final int LOOKS = 5;

    static LabelControl of(Subject subject, int steps, Patches scored, Curve truth, Tally tally) {
        return new LabelControl(
                subject.scoredSideInWords(),
                scored.trackCount(),
                truth,
                training(subject, dealt(subject), subject.seed(), steps, scored, tally));
    }

    /** A short training with the run's own settings, but a constant rate and the weights as they are. */
    static Curve training(Subject subject, List<Example> tracks, long seed, int steps, Patches scored, Tally tally) {
        return Curve.of(
                new Curve.Course(subject, subject.network(), subject.training(), tracks, seed),
                scored,
                false,
                steps,
                LOOKS,
                tally);
    }

    /** The training tracks with each other's labels. */
    static List<Example> dealt(Subject subject) {
        List<Example> train = subject.train();
        int[] dealing = Probe.dealing(subject.groups(), new Random(subject.seed()));
        float[][] labels = new float[train.size()][subject.targets().size()];
        for (int t = 0; t < subject.targets().size(); t++) {
            int target = t;
            double[] column = Probe.deal(
                    train.stream().mapToDouble(track -> track.labels()[target]).toArray(), dealing);
            for (int i = 0; i < column.length; i++) {
                labels[i][t] = (float) column[i];
            }
        }
        return IntStream.range(0, train.size())
                .mapToObj(i -> new Example(train.get(i).path(), train.get(i).frames(), labels[i]))
                .toList();
    }

    /** By how much true labels are better. */
    double gain() {
        return truth.best() - shuffled.best();
    }

    boolean labelsHelp() {
        return gain() >= CLEARLY;
    }

    Experiment inWords() {
        String scores = format(
                "After at most %d steps the R² on %d %s tracks was %s with true labels and %s with labels dealt anew among the"
                        + " training tracks. ",
                truth.taken(), tracks, side, score(truth.best()), score(shuffled.best()));
        return Experiments.told(
                Experiments.LABELS,
                "Do the true labels help more than shuffled ones?",
                scores
                        + (truth.diverged()
                                ? "The training with true labels broke off: its loss stopped being a number."
                                : labelsHelp()
                                        ? side.equals(Subject.TRAINING)
                                                ? "The network learnt the true ones better; as there are no other tracks"
                                                        + " than those that it learnt from, that says nothing about new ones."
                                                : "The difference is what the network has learnt about the music that also"
                                                        + " holds for tracks that it has not heard."
                                        : "True labels are no better than shuffled ones here: in so many steps the network"
                                                + " has found nothing that holds for other tracks. Either it cannot learn,"
                                                + " or needs more steps (--steps), or sound and labels have little to do"
                                                + " with each other."),
                this);
    }
}
