package melgauge.pipeline.gallery;

import static melgauge.model.diagnosis.Code.BATCHNORM_GAP;
import static melgauge.model.diagnosis.Code.DEAD_UNITS;
import static melgauge.model.diagnosis.Code.INPUT_CONSTANT;
import static melgauge.model.diagnosis.Code.INPUT_UNSCALED;
import static melgauge.model.diagnosis.Code.LABELS_UNRELATED;
import static melgauge.model.diagnosis.Code.LEARNING_RATE_TOO_HIGH;
import static melgauge.model.diagnosis.Code.LEARNING_RATE_TOO_LOW;
import static melgauge.model.diagnosis.Code.NOT_FINITE;
import static melgauge.model.diagnosis.Code.OVER_REGULARISED;
import static melgauge.model.diagnosis.Code.SATURATED_OUTPUT;
import static melgauge.model.diagnosis.Code.TARGET_CONSTANT;
import static melgauge.model.diagnosis.Code.TARGET_NARROW;
import static melgauge.model.diagnosis.Code.UNDERTRAINED;
import static melgauge.model.diagnosis.Code.VANISHING_GRADIENT;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import melgauge.data.Nearest;
import melgauge.data.UsageException;
import melgauge.model.diagnosis.Code;

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
    private static final String NO_BATCH_NORM = "network.batchNorm=false";

    /** All of them, faults first. */
    public static final List<Exhibit> ALL = List.of(
            curable(
                    "unscaled-input",
                    "decibels go into a network without any normalisation",
                    Set.of(INPUT_UNSCALED),
                    "features.compression=decibel",
                    "features.normalizer=none",
                    NO_BATCH_NORM),
            curable(
                    "constant-input",
                    "decibels are cut off so near to each track's loudest value that half precision keeps none",
                    Set.of(INPUT_CONSTANT),
                    "features.compression=decibel",
                    "features.ref=max",
                    "features.topDb=1e-9"),
            broken(
                    "silent-input",
                    "every file holds nothing but zeros",
                    Set.of(INPUT_CONSTANT),
                    (labels, audio, seed) ->
                            labels.withAudio(audio, labels.rows().size(), Labels.wav(SILENCE))),
            curable(
                    "learning-rate-times-1000",
                    "the learning rate is 1000 times the usual one",
                    Set.of(LEARNING_RATE_TOO_HIGH),
                    "training.learningRate=1"),
            curable(
                    "learning-rate-by-10000",
                    "the learning rate is a ten-thousandth of the usual one",
                    Set.of(LEARNING_RATE_TOO_LOW),
                    "training.learningRate=1e-7"),
            curable(
                    "strong-l2",
                    "an L2 penalty of 10 on weights that no batch normalisation scales",
                    Set.of(OVER_REGULARISED),
                    "network.l2=10",
                    NO_BATCH_NORM),
            curable(
                    "strong-weight-decay",
                    "weights decay 20,000 times as fast as usual",
                    Set.of(OVER_REGULARISED),
                    "training.weightDecay=1000"),
            curable("strong-dropout", "97 of 100 units are dropped", Set.of(OVER_REGULARISED), "network.dropout=0.97"),
            curable(
                    "batch-of-one",
                    "batch normalisation over a single patch",
                    Set.of(BATCHNORM_GAP),
                    "training.batchSize=1"),
            curable(
                    "batch-norm-never-moves",
                    "the running statistics of batch normalisation stay where they start",
                    Set.of(BATCHNORM_GAP),
                    "network.batchNormDecay=1",
                    "training.batchNormStatistics=running"),
            curable(
                    "batch-norm-lags",
                    "the running statistics of batch normalisation keep 0.999 of themselves, over fewer than 500 steps",
                    Set.of(BATCHNORM_GAP),
                    "network.batchNormDecay=0.999",
                    "training.batchNormStatistics=running"),
            curable(
                    "dead-relu",
                    "biases start so low that no ReLU ever answers",
                    Set.of(DEAD_UNITS),
                    "network.activation=relu",
                    "network.initBias=-20",
                    NO_BATCH_NORM),
            curable(
                    "small-weights",
                    "weights start so small that each layer weakens the gradient thirtyfold",
                    Set.of(VANISHING_GRADIENT),
                    "network.initGain=0.03",
                    NO_BATCH_NORM),
            curable(
                    "zero-weights",
                    "all weights start at 0",
                    EnumSet.of(VANISHING_GRADIENT, DEAD_UNITS),
                    "network.initGain=0"),
            curable(
                    "saturated-output",
                    "weights start 30 times too large",
                    Set.of(SATURATED_OUTPUT),
                    "network.initGain=30",
                    NO_BATCH_NORM),
            broken(
                    "shuffled-labels",
                    "the rows of labels are permuted",
                    Set.of(LABELS_UNRELATED),
                    (labels, audio, seed) -> labels.shuffled(seed)),
            // In the demo corpus's own order neighbours are of one style, which would still be learnt.
            broken(
                    "shifted-labels",
                    "the tracks are in no order, and the labels stand five rows below their tracks",
                    Set.of(LABELS_UNRELATED),
                    (labels, audio, seed) -> labels.inNoOrder(seed).shifted(5)),
            broken(
                    "random-labels",
                    "the labels are random numbers",
                    Set.of(LABELS_UNRELATED),
                    (labels, audio, seed) -> labels.random(seed)),
            new Exhibit(
                    "constant-target",
                    "one of the targets has the same label for every track",
                    Set.of(TARGET_CONSTANT),
                    true,
                    List.of(),
                    (labels, audio, seed) -> labels.withFirstTargetConstant("0.5")),
            curable(
                    "wrong-scale",
                    "labels from 0 to 1 are declared to be from 0 to 100",
                    Set.of(TARGET_NARROW),
                    "corpus.scale={density: [0, 100], register: [0, 100], percussion: [0, 100], polyphony: [0, 100],"
                            + " majorness: [0, 100]}"),
            curable("one-epoch", "training ends after one epoch", Set.of(UNDERTRAINED), "training.epochs=1"),
            new Exhibit(
                    "not-finite",
                    "some files hold samples of 1e11 times full scale, and nothing compresses or normalises them",
                    Set.of(NOT_FINITE),
                    true,
                    List.of("features.compression=none", "features.storage=float32", "features.normalizer=none"),
                    (labels, audio, seed) -> labels.withAudio(audio, 40, Labels.wav(absurd()))),
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

    private static Exhibit curable(String name, String what, Set<Code> expected, String... settings) {
        return new Exhibit(name, what, expected, true, Arrays.asList(settings), NONE);
    }

    private static Exhibit broken(String name, String what, Set<Code> expected, Injection injection) {
        return new Exhibit(name, what, expected, false, List.of(), injection);
    }

    private static Exhibit healthy(String name, String what, String... settings) {
        return new Exhibit(name, what, Set.of(), false, Arrays.asList(settings), NONE);
    }
}
