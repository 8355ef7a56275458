package melgauge.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import melgauge.data.AtomicFile;
import melgauge.data.UsageException;
import melgauge.features.MelSpec;
import melgauge.features.Modulation;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;
import org.jspecify.annotations.Nullable;

/**
 * Everything that tagging needs, in one file ({@code model.melgauge}), which opens anywhere without the run's folder.
 *
 * <p>A zip of {@code spec.json} (format version, engine, features, patch, network, targets), {@code normalizer.json},
 * {@code baseline.json}, {@code provenance.json}, {@code modulation.bin} where a modulation regression answers, too, the
 * engine's files below {@code network/}, those of further networks that answer together with it ({@link Committee}) below
 * {@code network-2/} and so on, and {@code checksums.json} with the SHA-256 of every other entry.
 *
 * <p>A model may come from a stranger. Nothing in it is deserialised as Java objects. Names, counts and sizes are limited
 * before anything is read ({@link BundleArchive}, {@link StrictJson}); {@code spec.json} says how many numbers the network
 * has, and its files may be so large and no larger; all parts must fit each other; and what the engine's files say is
 * checked before the engine makes anything of it ({@link Engine#outline}). What is wrong is an {@link IOException} that
 * names the file. Checksums tell damage, not malice: whoever makes a model makes its checksums.
 *
 * @param engine that the network's files belong to
 * @param features that the network was trained on
 * @param patch that the network reads
 * @param network its layers
 * @param targets what it predicts, in the order of its outputs
 * @param normalizer fitted on the training tracks
 * @param baseline fitted on the training tracks
 * @param blend what a modulation regression adds to the networks' answers; null if they answer alone
 * @param provenance where the model comes from: software version, corpus, seed, scores
 * @param networks one or several, each as {@link Regressor#save} gives it
 * @param origin what errors call the model: the file that it was read from
 */
public record ModelBundle(
        String engine,
        MelSpec features,
        PatchSpec patch,
        NetworkSpec network,
        List<Target> targets,
        Normalizer normalizer,
        RidgeBaseline baseline,
        @Nullable Blend blend,
        JsonNode provenance,
        List<Map<String, byte[]>> networks,
        String origin) {

    /** The version that this program writes; it reads every version up to it. */
    public static final int FORMAT_VERSION = 4;

    /** Written where networks answer alone, so that programs that know of nothing else can read it. */
    private static final int NETWORKS_VERSION = 3;

    /** Written where one network does, for the same reason. */
    private static final int SINGLE_NETWORK_VERSION = 2;

    /** Patches that are predicted at a time. {@link #open} sees to it that there is memory for them. */
    public static final int BATCH = 16;

    private static final String SPEC = "spec.json";
    private static final String NORMALIZER = "normalizer.json";
    private static final String BASELINE = "baseline.json";
    private static final String PROVENANCE = "provenance.json";
    private static final String MODULATION = "modulation.bin";
    private static final String MODULATION_SHARE = "modulationShare";
    private static final Set<String> PARTS = Set.of(SPEC, NORMALIZER, BASELINE, PROVENANCE, BundleArchive.CHECKSUMS);
    private static final String NETWORK_FOLDER = "network/";

    /** No update rule keeps more numbers than two for each parameter; the rest is for what describes the network. */
    private static final int MOST_BYTES_OF_A_PARAMETER = 2 * Float.BYTES;

    private static final int MOST_BYTES_BESIDE = 1 << 20;

    /** Characters of a message. */
    private static final int MOST_WORDS = 600;

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    public ModelBundle {
        targets = List.copyOf(targets);
        networks = networks.stream().map(Map::copyOf).toList();
    }

    /** A model that is in no file yet, whose networks answer alone. */
    public ModelBundle(
            String engine,
            MelSpec features,
            PatchSpec patch,
            NetworkSpec network,
            List<Target> targets,
            Normalizer normalizer,
            RidgeBaseline baseline,
            JsonNode provenance,
            List<Map<String, byte[]>> networks) {
        this(engine, features, patch, network, targets, normalizer, baseline, null, provenance, networks, "the model");
    }

    /** The same model with a regression's part in its answers. */
    public ModelBundle with(Blend other) {
        return new ModelBundle(
                engine, features, patch, network, targets, normalizer, baseline, other, provenance, networks, origin);
    }

    /** The shape of the patches that the network reads. */
    public PatchShape shape() {
        return new PatchShape(patch.frames(), features.kind().bands(features));
    }

    /** The folder of a network's files, counted from 0. */
    private static String folder(int network) {
        return network == 0 ? NETWORK_FOLDER : "network-" + (network + 1) + "/";
    }

    /**
     * Opens the network, or all of them as one, to predict with.
     *
     * @throws IOException naming the file, if it holds numbers that are none, there is not the memory to predict {@link
     *     #BATCH} patches at a time, or it does not answer patches of noise with numbers
     */
    public Predictor open() throws IOException {
        Engine owner = Engine.named(engine);
        long parameters = 0;
        for (int i = 0; i < networks.size(); i++) {
            Engine.Outline outline = owner.outline(networks.get(i));
            if (!outline.flaw().isEmpty()) {
                throw new IOException(origin + ": " + folder(i) + outline.flaw()
                        + "; its training has diverged, and melgauge diagnose may say why");
            }
            parameters += outline.parameters();
        }
        long needed = (long) networks.size() * BATCH * network.predictionBytes(shape())
                + parameters * (Float.BYTES + MOST_BYTES_OF_A_PARAMETER);
        long free = owner.freeBytes();
        if (needed > free) {
            throw new IOException(origin + ": needs " + (needed >> 20) + " MiB to predict " + BATCH
                    + " patches at a time, and " + (free >> 20)
                    + " MiB are free; give it more, such as JAVA_OPTS=-Xmx8g, or a larger machine");
        }
        List<Regressor> opened = new ArrayList<>();
        try {
            for (int i = 0; i < networks.size(); i++) {
                opened.add(openAsIs(i));
            }
            Predictor all = Committee.of(opened);
            tryOut(all);
            return all;
        } catch (IOException e) {
            opened.forEach(Regressor::close);
            throw e;
        } catch (RuntimeException e) {
            opened.forEach(Regressor::close);
            throw new IOException(origin + ": its network cannot be run; train it again", e);
        }
    }

    /** Predicts one patch of noise, and one far louder than music ever is: weights that overflow on music do so there. */
    private void tryOut(Predictor predictor) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        int size = predictor.shape().size();
        float[] patches = new float[2 * size];
        for (int i = 0; i < size; i++) {
            patches[i] = (float) random.nextDouble(-2, 2);
            patches[size + i] = 100 * patches[i];
        }
        for (float answer : predictor.predict(patches, 2)) {
            if (!Float.isFinite(answer)) {
                throw new IOException(origin + ": its network answers noise with what is no number, so its weights are"
                        + " too large; train it again");
            }
        }
    }

    /**
     * Opens a network, to look at it. Its numbers may be none.
     *
     * @param index from 0
     * @throws IOException naming the file
     */
    public Regressor openAsIs(int index) throws IOException {
        try {
            return Engine.named(engine).open(networks.get(index));
        } catch (IOException e) {
            throw new IOException(origin + ": " + folder(index) + e.getMessage(), e);
        }
    }

    /**
     * Writes a network alone in its framework's own format, atomically; see {@link Engine#export}.
     *
     * @param index from 0
     */
    public void export(int index, Path file) throws IOException {
        AtomicFile.write(file, out -> Engine.named(engine).export(networks.get(index), out));
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
        spec.put("formatVersion", formatVersion());
        spec.put("engine", engine);
        spec.set("features", JSON.valueToTree(features));
        spec.set("patch", JSON.valueToTree(patch));
        spec.set("network", JSON.valueToTree(network));
        spec.set("targets", JSON.valueToTree(targets));
        if (blend != null) {
            spec.put(MODULATION_SHARE, blend.share());
        }
        entries.put(SPEC, readable(SPEC, spec));
        entries.put(NORMALIZER, readable(NORMALIZER, normalizer.toJson()));
        entries.put(BASELINE, readable(BASELINE, baseline.toJson()));
        entries.put(PROVENANCE, readable(PROVENANCE, provenance));
        if (blend != null) {
            entries.put(MODULATION, blend.regression().toBytes());
        }
        for (int i = 0; i < networks.size(); i++) {
            String folder = folder(i);
            new TreeMap<>(networks.get(i)).forEach((name, content) -> entries.put(folder + name, content));
        }
        AtomicFile.write(file, out -> BundleArchive.write(entries, out));
    }

    private int formatVersion() {
        if (blend != null) {
            return FORMAT_VERSION;
        }
        return networks.size() == 1 ? SINGLE_NETWORK_VERSION : NETWORKS_VERSION;
    }

    /** A document, if it keeps to the limits of reading. */
    private static byte[] readable(String name, JsonNode document) throws IOException {
        byte[] content = JSON.writeValueAsBytes(document);
        StrictJson.tree(name, content);
        return content;
    }

    /**
     * Reads a bundle and checks all of it, but for whether the network's numbers are numbers, which {@link #open} does.
     *
     * @throws IOException in a sentence that names the file, if it is not a bundle, is damaged, does not fit together, or is
     *     newer than this program
     */
    public static ModelBundle read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException(file + ": there is no such model");
        }
        if (Files.isDirectory(file)) {
            throw new IOException(file + ": is a folder, not a model; a run keeps its model in model.melgauge");
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + ": is no file; copy the model into one");
        }
        try (BundleArchive archive = BundleArchive.open(file)) {
            return parse(archive, file.toString());
        } catch (AccessDeniedException e) {
            throw new IOException(file + ": you may not read it; change its permissions", e);
        } catch (IOException | UsageException e) {
            String message = String.valueOf(e.getMessage());
            // What a message quotes may be as long as a document.
            throw new IOException(
                    file + ": " + (message.length() > MOST_WORDS ? message.substring(0, MOST_WORDS) + "…" : message),
                    e);
        }
    }

    private static ModelBundle parse(BundleArchive archive, String origin) throws IOException {
        JsonNode spec = json(archive, SPEC);
        requireVersion(spec.path("formatVersion"));
        String engine = spec.path("engine").asText();
        MelSpec features = part(spec, "features", MelSpec.class);
        PatchSpec patch = part(spec, "patch", PatchSpec.class);
        NetworkSpec network = network(spec);
        List<Target> targets = List.of(part(spec, "targets", Target[].class));
        PatchShape shape = new PatchShape(patch.frames(), features.kind().bands(features));
        long parameters = network.parameters(shape, targets.size());

        long most = Math.min(MOST_BYTES_BESIDE + MOST_BYTES_OF_A_PARAMETER * parameters, Integer.MAX_VALUE - 16);
        int inputs = new Modulation(features).size();
        long mostOfRegression = ModulationRegression.mostBytes(inputs, targets.size());
        requireKnown(archive, most, mostOfRegression);
        SortedMap<Integer, Map<String, byte[]>> networks = new TreeMap<>();
        for (String name : archive.names()) {
            OptionalInt index = networkOf(name);
            if (index.isPresent()) {
                networks.computeIfAbsent(index.getAsInt(), none -> new LinkedHashMap<>())
                        .put(name.substring(name.indexOf('/') + 1), archive.read(name, most));
            }
        }
        for (int i = 0; i == 0 || i < networks.size(); i++) {
            if (!networks.containsKey(i)) {
                throw new IOException("has nothing in " + folder(i) + "; copy or train it again");
            }
        }
        ModelBundle bundle = new ModelBundle(
                engine,
                features,
                patch,
                network,
                targets,
                Normalizer.fromJson(json(archive, NORMALIZER)),
                RidgeBaseline.fromJson(json(archive, BASELINE)),
                blend(archive, spec.path(MODULATION_SHARE), mostOfRegression),
                json(archive, PROVENANCE),
                List.copyOf(networks.values()),
                origin);
        bundle.requireOneWhole(parameters);
        return bundle;
    }

    /** Refuses entries that no model has, or that are too large for one, or for this machine, before any is read. */
    private static void requireKnown(BundleArchive archive, long mostOfNetworkFile, long mostOfRegression)
            throws IOException {
        for (String name : archive.names()) {
            if (PARTS.contains(name)) {
                archive.limit(name, StrictJson.MOST_BYTES);
            } else if (name.equals(MODULATION)) {
                archive.limit(name, mostOfRegression);
            } else if (networkOf(name).isPresent()) {
                archive.limit(name, mostOfNetworkFile);
            } else {
                throw new IOException("holds " + name + ", which no model has; it is not a Melgauge model");
            }
        }
        long memory = Runtime.getRuntime().maxMemory();
        if (archive.size() > memory / 2) {
            throw new IOException("unpacks to " + (archive.size() >> 20) + " MiB, more than half of the "
                    + (memory >> 20) + " MiB that Java may take; give it more, such as JAVA_OPTS=-Xmx8g");
        }
    }

    private static void requireVersion(JsonNode version) throws IOException {
        String reads = "this program reads 1 to " + FORMAT_VERSION;
        if (!version.isIntegralNumber() || version.asLong() < 1) {
            throw new IOException("has " + (version.isMissingNode() ? "no format version" : "format version " + version)
                    + ", " + reads + "; it is not a Melgauge model");
        }
        if (version.asLong() > FORMAT_VERSION) {
            throw new IOException("has format version " + version + ", " + reads + "; use a newer Melgauge");
        }
    }

    private static @Nullable Blend blend(BundleArchive archive, JsonNode share, long most) throws IOException {
        if (share.isMissingNode() && !archive.names().contains(MODULATION)) {
            return null;
        }
        double value = share.isNumber() ? share.doubleValue() : Double.NaN;
        if (!(value > 0 && value <= 1)) {
            throw new IOException(SPEC + ": " + MODULATION_SHARE + " is " + (share.isMissingNode() ? "missing" : share)
                    + ", it must be a number above 0, at most 1");
        }
        return new Blend(value, ModulationRegression.fromBytes(archive.read(MODULATION, most)));
    }

    /** The network that a file belongs to, counted from 0; empty if it belongs to none. */
    private static OptionalInt networkOf(String name) {
        return IntStream.range(0, TrainSpec.MOST_NETWORKS)
                .filter(network -> name.startsWith(folder(network)))
                .findFirst();
    }

    /** What an older program did not write, it did as the defaults do. */
    private static NetworkSpec network(JsonNode spec) throws IOException {
        ObjectNode layers = JSON.valueToTree(NetworkSpec.defaults());
        spec.path("network").properties().forEach(setting -> layers.set(setting.getKey(), setting.getValue()));
        requirePart(spec, "network");
        return StrictJson.value(SPEC + ": network", layers, NetworkSpec.class);
    }

    private void requireOneWhole(long parameters) throws IOException {
        int bands = shape().bands();
        if (targets.stream().map(Target::name).distinct().count() != targets.size() || targets.isEmpty()) {
            throw new IOException(SPEC + " must have at least one target, and none twice");
        }
        requireEqual("its normaliser is for", normalizer.bands(), "bands, its features have", bands);
        requireEqual("its baseline reads", baseline.inputs(), "numbers of a track, its features give", 2L * bands);
        requireEqual("its baseline predicts", baseline.outputs(), "targets, spec.json has", targets.size());
        if (blend != null) {
            ModulationRegression regression = blend.regression();
            int energies = new Modulation(features).size();
            requireEqual(
                    "its modulation regression reads", regression.inputs(), "energies, its features give", energies);
            requireEqual(
                    "its modulation regression predicts",
                    regression.outputs(),
                    "targets, spec.json has",
                    targets.size());
        }
        Engine owner = Engine.named(engine);
        if (!owner.name().equals(engine)) {
            throw new IOException("names no engine, but '" + engine + "'; it is not a Melgauge model");
        }
        for (int i = 0; i < networks.size(); i++) {
            requireNetwork(owner, i, parameters);
        }
    }

    private void requireNetwork(Engine owner, int index, long parameters) throws IOException {
        Engine.Outline outline;
        try {
            outline = owner.outline(networks.get(index));
        } catch (IOException e) {
            throw new IOException(folder(index) + e.getMessage(), e);
        }
        int bands = shape().bands();
        requireEqual("its network reads patches of", outline.shape().frames(), "frames, spec.json has", patch.frames());
        requireEqual("its network reads patches of", outline.shape().bands(), "bands, its features have", bands);
        requireEqual("its network predicts", outline.outputs(), "targets, spec.json has", targets.size());
        requireEqual("its network has", outline.parameters(), "numbers, that of spec.json has", parameters);
    }

    private static void requireEqual(String what, long number, String beside, long other) throws IOException {
        if (number != other) {
            throw new IOException(what + " " + number + " " + beside + " " + other
                    + "; its parts are of different models: copy or train it again");
        }
    }

    private static <T> T part(JsonNode spec, String name, Class<T> type) throws IOException {
        return StrictJson.value(SPEC + ": " + name, requirePart(spec, name), type);
    }

    private static JsonNode requirePart(JsonNode spec, String name) throws IOException {
        if (!spec.hasNonNull(name)) {
            throw new IOException(SPEC + " has no " + name);
        }
        return requireNoNull(name, spec.path(name));
    }

    /** What may be missing in a specification is left away, not null. */
    private static JsonNode requireNoNull(String name, JsonNode node) throws IOException {
        if (node.isNull()) {
            throw new IOException(SPEC + " has nothing for " + name);
        }
        for (String key : (Iterable<String>) node::fieldNames) {
            requireNoNull(name + "." + key, node.path(key));
        }
        for (int i = 0; i < node.size() && node.isArray(); i++) {
            requireNoNull(name + "[" + i + "]", node.path(i));
        }
        return node;
    }

    private static JsonNode json(BundleArchive archive, String name) throws IOException {
        return StrictJson.tree(name, archive.read(name, StrictJson.MOST_BYTES));
    }
}
