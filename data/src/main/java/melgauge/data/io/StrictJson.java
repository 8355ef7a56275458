package melgauge.data.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.stream.Collectors;
import melgauge.data.UsageException;

/**
 * Reads JSON that a stranger may have written: within limits of size and depth, with no key twice, no number beyond
 * double precision and no control characters, which a terminal would obey. Values are what they are: a text is no number,
 * and 1.5 is no whole one.
 */
public final class StrictJson {
    /**
     * The largest document. A default model's are up to 100 kB; one that was trained on hundreds of thousands of tracks holds
     * 22 characters for each.
     */
    public static final int MOST_BYTES = 16 << 20;

    private static final int MOST_DEPTH = 50;
    private static final int MOST_TOKENS = 1_000_000;
    private static final int MOST_DIGITS = 100;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxDocumentLength(MOST_BYTES)
                            .maxNestingDepth(MOST_DEPTH)
                            .maxTokenCount(MOST_TOKENS)
                            .maxNumberLength(MOST_DIGITS)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private StrictJson() {}

    /**
     * Reads a document.
     *
     * @param name of the document, for errors
     * @throws IOException in a sentence that begins with the name
     */
    public static JsonNode tree(String name, byte[] content) throws IOException {
        JsonNode tree;
        try {
            tree = JSON.readTree(content);
        } catch (JsonProcessingException e) {
            throw new IOException(name + " is not JSON that can be read" + reason(e), e);
        } catch (IOException e) {
            throw new IOException(name + " is not text in UTF-8", e);
        }
        if (tree.isMissingNode()) {
            throw new IOException(name + " is empty");
        }
        requirePlain(name, tree);
        return tree;
    }

    /**
     * A part of a document as a record.
     *
     * @param name of the part, for errors
     * @throws IOException in a sentence that begins with the name
     */
    public static <T> T value(String name, JsonNode tree, Class<T> type) throws IOException {
        try {
            return JSON.treeToValue(tree, type);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    e.getCause() instanceof UsageException wrong
                            ? name + ": " + wrong.getMessage()
                            : name + (e instanceof JsonMappingException at ? path(at) : "")
                                    + " is not what belongs there",
                    e);
        } catch (UsageException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
                .collect(Collectors.joining());
    }

    private static String reason(JsonProcessingException e) {
        String message = String.valueOf(e.getOriginalMessage());
        if (e instanceof StreamConstraintsException || message.startsWith("Duplicate")) {
            // Without where Jackson keeps its limits.
            return ": " + message.replaceAll(", from `[^`]*`", "").replaceAll("\\p{Cntrl}", "?");
        }
        JsonLocation place = e.getLocation();
        return place == null ? "" : " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ")";
    }

    private static void requirePlain(String name, JsonNode node) throws IOException {
        if (node.isNumber() && !Double.isFinite(node.doubleValue())) {
            throw new IOException(name + " holds a number that is too large");
        }
        requirePlain(name, node.isTextual() ? node.textValue() : "");
        for (String key : (Iterable<String>) node::fieldNames) {
            requirePlain(name, key);
        }
        for (JsonNode child : node) {
            requirePlain(name, child);
        }
    }

    private static void requirePlain(String name, String text) throws IOException {
        if (text.chars().anyMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')) {
            throw new IOException(name + " holds a text with a control character");
        }
    }
}
