package melgauge.features;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import melgauge.data.UsageException;
import org.jspecify.annotations.Nullable;

/**
 * A {@link FeatureSpec} as one flat block of JSON. The keys of a kind are the components of its record, and those of the
 * records in it that are marked {@link JsonUnwrapped}.
 */
final class FeatureSpecJson {
    private static final String KIND = "kind";

    /** Identities hold the keys in this order; those of later kinds follow in the order of the alphabet. */
    private static final List<String> ORDER = List.of(
            KIND,
            "sampleRate",
            "nFft",
            "winLength",
            "hopLength",
            "window",
            "center",
            "padMode",
            "nMels",
            "fMin",
            "fMax",
            "melScale",
            "norm",
            "power",
            "compression",
            "storage",
            "topDb",
            "ref",
            "nMfcc",
            "binsPerOctave",
            "nChroma",
            "excerpt",
            "downmix");

    /** Double.toString gives other digits on JDK 17 than on 19 and later; Jackson's own writer gives the same on all. */
    private static final ObjectMapper CANONICAL = new ObjectMapper(JsonFactory.builder()
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build());

    private FeatureSpecJson() {}

    static String canonical(FeatureSpec spec) {
        try {
            return CANONICAL.writeValueAsString(tree(spec));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a feature spec cannot be written as JSON", e);
        }
    }

    static ObjectNode tree(FeatureSpec spec) {
        Map<String, JsonNode> settings = new TreeMap<>();
        settings.put(KIND, CANONICAL.valueToTree(spec.kind()));
        spec.unread().forEach((key, value) -> settings.put(key, CANONICAL.valueToTree(value)));
        collect((Record) spec, settings);
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        for (String key : ORDER) {
            JsonNode value = settings.remove(key);
            if (value != null) {
                tree.set(key, value);
            }
        }
        settings.forEach(tree::set);
        return tree;
    }

    private static void collect(Record from, Map<String, JsonNode> into) {
        for (RecordComponent component : from.getClass().getRecordComponents()) {
            Object value = value(component, from);
            if (isFlat(component)) {
                collect((Record) Objects.requireNonNull(value), into);
            } else if (value != null) {
                into.put(component.getName(), CANONICAL.valueToTree(value));
            }
        }
    }

    private static boolean isFlat(RecordComponent component) {
        return component.getAccessor().isAnnotationPresent(JsonUnwrapped.class);
    }

    private static @Nullable Object value(RecordComponent component, Record of) {
        try {
            return component.getAccessor().invoke(of);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }

    /** The keys of a kind's record, without {@code kind}. */
    static Set<String> keys(Class<?> record) {
        Set<String> keys = new HashSet<>();
        for (RecordComponent component : record.getRecordComponents()) {
            if (isFlat(component)) {
                keys.addAll(keys(component.getType()));
            } else {
                keys.add(component.getName());
            }
        }
        return keys;
    }

    /** Writes a spec's settings. */
    static final class Writer extends JsonSerializer<FeatureSpec> {
        @Override
        public void serialize(FeatureSpec spec, JsonGenerator out, SerializerProvider provider) throws IOException {
            provider.defaultSerializeValue(tree(spec), out);
        }
    }

    /** Reads the settings of the kind that {@code kind} names. */
    static final class Reader extends JsonDeserializer<FeatureSpec> {
        @Override
        public FeatureSpec deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            JsonNode json = context.readTree(parser);
            try {
                Object named = setting(json, KIND, FeatureSpec.Kind.class, context);
                Checks.present(KIND, named, FeatureSpec.Kind.values());
                FeatureSpec.Kind kind = (FeatureSpec.Kind) Objects.requireNonNull(named);
                refuseUnknown(json, kind, context);
                return (FeatureSpec) read(json, kind.type(), context);
            } catch (UsageException e) {
                throw JsonMappingException.from(parser, e.getMessage(), e);
            }
        }

        private static void refuseUnknown(JsonNode json, FeatureSpec.Kind kind, DeserializationContext context)
                throws IOException {
            Set<String> own = keys(kind.type());
            Set<String> known = new HashSet<>(Set.of(KIND));
            for (FeatureSpec.Kind other : FeatureSpec.Kind.values()) {
                known.addAll(keys(other.type()));
            }
            for (var entry : json.properties()) {
                if (!known.contains(entry.getKey())) {
                    context.handleUnknownProperty(context.getParser(), null, FeatureSpec.class, entry.getKey());
                }
            }
            // The other keys stand in every run file; these two are off there, and turned on only by somebody who
            // counts on it.
            for (String key : List.of("topDb", "ref")) {
                JsonNode value = json.path(key);
                if (!own.contains(key)
                        && !value.isNull()
                        && !value.isMissingNode()
                        && !value.asText().equals("one")) {
                    Object shown = value.isNumber() ? (Object) value.doubleValue() : value.asText();
                    throw new UsageException(key + "=" + shown + " must be left away with kind=" + Checks.word(kind)
                            + ", which has no decibels");
                }
            }
        }

        private static Object read(JsonNode json, Class<?> type, DeserializationContext context) throws IOException {
            RecordComponent[] components = type.getRecordComponents();
            @Nullable Object[] values = new @Nullable Object[components.length];
            for (int i = 0; i < components.length; i++) {
                Class<?> of = components[i].getType();
                if (!isFlat(components[i])) {
                    values[i] = setting(json, components[i].getName(), of, context);
                } else if (FeatureSpec.class.isAssignableFrom(of)) {
                    values[i] = read(json, of, context);
                } else {
                    values[i] = context.readTreeAsValue(json, of);
                }
            }
            try {
                Class<?>[] types =
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
                return type.getDeclaredConstructor(types).newInstance(values);
            } catch (InvocationTargetException e) {
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new IllegalStateException(type + " cannot be made", e);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(type + " cannot be made", e);
            }
        }

        private static @Nullable Object setting(
                JsonNode json, String name, Class<?> type, DeserializationContext context) throws IOException {
            JsonNode value = json.path(name);
            if (value.isMissingNode() || value.isNull()) {
                if (type.isPrimitive()) {
                    throw new UsageException(
                            name + "=null must be a " + (type == int.class ? "whole number" : "number"));
                }
                return null;
            }
            try {
                return context.readTreeAsValue(value, type);
            } catch (JsonMappingException e) {
                e.prependPath(FeatureSpec.class, name);
                throw e;
            }
        }
    }
}
