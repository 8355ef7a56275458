package melgauge.model.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import melgauge.data.UsageException;
import melgauge.model.inference.TrackPrediction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModulationShareTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Random random = new Random(1);
    private final List<double[]> network = new ArrayList<>();
    private final List<double[]> regression = new ArrayList<>();
    private final List<float[]> labels = new ArrayList<>();

    /** Tracks with two targets, the second of which spreads ten times as far. */
    private void tracks(int count, double share, double noise) {
        for (int i = 0; i < count; i++) {
            double[] n = {0.5 + 0.02 * random.nextGaussian(), 0.5 + 0.2 * random.nextGaussian()};
            double[] k = {0.5 + 0.02 * random.nextGaussian(), 0.5 + 0.2 * random.nextGaussian()};
            network.add(n);
            regression.add(k);
            labels.add(new float[] {
                (float) (n[0] + share * (k[0] - n[0]) + 0.02 * noise * random.nextGaussian()),
                (float) (n[1] + share * (k[1] - n[1]) + 0.2 * noise * random.nextGaussian())
            });
        }
    }

    @Test
    void autoTakesManyTracksAtTheirWord() {
        tracks(20_000, 0.3, 0.1);
        assertThat(ModulationShare.AUTO.of(network, regression, labels)).isCloseTo(0.3, within(0.002));
    }

    @Test
    void autoHearsFiftyTracksMoreThatSpeakForOneHalf() {
        tracks(25, 0.2, 0);
        assertThat(ModulationShare.AUTO.of(network, regression, labels))
                .isCloseTo((25 * 0.2 + 50 * 0.5) / 75, within(1e-6));
    }

    @Test
    void autoIsTheShareWithTheLeastError() {
        tracks(40, 0.3, 1);
        labels.get(3)[0] = Float.NaN;
        labels.get(4)[1] = Float.NaN;
        double found = ModulationShare.AUTO.of(network, regression, labels);
        double best = -1;
        for (double share = 0; share <= 1; share += 1e-4) {
            best = best < 0 || error(share) < error(best) ? share : best;
        }
        assertThat(best).isBetween(0.01, 0.99);
        // What the tracks say stands beside what fifty more would.
        assertThat(found).isCloseTo((40 * best + 25) / 90, within(1e-4));
    }

    /** Squared errors in variances of the labels, by their definition. */
    private double error(double share) {
        double sum = 0;
        for (int t = 0; t < 2; t++) {
            int target = t;
            double[] known = labels.stream()
                    .mapToDouble(row -> row[target])
                    .filter(label -> !Double.isNaN(label))
                    .toArray();
            double mean = Arrays.stream(known).average().orElseThrow();
            double variance =
                    Arrays.stream(known).map(label -> Math.pow(label - mean, 2)).sum() / known.length;
            for (int i = 0; i < labels.size(); i++) {
                if (!Float.isNaN(labels.get(i)[t])) {
                    double answer = TrackPrediction.blended(share, network.get(i), regression.get(i))[t];
                    sum += Math.pow(labels.get(i)[t] - answer, 2) / variance;
                }
            }
        }
        return sum;
    }

    @Test
    void autoStaysFromNoneToAll() {
        tracks(40, -5, 0);
        assertThat(ModulationShare.AUTO.of(network, regression, labels)).isZero();
        labels.clear();
        network.clear();
        regression.clear();
        tracks(40, 5, 0);
        assertThat(ModulationShare.AUTO.of(network, regression, labels)).isEqualTo(1);
    }

    @Test
    void autoIsOneHalfWhereNothingSpeaks() {
        assertThat(ModulationShare.AUTO.of(List.of(), List.of(), List.of())).isEqualTo(0.5);
        tracks(40, 0.3, 0);
        assertThat(ModulationShare.AUTO.of(network, network, labels)).isEqualTo(0.5);
        labels.forEach(row -> {
            row[0] = Float.NaN;
            row[1] = 0.5f;
        });
        assertThat(ModulationShare.AUTO.of(network, regression, labels)).isEqualTo(0.5);
    }

    @Test
    void aNumberStaysAsItIs() {
        tracks(40, 0.3, 0);
        assertThat(new ModulationShare(0.8).of(network, regression, labels)).isEqualTo(0.8);
    }

    @Test
    void patchesSpreadByAsMuchLess() {
        TrackPrediction both = new TrackPrediction(new double[] {0.2, 0.8}, new double[] {0.1, 0.2}, 3, true)
                .blended(0.25, new double[] {0.6, 0.4});
        assertThat(both.mean()).containsExactly(new double[] {0.3, 0.7}, within(1e-12));
        assertThat(both.spread()).containsExactly(new double[] {0.075, 0.15}, within(1e-12));
        assertThat(both.patches()).isEqualTo(3);
        assertThat(both.isShort()).isTrue();
    }

    @Test
    void filesHoldANumberOrAuto() throws JsonProcessingException {
        for (ModulationShare share : List.of(ModulationShare.NONE, ModulationShare.AUTO, new ModulationShare(0.25))) {
            assertThat(JSON.readValue(JSON.writeValueAsString(share), ModulationShare.class))
                    .isEqualTo(share);
        }
        assertThat(JSON.writeValueAsString(ModulationShare.AUTO)).isEqualTo("\"auto\"");
        assertThat(JSON.readValue("1", ModulationShare.class)).isEqualTo(new ModulationShare(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.1", "1.1", "\"some\"", "[]", "true", "\"NaN\""})
    void whatIsNoShareIsRefused(String json) {
        assertThatThrownBy(() -> JSON.readValue(json, ModulationShare.class))
                .hasRootCauseInstanceOf(UsageException.class)
                .rootCause()
                .hasMessageContaining("modulationShare=")
                .hasMessageContaining("auto");
    }
}
