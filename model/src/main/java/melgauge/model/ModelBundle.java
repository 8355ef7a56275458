package melgauge.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import melgauge.data.AtomicFile;
import melgauge.data.FileDigest;
import melgauge.data.UsageException;
import melgauge.features.MelSpec;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;

/**
 * Everything that tagging needs, in one file ({@code model.melgauge}), which opens anywhere without the run's folder.
 *
 * <p>A zip of {@code spec.json} (format version, engine, features, patch, network, targets), {@code normalizer.json},
 * {@code baseline.json}, {@code provenance.json}, the engine's files below {@code network/}, and {@code checksums.json}
 * with the SHA-256 of every other entry. Nothing in it is deserialised as Java objects; names, counts and sizes are
 * limited before anything is believed.
 *
 * @param engine that the network's files belong to
 * @param features that the network was trained on
 * @param patch that the network reads
 * @param network its layers
 * @param targets what it predicts, in the order of its outputs
 * @param normalizer fitted on the training tracks
 * @param baseline fitted on the training tracks
 * @param provenance where the model comes from: software version, corpus, seed, scores
 * @param files the network, as {@link Regressor#save} gives it
 */
public record ModelBundle(
        String engine,
        MelSpec features,
        PatchSpec patch,
        NetworkSpec network,
        List<Target> targets,
        Normalizer normalizer,
        RidgeBaseline baseline,
        JsonNode provenance,
        Map<String, byte[]> files) {

    /** The version that this program writes; it reads every version up to it. */
    public static final int FORMAT_VERSION = 2;

    private static final int MOST_ENTRIES = 64;
    private static final long MOST_BYTES = 2L << 30;
    private static final String NETWORK_FOLDER = "network/";
    private static final String CHECKSUMS = "checksums.json";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    public ModelBundle {
        targets = List.copyOf(targets);
        files = Map.copyOf(files);
    }

    /** The shape of the patches that the network reads. */
    public PatchShape shape() {
        return new PatchShape(patch.frames(), features.kind().bands(features));
    }

    /** Opens the network. */
    public Regressor open() throws IOException {
        return Engine.named(engine).open(files);
    }

    /** Writes the network alone in its framework's own format, atomically; see {@link Engine#export}. */
    public void export(Path file) throws IOException {
        AtomicFile.write(file, out -> Engine.named(engine).export(files, out));
    }

    /**
     * Refuses other features than the model's own.
     *
     * @throws UsageException naming the settings that differ
     */
    public void requireFeatures(MelSpec other) {
        List<String> differences = features.differences(other);
        if (!differences.isEmpty()) {
            throw new UsageException("the model was trained on other features: " + String.join(", ", differences)
                    + "; use the model's own");
        }
    }

    /** Writes the bundle, atomically. */
    public void write(Path file) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        ObjectNode spec = JSON.createObjectNode();
        spec.put("formatVersion", FORMAT_VERSION);
        spec.put("engine", engine);
        spec.set("features", JSON.valueToTree(features));
        spec.set("patch", JSON.valueToTree(patch));
        spec.set("network", JSON.valueToTree(network));
        spec.set("targets", JSON.valueToTree(targets));
        entries.put("spec.json", JSON.writeValueAsBytes(spec));
        entries.put("normalizer.json", JSON.writeValueAsBytes(normalizer.toJson()));
        entries.put("baseline.json", JSON.writeValueAsBytes(baseline.toJson()));
        entries.put("provenance.json", JSON.writeValueAsBytes(provenance));
        files.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> entries.put(NETWORK_FOLDER + entry.getKey(), entry.getValue()));
        ObjectNode checksums = JSON.createObjectNode();
        entries.forEach((name, content) -> checksums.put(name, FileDigest.of(content)));
        entries.put(CHECKSUMS, JSON.writeValueAsBytes(checksums));
        AtomicFile.write(file, out -> zip(entries, out));
    }

    private static void zip(Map<String, byte[]> entries, OutputStream out) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out);
        for (Map.Entry<String, byte[]> content : entries.entrySet()) {
            ZipEntry entry = new ZipEntry(content.getKey());
            entry.setTime(0);
            zip.putNextEntry(entry);
            zip.write(content.getValue());
            zip.closeEntry();
        }
        zip.finish();
    }

    /**
     * Reads a bundle and checks all of it.
     *
     * @throws IOException in a sentence that names the file, if it is not a bundle, is damaged, or is newer than this
     *     program
     */
    public static ModelBundle read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException(file + ": there is no such model");
        }
        try {
            return parse(unzip(file));
        } catch (ZipException e) {
            throw new IOException(file + " is damaged: " + e.getMessage() + "; copy or train it again", e);
        } catch (EOFException e) {
            throw new IOException(file + " is damaged: it ends too early; copy or train it again", e);
        } catch (IllegalArgumentException e) {
            // What java.util.zip makes of a name that is no UTF-8.
            throw new IOException(file + " is damaged: the name of an entry is no text; copy or train it again", e);
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is damaged: " + e.getOriginalMessage(), e);
        } catch (IOException | UsageException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, byte[]> unzip(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("is a folder, not a model; a run keeps its model in model.melgauge");
        }
        Map<String, byte[]> entries = new LinkedHashMap<>();
        long room = MOST_BYTES;
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String name = entry.getName();
                if (!name.matches("[A-Za-z0-9._-]{1,64}(/[A-Za-z0-9._-]{1,64})?") || name.contains("..")) {
                    throw new IOException("holds an entry with a name that no model has; it is not a Melgauge model");
                }
                if (entries.size() == MOST_ENTRIES) {
                    throw new IOException("holds more than " + MOST_ENTRIES + " entries; it is not a Melgauge model");
                }
                byte[] content = zip.readNBytes((int) Math.min(room, Integer.MAX_VALUE - 16));
                if (zip.read() >= 0) {
                    throw new IOException("holds more than " + MOST_BYTES + " bytes");
                }
                room -= content.length;
                if (entries.put(name, content) != null) {
                    throw new IOException("holds " + name + " twice");
                }
            }
        }
        if (entries.isEmpty()) {
            throw new IOException("is not a Melgauge model (a .melgauge file is a zip archive)");
        }
        return entries;
    }

    private static ModelBundle parse(Map<String, byte[]> entries) throws IOException {
        JsonNode checksums = json(entries, CHECKSUMS);
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
            if (!entry.getKey().equals(CHECKSUMS)
                    && !FileDigest.of(entry.getValue())
                            .equals(checksums.path(entry.getKey()).asText())) {
                throw new IOException("is damaged: " + entry.getKey() + " does not match its checksum");
            }
        }
        for (String name : (Iterable<String>) checksums::fieldNames) {
            if (!entries.containsKey(name)) {
                throw new IOException("is damaged: " + name + " is missing");
            }
        }
        JsonNode spec = json(entries, "spec.json");
        int version =
                spec.path("formatVersion").isInt() ? spec.path("formatVersion").intValue() : 0;
        if (version < 1 || version > FORMAT_VERSION) {
            throw new IOException(
                    "has format version " + spec.path("formatVersion").asText("none") + ", this program reads 1 to "
                            + FORMAT_VERSION + "; use a newer Melgauge");
        }
        Map<String, byte[]> network = new LinkedHashMap<>();
        entries.forEach((name, content) -> {
            if (name.startsWith(NETWORK_FOLDER)) {
                network.put(name.substring(NETWORK_FOLDER.length()), content);
            }
        });
        // What an older program did not write, it did as the defaults do.
        ObjectNode layers = JSON.valueToTree(NetworkSpec.defaults());
        part(spec, "network").properties().forEach(setting -> layers.set(setting.getKey(), setting.getValue()));
        return new ModelBundle(
                spec.path("engine").asText(),
                JSON.treeToValue(part(spec, "features"), MelSpec.class),
                JSON.treeToValue(part(spec, "patch"), PatchSpec.class),
                JSON.treeToValue(layers, NetworkSpec.class),
                List.of(JSON.treeToValue(part(spec, "targets"), Target[].class)),
                Normalizer.fromJson(json(entries, "normalizer.json")),
                RidgeBaseline.fromJson(json(entries, "baseline.json")),
                json(entries, "provenance.json"),
                network);
    }

    private static JsonNode part(JsonNode spec, String name) throws IOException {
        if (!spec.hasNonNull(name)) {
            throw new IOException("spec.json has no " + name);
        }
        return spec.path(name);
    }

    private static JsonNode json(Map<String, byte[]> entries, String name) throws IOException {
        byte[] content = entries.get(name);
        if (content == null) {
            throw new IOException("has no " + name + "; it is not a Melgauge model");
        }
        return JSON.readTree(new ByteArrayInputStream(content));
    }
}
