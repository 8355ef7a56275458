package melgauge.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import melgauge.data.Scale;
import melgauge.features.BandNormalizer;
import melgauge.features.Framing;
import melgauge.features.Loudness;
import melgauge.features.MelSpec;
import melgauge.features.PatchSpec;
import melgauge.features.StftSpec;
import melgauge.model.engine.Network;
import melgauge.model.engine.Small;
import melgauge.model.inference.Ensemble;
import melgauge.model.regression.ModulationRegression;
import melgauge.model.regression.RidgeBaseline;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.PatchShape;
import melgauge.model.task.Target;

/** Small models, and what a stranger could make of them. */
public final class Bundles {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Bundles() {}

    public static MelSpec features(int hopLength) {
        return features(hopLength, Small.SHAPE.bands());
    }

    public static MelSpec features(int hopLength, int bands) {
        return new MelSpec(
                new Framing(16000, hopLength, true, Framing.PadMode.CONSTANT, 2, Framing.Storage.FLOAT16, null, null),
                new StftSpec(512, 512, StftSpec.Window.HANN),
                bands,
                0,
                8000,
                MelSpec.MelScale.SLANEY,
                MelSpec.MelNorm.SLANEY,
                Loudness.defaults());
    }

    static ModelBundle bundle(Network... networks) {
        float[][] weights = Arrays.stream(networks).map(Network::weights).toArray(float[][]::new);
        return bundle(features(256), Small.SHAPE, Small.network(), weights);
    }

    static ModelBundle bundle(MelSpec features, PatchShape shape, NetworkSpec network, float[]... networks) {
        double[] mean = new double[shape.bands()];
        double[] std = new double[shape.bands()];
        for (int band = 0; band < mean.length; band++) {
            mean[band] = 1.0 / (band + 1);
            std[band] = 0.3 + 0.1 * band;
        }
        int statistics = 2 * shape.bands();
        RidgeBaseline baseline = RidgeBaseline.fit(
                List.of(Small.noise(21, statistics), Small.noise(22, statistics), Small.noise(23, statistics)),
                List.of(new float[] {0.1f, 0.9f}, new float[] {0.4f, 0.3f}, new float[] {0.7f, 0.2f}));
        ObjectNode provenance = JSON.createObjectNode();
        provenance.put("software", "Melgauge 0.1.0");
        provenance.put("seed", 1);
        return new ModelBundle(
                features,
                new PatchSpec(shape.frames()),
                network,
                Small.adam(0.01),
                List.of(new Target("valence", new Scale(1, 9), 0.4), new Target("arousal", Scale.UNIT, 0.6)),
                new BandNormalizer(mean, std),
                baseline,
                List.of(),
                SeenTracks.of(
                        "salt",
                        new SeenTracks.Side(List.of("aa", "bb"), List.of("Nina")),
                        new SeenTracks.Side(List.of("cc"), List.of())),
                provenance,
                List.of(networks),
                "the model");
    }

    /** The same model with a regression's share in its values. */
    static ModelBundle with(ModelBundle bundle, Ensemble.Regression regression) {
        return new ModelBundle(
                bundle.features(),
                bundle.patch(),
                bundle.network(),
                bundle.training(),
                bundle.targets(),
                bundle.normalizer(),
                bundle.baseline(),
                List.of(regression),
                bundle.seen(),
                bundle.provenance(),
                bundle.networks(),
                bundle.origin());
    }

    /** A regression of two targets from numbers of a track. */
    public static ModulationRegression modulation(int inputs) {
        return ModulationRegression.fit(
                List.of(Small.uniform(1, inputs), Small.uniform(2, inputs), Small.uniform(3, inputs)),
                List.of(new float[] {0.1f, 0.9f}, new float[] {0.4f, 0.3f}, new float[] {0.7f, 0.2f}));
    }

    static Network trained() {
        Network regressor = Small.regressor(Small.network(), Small.adam(0.01), 1, 0.4, 0.6);
        for (int step = 0; step < 3; step++) {
            regressor.step(Small.noise(step, 4 * Small.SHAPE.size()), Small.uniform(step, 8), 4);
        }
        return regressor;
    }

    /** The bytes of a small model. */
    static byte[] small(Path folder) throws IOException {
        Path file = folder.resolve("small.melgauge");
        try (Network regressor = trained()) {
            bundle(regressor).write(file);
        }
        return Files.readAllBytes(file);
    }

    /** What changes a document. */
    interface Edit {
        void on(JsonNode document);
    }

    /** A model with one JSON text changed, and checksums that are right. */
    static byte[] edited(byte[] bundle, String name, Edit edit) throws IOException {
        SafetensorsFile file = SafetensorsFile.of(bundle);
        JsonNode document = JSON.readTree(file.texts.get(name));
        edit.on(document);
        file.texts.put(name, JSON.writeValueAsString(document));
        return file.sealed();
    }

    /** Sets the value at a pointer such as {@code /network/conv/0}, or adds it to the end of a list. */
    static void set(JsonNode document, String pointer, JsonNode value) {
        int slash = pointer.lastIndexOf('/');
        String name = pointer.substring(slash + 1);
        JsonNode parent = document.at(pointer.substring(0, slash));
        if (parent instanceof ArrayNode array) {
            int index = Integer.parseInt(name);
            if (index == array.size()) {
                array.add(value);
            } else {
                array.set(index, value);
            }
        } else {
            ((ObjectNode) parent).set(name, value);
        }
    }
}
