package melgauge.model.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Head;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.OutputBias;
import org.junit.jupiter.api.Test;

class InitialWeightsTest {
    private static final NetworkSpec LARGER = network(OutputBias.MEAN, 1, 0);

    private static NetworkSpec network(OutputBias outputBias, double gain, double bias) {
        return new NetworkSpec(
                List.of(16, 32), List.of(40), Activation.PRELU, true, 0.9, 0, 0, Head.FLATTEN, outputBias, gain, bias);
    }

    private static float[] values(NetworkSpec network, long seed, String name, double... labelMeans) {
        Architecture architecture = new Architecture(network, Small.SHAPE, labelMeans.length);
        Architecture.Slot slot = architecture.slots().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
        float[] weights = InitialWeights.of(architecture, labelMeans, seed);
        return Arrays.copyOfRange(weights, slot.offset(), slot.offset() + slot.size());
    }

    private static String initialisation(NetworkSpec network, String layer, String parameter) {
        return new Architecture(network, Small.SHAPE, 1)
                .layers().stream()
                        .filter(one -> one.name().equals(layer))
                        .flatMap(one -> one.parameters().stream())
                        .filter(one -> one.name().equals(parameter))
                        .findFirst()
                        .orElseThrow()
                        .initialisation();
    }

    @Test
    void givesEqualSeedsEqualWeightsAndOtherSeedsOthers() {
        for (String name : List.of("conv1.weight", "conv2.weight", "dense1.weight", "output.weight")) {
            float[] one = values(LARGER, 1, name, 0.5);
            assertThat(values(LARGER, 1, name, 0.5)).containsExactly(one);
            float[] other = values(LARGER, 2, name, 0.5);
            double product = 0;
            double squares = 0;
            for (int i = 0; i < one.length; i++) {
                product += one[i] * (double) other[i];
                squares += one[i] * (double) one[i];
            }
            // Neighbouring seeds have nothing in common: 4.5 standard errors of a correlation.
            assertThat(product / squares).as(name).isBetween(-4.5 / Math.sqrt(one.length), 4.5 / Math.sqrt(one.length));
        }
    }

    @Test
    void drawsWeightsAsHeProposes() {
        // 16 × 3 × 3 inputs to 4608 weights; 32 × 8 × 4 to 40,960. 4 standard errors are 4 %, and 1.4 %.
        checkDeviation(values(LARGER, 1, "conv2.weight", 0.5), Math.sqrt(2.0 / 144), 4608, 0.04);
        checkDeviation(values(LARGER, 1, "dense1.weight", 0.5), Math.sqrt(2.0 / 1024), 40960, 0.014);
        assertThat(initialisation(LARGER, "conv2", "weight")).contains("2/144", "0.1179");
        assertThat(initialisation(LARGER, "dense1", "weight")).contains("2/1024", "0.0442");
    }

    private static void checkDeviation(float[] weights, double expected, int count, double tolerance) {
        assertThat(weights).hasSize(count);
        double squares = 0;
        double sum = 0;
        for (float weight : weights) {
            squares += (double) weight * weight;
            sum += weight;
        }
        assertThat(Math.sqrt(squares / count)).isCloseTo(expected, within(tolerance * expected));
        assertThat(sum / count).isCloseTo(0, within(4 * expected / Math.sqrt(count)));
    }

    @Test
    void startsBatchNormalisationAndSlopesAtTheirUsualValues() {
        assertThat(values(LARGER, 1, "norm1.alpha", 0.5)).containsOnly(0.25f);
        assertThat(values(LARGER, 1, "denseAct1.alpha", 0.5)).containsOnly(0.25f);
        assertThat(values(LARGER, 1, "norm2.gamma", 0.5)).containsOnly(1f);
        assertThat(values(LARGER, 1, "norm2.beta", 0.5)).containsOnly(0f);
        assertThat(values(LARGER, 1, "norm2.mean", 0.5)).containsOnly(0f);
        assertThat(values(LARGER, 1, "norm2.variance", 0.5)).containsOnly(1f);
    }

    @Test
    void startsWeightsAndShiftsWhereItIsTold() {
        NetworkSpec spec = network(OutputBias.ZERO, 3, -2);
        float[] plain = values(LARGER, 1, "conv1.weight", 0.5);
        float[] tripled = values(spec, 1, "conv1.weight", 0.5);
        for (int i = 0; i < plain.length; i++) {
            assertThat(tripled[i]).isCloseTo(3 * plain[i], within(1e-6f));
        }
        assertThat(initialisation(spec, "conv1", "weight")).contains("3.0·√");
        assertThat(values(spec, 1, "denseNorm1.beta", 0.5)).containsOnly(-2f);
        assertThat(initialisation(spec, "norm1", "beta")).isEqualTo("-2");
    }

    @Test
    void startsTheOutputBiasAtTheLogitOfTheLabelMeans() {
        float[] bias = values(LARGER, 1, "output.bias", 0.2, 0.5, 0.85, 0);
        assertThat(bias[0]).isCloseTo((float) Math.log(0.2 / 0.8), within(1e-6f));
        assertThat(bias[1]).isCloseTo(0, within(1e-6f));
        assertThat(bias[2]).isCloseTo((float) Math.log(0.85 / 0.15), within(1e-6f));
        // A mean of 0 has no logit.
        assertThat(bias[3]).isCloseTo((float) Math.log(0.01 / 0.99), within(1e-5f));
        assertThat(values(network(OutputBias.ZERO, 1, 0), 1, "output.bias", 0.2, 0.8))
                .containsOnly(0f);
    }

    @Test
    void refusesAnotherNumberOfTargets() {
        assertThatThrownBy(() -> InitialWeights.of(new Architecture(LARGER, Small.SHAPE, 3), new double[] {0.5}, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("1 label means do not fit 3 outputs");
    }
}
