package melgauge.model.diagnosis.experiments;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import melgauge.data.Subset;
import melgauge.features.Gain;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;
import melgauge.model.diagnosis.measure.Measurements;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.InitialWeights;
import melgauge.model.engine.Network;
import melgauge.model.engine.Session;
import melgauge.model.scores.Evaluation;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.PatchShape;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import melgauge.model.task.Target;
import org.jspecify.annotations.Nullable;

/**
 * A finished run as {@link Experiments} take it: what it trained, on what, and what came of it.
 *
 * @param session that computes
 * @param network its layers
 * @param training with a number for {@code batchSize}: see {@link TrainSpec#resolved}
 * @param patch what the network reads at once
 * @param normalizer that was fitted on the training tracks
 * @param gain how louder audio changes values; null only if {@code gainDb} is 0
 * @param targets what is predicted
 * @param tracks by side of the split, with the labels that the run had; at least two training tracks
 * @param groups of the training tracks, in their order
 * @param kept the weights that the run kept
 * @param scores of the kept network on the tracks that tell most about new ones
 * @param measurements of the ordinary diagnosis
 * @param seed of the run
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Subject(
        Session session,
        NetworkSpec network,
        TrainSpec training,
        PatchSpec patch,
        Normalizer normalizer,
        @Nullable Gain gain,
        List<Target> targets,
        Map<Subset, List<Example>> tracks,
        List<String> groups,
        float[] kept,
        Evaluation scores,
        Measurements measurements,
        long seed) {
    static final String TRAINING = Subset.TRAIN.inWords();

    public Subject {
        targets = List.copyOf(targets);
        tracks = new EnumMap<>(tracks);
        groups = List.copyOf(groups);
        int train = tracks.getOrDefault(Subset.TRAIN, List.of()).size();
        if (train < 2) {
            throw new IllegalArgumentException(train + " training tracks must be at least 2");
        }
        if (groups.size() != train) {
            throw new IllegalArgumentException(
                    train + " training tracks against " + groups.size() + " groups; give one for each track");
        }
    }

    List<Example> train() {
        return tracks.getOrDefault(Subset.TRAIN, List.of());
    }

    /** The side that experiments are scored on: the validation tracks, else the test tracks, else the training tracks. */
    Subset scoredSide() {
        return Stream.of(Subset.VALIDATION, Subset.TEST)
                .filter(side -> !tracks.getOrDefault(side, List.of()).isEmpty())
                .findFirst()
                .orElse(Subset.TRAIN);
    }

    /** Its name as it is put in sentences. */
    String scoredSideInWords() {
        return scoredSide().inWords();
    }

    /** The tracks of {@link #scoredSide}. */
    List<Example> scored() {
        return tracks.getOrDefault(scoredSide(), List.of());
    }

    PatchShape shape() {
        return new PatchShape(patch.frames(), normalizer.bands());
    }

    /** The mean labels that the run's scores are about. */
    double[] trainingMeans() {
        return targets.stream().mapToDouble(Target::trainingMean).toArray();
    }

    /** An untrained network. */
    Network fresh(NetworkSpec layers, TrainSpec steps, long ownSeed) {
        Architecture architecture = new Architecture(layers, shape(), targets.size());
        return session.open(architecture, steps, InitialWeights.of(architecture, trainingMeans(), ownSeed));
    }

    /** The network that the run kept. */
    Network trained() {
        return session.open(new Architecture(network, shape(), targets.size()), training, kept);
    }
}
