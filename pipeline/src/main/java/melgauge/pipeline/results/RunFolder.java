package melgauge.pipeline.results;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import melgauge.data.AtomicFile;
import melgauge.data.AuditCsv;
import melgauge.data.AuditRow;
import melgauge.data.FileDigest;
import melgauge.data.io.NamedArrays;
import melgauge.features.Normalizer;
import melgauge.model.ModelBundle;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.regression.ModulationRegression;
import melgauge.model.regression.RidgeBaseline;
import melgauge.model.training.TrainingLog;

/**
 * The folder of a run, and the catalogue of what its stages leave there.
 *
 * <pre>{@code
 * Results results = new RunFolder(Path.of("run")).read(RunFolder.RESULTS);
 * }</pre>
 *
 * @param path of the folder
 */
public record RunFolder(Path path) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper INDENTED = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** What was found out about each track's file, in the manifest's order. */
    public static final Artifact<List<AuditRow>> AUDIT = new Artifact<>("audit.csv", AuditCsv::read, AuditCsv::write);

    /** The normaliser, fitted on the training tracks. */
    public static final Artifact<Normalizer> NORMALIZER = new Artifact<>(
            "checkpoint/normalizer.json",
            file -> Normalizer.fromJson(JSON.readTree(file.toFile())),
            (file, normalizer) -> AtomicFile.writeString(file, JSON.writeValueAsString(normalizer.toJson())));

    /** The predictions for every track and what they are compared with. */
    public static final Artifact<Results> RESULTS =
            new Artifact<>("checkpoint/results.json", Results::read, (file, results) -> results.write(file));

    /** The scores of the side that is shown. */
    public static final Table<JsonNode> METRICS = new Table<>(
            "metrics.json", (file, metrics) -> AtomicFile.writeString(file, INDENTED.writeValueAsString(metrics)));

    /** The answer for every track. */
    public static final Table<Results> PREDICTIONS =
            new Table<>("predictions.csv", (file, results) -> results.writePredictions(file));

    /** What became of the training, and why. */
    public static final Artifact<Diagnosis> DIAGNOSIS = new Artifact<>(
            "diagnosis.json",
            Diagnosis::read,
            (file, diagnosis) -> AtomicFile.writeString(file, INDENTED.writeValueAsString(diagnosis.toJson())));

    /** The same without experiments: what the model carries, which they do not change. */
    public static final Part<Diagnosis, Diagnosis> FINDINGS = new Part<>(
            DIAGNOSIS.name() + " without experiments",
            DIAGNOSIS,
            diagnosis -> diagnosis.with(List.of()),
            diagnosis -> JSON.writeValueAsBytes(diagnosis.toJson()));

    /** The model. */
    public static final Artifact<ModelBundle> MODEL =
            new Artifact<>("model.melgauge", ModelBundle::read, (file, model) -> model.write(file));

    /** The page that tells it all. */
    public static final Table<String> REPORT = new Table<>("report.html", AtomicFile::writeString);

    /** The training of a run's first network. */
    public static final Artifact<Checkpoint> CHECKPOINT = checkpoint(0);

    /**
     * The training of one of the networks.
     *
     * @param network from 0
     */
    public static Artifact<Checkpoint> checkpoint(int network) {
        return new Artifact<>(
                "checkpoint/state" + suffix(network) + ".safetensors",
                Checkpoint::read,
                (file, checkpoint) -> checkpoint.write(file));
    }

    /**
     * The epochs of one of the networks.
     *
     * @param network from 0
     */
    public static Table<TrainingLog> history(int network) {
        return new Table<>("history" + suffix(network) + ".csv", Histories::write);
    }

    /** What the names of a network's files end with before the dot: nothing for the first, -2 for the second. */
    private static String suffix(int network) {
        return network == 0 ? "" : "-" + (network + 1);
    }

    /**
     * The ridge regression that scores are compared with.
     *
     * @param inputs that it has
     * @param outputs that it has
     */
    public static Artifact<RidgeBaseline> baseline(int inputs, int outputs) {
        return arrays(
                "checkpoint/baseline.safetensors",
                arrays -> RidgeBaseline.read(arrays, "", inputs, outputs),
                (baseline, arrays) -> baseline.write(arrays, ""));
    }

    /**
     * The modulation regression of the model.
     *
     * @param inputs that it has
     * @param outputs that it has
     */
    public static Artifact<ModulationRegression> modulation(int inputs, int outputs) {
        return arrays(
                "checkpoint/modulation.safetensors",
                arrays -> ModulationRegression.read(arrays, "", inputs, outputs),
                (regression, arrays) -> regression.write(arrays, ""));
    }

    /** Adds a value's arrays. */
    @FunctionalInterface
    private interface Adder<T> {
        void add(T value, NamedArrays.Builder arrays);
    }

    private static <T> Artifact<T> arrays(String name, Part.Step<NamedArrays, T> reader, Adder<T> adder) {
        return new Artifact<>(
                name,
                file -> {
                    try {
                        NamedArrays arrays = NamedArrays.read(file);
                        arrays.requireIntact();
                        return reader.of(arrays);
                    } catch (IOException e) {
                        throw new IOException(file + " cannot be read; train again: " + e.getMessage(), e);
                    }
                },
                (file, value) -> {
                    NamedArrays.Builder arrays = NamedArrays.builder();
                    adder.add(value, arrays);
                    arrays.sealed().write(file);
                });
    }

    /** Reads what is here. */
    public <T> T read(Input<T> input) throws IOException {
        return input.read(this);
    }

    /** Writes a file, in place of the one that is here. */
    public <T> void write(Product<T> product, T value) throws IOException {
        product.write(this, value);
    }

    /** Whether a file is here. */
    public boolean has(Product<?> product) {
        return Files.isRegularFile(path(product));
    }

    /** Deletes a file, if it is here. */
    public void delete(Product<?> product) throws IOException {
        Files.deleteIfExists(path(product));
    }

    /** Where a file is, or would be. */
    public Path path(Product<?> product) {
        return file(product.name());
    }

    /** A file by its name. */
    public Path file(String name) {
        return path.resolve(name);
    }

    /** The SHA-256 of a file's content; empty if it is not here. */
    String digest(String name) throws IOException {
        return Files.isRegularFile(file(name)) ? FileDigest.of(file(name)) : "";
    }
}
