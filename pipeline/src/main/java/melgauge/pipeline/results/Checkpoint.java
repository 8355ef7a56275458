package melgauge.pipeline.results;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import melgauge.data.AtomicFile;
import melgauge.model.Engine;
import melgauge.model.Regressor;
import melgauge.model.Trainer;
import melgauge.model.TrainingLog;

/**
 * A training between two epochs in one file, written atomically: the identity of its inputs, the log, the best weights,
 * and the network with the state of its update rule.
 *
 * @param identity of the inputs and settings that it belongs to
 * @param state log and best weights
 * @param engine that the files belong to
 * @param files the network
 */
public record Checkpoint(String identity, Trainer.State state, String engine, Map<String, byte[]> files) {
    /** Its name in the run's folder. */
    public static final String FILE = "checkpoint/state.zip";

    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final String NETWORK = "network/";

    private record Head(String identity, String engine, TrainingLog log) {}

    /** Writes it, atomically. */
    public void write(Path file) throws IOException {
        AtomicFile.write(file, out -> {
            ZipOutputStream zip = new ZipOutputStream(out);
            // Weights do not compress, and an epoch should not wait for it.
            zip.setLevel(0);
            put(zip, "head.json", JSON.writeValueAsBytes(new Head(identity, engine, state.log())));
            ByteBuffer best = ByteBuffer.allocate(Float.BYTES * state.bestParameters().length)
                    .order(ByteOrder.LITTLE_ENDIAN);
            best.asFloatBuffer().put(state.bestParameters());
            put(zip, "best.bin", best.array());
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
            byte[] head = entries.remove("head.json");
            byte[] best = entries.remove("best.bin");
            if (head == null || best == null) {
                throw new IOException("parts are missing");
            }
            Head read = JSON.readValue(head, Head.class);
            float[] parameters = new float[best.length / Float.BYTES];
            ByteBuffer.wrap(best).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(parameters);
            Map<String, byte[]> network = new LinkedHashMap<>();
            entries.forEach((name, content) -> network.put(name.substring(NETWORK.length()), content));
            return new Checkpoint(read.identity(), new Trainer.State(read.log(), parameters), read.engine(), network);
        } catch (IOException | RuntimeException e) {
            throw new IOException(file + " is damaged: " + e.getMessage() + "; train again without --resume", e);
        }
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
