package melgauge.model.diagnosis.experiments;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import melgauge.data.UsageException;
import melgauge.data.io.JsonNumbers;
import melgauge.model.diagnosis.measure.Phrases;
import melgauge.model.engine.Network;
import melgauge.model.spec.BatchNormStatistics;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Progress;
import melgauge.model.training.PreciseStatistics;

/**
 * Controlled experiments on a finished run. The ordinary diagnosis looks at what happened; these change one thing at a
 * time and look at what happens then: can the network learn a few tracks by heart, do labels help, which learning rates
 * work, does inference answer as training does, what in the sound matters, and how much of a score is luck.
 *
 * <p>All use the run's own tracks, settings and seed, so that the same run gives the same numbers. Short trainings hold
 * the learning rate constant and keep the weights as they are, without averages.
 *
 * <p><b>To add one:</b> write a record of its numbers, with a factory that takes a {@link Subject} and a method
 * {@code inWords} that says what they mean, and give it its name, its load and its place in {@link #run}. Records are
 * read back from their JSON where experiments go on after an interruption.
 */
public final class Experiments {
    /** Enough for a sound network to learn 32 tracks by heart. */
    public static final int DEFAULT_STEPS = 300;

    static final String OVERFIT = "overfit";
    static final String LABELS = "shuffled-labels";
    static final String RATES = "learning-rate-range";
    static final String MODES = "modes";
    static final String ABLATION = "input-ablation";
    static final String SEEDS = "seeds";
    static final String PROBES = "probes";
    static final String CEILING = "label-ceiling";
    private static final List<String> NAMES = List.of(OVERFIT, LABELS, RATES, MODES, ABLATION, SEEDS, PROBES, CEILING);
    private static final String CONCLUSION = "conclusion";
    private static final String TOGETHER = "What do the experiments say together?";
    private static final String MISSING = "missing";

    private static final int LEAST_TIMES = 3;
    private static final int MOST_TIMES = 20;
    private static final long ENOUGH_NANOS = 2_000_000_000L;

    private static final int LEAST_STEPS = 10;
    private static final int MOST_STEPS = 1_000_000;
    private static final int SCORED_TRACKS = 100;
    private static final int SCORED_PATCHES = 3;
    private static final ObjectMapper JSON = JsonNumbers.mapper();

    private Experiments() {}

    /** Stores experiments as each of them is finished. */
    @FunctionalInterface
    public interface Keeper {
        /** Nobody stores them. */
        Keeper NONE = soFar -> {};

        /** @param soFar all that are finished, and at the end an entry that says which are missing */
        void keep(List<Experiment> soFar) throws IOException;
    }

    /**
     * Takes them all, one after the other: about seven times {@code steps} training steps.
     *
     * @param steps of each training, 10 to 1,000,000; the range test takes 100
     * @param finished what an interrupted call with equal arguments gave to its keeper; empty to begin with the first
     * @param keeper hears of each that is finished
     * @param progress all their steps
     * @return what each found, and at the end what they say together
     * @throws UsageException if {@code steps} is out of range
     * @throws IOException from the keeper
     */
    public static List<Experiment> run(
            Subject subject, int steps, List<Experiment> finished, Keeper keeper, Progress progress)
            throws IOException {
        requireSteps(steps);
        Series series = new Series(finished, keeper);
        Patches scored = scored(subject);
        Tally tally = new Tally(
                progress,
                series.left(subject, steps, scored).stream()
                        .mapToLong(Load::steps)
                        .sum());
        Overfit overfit =
                series.take(OVERFIT, Overfit.class, Overfit::inWords, () -> Overfit.of(subject, steps, tally));
        LabelControl control = series.take(
                LABELS,
                LabelControl.class,
                LabelControl::inWords,
                () -> LabelControl.of(
                        subject,
                        steps,
                        scored,
                        LabelControl.training(subject, subject.train(), subject.seed(), steps, scored, tally),
                        tally));
        RateRange range = series.take(RATES, RateRange.class, RateRange::inWords, () -> RateRange.of(subject, tally));
        Modes modes = series.take(MODES, Modes.class, Modes::inWords, () -> Modes.of(subject, scored, tally));
        series.take(ABLATION, InputAblation.class, InputAblation::inWords, () -> InputAblation.of(subject, scored));
        series.take(
                SEEDS,
                SeedSpread.class,
                SeedSpread::inWords,
                () -> SeedSpread.of(subject, steps, scored, control.truth(), tally));
        BesideProbes probes =
                series.take(PROBES, BesideProbes.class, BesideProbes::inWords, () -> BesideProbes.of(subject));
        BesideCeiling ceiling =
                series.take(CEILING, BesideCeiling.class, BesideCeiling::inWords, () -> BesideCeiling.of(subject));
        return series.concluded(
                told(CONCLUSION, TOGETHER, conclusion(overfit, control, range, modes, probes, ceiling), Map.of()));
    }

    private static Patches scored(Subject subject) {
        return new Patches(
                subject,
                Patches.some(subject.scored(), SCORED_TRACKS, subject.seed()),
                SCORED_PATCHES,
                subject.trainingMeans());
    }

    /** Whether all have been made, and not a part of them only. */
    public static boolean areComplete(List<Experiment> experiments) {
        return experiments.stream()
                .anyMatch(experiment -> experiment.name().equals(CONCLUSION)
                        && !experiment.measurements().has(MISSING));
    }

    /**
     * How long {@link #run} would take.
     *
     * @param steps training steps, at most, unless a penalty turns out to be in the way
     * @param seconds of all of it, as fast as the network was when it was measured
     */
    public record Estimate(long steps, double seconds) {}

    /**
     * Takes a few steps of the run's own network to estimate how long the experiments that are left will take.
     *
     * @param finished as {@link #run} takes them
     */
    public static Estimate estimate(Subject subject, int steps, List<Experiment> finished) {
        requireSteps(steps);
        Patches scored = scored(subject);
        List<Load> left = new Series(finished, Keeper.NONE).left(subject, steps, scored);
        long stepsLeft = left.stream().mapToLong(Load::steps).sum();
        long patchesLeft = left.stream().mapToLong(Load::patches).sum();
        if (stepsLeft + patchesLeft == 0) {
            return new Estimate(0, 0);
        }
        TrainSpec training = subject.training();
        try (Network network = subject.fresh(subject.network(), training, subject.seed());
                Steps taken = new Steps(subject, network, subject.train(), training, subject.seed())) {
            // The first of each kind prepares what the others use.
            double step = seconds(() -> taken.step(taken.next(), training.learningRate()));
            double patches = seconds(() -> scored.answers(network::predict, Patches.Change.NONE))
                    / scored.values().size();
            return new Estimate(stepsLeft, stepsLeft * step + patchesLeft * patches);
        }
    }

    /** The median time of some work after its first time: other programs may hold single times up. */
    private static double seconds(Runnable work) {
        work.run();
        List<Long> times = new ArrayList<>();
        long begin = System.nanoTime();
        while (times.size() < MOST_TIMES && (times.size() < LEAST_TIMES || System.nanoTime() - begin < ENOUGH_NANOS)) {
            long before = System.nanoTime();
            work.run();
            times.add(System.nanoTime() - before);
        }
        return times.stream().sorted().toList().get(times.size() / 2) / 1e9;
    }

    /**
     * What an experiment takes.
     *
     * @param steps of training
     * @param patches that a network answers, or is measured on, beside these
     */
    record Load(long steps, long patches) {
        /** The loads of some short trainings, with their looks at the network. */
        static Load ofTrainings(Subject subject, int trainings, int steps, int looks, long patches, int tracks) {
            boolean precise = subject.training().batchNormStatistics() == BatchNormStatistics.PRECISE;
            long measured = precise ? looks * PreciseStatistics.patches(tracks) : 0;
            return new Load((long) trainings * steps, trainings * ((looks + 1) * patches + measured));
        }
    }

    /** The experiments in order, some of which may have been made before. */
    private static final class Series {
        private final Map<String, Experiment> finished = new LinkedHashMap<>();
        private final List<Experiment> made = new ArrayList<>();
        private final Keeper keeper;

        Series(List<Experiment> finished, Keeper keeper) {
            finished.forEach(experiment -> this.finished.put(experiment.name(), experiment));
            this.keeper = keeper;
        }

        /** The loads of those that are not finished. */
        List<Load> left(Subject subject, int steps, Patches scored) {
            long patches = scored.values().size();
            int train = subject.train().size();
            Map<String, Load> loads = new LinkedHashMap<>();
            loads.put(OVERFIT, Overfit.load(subject, steps));
            loads.put(LABELS, Load.ofTrainings(subject, 2, steps, LabelControl.LOOKS, patches, train));
            loads.put(RATES, RateRange.load(subject));
            loads.put(MODES, new Load(Modes.work(subject), 2 * patches + PreciseStatistics.patches(train)));
            loads.put(ABLATION, new Load(0, InputAblation.PASSES * patches));
            loads.put(SEEDS, Load.ofTrainings(subject, SeedSpread.OTHERS, steps, LabelControl.LOOKS, patches, train));
            loads.keySet().removeAll(finished.keySet());
            return List.copyOf(loads.values());
        }

        /** Makes one and has it stored, or takes it as it was made before. */
        <T> T take(String name, Class<T> type, Function<T, Experiment> words, Supplier<T> work) throws IOException {
            Experiment before = finished.get(name);
            if (before != null) {
                made.add(before);
                return JSON.treeToValue(before.measurements(), type);
            }
            T numbers = work.get();
            made.add(words.apply(numbers));
            List<String> missing = new ArrayList<>(NAMES);
            made.forEach(experiment -> missing.remove(experiment.name()));
            List<Experiment> soFar = new ArrayList<>(made);
            soFar.add(told(
                    CONCLUSION,
                    TOGETHER,
                    "That is not known yet: the experiments were interrupted. Missing are " + String.join(", ", missing)
                            + ". The same command goes on with them.",
                    Map.of(MISSING, missing)));
            keeper.keep(List.copyOf(soFar));
            return numbers;
        }

        List<Experiment> concluded(Experiment conclusion) {
            made.add(conclusion);
            return List.copyOf(made);
        }
    }

    /**
     * Checks the number of steps before any work is done.
     *
     * @throws UsageException if it is out of range
     */
    public static void requireSteps(int steps) {
        if (steps < LEAST_STEPS || steps > MOST_STEPS) {
            throw new UsageException("steps=" + steps + " must be from " + LEAST_STEPS + " to " + MOST_STEPS + "; "
                    + DEFAULT_STEPS + " is usual");
        }
    }

    /** An experiment with its numbers as JSON. */
    static Experiment told(String name, String question, String text, Object measurements) {
        return new Experiment(name, question, text, JSON.valueToTree(measurements));
    }

    /** What stands in the way, the surest first; what the network learns is asked only of one that can learn. */
    private static String conclusion(
            Overfit overfit,
            LabelControl control,
            RateRange range,
            Modes modes,
            BesideProbes probes,
            BesideCeiling ceiling) {
        List<String> said = new ArrayList<>();
        boolean rateIsWrong = range.place() == RateRange.Place.TOO_HIGH || range.place() == RateRange.Place.TOO_LOW;
        switch (overfit.outcome()) {
            case PENALISED ->
                said.add("A penalty holds the network back: with " + overfit.culpritsInWords()
                        + " it cannot learn even a few tracks by heart, without it can. Lower it to 0.");
            case ONLY_IN_TRAINING ->
                said.add("The running statistics of batch normalisation are the cause: the network"
                        + " learns, and its predictions do not show it. Set training.batchNormStatistics to precise, and"
                        + " training.batchSize to 16 if it is smaller.");
            case UNABLE, SLOW ->
                said.add(
                        rateIsWrong
                                ? "The network does not learn even a few tracks by heart, and the range test says why."
                                : overfit.outcome() == Overfit.Outcome.SLOW
                                        ? "The network learns, but not even a few tracks by heart in so many steps: try more"
                                                + " (--steps) before looking further."
                                        : "The network cannot learn even a few tracks, with penalties or without, at a rate that"
                                                + " is not to blame: look at what it reads and at its layers (the findings"
                                                + " above).");
            case LEARNS -> said.add("The network is able to learn.");
            case UNKNOWN -> said.add("The labels do not vary, so there is nothing to learn: look at the manifest.");
        }
        if (rateIsWrong) {
            said.add("Its learning rate is " + (range.place() == RateRange.Place.TOO_HIGH ? "too high" : "too low")
                    + (Double.isNaN(range.steepest())
                            ? "."
                            : ": set training.learningRate to " + Phrases.setting(range.proposed()) + "."));
        }
        if (modes.statisticsAreWrong() && overfit.outcome() != Overfit.Outcome.ONLY_IN_TRAINING) {
            said.add("Its weights are better than its predictions: the running statistics of batch normalisation do not"
                    + " fit.");
        }
        if (overfit.outcome() == Overfit.Outcome.LEARNS) {
            said.add(generalisation(control, probes));
        }
        if (!ceiling.reached().isEmpty()) {
            said.add("For " + String.join(", ", ceiling.reached()) + " the labels allow no more.");
        }
        return String.join(" ", said);
    }

    private static String generalisation(LabelControl control, BesideProbes probes) {
        if (control.side().equals(Subject.TRAINING)) {
            return "Whether that holds for new tracks cannot be told without validation or test tracks.";
        }
        if (control.labelsHelp()) {
            return "What it learns from true labels holds for new tracks, and shuffled labels do not give it."
                    + (probes.missed().isEmpty()
                            ? ""
                            : " Simple regression on the average spectrum is better all the same for "
                                    + String.join(", ", probes.missed())
                                    + ": train longer, or with less variation or penalty.");
        }
        return !probes.known()
                ? "In so many steps it found nothing that holds for new tracks."
                : probes.anySignal()
                        ? "In so many steps it found nothing that holds for new tracks, although there is signal in the"
                                + " average spectrum: give it more steps, or less variation of its patches."
                        : "Nothing that it learns holds for new tracks, and simple regression finds nothing either: look"
                                + " at the data, whether labels belong to their tracks and can be heard.";
    }
}
