package melgauge.pipeline.gallery;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import melgauge.data.Nearest;
import melgauge.data.UsageException;
import melgauge.model.diagnosis.rules.Code;
import melgauge.model.diagnosis.rules.Fault;
import melgauge.model.diagnosis.rules.Rules;

/**
 * A run that is broken on purpose, or a healthy one.
 *
 * @param name in lower-case words
 * @param what is done, in a sentence
 * @param expected the codes of which one should come first; empty: healthy, with no finding of severity error
 * @param curable whether settings alone can heal it
 * @param settings what differs from the base settings, as words for {@code --set}
 * @param injection what differs in the data
 */
public record Exhibit(
        String name, String what, Set<Code> expected, boolean curable, List<String> settings, Injection injection) {

    /** Something done to the corpus. */
    @FunctionalInterface
    public interface Injection {
        /**
         * Changes the data of a run.
         *
         * @param labels the manifest
         * @param audio a folder for files of the exhibit's own
         * @param seed of what is random
         */
        Labels into(Labels labels, Path audio, long seed) throws IOException;
    }

    private static final Injection NONE = (labels, audio, seed) -> labels;
    private static final float[] SILENCE = new float[3 * Labels.RATE / 2];

    /** All of them, faults first. */
    public static final List<Exhibit> ALL = Stream.concat(
                    Rules.faults().entrySet().stream().map(entry -> broken(entry.getKey(), entry.getValue())),
                    healthy().stream())
            .toList();

    private static List<Exhibit> healthy() {
        return List.of(
                healthy("healthy-base", "the base settings"),
                healthy("healthy-narrow", "half as wide", "network.conv=[4, 8, 16, 16]"),
                healthy("healthy-wide", "twice as wide", "network.conv=[16, 32, 64, 64]", "network.dense=[64]"),
                healthy(
                        "healthy-deep",
                        "a block and a dense layer more",
                        "network.conv=[8, 16, 32, 32, 32]",
                        "network.dense=[64, 32]"),
                healthy("healthy-average", "maps are averaged", "network.head=average", "training.epochs=30"),
                healthy("healthy-relu", "plain rectifiers", "network.activation=relu"),
                healthy("healthy-elu", "exponential units", "network.activation=elu"),
                healthy("healthy-mae", "absolute errors", "training.loss=mae"),
                healthy("healthy-huber", "Huber's loss", "training.loss=huber"),
                healthy("healthy-bce", "cross-entropy", "training.loss=bce"),
                healthy("healthy-ccc", "Lin's concordance", "training.loss=ccc"),
                healthy(
                        "healthy-adam",
                        "Adam at a constant rate, neither decay nor averages of weights",
                        "training.optimizer=adam",
                        "training.weightDecay=0",
                        "training.schedule=constant",
                        "training.averaging=0"),
                healthy("healthy-dropout", "a fifth of the units is dropped", "network.dropout=0.2"),
                healthy(
                        "healthy-decibel",
                        "decibels, normalised as a whole",
                        "features.compression=decibel",
                        "features.normalizer=global"),
                healthy(
                        "healthy-plain",
                        "patches as they are",
                        "training.augment={timeMasks: 0, bandMasks: 0, gainDb: 0, mixup: 0}"));
    }

    public Exhibit {
        expected = Set.copyOf(expected);
        settings = List.copyOf(settings);
    }

    /** Whether nothing is wrong with it. */
    public boolean isHealthy() {
        return expected.isEmpty();
    }

    /**
     * Finds one by its name.
     *
     * @throws UsageException if there is none
     */
    public static Exhibit named(String name) {
        List<String> names = ALL.stream().map(Exhibit::name).toList();
        return ALL.stream()
                .filter(exhibit -> exhibit.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UsageException("there is no fault " + name + Nearest.hint(name, names)
                        + "; there are " + String.join(", ", names)));
    }

    /** A tone as of a file whose scale was lost; finite, and just small enough to be taken for samples. */
    private static float[] absurd() {
        float[] samples = new float[SILENCE.length];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) (1e11 * Math.sin(2 * Math.PI * 440 * i / Labels.RATE));
        }
        return samples;
    }

    private static Exhibit broken(Fault fault, Set<Code> expected) {
        return new Exhibit(
                fault.name(), fault.what(), expected, fault.curable(), fault.settings(), injection(fault.damage()));
    }

    private static Injection injection(Fault.Damage damage) {
        return switch (damage) {
            case NONE -> NONE;
            case SILENCE ->
                (labels, audio, seed) -> labels.withAudio(audio, labels.rows().size(), Labels.wav(SILENCE));
            case ABSURD_SAMPLES -> (labels, audio, seed) -> labels.withAudio(audio, 40, Labels.wav(absurd()));
            case CONSTANT_TARGET -> (labels, audio, seed) -> labels.withFirstTargetConstant("0.5");
            case SHUFFLED_LABELS -> (labels, audio, seed) -> labels.shuffled(seed);
            // In the demo corpus's own order neighbours are of one style, which would still be learnt.
            case SHIFTED_LABELS ->
                (labels, audio, seed) -> labels.inNoOrder(seed).shifted(5);
            case RANDOM_LABELS -> (labels, audio, seed) -> labels.random(seed);
        };
    }

    private static Exhibit healthy(String name, String what, String... settings) {
        return new Exhibit(name, what, Set.of(), false, Arrays.asList(settings), NONE);
    }
}
