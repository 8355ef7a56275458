package melgauge.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A safetensors file, read and written by the format's description alone, without a single check: a second reader to compare
 * with, and a writer of files that no honest one would write.
 */
final class SafetensorsFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    final Map<String, String> texts = new TreeMap<>();
    final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /** An array as the file has it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Tensor(String type, String shape, byte[] bytes) {
        float number(int index) {
            return floats(bytes).getFloat(4 * index);
        }

        void set(int index, float value) {
            floats(bytes).putFloat(4 * index, value);
        }

        private static ByteBuffer floats(byte[] bytes) {
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    static SafetensorsFile of(byte[] content) throws IOException {
        SafetensorsFile file = new SafetensorsFile();
        int length =
                (int) ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong();
        JsonNode header = JSON.readTree(new String(content, 8, length, StandardCharsets.UTF_8));
        header.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            if (entry.getKey().equals("__metadata__")) {
                value.properties()
                        .forEach(text ->
                                file.texts.put(text.getKey(), text.getValue().asText()));
            } else {
                int begin = 8 + length + value.at("/data_offsets/0").asInt();
                int end = 8 + length + value.at("/data_offsets/1").asInt();
                file.tensors.put(
                        entry.getKey(),
                        new Tensor(
                                value.path("dtype").asText(),
                                value.path("shape").toString(),
                                Arrays.copyOfRange(content, begin, end)));
            }
        });
        return file;
    }

    Tensor tensor(String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    /** The bytes of the file, with checksums that are right. */
    byte[] sealed() throws IOException {
        // The widest numbers first, then by name, as safetensors' own writer has them.
        Map<String, Tensor> sorted = new TreeMap<>(tensors);
        tensors.clear();
        for (String type : List.of("F64", "F32", "U8")) {
            sorted.forEach((name, tensor) -> {
                if (tensor.type().equals(type)) {
                    tensors.put(name, tensor);
                }
            });
        }
        texts.keySet().removeAll(List.of("sha256", "metadataSha256"));
        try {
            MessageDigest data = MessageDigest.getInstance("SHA-256");
            tensors.values().forEach(tensor -> data.update(tensor.bytes()));
            MessageDigest metadata = MessageDigest.getInstance("SHA-256");
            texts.forEach(
                    (name, text) -> metadata.update((name + "\n" + text + "\n").getBytes(StandardCharsets.UTF_8)));
            texts.put("sha256", HexFormat.of().formatHex(data.digest()));
            texts.put("metadataSha256", HexFormat.of().formatHex(metadata.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
        return bytes();
    }

    /** The bytes of the file as it is. */
    byte[] bytes() throws IOException {
        ObjectNode header = JSON.createObjectNode();
        header.set("__metadata__", JSON.valueToTree(texts));
        int end = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            ObjectNode tensor = header.putObject(entry.getKey());
            tensor.put("dtype", entry.getValue().type());
            tensor.set("shape", JSON.readTree(entry.getValue().shape()));
            tensor.putArray("data_offsets").add(end).add(end += entry.getValue().bytes().length);
        }
        byte[] json = JSON.writeValueAsBytes(header);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + end).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);
        tensors.values().forEach(tensor -> file.put(tensor.bytes()));
        return file.array();
    }
}
