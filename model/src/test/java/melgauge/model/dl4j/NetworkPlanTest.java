package melgauge.model.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import melgauge.model.Activation;
import melgauge.model.Engine;
import melgauge.model.Head;
import melgauge.model.NetworkSpec;
import melgauge.model.OutputBias;
import melgauge.model.Regressor;
import melgauge.model.Small;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations whose sizes do not fit: refused by name, before anything of such a size is made. */
class NetworkPlanTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long MODEST = 16 << 20;

    /** Blocks of one layer each. */
    private static Map<String, byte[]> fused = Map.of();

    /** Blocks of four layers each, with a bias, ended by a mean of each map. */
    private static Map<String, byte[]> stock = Map.of();

    private static Map<String, byte[]> files(NetworkSpec network) throws IOException {
        try (Regressor regressor =
                Engine.named("dl4j").create(network, Small.adam(0.01), Small.SHAPE, new double[] {0.4, 0.6}, 1)) {
            return regressor.save(true);
        }
    }

    @BeforeAll
    static void save() throws IOException {
        fused = files(Small.network());
        stock = files(new NetworkSpec(
                List.of(4, 8), List.of(8), Activation.RELU, false, 0.9, 0, 0.5, Head.AVERAGE, OutputBias.MEAN, 1, 0));
    }

    private static JsonNode document(Map<String, byte[]> files, String name) throws IOException {
        return JSON.readTree(Objects.requireNonNull(files.get(name)));
    }

    private static void fails(Map<String, byte[]> files, String name, JsonNode document, String... messages)
            throws IOException {
        Map<String, byte[]> changed = new HashMap<>(files);
        changed.put(name, JSON.writeValueAsBytes(document));
        long heap = THREADS.getCurrentThreadAllocatedBytes();
        long natives = Pointer.totalBytes();
        assertThatThrownBy(() -> Dl4jRegressor.open(changed))
                .isInstanceOf(IOException.class)
                .satisfies(e -> {
                    for (String message : messages) {
                        assertThat(e).hasMessageContaining(message);
                    }
                });
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - heap).isLessThan(MODEST);
        assertThat(Pointer.totalBytes()).isLessThanOrEqualTo(natives);
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "/confs/0/layer/channels    | 2147483647        | block1: channels is 2147483647, it must be a whole number from 1 to 4096",
                "/confs/0/layer/channels    | 4097              | block1: channels is 4097",
                "/confs/0/layer/channels    | 0                 | block1: channels is 0",
                "/confs/0/layer/channels    | -4                | block1: channels is -4",
                "/confs/0/layer/channels    | 4.0               | block1: channels is 4.0",
                "/confs/0/layer/channels    | '\"4\"'           | block1: channels is \"4\"",
                "/confs/0/layer/channels    | 4294967300        | block1: channels is 4294967300",
                "/confs/0/layer/channels    | 5                 | block2: inChannels is 4, it must be 5",
                "/confs/0/layer/channels    | null              | block1: channels is null",
                "/confs/0/layer/inChannels  | 2                 | block1: inChannels is 2, it must be 1",
                "/confs/0/layer/poolWidth   | 3                 | block1: poolWidth is 3, it must be 1 or 2",
                "/confs/0/layer/poolWidth   | 1                 | dense1: inputWidth is 4, it must be 8",
                "/confs/0/layer/channelsFirstIn  | false        | block1: channelsFirstIn is false, it must be true",
                "/confs/0/layer/channelsFirstOut | true         | block2: channelsFirstIn is false, it must be true",
                "/confs/1/layer/channelsFirstOut | false        | dense1: reads channels first, and is given them last",
                "/confs/0/layer/layerName   | null              | layer 0 has no name",
                "/confs/0/layer/layerName   | '\"a b\"'         | layer 0 has no name",
                "/confs/0/dataType          | '\"UTF8\"'        | block1: dataType is \"UTF8\", it must be \"FLOAT\"",
                "/confs/0/dataType          | '\"DOUBLE\"'      | block1: dataType is \"DOUBLE\", it must be \"FLOAT\"",
                "/dataType                  | null              | dataType is null, it must be",
                "/confs/2/layer/nin         | 200000000         | dense1: nin is 200000000, it must be 256",
                "/confs/2/layer/nout        | 2147483647        | dense1: nout is 2147483647, it must be a whole number from 1 to 65536",
                "/confs/2/layer/hasBias     | 1                 | dense1: hasBias is 1, it must be true or false",
                "/confs/2/layer/hasBias     | true              | coefficients.bin holds 2490.0 numbers, the network has 2498",
                "/confs/2/layer/hasLayerNorm | true             | dense1: hasLayerNorm is true, it must be false",
                "/confs/3/layer/nin         | 9                 | denseNorm1: nin is 9, it must be 8",
                "/confs/3/layer/nout        | 9                 | denseNorm1: nout is 9, it must be 8",
                "/confs/3/layer/lockGammaBeta | true            | denseNorm1: lockGammaBeta is true, it must be false",
                "/confs/4/layer/inputShape  | [9]               | denseAct1: inputShape is [9], it must be [8]",
                "/confs/4/layer/inputShape  | '[2,4]'           | denseAct1: inputShape is [2,4], it must be [8]",
                "/confs/4/layer/sharedAxes  | [1]               | denseAct1: sharedAxes is [1], it must be null",
                "/confs/5/layer/nout        | 3                 | configuration.json has 3 outputs, shape.json has 2",
                "/confs/5/layer/lossFn      | null              | output: @class is missing, it must be",
                "/confs/5/layer/lossFn/loss | null              | output: loss is null, it must be \"MSE\"",
                "/confs/5/layer/activationFn/@class | '\"org.nd4j.linalg.activations.impl.ActivationReLU\"' | output: @class is",
                "/confs                     | []                | has 0 layers, it must have 1 to 100",
                "/confs                     | null              | has 0 layers",
                "/confs                     | 7                 | has 0 layers",
                "/inputPreProcessors        | {}                | dense1: reads units, and is given maps",
                "/inputPreProcessors/2      | {}                | dense1: @class is missing",
                "/inputPreProcessors/2/numChannels | 2147483647 | dense1: numChannels is 2147483647, it must be 8",
                "/inputPreProcessors/2/inputHeight | 1000000000 | dense1: inputHeight is 1000000000, it must be 8",
                "/inputPreProcessors/2/format | '\"NHWC\"'      | dense1: format is \"NHWC\"",
            })
    void refusesABlockNetworkWithAnotherValue(String pointer, String value, String message) throws IOException {
        JsonNode configuration = document(fused, "configuration.json");
        put(configuration, pointer, value);
        fails(fused, "configuration.json", configuration, message);
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "/confs/0/layer/nout        | 2147483647        | conv1: nout is 2147483647, it must be a whole number from 1 to 4096",
                "/confs/0/layer/nin         | 2147483647        | conv1: nin is 2147483647, it must be 1",
                "/confs/0/layer/kernelSize  | '[100000,100000]' | conv1: kernelSize is [100000,100000], it must be [3,3]",
                "/confs/0/layer/kernelSize  | '[3]'             | conv1: kernelSize is [3], it must be [3,3]",
                "/confs/0/layer/stride      | '[0,1]'           | conv1: stride is [0,1], it must be [1,1]",
                "/confs/0/layer/padding     | '[1000000000,0]'  | conv1: padding is [1000000000,0], it must be [0,0]",
                "/confs/0/layer/dilation    | '[1,100000]'      | conv1: dilation is [1,100000], it must be [1,1]",
                "/confs/0/layer/convolutionMode | '\"Causal\"'  | conv1: convolutionMode is \"Causal\", it must be \"Same\"",
                "/confs/0/layer/cnn2dDataFormat | '\"NHWC\"'    | conv1: cnn2dDataFormat is \"NHWC\", it must be \"NCHW\"",
                "/confs/0/layer/nout        | 5                 | conv2: nin is 4, it must be 5",
                "/confs/2/layer/kernelSize  | '[2,3]'           | pool1: kernelSize is [2,3], it must be [2,2] or [2,1]",
                "/confs/2/layer/stride      | '[0,0]'           | pool1: stride is [0,0], it must be [2,2]",
                "/confs/2/layer/padding     | '[1000000,1000000]' | pool1: padding is [1000000,1000000], it must be [0,0]",
                "/confs/2/layer/poolingType | '\"PNORM\"'       | pool1: poolingType is \"PNORM\", it must be \"MAX\"",
                "/confs/6/layer/poolingType | '\"SUM\"'         | average: poolingType is \"SUM\", it must be \"AVG\"",
                "/confs/6/layer/collapseDimensions | false      | average: collapseDimensions is false, it must be true",
                "/confs/6/layer/poolingDimensions | '[0]'       | average: poolingDimensions is [0], it must be [2,3]",
                "/confs/7/layer/nin         | 1                 | dense1: nin is 1, it must be 8",
                "/inputPreProcessors/99     | {}                | prepares the input of a layer that it does not have",
                "/confs/7/layer/@class      | '\"org.deeplearning4j.nn.conf.layers.OutputLayer\"' | dense1: @class is",
                "/confs/7/layer/@class      | '\"org.nd4j.linalg.learning.config.Adam\"' | dense1: is no layer, but org.nd4j",
            })
    void refusesANetworkOfStockLayersWithAnotherValue(String pointer, String value, String message) throws IOException {
        JsonNode configuration = document(stock, "configuration.json");
        put(configuration, pointer, value);
        fails(stock, "configuration.json", configuration, message);
    }

    private static void put(JsonNode configuration, String pointer, String value) throws IOException {
        int slash = pointer.lastIndexOf('/');
        ((ObjectNode) configuration.at(pointer.substring(0, slash)))
                .set(pointer.substring(slash + 1), JSON.readTree(value));
    }

    @Test
    void refusesLayersInAnotherOrderOrNumber() throws IOException {
        JsonNode former = document(stock, "configuration.json");
        ArrayNode layers = (ArrayNode) former.get("confs");
        int count = layers.size();
        JsonNode output = layers.remove(count - 1);
        fails(stock, "configuration.json", former, "does not end with an output");
        layers.insert(0, output);
        fails(stock, "configuration.json", former, "output: reads units, and is given maps");
        layers.remove(0);
        layers.add(output).add(output);
        fails(stock, "configuration.json", former, "output: stands behind the output");
        layers.remove(count);
        JsonNode pool = layers.get(2);
        for (int i = 0; i < 5; i++) {
            layers.insert(2, pool);
        }
        fails(stock, "configuration.json", former, "pool1: pools 2 frames and 2 bands, and is given 2 and 1");
        JsonNode activation = layers.get(1);
        for (int i = 0; i < 1000; i++) {
            layers.insert(1, activation);
        }
        fails(stock, "configuration.json", former, "layers, it must have 1 to 100");
        JsonNode dense = document(stock, "configuration.json");
        ArrayNode turned = (ArrayNode) dense.get("confs");
        turned.insert(8, turned.get(0));
        fails(stock, "configuration.json", dense, "conv1: reads maps, and is given units");
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "frames  | 1000000000 | must have at most 4194304 values",
                "frames  | 2147483647 | must have at most 4194304 values",
                "frames  | 30         | dense1: inputHeight is 8, it must be 7",
                "frames  | 3          | block2: pools 2 frames and 2 bands, and is given 1",
                "bands   | 1000000    | must have at most 4194304 values",
                "bands   | 17         | coefficients.bin",
                "bands   | 18         | coefficients.bin",
                "bands   | 20         | dense1: inputWidth is 4, it must be 5",
                "outputs | 3          | configuration.json has 2 outputs, shape.json has 3",
                "outputs | 2147483647 | configuration.json has 2 outputs",
                "outputs | 0          | outputs must be a whole number above 0",
                "bands   | -1         | bands must be a whole number above 0",
                "bands   | 1.5        | bands must be a whole number above 0",
                "frames  | null       | frames must be a whole number above 0"
            })
    void refusesAShapeThatDoesNotFit(String key, String value, String message) throws IOException {
        ObjectNode shape = (ObjectNode) document(fused, "shape.json");
        shape.set(key, JSON.readTree(value));
        if (message.equals("coefficients.bin")) {
            // Of an odd band, pooling drops the last: such a network is the same.
            Map<String, byte[]> changed = new HashMap<>(fused);
            changed.put("shape.json", JSON.writeValueAsBytes(shape));
            assertThat(SavedNetwork.of(changed).shape().bands())
                    .isEqualTo(shape.get("bands").intValue());
            return;
        }
        fails(fused, "shape.json", shape, message);
    }

    @Test
    void refusesPairsOfLayersThatCannotBeMadeABlock() throws IOException {
        for (String variables : List.of("null", "7", "{}", "\"W\"")) {
            JsonNode configuration = document(stock, "configuration.json");
            for (int i = 0; i < 2; i++) {
                ObjectNode conf = (ObjectNode) configuration.at("/confs/" + i);
                ((ObjectNode) conf.get("layer"))
                        .put("@class", i == 0 ? LeanConvolution.class.getName() : FormerNetwork.NORM);
                conf.set("variables", JSON.readTree(variables));
            }
            fails(stock, "configuration.json", configuration, "has a layer without variables");
        }
        JsonNode alone = document(stock, "configuration.json");
        ((ObjectNode) alone.at("/confs/1/layer")).put("@class", FormerNetwork.NORM);
        ((ObjectNode) alone.at("/confs/0/layer")).put("@class", FormerNetwork.NORM);
        fails(stock, "configuration.json", alone, "conv1: is no layer, but " + FormerNetwork.NORM);
    }

    @Test
    void refusesValuesThatDeeplearning4jTripsOver() throws IOException {
        for (String path :
                List.of("/confs/0/layer/iupdater", "/confs/0/layer/weightInitFn", "/inferenceWorkspaceMode")) {
            JsonNode configuration = document(fused, "configuration.json");
            put(configuration, path, "\"nothing like that\"");
            Map<String, byte[]> changed = new HashMap<>(fused);
            changed.put("configuration.json", JSON.writeValueAsBytes(configuration));
            assertThatThrownBy(() -> Dl4jRegressor.open(changed))
                    .isInstanceOf(IOException.class)
                    .hasMessage("configuration.json is not a network that Deeplearning4j can build");
        }
    }

    @Test
    void namesTheFirstValueThatIsNoNumber() throws IOException {
        Map<String, byte[]> files = new HashMap<>(fused);
        for (String name : List.of("updaterState.bin", "coefficients.bin")) {
            byte[] content = Objects.requireNonNull(files.get(name)).clone();
            // Little-endian: NaN at 17, infinity at 20.
            content[17 * 4 + 2] = (byte) 0xc0;
            content[17 * 4 + 3] = 0x7f;
            content[20 * 4 + 2] = (byte) 0x80;
            content[20 * 4 + 3] = 0x7f;
            files.put(name, content);
            assertThat(SavedNetwork.of(files).outline().flaw())
                    .isEqualTo(name + " holds a value that is no number (at 17)");
        }
        // A training that diverged is opened all the same, to go on or to be looked at.
        try (Regressor regressor = Dl4jRegressor.open(files)) {
            assertThat(regressor.parameters()[17]).isNaN();
        }
    }

    @Test
    void refusesFilesThatNoNetworkHas() {
        Map<String, byte[]> files = new HashMap<>(fused);
        files.put("more.bin", "x".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> SavedNetwork.of(files)).hasMessage("more.bin is no file of a network");
    }
}
