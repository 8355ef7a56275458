package melgauge.model.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import melgauge.data.UsageException;
import melgauge.model.Engine;
import melgauge.model.PatchShape;
import melgauge.model.StrictJson;
import org.jspecify.annotations.Nullable;

/**
 * The files of a network, checked as a stranger's: {@code shape.json}, {@code configuration.json} (Deeplearning4j's), {@code
 * coefficients.bin} and perhaps {@code updaterState.bin} (little-endian floats, in Deeplearning4j's order). Neither
 * Deeplearning4j nor ND4J is started by this: where they compute may not be decided yet.
 *
 * @param configuration as this program writes it, for {@code MultiLayerConfiguration.fromJson}
 * @param shape of a patch
 * @param outputs numbers per patch
 * @param coefficients four bytes for each parameter of the configuration
 * @param updaterState whole floats; null if nobody can train on
 */
@SuppressWarnings("ArrayRecordComponent") // megabytes that are never compared
record SavedNetwork(
        String configuration, PatchShape shape, int outputs, byte[] coefficients, byte @Nullable [] updaterState) {
    static final String CONFIGURATION = "configuration.json";
    static final String COEFFICIENTS = "coefficients.bin";
    static final String UPDATER_STATE = "updaterState.bin";
    static final String SHAPE = "shape.json";

    private static final Set<String> NAMES = Set.of(CONFIGURATION, COEFFICIENTS, UPDATER_STATE, SHAPE);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Reads files by name; throws as {@link Engine#outline} does. */
    static SavedNetwork of(Map<String, byte[]> files) throws IOException {
        for (String name : new TreeSet<>(files.keySet())) {
            if (!NAMES.contains(name)) {
                throw new IOException(name + " is no file of a network");
            }
        }
        JsonNode sizes = StrictJson.tree(SHAPE, file(files, SHAPE));
        PatchShape shape;
        try {
            shape = new PatchShape(size(sizes, "frames"), size(sizes, "bands"));
        } catch (UsageException e) {
            throw new IOException(SHAPE + ": " + e.getMessage(), e);
        }
        int outputs = size(sizes, "outputs");

        JsonNode written = StrictJson.tree(CONFIGURATION, file(files, CONFIGURATION));
        KnownNames.require(written);
        if (!(written instanceof ObjectNode former)) {
            throw new IOException(CONFIGURATION + " is not a network of Deeplearning4j");
        }
        JsonNode configuration = FormerNetwork.upgrade(former);
        NetworkPlan plan = NetworkPlan.of(configuration, shape);
        if (plan.outputs() != outputs) {
            throw new IOException(CONFIGURATION + " has " + plan.outputs() + " outputs, " + SHAPE + " has " + outputs);
        }
        byte[] coefficients = file(files, COEFFICIENTS);
        if (coefficients.length != Float.BYTES * plan.parameters()) {
            throw new IOException(COEFFICIENTS + " holds " + coefficients.length / (double) Float.BYTES
                    + " numbers, the network has " + plan.parameters() + " parameters");
        }
        byte[] state = files.get(UPDATER_STATE);
        if (state != null && state.length % Float.BYTES != 0) {
            throw new IOException(UPDATER_STATE + " holds " + state.length + " bytes, which are no floats");
        }
        // From the tree that was checked, so that Deeplearning4j's reader cannot see anything else in the bytes.
        return new SavedNetwork(JSON.writeValueAsString(configuration), shape, outputs, coefficients, state);
    }

    Engine.Outline outline() {
        String flaw = flaw(COEFFICIENTS, coefficients);
        return new Engine.Outline(
                shape,
                outputs,
                coefficients.length / Float.BYTES,
                flaw.isEmpty() && updaterState != null ? flaw(UPDATER_STATE, updaterState) : flaw);
    }

    private static String flaw(String name, byte[] content) {
        FloatBuffer values =
                ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (int i = 0; i < values.capacity(); i++) {
            if (!Float.isFinite(values.get(i))) {
                return name + " holds a value that is no number (at " + i + ")";
            }
        }
        return "";
    }

    private static byte[] file(Map<String, byte[]> files, String name) throws IOException {
        byte[] content = files.get(name);
        if (content == null) {
            throw new IOException(name + " is missing");
        }
        return content;
    }

    private static int size(JsonNode sizes, String name) throws IOException {
        JsonNode size = sizes.path(name);
        if (!size.isInt() || size.intValue() < 1) {
            throw new IOException(SHAPE + ": " + name + " must be a whole number above 0");
        }
        return size.intValue();
    }
}
