package melgauge.pipeline.results;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import melgauge.data.AtomicFile;
import melgauge.model.Engine;
import melgauge.model.FloatBytes;
import melgauge.model.Regressor;
import melgauge.model.TrainSpec;
import melgauge.model.Trainer;
import melgauge.model.TrainingLog;
import org.jspecify.annotations.Nullable;

/**
 * A training between two steps in one file, written atomically: the identity of its inputs, the log, the best weights, and
 * the network with the state of its update rule. The one before stays beside it, in case the disk loses the newest.
 *
 * @param identity of the inputs and settings that it belongs to
 * @param state log, best weights, and how far an epoch has come
 * @param engine that the files belong to
 * @param files the network
 */
public record Checkpoint(String identity, Trainer.State state, String engine, Map<String, byte[]> files) {
    /** The name in the run's folder of that of a run's first network. */
    public static final String FILE = file(0);

    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final String HEAD = "head.json";
    private static final String BEST = "best.bin";
    private static final String AVERAGES = "averages.bin";
    private static final String NETWORK = "network/";

    private record Head(
            String identity,
            String engine,
            TrainingLog log,
            Trainer.@Nullable Begun begun,
            boolean averages,
            Set<String> files) {}

    /**
     * Its name in the run's folder.
     *
     * @param network of several that the run trains, from 0
     */
    public static String file(int network) {
        return "checkpoint/state" + suffix(network) + ".zip";
    }

    /** The name of the one before. */
    public static String previous(int network) {
        return "checkpoint/state" + suffix(network) + ".previous.zip";
    }

    /** What the names of a network's files end with before the dot: nothing for the first, -2 for the second. */
    public static String suffix(int network) {
        return network == 0 ? "" : "-" + (network + 1);
    }

    /**
     * Writes it into a run's folder, atomically, and keeps the one before.
     *
     * @param network whose it is, from 0
     */
    public void write(Path folder, int network) throws IOException {
        Path file = folder.resolve(file(network));
        if (Files.exists(file)) {
            Files.move(
                    file,
                    folder.resolve(previous(network)),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
        AtomicFile.write(file, out -> {
            ZipOutputStream zip = new ZipOutputStream(out);
            // Weights do not compress, and an epoch should not wait for it.
            zip.setLevel(0);
            put(
                    zip,
                    HEAD,
                    JSON.writeValueAsBytes(new Head(
                            identity,
                            engine,
                            state.log(),
                            state.begun(),
                            state.averages() != null,
                            new TreeSet<>(files.keySet()))));
            put(zip, BEST, FloatBytes.of(state.bestParameters()));
            if (state.averages() != null) {
                put(zip, AVERAGES, FloatBytes.of(state.averages()));
            }
            for (Map.Entry<String, byte[]> entry : files.entrySet()) {
                put(zip, NETWORK + entry.getKey(), entry.getValue());
            }
            zip.finish();
        });
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content);
        zip.closeEntry();
    }

    /**
     * Reads a checkpoint.
     *
     * @throws IOException naming the file, if it is damaged
     */
    public static Checkpoint read(Path file) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (InputStream in = Files.newInputStream(file);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
            byte[] head = entries.remove(HEAD);
            byte[] best = entries.remove(BEST);
            byte[] averages = entries.remove(AVERAGES);
            if (head == null || best == null) {
                throw new IOException("parts are missing");
            }
            Head read = JSON.readValue(head, Head.class);
            Map<String, byte[]> network = new LinkedHashMap<>();
            entries.forEach((name, content) -> network.put(name.substring(NETWORK.length()), content));
            // A file that was cut between two parts looks whole.
            if (!network.keySet().equals(read.files()) || read.averages() != (averages != null)) {
                throw new IOException("parts are missing");
            }
            return new Checkpoint(
                    read.identity(),
                    new Trainer.State(
                            read.log(),
                            FloatBytes.floats(best),
                            averages == null ? null : FloatBytes.floats(averages),
                            read.begun()),
                    read.engine(),
                    network);
        } catch (IOException | RuntimeException e) {
            throw new IOException(file + " is damaged: " + e.getMessage() + "; train again without --resume", e);
        }
    }

    /**
     * The newest checkpoint of a run that can be read.
     *
     * @param folder of the run
     * @param network whose, from 0
     * @param damaged hears, in a sentence, of a newest one that cannot be read when the one before takes its place
     * @return null if there is none
     * @throws IOException if there are some, and none can be read
     */
    public static @Nullable Checkpoint newest(Path folder, int network, Consumer<String> damaged) throws IOException {
        Path file = folder.resolve(file(network));
        Path previous = folder.resolve(previous(network));
        if (!Files.exists(previous)) {
            return Files.exists(file) ? opened(file) : null;
        }
        try {
            return opened(file);
        } catch (IOException e) {
            Checkpoint older = opened(previous);
            damaged.accept((Files.exists(file) ? String.valueOf(e.getMessage()) : file + " is missing")
                            .replace("; train again without --resume", "")
                    + "; going on from the checkpoint before it");
            return older;
        }
    }

    /** Deletes what a training left before, so that nobody goes on with it by mistake. */
    public static void delete(Path folder) throws IOException {
        for (int network = 0; network < TrainSpec.MOST_NETWORKS; network++) {
            Files.deleteIfExists(folder.resolve(file(network)));
            Files.deleteIfExists(folder.resolve(previous(network)));
        }
    }

    /** Reads it and tries whether its network can be opened, too. */
    private static Checkpoint opened(Path file) throws IOException {
        Checkpoint checkpoint = read(file);
        try (Regressor regressor = checkpoint.open()) {
            if (regressor.parameters().length != checkpoint.state.bestParameters().length) {
                throw new IOException("its best weights do not fit its network");
            }
            return checkpoint;
        } catch (IOException | RuntimeException e) {
            throw new IOException(file + " is damaged: " + e.getMessage() + "; train again without --resume", e);
        }
    }

    /** This one of a training that goes on for more epochs, whose inputs have another identity. */
    public Checkpoint lengthened(String otherIdentity) {
        return new Checkpoint(
                otherIdentity,
                new Trainer.State(state.log().reopened(), state.bestParameters(), state.averages(), state.begun()),
                engine,
                files);
    }

    /** Opens the network as it was after the last epoch. */
    public Regressor open() throws IOException {
        return Engine.named(engine).open(files);
    }

    /** Opens the network with its best weights. */
    public Regressor openBest() throws IOException {
        Regressor regressor = open();
        regressor.restore(state.bestParameters());
        return regressor;
    }
}
