package melgauge.model.diagnosis;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import melgauge.data.UsageException;
import melgauge.model.JsonNumbers;
import melgauge.model.Progress;

/**
 * Controlled experiments on a finished run. The ordinary diagnosis looks at what happened; these change one thing at a
 * time and look at what happens then: can the network learn a few tracks by heart, do labels help, which learning rates
 * work, does inference answer as training does, what in the sound matters, and how much of a score is luck.
 *
 * <p>All use the run's own tracks, settings and seed, so that the same run gives the same numbers. Short trainings hold
 * the learning rate constant and keep the weights as they are, without averages.
 *
 * <p><b>To add one:</b> write a record of its numbers, with a factory that takes a {@link Subject} and a method
 * {@code inWords} that says what they mean, and give it its place in {@link #run}.
 */
public final class Experiments {
    /** Enough for a sound network to learn 32 tracks by heart. */
    public static final int DEFAULT_STEPS = 300;

    private static final int LEAST_STEPS = 10;
    private static final int MOST_STEPS = 1_000_000;
    private static final int SCORED_TRACKS = 100;
    private static final int SCORED_PATCHES = 3;
    private static final ObjectMapper JSON = JsonNumbers.mapper();

    private Experiments() {}

    /**
     * Takes them all, one after the other: about seven times {@code steps} training steps.
     *
     * @param steps of each training, 10 to 1,000,000; the range test takes 100
     * @param progress all their steps
     * @return what each found, and at the end what they say together
     * @throws UsageException if {@code steps} is out of range
     */
    public static List<Experiment> run(Subject subject, int steps, Progress progress) {
        requireSteps(steps);
        Tally tally = new Tally(
                progress,
                Overfit.work(subject, steps)
                        + 2L * steps
                        + RateRange.STEPS
                        + Modes.work(subject)
                        + SeedSpread.work(steps));
        Patches scored = new Patches(
                subject,
                Patches.some(subject.scored(), SCORED_TRACKS, subject.seed()),
                SCORED_PATCHES,
                subject.trainingMeans());
        Overfit overfit = Overfit.of(subject, steps, tally);
        Curve truth = LabelControl.training(subject, subject.train(), subject.seed(), steps, scored, tally);
        LabelControl control = LabelControl.of(subject, steps, scored, truth, tally);
        RateRange range = RateRange.of(subject, tally);
        Modes modes = Modes.of(subject, scored, tally);
        InputAblation ablation = InputAblation.of(subject, scored);
        SeedSpread seeds = SeedSpread.of(subject, steps, scored, truth, tally);
        BesideProbes probes = BesideProbes.of(subject);
        BesideCeiling ceiling = BesideCeiling.of(subject);
        return List.of(
                overfit.inWords(),
                control.inWords(),
                range.inWords(),
                modes.inWords(),
                ablation.inWords(),
                seeds.inWords(),
                probes.inWords(),
                ceiling.inWords(),
                told(
                        "conclusion",
                        "What do the experiments say together?",
                        conclusion(overfit, control, range, modes, probes, ceiling),
                        Map.of()));
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
                            : ": set training.learningRate to " + Words.setting(range.proposed()) + "."));
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
