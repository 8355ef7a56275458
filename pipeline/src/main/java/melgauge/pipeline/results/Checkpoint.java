package melgauge.pipeline.results;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import melgauge.data.io.NamedArrays;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.Network;
import melgauge.model.engine.Session;
import melgauge.model.spec.TrainSpec;
import melgauge.model.training.Trainer;
import melgauge.model.training.TrainingLog;
import org.jspecify.annotations.Nullable;

/**
 * A training between two steps in one file, written atomically: the identity of its inputs, the log, the network's parameters
 * as they are, their averages and the best ones, and the state of the update rule. The one before stays beside it, in case the
 * disk loses the newest.
 *
 * @param identity of the inputs and settings that it belongs to
 * @param state log, best weights, and how far an epoch has come
 * @param computed where its last steps were
 * @param architecture of the network
 * @param weights as they are, in the order of {@link Architecture#slots}
 * @param optimizer the state of the update rule
 */
@SuppressWarnings("ArrayRecordComponent") // megabytes that are never compared
public record Checkpoint(
        String identity,
        Trainer.State state,
        Computed computed,
        Architecture architecture,
        float[] weights,
        Network.OptimizerState optimizer) {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final String HEAD = "head";
    private static final String NETWORK = "network.";
    private static final String BEST = "best.";
    private static final String AVERAGES = "average.";
    private static final String OPTIMIZER = "optimizer.";

    /**
     * Where steps were computed. Steps in another place have the same results but for their last bits.
     *
     * @param engine its name
     * @param device such as {@code cpu}
     * @param threads that computed
     */
    public record Computed(String engine, String device, int threads) {
        /** The place of a session. */
        public static Computed in(Session session) {
            return new Computed(session.engine(), session.device().name(), session.threads());
        }

        /** In words. */
        @Override
        public String toString() {
            return engine + " on " + device + " with " + threads + (threads == 1 ? " thread" : " threads");
        }
    }

    /**
     * All but the arrays.
     *
     * @param averages whether there are averages of the weights
     * @param moments that the update rule keeps
     */
    private record Head(
            String identity,
            Computed computed,
            Architecture architecture,
            TrainingLog log,
            Trainer.@Nullable Begun begun,
            boolean averages,
            long step,
            Set<String> moments) {}

    /** A training as it is between two steps. */
    public static Checkpoint of(String identity, Trainer.State state, Session session, Network network) {
        return new Checkpoint(
                identity,
                state,
                Computed.in(session),
                network.architecture(),
                network.weights(),
                network.optimizerState());
    }

    /** Where the checkpoint before a file's is kept. */
    public static Path previous(Path file) {
        return file.resolveSibling(file.getFileName().toString().replace(".safetensors", ".previous.safetensors"));
    }

    /** Writes it to a file, atomically, and keeps the one before. */
    public void write(Path file) throws IOException {
        if (Files.exists(file)) {
            Files.move(file, previous(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        byte[] head = JSON.writeValueAsBytes(new Head(
                identity,
                computed,
                architecture,
                state.log(),
                state.begun(),
                state.averages() != null,
                optimizer.step(),
                optimizer.moments().keySet()));
        NamedArrays.Builder arrays = NamedArrays.builder().bytes(HEAD, head, head.length);
        architecture.write(weights, NETWORK, arrays);
        architecture.write(state.bestWeights(), BEST, arrays);
        if (state.averages() != null) {
            architecture.write(state.averages(), AVERAGES, arrays);
        }
        optimizer.moments().forEach((name, values) -> architecture.write(values, OPTIMIZER + name + ".", arrays));
        arrays.sealed().write(file);
    }

    /**
     * Reads a checkpoint.
     *
     * @throws IOException naming the file, if it is damaged
     */
    public static Checkpoint read(Path file) throws IOException {
        try {
            NamedArrays arrays = NamedArrays.read(file);
            arrays.requireIntact();
            Head head = JSON.readValue(arrays.bytes(HEAD, arrays.rows(HEAD)), Head.class);
            Architecture architecture = head.architecture();
            SortedMap<String, float[]> moments = new TreeMap<>();
            for (String name : head.moments()) {
                moments.put(name, architecture.read(arrays, OPTIMIZER + name + "."));
            }
            return new Checkpoint(
                    head.identity(),
                    new Trainer.State(
                            head.log(),
                            architecture.read(arrays, BEST),
                            head.averages() ? architecture.read(arrays, AVERAGES) : null,
                            head.begun()),
                    head.computed(),
                    architecture,
                    architecture.read(arrays, NETWORK),
                    new Network.OptimizerState(head.step(), moments));
        } catch (IOException | RuntimeException e) {
            throw new IOException(file + " is damaged: " + e.getMessage() + "; train again without --resume", e);
        }
    }

    /**
     * The newest checkpoint of a network that can be read.
     *
     * @param file of the newest
     * @param damaged hears, in a sentence, of a newest one that cannot be read when the one before takes its place
     * @return null if there is none
     * @throws IOException if there are some, and none can be read
     */
    public static @Nullable Checkpoint newest(Path file, Consumer<String> damaged) throws IOException {
        Path previous = previous(file);
        if (!Files.exists(previous)) {
            return Files.exists(file) ? read(file) : null;
        }
        try {
            return read(file);
        } catch (IOException e) {
            Checkpoint older = read(previous);
            damaged.accept((Files.exists(file) ? String.valueOf(e.getMessage()) : file + " is missing")
                            .replace("; train again without --resume", "")
                    + "; going on from the checkpoint before it");
            return older;
        }
    }

    /** Deletes a file and the one before, so that nobody goes on with them by mistake. */
    public static void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(previous(file));
    }

    /** Whether the training has come to its end. */
    public boolean isTrained() {
        return !state.log().end().isEmpty();
    }

    /** This one of a training that goes on for more epochs, whose inputs have another identity. */
    public Checkpoint lengthened(String otherIdentity) {
        return new Checkpoint(
                otherIdentity,
                new Trainer.State(state.log().reopened(), state.bestWeights(), state.averages(), state.begun()),
                computed,
                architecture,
                weights,
                optimizer);
    }

    /** Opens the network as it was, to train on. */
    public Network open(Session session, TrainSpec training) {
        Network network = session.open(architecture, training, weights);
        try {
            network.load(optimizer);
            return network;
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /** Opens the network with its best weights. */
    public Network openBest(Session session, TrainSpec training) {
        return session.open(architecture, training, state.bestWeights());
    }
}
