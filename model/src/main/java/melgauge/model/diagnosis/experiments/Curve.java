package melgauge.model.diagnosis.experiments;

import java.util.ArrayList;
import java.util.List;
import melgauge.model.engine.Network;
import melgauge.model.spec.BatchNormStatistics;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import melgauge.model.training.PreciseStatistics;

/**
 * How good a network becomes in a short training at the run's own learning rate, held constant.
 *
 * @param steps after which it was looked at
 * @param r2 then, in inference, mean over targets
 * @param r2AsInTraining the same with batch normalisation by the batch's own statistics; empty where nobody asked
 * @param diverged whether the loss stopped being a number, which ended the training
 */
record Curve(List<Integer> steps, List<Double> r2, List<Double> r2AsInTraining, boolean diverged) {
    /** Nothing is left to learn. */
    private static final double PERFECT = 0.99;

    /**
     * What is trained.
     *
     * @param network layers of a new network
     * @param training settings of its steps
     * @param tracks to learn from
     * @param seed of the weights and the batches
     */
    record Course(Subject subject, NetworkSpec network, TrainSpec training, List<Example> tracks, long seed) {
        private PreciseStatistics statistics() {
            return new PreciseStatistics(tracks, training, subject.patch(), subject.normalizer(), seed);
        }
    }

    /**
     * Trains a new network.
     *
     * @param scored what it is asked
     * @param learnt whether that is what it learns from: then both kinds of R² are measured, and training ends when both
     *     are perfect
     * @param most steps
     * @param looks how often it is asked, beside before the first step
     */
    static Curve of(Course course, Patches scored, boolean learnt, int most, int looks, Tally tally) {
        List<Integer> steps = new ArrayList<>();
        List<Double> r2 = new ArrayList<>();
        List<Double> inTraining = new ArrayList<>();
        boolean diverged = false;
        int done = 0;
        try (Network network = course.subject.fresh(course.network, course.training, course.seed);
                Steps training = new Steps(course.subject, network, course.tracks, course.training, course.seed);
                PreciseStatistics statistics = course.statistics()) {
            for (int look = 0; look <= looks && !diverged; look++) {
                int until = (int) ((long) most * look / looks);
                while (done < until && !diverged) {
                    diverged = !Double.isFinite(training.step(training.next(), course.training.learningRate()));
                    done++;
                    tally.add(1);
                }
                steps.add(done);
                if (look > 0 && course.training.batchNormStatistics() == BatchNormStatistics.PRECISE) {
                    statistics.measure(network);
                }
                r2.add(scored.r2(network::predict));
                if (learnt) {
                    inTraining.add(
                            scored.r2((patches, count) -> network.forward(patches, count, Network.Mode.TRAINING)));
                    if (r2.get(look) >= PERFECT && inTraining.get(look) >= PERFECT) {
                        break;
                    }
                }
            }
        }
        tally.add(most - done);
        return new Curve(steps, r2, inTraining, diverged);
    }

    /** The highest R² after the first step, in inference; NaN if it was never a number. */
    double best() {
        return r2.stream()
                .skip(1)
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .max()
                .orElse(Double.NaN);
    }

    /** The R² that it ends with, in inference: the middle one of the last three; NaN if that is no number. */
    double end() {
        return end(r2);
    }

    /** The R² that it ends with, as in training; NaN if that is no number. */
    double endAsInTraining() {
        return end(r2AsInTraining);
    }

    private static double end(List<Double> values) {
        List<Double> last = values.subList(Math.max(0, values.size() - 3), values.size());
        return last.stream().sorted().toList().get(last.size() / 2);
    }

    /** The steps that it took. */
    int taken() {
        return steps.get(steps.size() - 1);
    }
}
