package melgauge.model.diagnosis.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import melgauge.data.LabelNoise;
import melgauge.model.scores.TargetScores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelCeilingTest {
    private static final int TRACKS = 20_000;

    /** Labels that are means of drawn answers, with what they are about. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Rated(double[] truth, double[] label, double[] variance) {
        private LabelCeiling ceiling(LabelNoise noise) {
            return LabelCeiling.of(
                            List.of("quality"),
                            IntStream.range(0, label.length)
                                    .mapToObj(i -> new float[] {(float) label[i]})
                                    .toList(),
                            IntStream.range(0, label.length)
                                    .mapToObj(i -> new double[] {variance[i]})
                                    .toList(),
                            List.of(noise))
                    .get(0);
        }

        /** How good the one who knows the truth is. */
        private TargetScores best() {
            return TargetScores.of(truth, label, 0.5);
        }
    }

    /** Votes of yes or no, with a noise variance from the number of raters alone. */
    private static Rated votes(int raters) {
        Random random = new Random(1);
        Rated rated = new Rated(new double[TRACKS], new double[TRACKS], new double[TRACKS]);
        for (int i = 0; i < TRACKS; i++) {
            double truth = 0.3 + 0.4 * random.nextDouble();
            long yes = random.doubles(raters).filter(draw -> draw < truth).count();
            rated.truth[i] = truth;
            rated.label[i] = (double) yes / raters;
            rated.variance[i] = rated.label[i] * (1 - rated.label[i]) / (raters - 1);
        }
        return rated;
    }

    @ParameterizedTest(name = "{0} votes")
    @CsvSource({"3", "10", "40"})
    void isWhatTheTruthReachesAgainstVotes(int raters) {
        Rated rated = votes(raters);
        LabelCeiling ceiling = rated.ceiling(LabelNoise.AT_MOST);
        // The truth is uniform, with variance 0.16/12; a vote's variance is its mean's p(1 − p) = 0.25 − 0.16/12.
        double exact = 1 / (1 + (0.25 - 0.16 / 12) / raters / (0.16 / 12));
        assertThat(ceiling.reliability()).isCloseTo(exact, within(0.02));
        assertThat(ceiling.r2()).isCloseTo(rated.best().r2(), within(0.02));
        assertThat(ceiling.r()).isCloseTo(rated.best().pearson(), within(0.02));
        assertThat(ceiling.tracks()).isEqualTo(TRACKS);
    }

    @Test
    void isWhatTheTruthReachesAgainstGradedAnswersWhoseSpreadIsMeasured() {
        Random random = new Random(2);
        int raters = 4;
        Rated measured = new Rated(new double[TRACKS], new double[TRACKS], new double[TRACKS]);
        Rated bound = new Rated(measured.truth, measured.label, new double[TRACKS]);
        for (int i = 0; i < TRACKS; i++) {
            double truth = 0.3 + 0.4 * random.nextDouble();
            double[] answers = random.doubles(raters)
                    .map(draw -> truth + 0.4 * (draw - 0.5))
                    .toArray();
            double mean = IntStream.range(0, raters)
                    .mapToDouble(k -> answers[k] / raters)
                    .sum();
            double squares = IntStream.range(0, raters)
                    .mapToDouble(k -> Math.pow(answers[k] - mean, 2))
                    .sum();
            measured.truth[i] = truth;
            measured.label[i] = mean;
            measured.variance[i] = squares / (raters - 1) / raters;
            bound.variance[i] = mean * (1 - mean) / (raters - 1);
        }
        LabelCeiling ceiling = measured.ceiling(LabelNoise.MEASURED);
        assertThat(ceiling.r2()).isCloseTo(measured.best().r2(), within(0.02));
        assertThat(ceiling.r()).isCloseTo(measured.best().pearson(), within(0.02));
        assertThat(bound.ceiling(LabelNoise.AT_MOST).r2()).isLessThan(ceiling.r2() - 0.3);
    }

    @Test
    void countsOnlyTracksWithALabelAndKnownNoise() {
        List<float[]> labels = new ArrayList<>();
        List<double[]> variances = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            labels.add(new float[] {i % 2, Float.NaN, 0.5f, 0.25f * i});
            variances.add(new double[] {i == 0 ? Double.NaN : 0.1, 0.1, 0.1, 9});
        }
        List<LabelCeiling> ceilings = LabelCeiling.of(
                List.of("some", "none", "equal", "noisy"),
                labels,
                variances,
                List.of(LabelNoise.MEASURED, LabelNoise.UNKNOWN, LabelNoise.AT_MOST, LabelNoise.MEASURED));
        // Labels 1, 0, 1 have variance 1/3.
        assertThat(ceilings.get(0).tracks()).isEqualTo(3);
        assertThat(ceilings.get(0).r2()).isCloseTo(0.7, within(1e-12));
        assertThat(ceilings.get(0).r()).isCloseTo(Math.sqrt(0.7), within(1e-12));
        assertThat(ceilings.get(1).r2()).isNaN();
        assertThat(ceilings.get(1).noise()).isEqualTo(LabelNoise.UNKNOWN);
        assertThat(ceilings.get(2).r()).isNaN();
        assertThat(ceilings.get(3).r()).isZero();
        assertThatThrownBy(() -> LabelCeiling.of(List.of("a"), labels, List.of(), List.of(LabelNoise.UNKNOWN)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("labels of 4 tracks against noise of 0");
    }
}
