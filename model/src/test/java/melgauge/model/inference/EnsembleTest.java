package melgauge.model.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import melgauge.features.MelSpec;
import melgauge.features.Modulation;
import melgauge.model.Bundles;
import melgauge.model.engine.Network;
import melgauge.model.engine.Small;
import melgauge.model.regression.ModulationRegression;
import melgauge.model.spec.PatchShape;
import org.junit.jupiter.api.Test;

class EnsembleTest {
    private static final int SIZE = Small.SHAPE.size();
    private static final float[] PATCHES = Small.noise(1, 3 * SIZE);

    private final List<Network> networks = List.of(network(1), network(2), network(3));

    private static Network network(long seed) {
        return Small.regressor(Small.network(), Small.adam(0.01), seed, 0.4, 0.6);
    }

    @Test
    void predictsTheMeanOfItsNetworks() {
        float[] expected = new float[6];
        for (Network network : networks) {
            float[] outputs = network.predict(PATCHES, 3);
            for (int i = 0; i < expected.length; i++) {
                expected[i] += outputs[i] / 3;
            }
        }
        try (Ensemble ensemble = new Ensemble(networks)) {
            assertThat(ensemble.shape()).isEqualTo(Small.SHAPE);
            assertThat(ensemble.outputs()).isEqualTo(2);
            assertThat(ensemble.predict(PATCHES, 3)).containsExactly(expected, within(1e-6f));
            assertThat(ensemble.answer(PATCHES, 3).outputs()).containsExactly(expected, within(1e-6f));
        }
    }

    @Test
    void putsTheHiddenLayersSideBySide() {
        try (Ensemble ensemble = new Ensemble(networks)) {
            float[] hidden = ensemble.answer(PATCHES, 3).hidden();
            assertThat(hidden).hasSize(3 * 3 * 8);
            for (int n = 0; n < 3; n++) {
                float[] own = networks.get(n).answer(PATCHES, 3).hidden();
                for (int row = 0; row < 3; row++) {
                    int at = row * 24 + n * 8;
                    assertThat(Arrays.copyOfRange(hidden, at, at + 8))
                            .containsExactly(Arrays.copyOfRange(own, row * 8, (row + 1) * 8));
                }
            }
        }
    }

    /** Of networks with 0.5 together, and two regressions with 0.2 and 0.3. */
    @Test
    void givesEachMemberItsShare() {
        Modulation reading = new Modulation(MelSpec.defaults());
        ModulationRegression regression = Bundles.modulation(reading.size());
        Ensemble ensemble = new Ensemble(
                networks,
                List.of(
                        new Ensemble.Regression(regression, reading, 0.2),
                        new Ensemble.Regression(regression, reading, 0.3)),
                "mood");
        TrackPrediction ofNetworks = new TrackPrediction(new double[] {0.4, 0.8}, new double[] {0.1, 0.2}, 5, false);
        List<double[]> ofRegressions = List.of(new double[] {1, 0}, new double[] {0.5, 0.1});
        TrackPrediction all = ensemble.together(ofNetworks, ofRegressions);
        assertThat(all.mean()).containsExactly(new double[] {0.2 + 0.2 + 0.15, 0.4 + 0.03}, within(1e-12));
        assertThat(all.spread()).containsExactly(new double[] {0.05, 0.1}, within(1e-12));
        assertThat(all.patches()).isEqualTo(5);
        assertThat(ensemble.together(new float[] {0.4f, 0.8f, 0.6f, 0f}, ofRegressions))
                .containsExactly(new float[] {0.55f, 0.43f, 0.65f, 0.03f}, within(1e-6f));
        ensemble.close();
    }

    @Test
    void refusesWorkAfterItWasClosed() {
        Ensemble ensemble = new Ensemble(networks, List.of(), "mood");
        ensemble.close();
        ensemble.close();
        assertThatThrownBy(() -> ensemble.predict(PATCHES, 3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("mood has been closed");
    }

    @Test
    void refusesNetworksThatReadOtherPatches() {
        Network other = Small.regressor(Small.network(), Small.adam(0.01), new PatchShape(64, 16), 1, 0.4, 0.6);
        assertThatThrownBy(() -> new Ensemble(List.of(networks.get(0), other)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must read and predict the same");
    }

    @Test
    void refusesAShareThatIsNone() {
        Modulation reading = new Modulation(MelSpec.defaults());
        ModulationRegression regression = Bundles.modulation(reading.size());
        for (double share : new double[] {0, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> new Ensemble.Regression(regression, reading, share))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("share=" + share + " must be above 0 and at most 1");
        }
    }
}
