package melgauge.model.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * Reads configurations of networks whose blocks were two layers, {@code LeanConvolution} and {@code NormPReLUPool}: each
 * pair becomes a {@link ConvBlock}. Parameters and the state of the update rule lie in the same order in both, so nothing
 * else changes. The second of these classes is gone; networks without it stay as they are.
 */
final class FormerNetwork {
    private static final String CONVOLUTION = "melgauge.model.dl4j.LeanConvolution";
    static final String NORM = "melgauge.model.dl4j.NormPReLUPool";
    private static final String PREPROCESSORS = "inputPreProcessors";

    private FormerNetwork() {}

    /**
     * A configuration as this program writes it; it may be changed by this.
     *
     * @throws IOException if a layer of a pair is not as it was written
     */
    static JsonNode upgrade(ObjectNode network) throws IOException {
        JsonNode layers = network.path("confs");
        ArrayNode upgraded = JsonNodeFactory.instance.arrayNode();
        ObjectNode preprocessors = JsonNodeFactory.instance.objectNode();
        int blocks = 0;
        for (int i = 0; i < layers.size(); i++) {
            JsonNode preprocessor = network.path(PREPROCESSORS).path(Integer.toString(i));
            if (!preprocessor.isMissingNode()) {
                preprocessors.set(Integer.toString(upgraded.size()), preprocessor);
            }
            if (kind(layers.path(i)).equals(CONVOLUTION)
                    && kind(layers.path(i + 1)).equals(NORM)) {
                boolean last = !kind(layers.path(i + 2)).equals(CONVOLUTION);
                blocks++;
                upgraded.add(block(blocks, layers.path(i), layers.path(i + 1), last));
                i++;
            } else {
                upgraded.add(layers.path(i));
            }
        }
        if (blocks > 0) {
            network.set("confs", upgraded);
            network.set(PREPROCESSORS, preprocessors);
        }
        return network;
    }

    private static String kind(JsonNode layer) {
        return layer.path("layer").path("@class").asText();
    }

    private static ObjectNode block(int number, JsonNode convolution, JsonNode norm, boolean last) throws IOException {
        ObjectNode block = norm.deepCopy();
        ObjectNode layer = (ObjectNode) block.get("layer");
        JsonNode convolved = convolution.path("layer");
        layer.put("@class", ConvBlock.class.getName());
        layer.put("layerName", "block" + number);
        layer.set("inChannels", convolved.path("nin"));
        // Networks that were saved before there was a choice have no width of the pooling.
        layer.put("poolWidth", layer.path("poolWidth").asInt(2));
        layer.put("channelsFirstIn", number == 1);
        layer.put("channelsFirstOut", last);
        for (String kept : new String[] {"regularization", "weightInitFn", "iupdater"}) {
            layer.set(kept, convolved.path(kept));
        }
        ArrayNode variables = block.putArray("variables");
        variables.addAll(variables(convolution));
        variables.addAll(variables(norm));
        return block;
    }

    private static ArrayNode variables(JsonNode layer) throws IOException {
        if (layer.get("variables") instanceof ArrayNode variables) {
            return variables;
        }
        throw new IOException(SavedNetwork.CONFIGURATION + " has a layer without variables");
    }
}
