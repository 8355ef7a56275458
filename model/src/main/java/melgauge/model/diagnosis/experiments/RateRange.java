package melgauge.model.diagnosis.experiments;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.setting;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import melgauge.model.engine.Network;
import melgauge.model.spec.TrainSpec;

/**
 * The learning-rate range test (Smith 2017, "Cyclical learning rates for training neural networks"): a new network takes
 * a hundred steps whose rate grows from 1e-7 to 10, each by the same factor. While it is far too small, the loss stays;
 * then it falls, and at last it rises again. The loss is always that of the same patches: from batch to batch it would jump
 * by more than a step changes it.
 *
 * @param rates of each step
 * @param losses after each step, as in training and without penalties, smoothed over seven steps
 * @param steepest the rate at which the loss falls fastest by the logarithm of the rate, before four
 *     fifths of its whole fall are done; NaN if it never fell by a tenth
 * @param diverges the first rate, after that of the lowest loss, at which the loss is as high as at the beginning and at
 *     least 1.5 times the lowest, or no number; NaN if there is none
 * @param own the run's rate
 */
record RateRange(List<Double> rates, List<Double> losses, double steepest, double diverges, double own) {
    static final int STEPS = 100;

    /** Of which the loss is, one patch of each. */
    private static final int TRACKS = 64;

    private static final double LOWEST = 1e-7;
    private static final double HIGHEST = 10;

    /** Steps on either side that the smoothed loss, and its slope, are taken from: a third of a decade. */
    private static final int AROUND = 3;

    private static final double LEAST_FALL = 0.1;
    private static final double MOST_OF_IT = 0.8;
    private static final double LEAST_RISE = 1.5;

    /** The usual choice is a tenth of the steepest rate; a tenth of that is slow. */
    private static final double SLOW = 0.01;

    static Experiments.Load load(Subject subject) {
        return new Experiments.Load(
                STEPS, (long) STEPS * Math.min(TRACKS, subject.train().size()));
    }

    static RateRange of(Subject subject, Tally tally) {
        TrainSpec plain = subject.training().withoutVariation();
        double[] rates = new double[STEPS];
        double[] losses = new double[STEPS];
        Arrays.fill(losses, Double.NaN);
        Patches asked =
                new Patches(subject, Patches.some(subject.train(), TRACKS, subject.seed()), 1, subject.trainingMeans());
        for (int i = 0; i < STEPS; i++) {
            rates[i] = LOWEST * Math.pow(HIGHEST / LOWEST, i / (STEPS - 1.0));
        }
        try (Network network = subject.fresh(subject.network(), plain, subject.seed());
                Steps steps = new Steps(subject, network, subject.train(), plain, subject.seed())) {
            for (int i = 0; i < STEPS; i++) {
                double penalised = steps.step(steps.next(), rates[i]);
                losses[i] = asked.loss(
                        (patches, count) -> network.forward(patches, count, Network.Mode.TRAINING), plain.loss());
                tally.add(1);
                if (!Double.isFinite(losses[i]) || !Double.isFinite(penalised)) {
                    tally.add(STEPS - 1 - i);
                    break;
                }
            }
        }
        return of(rates, losses, plain.learningRate());
    }

    /** @param losses no numbers from where the loss stopped being one */
    static RateRange of(double[] rates, double[] losses, double own) {
        int finite = (int) Arrays.stream(losses).takeWhile(Double::isFinite).count();
        List<Double> smooth = new ArrayList<>();
        double[] slopes = new double[finite];
        for (int i = 0; i < finite; i++) {
            int from = Math.max(0, i - AROUND);
            int to = Math.min(finite, i + AROUND + 1);
            double meanLoss = Arrays.stream(losses, from, to).average().orElseThrow();
            double middle = 0.5 * (from + to - 1);
            double covariance = 0;
            double variance = 0;
            for (int k = from; k < to; k++) {
                covariance += (k - middle) * (losses[k] - meanLoss);
                variance += (k - middle) * (k - middle);
            }
            smooth.add(meanLoss);
            slopes[i] = variance > 0 ? covariance / variance : 0;
        }
        if (finite == 0) {
            return new RateRange(List.of(), List.of(), Double.NaN, rates[0], own);
        }
        int lowest = IntStream.range(0, finite)
                .reduce((a, b) -> smooth.get(b) < smooth.get(a) ? b : a)
                .orElseThrow();
        double start = smooth.get(0);
        double limit = Math.max(start, LEAST_RISE * smooth.get(lowest));
        int rises = IntStream.range(lowest + 1, finite)
                .filter(i -> smooth.get(i) >= limit)
                .findFirst()
                .orElse(finite);
        // Not behind where most of the fall is done: there the loss wanders, steeply at times.
        double nearlyLowest = smooth.get(lowest) + (1 - MOST_OF_IT) * (start - smooth.get(lowest));
        int fallen = IntStream.rangeClosed(0, lowest)
                .filter(i -> smooth.get(i) <= nearlyLowest)
                .findFirst()
                .orElse(lowest);
        int steepest = IntStream.rangeClosed(0, fallen)
                .reduce((a, b) -> slopes[b] < slopes[a] ? b : a)
                .orElseThrow();
        return new RateRange(
                Arrays.stream(rates, 0, finite).boxed().toList(),
                smooth,
                smooth.get(lowest) <= (1 - LEAST_FALL) * start ? rates[steepest] : Double.NaN,
                rises < rates.length ? rates[rises] : Double.NaN,
                own);
    }

    /** Where the run's rate lies. */
    enum Place {
        TOO_LOW,
        RIGHT,
        TOO_HIGH,
        UNKNOWN
    }

    Place place() {
        return own >= diverges
                ? Place.TOO_HIGH
                : Double.isNaN(steepest) ? Place.UNKNOWN : own < SLOW * steepest ? Place.TOO_LOW : Place.RIGHT;
    }

    /** A tenth of the steepest, the usual choice. */
    double proposed() {
        return Double.parseDouble(format("%.0e", steepest / 10));
    }

    Experiment inWords() {
        String fall = Double.isNaN(steepest)
                ? "At no rate did the loss fall by as much as a tenth within these few steps."
                : format("The loss falls fastest at a rate of about %s.", number(steepest));
        String rise = Double.isNaN(diverges)
                ? " Up to 10 it never rose back to where it began."
                : format(
                        " From %s on it is as high as at the beginning or higher: there training diverges.",
                        number(diverges));
        String advice = Double.isNaN(steepest)
                ? ""
                : format(
                        " About a tenth of the steepest rate is usual: --set training.learningRate=%s.",
                        setting(proposed()));
        return Experiments.told(
                Experiments.RATES,
                "At which learning rates can this network learn?",
                format(
                                "A new network took %d steps at rates that grew from 1e-7 to 10 (Smith 2017). %s%s The run's own"
                                        + " rate, %s, ",
                                STEPS, fall, rise, setting(own))
                        + switch (place()) {
                            case TOO_HIGH -> "lies where training diverges: it is too high." + advice;
                            case TOO_LOW -> "is less than a hundredth of the steepest: it is too low." + advice;
                            case RIGHT -> "lies between, where the network learns.";
                            case UNKNOWN -> "can therefore not be judged: what keeps the loss up is not the rate.";
                        },
                this);
    }
}
