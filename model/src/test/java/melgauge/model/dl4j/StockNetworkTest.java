package melgauge.model.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import melgauge.model.engine.Network;
import melgauge.model.engine.Small;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Head;
import melgauge.model.spec.Loss;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.OutputBias;
import melgauge.model.spec.PatchShape;
import melgauge.model.spec.TrainSpec;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

@Tag("slow")
class StockNetworkTest {
    @ParameterizedTest(name = "{0}, {1}, batchNorm={2}, dropout={3}, {4}, {5} bands, {6} dense layers")
    @CsvSource({
        "PRELU, FLATTEN, true, 0, MSE, 16, 1",
        "PRELU, AVERAGE, true, 0.2, HUBER, 13, 2",
        "PRELU, FLATTEN, true, 0, MAE, 3, 0",
        "PRELU, FLATTEN, false, 0, BCE, 16, 1",
        "PRELU, AVERAGE, false, 0.5, MSE, 1, 1",
        "RELU, FLATTEN, true, 0, MSE, 16, 1",
        "LEAKYRELU, AVERAGE, true, 0, MSE, 12, 1",
        "ELU, FLATTEN, false, 0.1, BCE, 5, 2"
    })
    void predictsWhatTheNetworkPredictsWithoutAnyOfItsClasses(
            Activation activation, Head head, boolean norm, double dropout, Loss loss, int bands, int dense)
            throws IOException {
        NetworkSpec spec = new NetworkSpec(
                List.of(4, 6, 8),
                List.of(8, 6).subList(0, dense),
                activation,
                norm,
                0.9,
                0.001,
                dropout,
                head,
                OutputBias.MEAN,
                1,
                0);
        PatchShape shape = new PatchShape(35, bands);
        float[] patches = Small.noise(5, 4 * shape.size());
        TrainSpec training = Small.decaying(
                Small.training(1, 0.02, Optimizer.ADAM, loss, 0), norm ? Optimizer.ADAMW : Optimizer.ADAM, 0.01);
        try (Network regressor = Small.regressor(spec, training, shape, 1, 0.4, 0.6)) {
            // So that slopes and running statistics are off their first values.
            for (int step = 0; step < 4; step++) {
                regressor.step(Small.noise(step, 4 * shape.size()), Small.uniform(step, 8), 4);
            }
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            Small.session().export(regressor.architecture(), training, regressor.weights(), file);
            MultiLayerNetwork stock =
                    ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(file.toByteArray()), false);
            assertThat(stock.getLayerWiseConfigurations().toJson()).doesNotContain("melgauge");
            INDArray answers =
                    stock.output(Nd4j.create(patches, new long[] {4, 1, shape.frames(), shape.bands()}, 'c'));
            assertThat(answers.dup('c').data().asFloat()).containsExactly(regressor.predict(patches, 4), within(1e-5f));
            // It can be trained further, with all but this program's handling of missing labels.
            float[] before = Arrays.copyOf(answers.dup('c').data().asFloat(), 8);
            stock.fit(
                    Nd4j.create(patches, new long[] {4, 1, shape.frames(), shape.bands()}, 'c'),
                    Nd4j.create(Small.uniform(9, 8), new long[] {4, 2}, 'c'));
            assertThat(stock.params().isNaN().any()).isFalse();
            assertThat(stock.output(Nd4j.create(patches, new long[] {4, 1, shape.frames(), shape.bands()}, 'c'))
                            .dup('c')
                            .data()
                            .asFloat())
                    .isNotEqualTo(before);
            stock.close();
        }
    }
}
