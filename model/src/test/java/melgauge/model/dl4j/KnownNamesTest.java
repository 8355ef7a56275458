package melgauge.model.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import melgauge.model.Activation;
import melgauge.model.Engine;
import melgauge.model.Head;
import melgauge.model.Loss;
import melgauge.model.NetworkSpec;
import melgauge.model.Optimizer;
import melgauge.model.OutputBias;
import melgauge.model.PatchShape;
import melgauge.model.Regressor;
import melgauge.model.Small;
import melgauge.model.TrainSpec;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KnownNamesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What the classes below do when somebody loads them. */
    private static final List<String> RUN = new ArrayList<>();

    /** Stands for any class of the class path that does something when it is loaded. */
    public static final class Mine {
        static {
            RUN.add("Mine");
        }
    }

    /** One for each experiment: a class is loaded once. */
    public static final class MineUnderClass {
        static {
            RUN.add("MineUnderClass");
        }
    }

    public static final class MineUnderType {
        static {
            RUN.add("MineUnderType");
        }
    }

    private static Map<String, byte[]> files(NetworkSpec network, TrainSpec training, PatchShape shape)
            throws IOException {
        try (Regressor regressor = Engine.named("dl4j").create(network, training, shape, new double[] {0.4, 0.6}, 1)) {
            return regressor.save(true);
        }
    }

    private static ObjectNode configuration(Map<String, byte[]> files) throws IOException {
        return (ObjectNode) JSON.readTree(Objects.requireNonNull(files.get("configuration.json")));
    }

    private static void fails(Map<String, byte[]> files, ObjectNode configuration, String message) throws IOException {
        files.put("configuration.json", JSON.writeValueAsBytes(configuration));
        assertThatThrownBy(() -> Dl4jRegressor.open(files))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("configuration.json ")
                .hasMessageContaining(message);
    }

    private static ObjectNode layer(JsonNode configuration) {
        return (ObjectNode) configuration.at("/confs/0/layer");
    }

    private static void nameUnderClass(JsonNode configuration, Class<?> mine) {
        ((ObjectNode) layer(configuration).get("activationFn")).put("@class", mine.getName());
    }

    /** As older versions of Deeplearning4j described first weights. */
    private static void nameUnderType(JsonNode configuration, Class<?> mine) {
        layer(configuration).putNull("weightInitFn").put("weightInit", "DISTRIBUTION");
        layer(configuration).putObject("dist").put("type", mine.getName());
    }

    @Test
    void deeplearning4jItselfRunsWhateverClassAConfigurationNames() throws IOException {
        Map<String, byte[]> files = files(Small.network(), Small.adam(0.01), Small.SHAPE);
        ObjectNode underClass = configuration(files);
        nameUnderClass(underClass, MineUnderClass.class);
        assertThatThrownBy(() -> MultiLayerConfiguration.fromJson(underClass.toString()))
                .isInstanceOf(RuntimeException.class);
        assertThat(RUN).contains("MineUnderClass");
        ObjectNode underType = configuration(files);
        nameUnderType(underType, MineUnderType.class);
        // It even goes on without a word.
        assertThat(MultiLayerConfiguration.fromJson(underType.toString())).isNotNull();
        assertThat(RUN).contains("MineUnderType");
    }

    @Test
    void noClassIsLoadedThatAModelNames() throws IOException {
        Map<String, byte[]> files = files(Small.network(), Small.adam(0.01), Small.SHAPE);
        String name = Mine.class.getName();
        ObjectNode underClass = configuration(files);
        nameUnderClass(underClass, Mine.class);
        fails(files, underClass, "names the class \"" + name + "\"");
        ObjectNode underType = configuration(files);
        nameUnderType(underType, Mine.class);
        fails(files, underType, "has the setting '");
        assertThat(RUN).doesNotContain("Mine");
    }

    /** Deeplearning4j has them, but no model does. */
    @ParameterizedTest
    @MethodSource("places")
    void refusesForeignNamesInEveryPlace(Consumer<ObjectNode> place) throws IOException {
        Map<String, byte[]> files = files(Small.network(), Small.adam(0.01), Small.SHAPE);
        ObjectNode configuration = configuration(files);
        place.accept(configuration);
        fails(files, configuration, ", which no network of Melgauge has");
    }

    static Stream<Consumer<ObjectNode>> places() {
        String foreign = "org.deeplearning4j.nn.conf.layers.samediff.SameDiffLambdaLayer";
        return Stream.of(
                root -> root.put("@class", foreign),
                root -> layer(root).put("@class", foreign),
                root -> layer(root).put("@class", 7),
                root -> layer(root).putArray("@class").add(ConvBlock.class.getName()),
                root -> layer(root).put("@class", ConvBlock.class.getName() + " "),
                root -> layer(root).putObject("iupdater").put("@class", "org.nd4j.linalg.learning.config.AMSGrad"),
                root -> layer(root).putArray("regularization").addObject().put("@class", foreign),
                root -> layer(root).putObject("constraints").put("@class", foreign),
                root -> layer(root).putObject("idropout").put("@class", foreign),
                root -> layer(root).putObject("weightNoise").put("@class", foreign),
                root -> root.withObject("/inputPreProcessors").putObject("1").put("@class", foreign),
                root -> root.withObject("/inputPreProcessors").putObject(foreign),
                root -> root.withObject("/confs/0").putObject("stepFunction").putObject("default"),
                root -> root.withObject("/confs/0").putObject("layer").putObject("dense"),
                root -> layer(root).put("type", foreign),
                root -> layer(root).put("@type", foreign),
                root -> layer(root).put("updater", "ADAM"));
    }

    private static <T> T nth(T[] choices, int n) {
        return List.of(choices).get(n % choices.length);
    }

    /** Everything that settings can make of a network, and no more, may be in a model. */
    @Test
    void knowsWhateverCanBeTrained() throws IOException {
        int i = 0;
        for (Activation activation : Activation.values()) {
            for (boolean batchNorm : new boolean[] {true, false}) {
                for (Head head : Head.values()) {
                    NetworkSpec network = new NetworkSpec(
                            List.of(2, 3),
                            i % 3 == 0 ? List.of() : List.of(3, 2),
                            activation,
                            batchNorm,
                            0.9,
                            i % 2 * 0.1,
                            i % 2 * 0.5,
                            head,
                            nth(OutputBias.values(), i),
                            i % 3 == 1 ? 0.5 : 1,
                            i % 4);
                    TrainSpec training = Small.decaying(
                            Small.training(1, 0.01, Optimizer.ADAM, nth(Loss.values(), i), 0),
                            nth(Optimizer.values(), i),
                            i % 3 * 0.01);
                    PatchShape shape = new PatchShape(9, 1 + i % 5);
                    Map<String, byte[]> files = files(network, training, shape);
                    Engine.Outline outline = Engine.named("dl4j").outline(files);
                    assertThat(outline.shape()).isEqualTo(shape);
                    assertThat(outline.outputs()).isEqualTo(2);
                    assertThat(outline.flaw()).isEmpty();
                    try (Regressor opened = Dl4jRegressor.open(files)) {
                        assertThat(opened.parameters()).hasSize((int) outline.parameters());
                        assertThat(network.parameters(shape, 2)).isEqualTo(outline.parameters());
                    }
                    i++;
                }
            }
        }
    }
}
