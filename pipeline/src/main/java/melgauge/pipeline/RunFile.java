package melgauge.pipeline;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import melgauge.data.Nearest;
import melgauge.data.Scale;
import melgauge.data.SplitSpec;
import melgauge.data.UsageException;
import melgauge.features.FeatureSpec;
import melgauge.features.NormalizerKind;
import melgauge.features.PatchSpec;
import melgauge.model.engine.Execution;
import melgauge.model.regression.ModulationShare;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.TrainSpec;
import melgauge.pipeline.decoding.Limits;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads {@code run.yaml}: the defaults, over them the file, over that what {@code --set} says. It is strict: an unknown
 * key is an error that names its line and the nearest known key, and so is a value of another kind. What may stand in
 * the file is what stands in {@code defaults.yaml}.
 */
public final class RunFile {
    private static final Set<String> PATHS = Set.of("corpus.manifest", "corpus.audio", "cache", "output");
    /** Keys of {@code training} that change no result. */
    private static final List<String> EXECUTION = List.of("engine", "device", "threads", "checkpointSeconds");

    /** Whose keys are names of the corpus's own. */
    static final Set<String> FREE_KEYS = Set.of("corpus.scale");

    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER));
    private static final ObjectMapper VALUES = JsonMapper.builder()
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private final ObjectNode settings = defaults();
    private final Map<String, String> origins = new HashMap<>();

    private RunFile() {}

    /**
     * Reads a run's settings.
     *
     * @param file a {@code run.yaml}; relative paths in it start from its folder
     * @param sets settings such as {@code training.epochs=5}; relative paths in them start from the working directory
     * @throws UsageException naming the line and the key of what is wrong
     */
    public static RunSpec read(Path file, List<String> sets) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new UsageException(
                    Files.isDirectory(file)
                            ? file + " is a folder; name the run.yaml in it"
                            : Files.exists(file)
                                    ? file + " cannot be read: " + e.getMessage()
                                    : file + ": there is no such run file; 'melgauge init DIR' writes one",
                    e);
        }
        return read(text, file, sets);
    }

    /** Reads settings from text as if it stood in {@code file}. */
    public static RunSpec read(String text, Path file, List<String> sets) {
        RunFile run = new RunFile();
        run.merge(text, file.toString());
        Path folder = Objects.requireNonNull(file.toAbsolutePath().normalize().getParent(), "a file is in a folder");
        run.resolvePaths(folder);
        sets.forEach(run::set);
        return run.spec();
    }

    /** Reads a feature spec: a file with the keys of the {@code features} block. */
    public static FeatureSpec readFeatures(Path file) {
        try {
            RunFile run = new RunFile();
            run.mergeSection("features", Files.readString(file), file.toString());
            return run.features();
        } catch (IOException e) {
            throw new UsageException(file + " cannot be read as a feature spec: " + e.getMessage(), e);
        }
    }

    /** Every key, with its default. */
    static ObjectNode defaults() {
        try (InputStream in = Objects.requireNonNull(RunFile.class.getResourceAsStream("defaults.yaml"))) {
            return (ObjectNode) YAML.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void merge(String text, String name) {
        Node node = compose(text, name);
        if (node != null) {
            merge(node, "", settings, name);
        }
    }

    private void mergeSection(String section, String text, String name) {
        Node node = compose(text, name);
        if (node != null) {
            merge(node, section, (ObjectNode) settings.get(section), name);
        }
    }

    /** Text as a tree whose nodes know their lines; null if the text is empty. */
    static @Nullable Node compose(String text, String name) {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(20);
        try {
            return new Yaml(options).compose(new StringReader(text));
        } catch (MarkedYAMLException e) {
            String line =
                    e.getProblemMark() == null ? "" : ":" + (e.getProblemMark().getLine() + 1);
            throw new UsageException(name + line + ": is not valid YAML: " + e.getProblem(), e);
        } catch (YAMLException e) {
            throw new UsageException(name + ": is not valid YAML: " + e.getMessage(), e);
        }
    }

    private void merge(Node node, String prefix, ObjectNode into, String name) {
        if (!(node instanceof MappingNode mapping)) {
            throw new UsageException(name + at(node) + ": " + (prefix.isEmpty() ? "the file" : prefix)
                    + " must be a block of keys and values");
        }
        Set<String> seen = new HashSet<>();
        for (NodeTuple entry : mapping.getValue()) {
            String key = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
            String path = prefix.isEmpty() ? key : prefix + "." + key;
            String origin = name + at(entry.getKeyNode());
            if (!seen.add(key)) {
                throw new UsageException(origin + ": " + path + " is there twice");
            }
            JsonNode known = into.get(key);
            if (known == null) {
                throw new UsageException(origin + ": unknown key " + path + Nearest.hint(key, names(into))
                        + "; known here: " + String.join(", ", names(into)));
            }
            origins.put(path, origin);
            if (known.isObject() && !FREE_KEYS.contains(path)) {
                merge(entry.getValueNode(), path, (ObjectNode) known, name);
            } else {
                into.set(key, value(entry.getValueNode(), path, name));
            }
        }
    }

    private static List<String> names(ObjectNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String at(Node node) {
        return node.getStartMark() == null ? "" : ":" + (node.getStartMark().getLine() + 1);
    }

    private static JsonNode value(Node node, String path, String name) {
        if (node instanceof SequenceNode sequence) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            sequence.getValue().forEach(element -> array.add(value(element, path, name)));
            return array;
        }
        if (node instanceof MappingNode mapping) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            for (NodeTuple entry : mapping.getValue()) {
                object.set(((ScalarNode) entry.getKeyNode()).getValue(), value(entry.getValueNode(), path, name));
            }
            return object;
        }
        String text = ((ScalarNode) node).getValue();
        Tag tag = node.getTag();
        try {
            if (tag.equals(Tag.NULL)) {
                return JsonNodeFactory.instance.nullNode();
            }
            if (tag.equals(Tag.BOOL)) {
                return JsonNodeFactory.instance.booleanNode(
                        Set.of("true", "yes", "on").contains(text.toLowerCase(Locale.ROOT)));
            }
            if (tag.equals(Tag.INT)) {
                return JsonNodeFactory.instance.numberNode(new BigInteger(text));
            }
            if (tag.equals(Tag.FLOAT)) {
                return JsonNodeFactory.instance.numberNode(Double.parseDouble(text));
            }
        } catch (NumberFormatException e) {
            throw new UsageException(name + at(node) + ": " + path + "=" + text + " must be a plain decimal number", e);
        }
        // YAML 1.1 takes 1e-3 for text, because it has no point.
        return text.matches("[+-]?\\d+[eE][+-]?\\d+") && node.getTag().equals(Tag.STR) && ((ScalarNode) node).isPlain()
                ? JsonNodeFactory.instance.numberNode(Double.parseDouble(text))
                : JsonNodeFactory.instance.textNode(text);
    }

    private void resolvePaths(Path folder) {
        for (String path : PATHS) {
            resolve(path, folder);
        }
    }

    private void resolve(String path, Path folder) {
        ObjectNode section = section(path);
        String key = path.substring(path.lastIndexOf('.') + 1);
        JsonNode value = section.get(key);
        if (value.isTextual()) {
            try {
                section.put(key, folder.resolve(value.asText()).normalize().toString());
            } catch (InvalidPathException e) {
                throw new UsageException(
                        origin(path) + path + "=" + value.asText() + " is not a path: " + e.getReason(), e);
            }
        }
    }

    private ObjectNode section(String path) {
        int dot = path.indexOf('.');
        return dot < 0 ? settings : (ObjectNode) settings.get(path.substring(0, dot));
    }

    private void set(String setting) {
        int equals = setting.indexOf('=');
        String name = "--set " + setting;
        if (equals < 1) {
            throw new UsageException(name + ": must be KEY=VALUE, such as training.epochs=5");
        }
        String path = setting.substring(0, equals).strip();
        ObjectNode into = settings;
        String[] keys = path.split("\\.", -1);
        for (int i = 0; i < keys.length; i++) {
            JsonNode known = into.get(keys[i]);
            if (known == null && !(i > 0 && FREE_KEYS.contains(String.join(".", Arrays.copyOf(keys, i))))) {
                throw new UsageException(name + ": unknown key " + path + Nearest.hint(keys[i], names(into))
                        + "; known here: " + String.join(", ", names(into)));
            }
            if (i == keys.length - 1) {
                Node node = compose(setting.substring(equals + 1), name);
                origins.put(path, name);
                if (known != null && known.isObject() && node != null && !FREE_KEYS.contains(path)) {
                    merge(node, path, (ObjectNode) known, name);
                } else {
                    into.set(keys[i], node == null ? JsonNodeFactory.instance.nullNode() : value(node, path, name));
                }
            } else if (known instanceof ObjectNode section) {
                into = section;
            } else {
                throw new UsageException(name + ": " + keys[i] + " has no keys below it");
            }
        }
        if (PATHS.contains(path)) {
            resolve(path, Path.of("").toAbsolutePath());
        }
    }

    /**
     * Gives settings that depend on others the values that follow, unless the file or {@code --set} has them: the window is
     * as long as the transform, the highest band ends at half of the sample rate, as in librosa, and there are no more
     * cepstral coefficients than bands. In the defaults they agree already.
     */
    private void follow() {
        ObjectNode features = (ObjectNode) settings.get("features");
        if (!isGiven("features.winLength")) {
            features.set("winLength", features.get("nFft"));
        }
        JsonNode rate = features.get("sampleRate");
        if (!isGiven("features.fMax") && rate.isNumber()) {
            features.put("fMax", rate.asDouble() / 2);
        }
        JsonNode bands = features.get("nMels");
        if (!isGiven("features.nMfcc")
                && bands.canConvertToInt()
                && features.get("nMfcc").canConvertToInt()) {
            features.put("nMfcc", Math.min(features.get("nMfcc").asInt(), bands.asInt()));
        }
    }

    private boolean isGiven(String key) {
        return origins.containsKey(key);
    }

    /** The keys whose last part is a name, in any case and with or without dashes, such as {@code training.epochs}. */
    public static List<String> keysNamed(String name) {
        List<String> keys = new ArrayList<>();
        collect(defaults(), "", plain(name), keys);
        return keys;
    }

    private static void collect(ObjectNode node, String prefix, String name, List<String> into) {
        node.properties().forEach(entry -> {
            String key = prefix + entry.getKey();
            if (plain(entry.getKey()).equals(name)) {
                into.add(key);
            }
            if (entry.getValue() instanceof ObjectNode section) {
                collect(section, key + ".", name, into);
            }
        });
    }

    private static String plain(String name) {
        return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }

    private RunSpec spec() {
        ObjectNode corpus = (ObjectNode) settings.get("corpus");
        if (corpus.get("manifest").isNull()) {
            throw new UsageException("corpus.manifest is missing: name the CSV file with the tracks and their labels");
        }
        Map<String, Scale> scales = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : corpus.get("scale").properties()) {
            JsonNode range = entry.getValue();
            if (!range.isArray()
                    || range.size() != 2
                    || !range.get(0).isNumber()
                    || !range.get(1).isNumber()) {
                throw new UsageException(origin("corpus.scale") + "corpus.scale: " + entry.getKey()
                        + " must be two numbers, such as [1, 9]");
            }
            scales.put(
                    entry.getKey(),
                    located(
                            "corpus.scale",
                            () -> new Scale(
                                    range.get(0).asDouble(), range.get(1).asDouble())));
        }
        return new RunSpec(
                new RunSpec.Corpus(
                        Path.of(corpus.get("manifest").asText()),
                        Path.of(corpus.get("audio").asText()),
                        List.of(convert("corpus.targets", corpus.get("targets"), String[].class)),
                        convert("corpus.split", corpus.get("split"), SplitSpec.class),
                        scales),
                features(),
                convert("features.normalizer", settings.at("/features/normalizer"), NormalizerKind.class),
                convert("patch", settings.get("patch"), PatchSpec.class),
                convert("network", settings.get("network"), NetworkSpec.class),
                convert("training", training().remove(EXECUTION), TrainSpec.class),
                convert("training", training().retain(EXECUTION), Execution.class),
                convert("modulationShare", settings.get("modulationShare"), ModulationShare.class),
                convert("seed", settings.get("seed"), Long.class),
                convert("decoding", settings.get("decoding"), Limits.class),
                convert("workers", settings.get("workers"), Integer.class),
                Path.of(settings.get("cache").asText()),
                Path.of(settings.get("output").asText()));
    }

    private ObjectNode training() {
        return (ObjectNode) settings.get("training").deepCopy();
    }

    private FeatureSpec features() {
        follow();
        ObjectNode features = settings.get("features").deepCopy();
        features.remove("normalizer");
        return convert("features", features, FeatureSpec.class);
    }

    private interface Check<T> {
        T run();
    }

    private <T> T located(String path, Check<T> check) {
        try {
            return check.run();
        } catch (UsageException e) {
            throw new UsageException(origin(path) + e.getMessage(), e);
        }
    }

    private <T> T convert(String path, JsonNode node, Class<T> type) {
        try {
            T value = VALUES.treeToValue(node, type);
            if (value == null) {
                throw new UsageException(origin(path) + path + " is empty; give it a value or leave it away");
            }
            return value;
        } catch (JsonProcessingException e) {
            String field = e instanceof JsonMappingException mapping
                    ? mapping.getPath().stream()
                            .map(JsonMappingException.Reference::getFieldName)
                            .filter(Objects::nonNull)
                            .map(name -> "." + name)
                            .collect(Collectors.joining())
                    : "";
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof UsageException) {
                    String message = String.valueOf(cause.getMessage());
                    int equals = message.indexOf('=');
                    String key = equals > 0 ? path + "." + message.substring(0, equals) : path;
                    throw new UsageException(origin(origins.containsKey(key) ? key : path) + section(path, message), e);
                }
            }
            String key = path + field;
            throw new UsageException(origin(key) + key + "=" + shown(node, field) + " " + expected(e), e);
        }
    }

    private static String section(String path, String message) {
        return path.contains(".") || message.startsWith(path + "=") || !message.matches("[\\w.]+=.*")
                ? message
                : path + "." + message;
    }

    private static String shown(JsonNode node, String field) {
        JsonNode value = field.isEmpty() ? node : node.at(field.replace('.', '/'));
        return value.isTextual() ? value.asText() : value.toString();
    }

    private static String expected(JsonProcessingException e) {
        if (e instanceof MismatchedInputException mismatch) {
            Class<?> type = mismatch.getTargetType();
            if (type != null && type.isEnum()) {
                return "must be one of " + String.join(", ", words(type));
            }
            if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
                return "must be a whole number";
            }
            if (type == double.class || type == Double.class) {
                return "must be a number";
            }
            if (type == boolean.class || type == Boolean.class) {
                return "must be true or false";
            }
            if (type == String.class) {
                return "must be text";
            }
            return type != null && (type.isArray() || List.class.isAssignableFrom(type))
                    ? "must be a list, such as [a, b]"
                    : "is of the wrong kind";
        }
        return "cannot be read: " + e.getOriginalMessage();
    }

    private static List<String> words(Class<?> type) {
        List<String> words = new ArrayList<>();
        for (var field : type.getFields()) {
            JsonProperty word = field.getAnnotation(JsonProperty.class);
            if (field.isEnumConstant()) {
                words.add(word == null ? field.getName() : word.value());
            }
        }
        return words;
    }

    private String origin(String path) {
        for (String key = path; !key.isEmpty(); key = key.contains(".") ? key.substring(0, key.lastIndexOf('.')) : "") {
            String origin = origins.get(key);
            if (origin != null) {
                return origin + ": ";
            }
        }
        return "";
    }

    /** The settings as a {@code run.yaml} that reads as the same spec anywhere: every key, absolute paths. */
    public static String toYaml(RunSpec spec) throws IOException {
        return YAML.writeValueAsString(toTree(spec));
    }

    /** What {@link #toYaml} writes. */
    static ObjectNode toTree(RunSpec spec) {
        ObjectNode root = defaults();
        ObjectNode corpus = (ObjectNode) root.get("corpus");
        corpus.put("manifest", spec.corpus().manifest().toString());
        corpus.put("audio", spec.corpus().audio().toString());
        corpus.set("targets", YAML.valueToTree(spec.corpus().targets()));
        corpus.set("split", YAML.valueToTree(spec.corpus().split()));
        ObjectNode scales = corpus.putObject("scale");
        spec.corpus()
                .scale()
                .forEach((name, scale) -> scales.putArray(name).add(scale.low()).add(scale.high()));
        // Over the defaults: a spec leaves away what says nothing with its kind.
        ObjectNode features = (ObjectNode) root.get("features");
        features.setAll((ObjectNode) YAML.valueToTree(spec.features()));
        features.set("normalizer", YAML.valueToTree(spec.normalizer()));
        root.set("patch", YAML.valueToTree(spec.patch()));
        root.set("network", YAML.valueToTree(spec.network()));
        ObjectNode training = root.putObject("training");
        training.setAll((ObjectNode) YAML.valueToTree(spec.training()));
        training.setAll((ObjectNode) YAML.valueToTree(spec.execution()));
        root.set("modulationShare", YAML.valueToTree(spec.modulationShare()));
        root.put("seed", spec.seed());
        root.set("decoding", YAML.valueToTree(spec.decoding()));
        root.put("workers", spec.workers());
        root.put("cache", spec.cache().toString());
        root.put("output", spec.output().toString());
        return root;
    }
}
