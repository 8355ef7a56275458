package melgauge.data.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON lines: an object on each line, whose keys are columns. Values are text as they would stand in a CSV file; a list or
 * an object is its own JSON text, which no column of numbers takes for one.
 */
final class JsonLines implements TableReader.Rows {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            // Python writes them.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final BufferedReader lines;
    private final Map<String, Integer> columns = new LinkedHashMap<>();
    private TableReader.@Nullable Row first;
    private long line;

    JsonLines(Reader text) throws IOException {
        lines = new BufferedReader(text);
        first = read();
    }

    /** The keys so far, in the order of their first use. */
    @Override
    public List<String> header() {
        return List.copyOf(columns.keySet());
    }

    @Override
    public TableReader.@Nullable Row next() throws IOException {
        TableReader.Row row = first == null ? read() : first;
        first = null;
        return row;
    }

    private TableReader.@Nullable Row read() throws IOException {
        String text = "";
        while (text.isBlank()) {
            text = lines.readLine();
            line++;
            if (text == null) {
                return null;
            }
        }
        JsonNode object;
        try {
            object = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new TableReader.FormatException(line, "is not valid JSON: " + e.getOriginalMessage());
        }
        if (!object.isObject()) {
            throw new TableReader.FormatException(
                    line,
                    "is not a JSON object; each line must be one, such as"
                            + " {\"file_name\": \"a.mp3\", \"valence\": 0.5}");
        }
        object.fieldNames().forEachRemaining(name -> columns.putIfAbsent(name, columns.size()));
        List<String> cells = new ArrayList<>();
        for (String name : columns.keySet()) {
            JsonNode value = object.path(name);
            cells.add(
                    value.isMissingNode() || value.isNull()
                            ? ""
                            : value.isContainerNode() ? value.toString() : value.asText());
        }
        return new TableReader.Row(line, cells);
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
