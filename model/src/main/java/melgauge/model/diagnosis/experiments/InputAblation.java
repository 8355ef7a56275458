package melgauge.model.diagnosis.experiments;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import melgauge.model.engine.Network;

/**
 * Which part of the sound carries the predictions? The kept network is asked again about patches from which something was
 * taken: all sound (each band at its lowest normalised value among these patches), the order of the frames, or a group of
 * neighbouring bands (at their mean among these patches).
 *
 * @param side that was asked
 * @param tracks of it, at most a hundred, up to three patches of each
 * @param r2 with nothing taken
 * @param without of each part
 */
record InputAblation(String side, int tracks, double r2, List<Without> without) {
    static final String SILENCE = "silence";
    static final String SHUFFLED = "frames shuffled";

    private static final int BAND_GROUPS = 6;

    /** How often the network is asked: with all of the sound, and without each part. */
    static final int PASSES = 3 + BAND_GROUPS;

    /** With less there is no skill to lose. */
    private static final double SKILL = 0.05;

    /** A part without which so much of the R² is left does not matter. */
    private static final double LITTLE = 0.9;

    InputAblation {
        without = List.copyOf(without);
    }

    /**
     * What is left without a part.
     *
     * @param part that was taken
     * @param r2 without it
     * @param moved root of the mean squared difference of the answers, as a share of the labels' standard deviation, mean
     *     over targets
     */
    record Without(String part, double r2, double moved) {}

    static InputAblation of(Subject subject, Patches scored) {
        int bands = scored.bands();
        int groups = Math.min(BAND_GROUPS, bands);
        List<Without> without = new ArrayList<>();
        try (Network network = subject.trained()) {
            double[][] whole = scored.answers(network::predict, Patches.Change.NONE);
            float[] lowest = lowest(scored);
            without.add(without(SILENCE, scored, network, whole, (patch, number) -> {
                for (int k = 0; k < patch.length; k++) {
                    patch[k] = lowest[k % bands];
                }
            }));
            without.add(without(SHUFFLED, scored, network, whole, (patch, number) -> {
                Random random = new Random(subject.seed() + number);
                for (int frame = patch.length / bands - 1; frame > 0; frame--) {
                    swap(patch, frame * bands, random.nextInt(frame + 1) * bands, bands);
                }
            }));
            float[] means = means(scored);
            for (int g = 0; g < groups; g++) {
                int from = bands * g / groups;
                int to = bands * (g + 1) / groups;
                String name = to - from == 1 ? "band " + to : "bands " + (from + 1) + "–" + to;
                without.add(without(name, scored, network, whole, (patch, number) -> {
                    for (int frame = 0; frame < patch.length; frame += bands) {
                        System.arraycopy(means, from, patch, frame + from, to - from);
                    }
                }));
            }
            return new InputAblation(subject.scoredSideInWords(), scored.trackCount(), scored.r2(whole), without);
        }
    }

    private static float[] lowest(Patches patches) {
        float[] lowest = new float[patches.bands()];
        Arrays.fill(lowest, Float.POSITIVE_INFINITY);
        for (float[] patch : patches.values()) {
            for (int k = 0; k < patch.length; k++) {
                lowest[k % lowest.length] = Math.min(lowest[k % lowest.length], patch[k]);
            }
        }
        return lowest;
    }

    private static float[] means(Patches patches) {
        double[] sums = new double[patches.bands()];
        for (float[] patch : patches.values()) {
            for (int k = 0; k < patch.length; k++) {
                sums[k % sums.length] += patch[k];
            }
        }
        float[] means = new float[sums.length];
        double frames = (double) patches.values().size() * patches.values().get(0).length / sums.length;
        for (int band = 0; band < means.length; band++) {
            means[band] = (float) (sums[band] / frames);
        }
        return means;
    }

    private static void swap(float[] values, int a, int b, int count) {
        for (int i = 0; i < count; i++) {
            float kept = values[a + i];
            values[a + i] = values[b + i];
            values[b + i] = kept;
        }
    }

    private static Without without(
            String part, Patches scored, Network network, double[][] whole, Patches.Change change) {
        double[][] answers = scored.answers(network::predict, change);
        double moved = 0;
        int varying = 0;
        for (int t = 0; t < answers.length; t++) {
            double[] labels = Arrays.stream(scored.labels(t))
                    .filter(label -> !Double.isNaN(label))
                    .toArray();
            double mean = Arrays.stream(labels).average().orElse(Double.NaN);
            double variance = Arrays.stream(labels)
                    .map(label -> (label - mean) * (label - mean))
                    .average()
                    .orElse(0);
            double squares = 0;
            for (int i = 0; i < answers[t].length; i++) {
                squares += (answers[t][i] - whole[t][i]) * (answers[t][i] - whole[t][i]) / answers[t].length;
            }
            if (variance > 0) {
                moved += Math.sqrt(squares / variance);
                varying++;
            }
        }
        return new Without(part, scored.r2(answers), moved / varying);
    }

    boolean hasSkill() {
        return r2 >= SKILL;
    }

    Experiment inWords() {
        Without silence = without.get(0);
        Without shuffled = without.get(1);
        List<Without> groups = without.subList(2, without.size());
        Without dearest = groups.stream()
                .max(Comparator.comparingDouble(hasSkill() ? group -> r2 - group.r2() : Without::moved))
                .orElseThrow();
        String text = !hasSkill()
                ? format(
                        "On %d %s tracks the kept network has an R² of %s: there is no skill that could be lost. Its answers"
                                + " change by %s of the labels' standard deviation when all sound is taken (every band at"
                                + " its lowest), by %s when frames are shuffled, and most of all bands, by %s, without %s."
                                + " %s",
                        tracks,
                        side,
                        score(r2),
                        score(silence.moved()),
                        score(shuffled.moved()),
                        score(dearest.moved()),
                        dearest.part(),
                        without.stream().allMatch(part -> part.moved() < 0.1)
                                ? "It hardly listens: whatever it hears, it answers the same."
                                : "So it does listen, but not to what the labels are about.")
                : format(
                        "On %d %s tracks the kept network has an R² of %s. Without any sound (every band at its lowest) the R² is"
                                + " %s. With the frames of each patch shuffled it is %s: %s Of the bands, set to their mean"
                                + " group by group, it needs %s most: without them the R² is %s.",
                        tracks,
                        side,
                        score(r2),
                        score(silence.r2()),
                        score(shuffled.r2()),
                        shuffled.r2() >= LITTLE * r2
                                ? "what it hears is which bands are loud, not when."
                                : "it needs their order in time.",
                        dearest.part(),
                        score(dearest.r2()));
        return Experiments.told(Experiments.ABLATION, "Which part of the sound carries the predictions?", text, this);
    }
}
