package melgauge.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import melgauge.data.AtomicFile;
import melgauge.data.Failure;
import melgauge.data.UsageException;
import melgauge.data.io.NamedArrays;
import melgauge.data.io.StrictJson;
import melgauge.features.BandNormalizer;
import melgauge.features.FeatureSpec;
import melgauge.features.GlobalNormalizer;
import melgauge.features.MelSpec;
import melgauge.features.Modulation;
import melgauge.features.NoNormalizer;
import melgauge.features.Normalizer;
import melgauge.features.NormalizerKind;
import melgauge.features.PatchNormalizer;
import melgauge.features.PatchSpec;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.Network;
import melgauge.model.engine.Session;
import melgauge.model.inference.Ensemble;
import melgauge.model.inference.Inference;
import melgauge.model.regression.ModulationRegression;
import melgauge.model.regression.RidgeBaseline;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.PatchShape;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Target;

/**
 * Everything that tagging needs, in one file ({@code model.melgauge}), which opens anywhere without the run's folder.
 *
 * <p>It is a safetensors file ({@link NamedArrays}), which any language opens. Its texts are {@code format}, {@code
 * formatVersion}, the JSON of {@code features}, {@code patch}, {@code network}, {@code training}, {@code targets}, {@code
 * normalizer}, {@code ensemble} and {@code provenance}, {@code seen.salt}, and checksums ({@link
 * NamedArrays.Builder#sealed}). Its arrays are the parameters of each network, {@code network.0.conv1.weight} and
 * so on ({@link Architecture}); {@code normalizer.mean} and {@code .std}; {@code baseline.…} ({@link RidgeBaseline}); {@code
 * modulation.…} where a modulation regression answers, too ({@link ModulationRegression}); and {@code seen.…} ({@link
 * SeenTracks}). Equal models give equal files.
 *
 * <p>A model may come from a stranger. Nothing in it is deserialised as Java objects. Every array's shape follows from the
 * texts, and a file that holds others, or more, is refused. What is wrong is an {@link IOException} that names the file.
 * Checksums tell damage, not malice: whoever makes a model makes its checksums.
 *
 * @param features that the networks were trained on
 * @param patch that they read
 * @param network their layers
 * @param training how they were trained
 * @param targets what they predict, in the order of their outputs
 * @param normalizer fitted on the training tracks
 * @param baseline fitted on the training tracks
 * @param regressions of the whole track, with their shares in the model's values; at most one
 * @param seen the tracks that trained and validated the model
 * @param provenance where the model comes from: software version, corpus, seed, scores
 * @param networks the parameters of one or several networks that answer together
 * @param origin what errors call the model: the file that it was read from
 */
public record ModelBundle(
        FeatureSpec features,
        PatchSpec patch,
        NetworkSpec network,
        TrainSpec training,
        List<Target> targets,
        Normalizer normalizer,
        RidgeBaseline baseline,
        List<Ensemble.Regression> regressions,
        SeenTracks seen,
        JsonNode provenance,
        List<float[]> networks,
        String origin) {

    /** The version that this program reads and writes. */
    public static final int FORMAT_VERSION = 1;

    /** Patches that are predicted at a time. {@link #open} sees to it that there is memory for them. */
    public static final int BATCH = 16;

    /** The failure of a track whose prediction is not finite. */
    public static final Failure NO_ANSWER =
            new Failure(Failure.Code.NO_ANSWER, "the model's answer is no number; train another one");

    private static final String FORMAT = "format";
    private static final String FORMAT_NAME = "melgauge.model";
    private static final String VERSION = "formatVersion";
    private static final String FEATURES = "features";
    private static final String PATCH = "patch";
    private static final String NETWORK = "network";
    private static final String TRAINING = "training";
    private static final String TARGETS = "targets";
    private static final String NORMALIZER = "normalizer";
    private static final String ENSEMBLE = "ensemble";
    private static final String PROVENANCE = "provenance";
    private static final String BASELINE = "baseline.";
    private static final String MODULATION = "modulation.";
    private static final String SEEN = "seen.";
    private static final String MEAN = "normalizer.mean";
    private static final String STD = "normalizer.std";
    private static final String REMEDY = "; copy or train it again";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Characters of a message. */
    private static final int MOST_WORDS = 600;

    public ModelBundle {
        targets = List.copyOf(targets);
        networks = List.copyOf(networks);
        regressions = List.copyOf(regressions);
        if (regressions.size() > 1) {
            throw new IllegalArgumentException(regressions.size() + " regressions must be at most 1");
        }
    }

    /** What answers: several networks, and a regression with its share. */
    private record Members(int networks, double modulationShare) {}

    /** A kind of normaliser, whose numbers are arrays. */
    private record NormalizerType(NormalizerKind kind) {}

    /** The share of the modulation regression in the model's values; 0 if there is none. */
    public double modulationShare() {
        return regressions.stream().mapToDouble(Ensemble.Regression::share).sum();
    }

    /** How tracks become patches. */
    public Inference.Cut cut() {
        return new Inference.Cut(patch, normalizer);
    }

    /** The shape of the patches that the networks read. */
    public PatchShape shape() {
        return new PatchShape(patch.frames(), features.bands());
    }

    /** What the networks' arithmetic follows from, beside their parameters. */
    public Architecture architecture() {
        return new Architecture(network, shape(), targets.size());
    }

    /**
     * The time line of a track.
     *
     * @param answers {@code [patches, targets]}, in [0,1]
     * @param frames of the track
     * @param seconds that it lasts
     */
    public List<Segment> segments(float[] answers, int frames, double seconds) {
        double secondsPerFrame = features.hopLength() / (double) features.sampleRate();
        List<Segment> segments = new ArrayList<>();
        for (int patchStart : patch.starts(frames)) {
            Map<String, Double> values = new LinkedHashMap<>();
            for (int t = 0; t < targets.size(); t++) {
                float answer = answers[segments.size() * targets.size() + t];
                values.put(targets.get(t).name(), targets.get(t).scale().fromUnit(answer));
            }
            double start = patchStart * secondsPerFrame;
            double end = start + patch.frames() * secondsPerFrame;
            segments.add(new Segment(start, Math.min(end, seconds), values));
        }
        return segments;
    }

    /** The prefix of a network's arrays, counted from 0. */
    private static String prefix(int network) {
        return "network." + network + ".";
    }

    /**
     * Opens the network, or all of them as one, to predict with.
     *
     * @throws IOException naming the file, if it holds parameters that are NaN or infinite, there is not the memory to predict
     *     {@link #BATCH} patches at a time, or it does not answer patches of noise with numbers
     */
    public Ensemble open(Session session) throws IOException {
        for (int i = 0; i < networks.size(); i++) {
            String flaw = flaw(i);
            if (!flaw.isEmpty()) {
                throw new IOException(
                        origin + ": " + flaw + "; its training has diverged, and melgauge diagnose may say why");
            }
        }
        long parameters = (long) networks.size() * architecture().size();
        long needed = (long) networks.size() * BATCH * network.predictionBytes(shape()) + 2 * Float.BYTES * parameters;
        long free = session.freeBytes();
        if (needed > free) {
            throw new IOException(origin + ": needs " + (needed >> 20) + " MiB to predict " + BATCH
                    + " patches at a time, and " + (free >> 20)
                    + " MiB are free; give it more, such as JAVA_OPTS=-Xmx8g, or a larger machine");
        }
        List<Network> opened = new ArrayList<>();
        try {
            for (int i = 0; i < networks.size(); i++) {
                opened.add(session.open(architecture(), training, networks.get(i)));
            }
            Ensemble all = new Ensemble(opened, regressions, origin);
            tryOut(all);
            return all;
        } catch (IOException e) {
            opened.forEach(Network::close);
            throw e;
        } catch (RuntimeException e) {
            opened.forEach(Network::close);
            throw new IOException(origin + ": its network cannot be run; train it again", e);
        }
    }

    /**
     * The first array of a network, counted from 0, that holds a value which is NaN or infinite, in words; empty if there is
     * none.
     */
    public String flaw(int index) {
        for (Architecture.Slot slot : architecture().slots()) {
            for (int i = 0; i < slot.size(); i++) {
                if (!Float.isFinite(networks.get(index)[slot.offset() + i])) {
                    return prefix(index) + slot.name() + " holds a value that is NaN or infinite (at " + i + ")";
                }
            }
        }
        return "";
    }

    /** Predicts one patch of noise, and one far louder than music ever is: weights that overflow on music do so there. */
    private void tryOut(Ensemble ensemble) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        int size = ensemble.shape().size();
        float[] patches = new float[2 * size];
        for (int i = 0; i < size; i++) {
            patches[i] = (float) random.nextDouble(-2, 2);
            patches[size + i] = 100 * patches[i];
        }
        for (float answer : ensemble.predict(patches, 2)) {
            if (!Float.isFinite(answer)) {
                throw new IOException(origin + ": its network answers noise with what is no number, so its weights are"
                        + " too large; train it again");
            }
        }
    }

    /**
     * Writes a network alone in its framework's own format, atomically; see {@link Session#export}.
     *
     * @param index from 0
     */
    public void export(Session session, int index, Path file) throws IOException {
        AtomicFile.write(file, out -> session.export(architecture(), training, networks.get(index), out));
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

    /** Writes the model, atomically. */
    public void write(Path file) throws IOException {
        NamedArrays.Builder arrays = NamedArrays.builder()
                .text(FORMAT, FORMAT_NAME)
                .text(VERSION, Integer.toString(FORMAT_VERSION))
                .json(FEATURES, features)
                .json(PATCH, patch)
                .json(NETWORK, network)
                .json(TRAINING, training)
                .json(TARGETS, targets)
                .json(NORMALIZER, new NormalizerType(normalizer.kind()))
                .json(ENSEMBLE, new Members(networks.size(), modulationShare()))
                .json(PROVENANCE, provenance);
        for (int i = 0; i < networks.size(); i++) {
            architecture().write(networks.get(i), prefix(i), arrays);
        }
        writeParts(arrays).sealed().write(file);
    }

    /** Adds all but the networks, which take the most room. */
    private NamedArrays.Builder writeParts(NamedArrays.Builder arrays) {
        write(normalizer, arrays);
        baseline.write(arrays, BASELINE);
        regressions.forEach(regression -> regression.fitted().write(arrays, MODULATION));
        seen.write(arrays, SEEN);
        return arrays;
    }

    private static void write(Normalizer normalizer, NamedArrays.Builder arrays) {
        if (normalizer instanceof BandNormalizer band) {
            arrays.doubles(MEAN, band.mean(), band.bands()).doubles(STD, band.std(), band.bands());
        } else if (normalizer instanceof PatchNormalizer patch) {
            arrays.doubles(STD, patch.scale().std(), patch.bands());
        } else if (normalizer instanceof GlobalNormalizer global) {
            arrays.doubles(MEAN, new double[] {global.mean()}, 1).doubles(STD, new double[] {global.std()}, 1);
        }
    }

    private static Normalizer normalizer(NamedArrays arrays, int bands) throws IOException {
        try {
            return switch (part(arrays, NORMALIZER, NormalizerType.class).kind()) {
                case BAND -> new BandNormalizer(arrays.doubles(MEAN, bands), arrays.doubles(STD, bands));
                case PATCH -> PatchNormalizer.of(arrays.doubles(STD, bands));
                case GLOBAL -> new GlobalNormalizer(bands, arrays.doubles(MEAN, 1)[0], arrays.doubles(STD, 1)[0]);
                case NONE -> new NoNormalizer(bands);
            };
        } catch (IllegalArgumentException e) {
            throw new IOException("its normaliser is damaged: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a model and checks all of it, but for whether the networks' parameters are finite, which {@link #open} does.
     *
     * @throws IOException in a sentence that names the file, if it is not a model, is damaged, does not fit together, or is
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
        try {
            requireMemory(Files.size(file));
            return parse(NamedArrays.read(file), file.toString());
        } catch (NamedArrays.OtherFormatException e) {
            throw new IOException(file + ": is not a Melgauge model: it " + e.getMessage() + REMEDY, e);
        } catch (AccessDeniedException e) {
            throw new IOException(file + ": you may not read it; change its permissions", e);
        } catch (IOException | UsageException e) {
            String message = String.valueOf(e.getMessage());
            // What a message quotes may be as long as a document.
            throw new IOException(
                    file + ": " + (message.length() > MOST_WORDS ? message.substring(0, MOST_WORDS) + "…" : message)
                            + (message.contains(";") ? "" : REMEDY),
                    e);
        }
    }

    private static void requireMemory(long size) throws IOException {
        long memory = Runtime.getRuntime().maxMemory();
        if (size > memory / 2) {
            throw new IOException("has " + (size >> 20) + " MiB, more than half of the " + (memory >> 20)
                    + " MiB that Java may take; give it more, such as JAVA_OPTS=-Xmx8g");
        }
    }

    private static ModelBundle parse(NamedArrays arrays, String origin) throws IOException {
        requireVersion(arrays);
        arrays.requireIntact();
        FeatureSpec features = part(arrays, FEATURES, FeatureSpec.class);
        PatchSpec patch = part(arrays, PATCH, PatchSpec.class);
        NetworkSpec network = part(arrays, NETWORK, NetworkSpec.class);
        List<Target> targets = List.of(part(arrays, TARGETS, Target[].class));
        if (targets.isEmpty() || targets.stream().map(Target::name).distinct().count() != targets.size()) {
            throw new IOException(TARGETS + " must have at least one target, and none twice");
        }
        int bands = features.bands();
        Architecture architecture = new Architecture(network, new PatchShape(patch.frames(), bands), targets.size());
        Members ensemble = part(arrays, ENSEMBLE, Members.class);
        if (ensemble.networks() < 1 || ensemble.networks() > TrainSpec.MOST_NETWORKS) {
            throw new IOException(ENSEMBLE + " has " + ensemble.networks() + " networks, it must have 1 to "
                    + TrainSpec.MOST_NETWORKS);
        }
        List<float[]> networks = new ArrayList<>();
        for (int i = 0; i < ensemble.networks(); i++) {
            networks.add(architecture.read(arrays, prefix(i)));
        }
        ModelBundle bundle = new ModelBundle(
                features,
                patch,
                network,
                part(arrays, TRAINING, TrainSpec.class),
                targets,
                normalizer(arrays, bands),
                RidgeBaseline.read(arrays, BASELINE, 2 * bands, targets.size()),
                regressions(arrays, ensemble, features, targets.size()),
                SeenTracks.read(arrays, SEEN),
                arrays.json(PROVENANCE),
                networks,
                origin);
        bundle.requireNothingElse(arrays);
        return bundle;
    }

    private static void requireVersion(NamedArrays arrays) throws IOException {
        if (!FORMAT_NAME.equals(arrays.texts().get(FORMAT))) {
            throw new IOException("is not a Melgauge model: its text " + FORMAT + " is not " + FORMAT_NAME);
        }
        String version = arrays.text(VERSION);
        if (!version.equals(Integer.toString(FORMAT_VERSION))) {
            throw new IOException("has the format version " + version + ", this program reads " + FORMAT_VERSION
                    + "; use the Melgauge that wrote it, or train it again");
        }
    }

    private static List<Ensemble.Regression> regressions(
            NamedArrays arrays, Members members, FeatureSpec features, int outputs) throws IOException {
        double share = members.modulationShare();
        if (!(share >= 0 && share <= 1)) {
            throw new IOException(ENSEMBLE + " has a modulationShare of " + share + ", it must be from 0 to 1");
        }
        if (share == 0) {
            return List.of();
        }
        Modulation reading = new Modulation(features);
        return List.of(new Ensemble.Regression(
                ModulationRegression.read(arrays, MODULATION, reading.size(), outputs), reading, share));
    }

    /** Refuses arrays that no model of these settings has. */
    private void requireNothingElse(NamedArrays arrays) throws IOException {
        Set<String> known =
                new TreeSet<>(writeParts(NamedArrays.builder()).build().arrays().keySet());
        for (int i = 0; i < networks.size(); i++) {
            for (Architecture.Slot slot : architecture().slots()) {
                known.add(prefix(i) + slot.name());
            }
        }
        for (String name : arrays.arrays().keySet()) {
            if (!known.contains(name)) {
                throw new IOException("holds the array " + name + ", which no model of its settings has");
            }
        }
    }

    private static <T> T part(NamedArrays arrays, String name, Class<T> type) throws IOException {
        JsonNode json = arrays.json(name);
        requireNoNull(name, json);
        T value = StrictJson.value(name, json, type);
        requireAll(name, JSON.valueToTree(value), json);
        return value;
    }

    /** Settings that may be missing are omitted, not null. */
    private static void requireNoNull(String name, JsonNode node) throws IOException {
        if (node.isNull()) {
            throw new IOException("has nothing for " + name);
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            requireNoNull(name + "." + entry.getKey(), entry.getValue());
        }
        for (int i = 0; i < node.size() && node.isArray(); i++) {
            requireNoNull(name + "[" + i + "]", node.path(i));
        }
    }

    /** Refuses a document that says nothing of a setting, for which there would be null, or 0. */
    private static void requireAll(String name, JsonNode needed, JsonNode there) throws IOException {
        for (Map.Entry<String, JsonNode> entry : needed.properties()) {
            String key = name + "." + entry.getKey();
            if (!there.has(entry.getKey())) {
                throw new IOException("has nothing for " + key);
            }
            requireAll(key, entry.getValue(), there.path(entry.getKey()));
        }
        for (int i = 0; i < needed.size() && needed.isArray(); i++) {
            requireAll(name + "[" + i + "]", needed.path(i), there.path(i));
        }
    }
}
