package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MelFilterBankTest {
    @Test
    void slaneyNormGivesWideBandsUnitAreaInHertz() {
        MelFilterBank filters = new MelFilterBank(Specs.with("nFft", 8192, "winLength", 8192));
        for (int band : new int[] {0, 20, 50, 95}) {
            double area = 0;
            for (int bin = 0; bin <= 4096; bin++) {
                area += filters.weight(band, bin) * 16000 / 8192;
            }
            assertThat(area).as("band %d", band).isCloseTo(1, within(0.02));
        }
    }

    @Test
    void withoutNormNeighboursSumToOneBetweenTheirCentres() {
        MelFilterBank filters = new MelFilterBank(Specs.with("norm", "none", "melScale", "htk"));
        for (int bin = 20; bin < 497; bin++) {
            double sum = 0;
            for (int band = 0; band < filters.bands(); band++) {
                sum += filters.weight(band, bin);
            }
            assertThat(sum).as("bin %d", bin).isCloseTo(1, within(1e-5));
        }
    }

    @Test
    void namesTheBandsThatHoldNoBin() {
        assertThat(new MelFilterBank(MelSpec.defaults()).emptyBands()).isEmpty();
        MelFilterBank narrow =
                new MelFilterBank(Specs.with("nFft", 256, "winLength", 256, "melScale", "htk", "norm", "none"));
        assertThat(narrow.emptyBands()).containsExactly(0, 1, 4, 7, 12); // as NumPy finds
    }

    @Test
    void bothScalesTurnBack() {
        for (MelSpec.MelScale scale : MelSpec.MelScale.values()) {
            for (double hertz : new double[] {0, 50, 999, 1000, 1001, 8000, 22050}) {
                double mel = MelFilterBank.toMel(hertz, scale);
                assertThat(MelFilterBank.toHertz(mel, scale)).isCloseTo(hertz, within(1e-8));
            }
        }
        assertThat(MelFilterBank.toMel(1000, MelSpec.MelScale.SLANEY)).isCloseTo(15, within(1e-12));
        assertThat(MelFilterBank.toMel(6400, MelSpec.MelScale.SLANEY)).isCloseTo(42, within(1e-12));
        assertThat(MelFilterBank.toMel(1000, MelSpec.MelScale.HTK)).isCloseTo(999.9855, within(1e-4));
    }
}
