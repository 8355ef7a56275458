package melgauge.pipeline.tagging;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import melgauge.data.Scale;
import melgauge.features.FeatureSpec;
import melgauge.features.NoNormalizer;
import melgauge.features.PatchSpec;
import melgauge.model.ModelBundle;
import melgauge.model.SeenTracks;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.InitialWeights;
import melgauge.model.regression.RidgeBaseline;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Head;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.OutputBias;
import melgauge.model.spec.PatchShape;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Target;
import melgauge.pipeline.RunFile;

/** A model that nobody trained: it answers, and that is enough. */
final class TinyModel {
    static final int BANDS = 24;

    private TinyModel() {}

    /** Writes a model of patches of 64 frames at 8 kHz, for two targets, the second rated from 1 to 9. */
    static Path write(Path file, long seed) throws IOException {
        return write(file, seed, "valence", "arousal");
    }

    /** The same, with other names of the targets. */
    static Path write(Path file, long seed, String first, String second) throws IOException {
        Path spec = Files.writeString(
                file.resolveSibling("spec.yaml"),
                "{sampleRate: 8000, nFft: 256, winLength: 256, hopLength: 64, nMels: 24, fMax: 4000}");
        FeatureSpec features = RunFile.readFeatures(spec);
        Files.delete(spec);
        List<float[]> inputs = new ArrayList<>();
        List<float[]> labels = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 8; i++) {
            float[] input = new float[2 * BANDS];
            for (int k = 0; k < input.length; k++) {
                input[k] = (float) random.nextDouble(0, 3);
            }
            inputs.add(input);
            labels.add(new float[] {(float) random.nextDouble(), (float) random.nextDouble()});
        }
        new ModelBundle(
                        features,
                        new PatchSpec(64),
                        network(),
                        TrainSpec.defaults(),
                        List.of(new Target(first, Scale.UNIT, 0.5), new Target(second, new Scale(1, 9), 0.5)),
                        new NoNormalizer(BANDS),
                        RidgeBaseline.fit(inputs, labels),
                        List.of(),
                        SeenTracks.none(),
                        JsonNodeFactory.instance.objectNode(),
                        List.of(weights(seed)),
                        "the model")
                .write(file);
        return file;
    }

    private static float[] weights(long seed) {
        return InitialWeights.of(architecture(), new double[] {0.5, 0.5}, seed);
    }

    private static Architecture architecture() {
        return new Architecture(network(), new PatchShape(64, BANDS), 2);
    }

    private static NetworkSpec network() {
        return new NetworkSpec(
                List.of(3), List.of(5), Activation.PRELU, true, 0.9, 0, 0, Head.FLATTEN, OutputBias.MEAN, 1, 0);
    }
}
