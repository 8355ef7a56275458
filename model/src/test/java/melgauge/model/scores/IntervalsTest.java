package melgauge.model.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import melgauge.data.Scale;
import melgauge.model.scores.Intervals.Interval;
import melgauge.model.task.Target;
import org.junit.jupiter.api.Test;

class IntervalsTest {
    private static final List<Target> ONE = List.of(new Target("v", Scale.UNIT, 0.5));

    /** Predictions and labels of a corpus, one target. */
    private record Corpus(List<double[]> predictions, List<float[]> labels, List<String> groups) {
        Corpus() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        void add(double prediction, double label, String group) {
            predictions.add(new double[] {prediction});
            labels.add(new float[] {(float) label});
            groups.add(group);
        }

        Intervals intervals(int resamples, long seed) {
            return Intervals.of(ONE, predictions, labels, groups, resamples, seed);
        }

        Corpus ungrouped() {
            return new Corpus(
                    predictions,
                    labels,
                    IntStream.range(0, groups.size()).mapToObj(String::valueOf).toList());
        }

        TargetScores scores() {
            return Evaluation.of(ONE, predictions, labels)
                    .targets()
                    .values()
                    .iterator()
                    .next();
        }
    }

    /** Predictions and labels of two normal variables with a correlation. */
    private static Corpus normal(int tracks, double correlation, Random random) {
        Corpus corpus = new Corpus();
        for (int i = 0; i < tracks; i++) {
            double x = random.nextGaussian();
            double y = correlation * x + Math.sqrt(1 - correlation * correlation) * random.nextGaussian();
            corpus.add(0.5 + 0.1 * x, 0.5 + 0.1 * y, "t" + i);
        }
        return corpus;
    }

    private static double width(Interval interval) {
        return interval.high() - interval.low();
    }

    @Test
    void correlationAgreesWithFishersInterval() {
        Corpus corpus = normal(300, 0.6, new Random(1));
        double z =
                Math.log((1 + corpus.scores().pearson()) / (1 - corpus.scores().pearson())) / 2;
        Interval interval = corpus.intervals(4000, 1).of("v", Score.PEARSON);
        // The ends of the percentile interval of 4,000 resamples have a standard error of about 0.002.
        assertThat(interval.low()).isCloseTo(Math.tanh(z - 1.96 / Math.sqrt(297)), within(0.015));
        assertThat(interval.high()).isCloseTo(Math.tanh(z + 1.96 / Math.sqrt(297)), within(0.015));
    }

    @Test
    void absoluteErrorAgreesWithTheIntervalOfAMean() {
        Corpus corpus = normal(300, 0.6, new Random(2));
        double mae = corpus.scores().mae();
        double variance = IntStream.range(0, 300)
                        .mapToDouble(i -> Math.abs(
                                corpus.predictions().get(i)[0] - corpus.labels().get(i)[0]))
                        .map(error -> (error - mae) * (error - mae))
                        .sum()
                / 299;
        Interval interval = corpus.intervals(4000, 1).of("v", Score.MAE);
        double half = 1.96 * Math.sqrt(variance / 300);
        assertThat(interval.low()).isCloseTo(mae - half, within(0.1 * half));
        assertThat(interval.high()).isCloseTo(mae + half, within(0.1 * half));
    }

    @Test
    void groupsAreDrawnWhole() {
        // The error is nearly the same for all tracks of a group: 50 groups of 8 say as much as 50 tracks.
        Random random = new Random(3);
        Corpus corpus = new Corpus();
        double[] means = new double[50];
        for (int group = 0; group < means.length; group++) {
            double shared = 0.1 + 0.03 * random.nextGaussian();
            for (int i = 0; i < 8; i++) {
                double error = shared + 0.005 * random.nextGaussian();
                means[group] += error / 8;
                corpus.add(0.5 + error, 0.5, "g" + group);
            }
        }
        double mae = corpus.scores().mae();
        double variance = IntStream.range(0, 50)
                        .mapToDouble(i -> (means[i] - mae) * (means[i] - mae))
                        .sum()
                / 49;
        Intervals grouped = corpus.intervals(4000, 1);
        assertThat(grouped.unit()).isEqualTo("group");
        assertThat(grouped.units()).isEqualTo(50);
        double half = 1.96 * Math.sqrt(variance / 50);
        assertThat(width(grouped.of("v", Score.MAE))).isCloseTo(2 * half, within(0.2 * half));
        Intervals ungrouped = corpus.ungrouped().intervals(4000, 1);
        assertThat(ungrouped.unit()).isEqualTo("track");
        assertThat(width(ungrouped.of("v", Score.MAE))).isCloseTo(2 * half / Math.sqrt(8), within(0.1 * half));
    }

    @Test
    void coversTheTruthAboutAsOftenAsItSays() {
        Random random = new Random(4);
        int pearson = 0;
        int rmse = 0;
        int simulations = 500;
        for (int i = 0; i < simulations; i++) {
            Intervals intervals = normal(60, 0.5, random).intervals(400, i);
            Interval r = intervals.of("v", Score.PEARSON);
            Interval e = intervals.of("v", Score.RMSE);
            pearson += r.low() <= 0.5 && 0.5 <= r.high() ? 1 : 0;
            // The error is normal with variance 0.1² · 2 · (1 − 0.5).
            rmse += e.low() <= 0.1 && 0.1 <= e.high() ? 1 : 0;
        }
        // Percentile intervals of 60 tracks are slightly narrow: 2,000 simulations in NumPy cover 0.941 and 0.914.
        // Three standard errors of 500 simulations are 0.035.
        assertThat(pearson / (double) simulations).isCloseTo(0.941, within(0.035));
        assertThat(rmse / (double) simulations).isCloseTo(0.914, within(0.035));
    }

    @Test
    void theMeanOverTargetsIsOfTheSameResamples() {
        // Errors of the two targets cancel in every track, so that their mean has no spread at all.
        List<Target> two = List.of(new Target("a", Scale.UNIT, 0.5), new Target("b", Scale.UNIT, 0.5));
        Random random = new Random(5);
        List<double[]> predictions = new ArrayList<>();
        List<float[]> labels = new ArrayList<>();
        List<String> groups = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            double error = 0.1 + 0.2 * random.nextDouble();
            predictions.add(new double[] {error, 0.4 - error});
            labels.add(new float[] {0, 0});
            groups.add("t" + i);
        }
        Intervals intervals = Intervals.of(two, predictions, labels, groups);
        assertThat(width(intervals.of("a", Score.MAE))).isGreaterThan(0.01);
        assertThat(intervals.ofMean(Score.MAE).low()).isCloseTo(0.2, within(1e-9));
        assertThat(intervals.ofMean(Score.MAE).high()).isCloseTo(0.2, within(1e-9));
        assertThat(intervals.toJson().at("/targets/a/mae")).hasSize(2);
        assertThat(intervals.toJson().path("level").asDouble()).isEqualTo(0.95);
        assertThat(intervals.toJson().path("resamples").asInt()).isEqualTo(1000);
        // Labels that do not vary have no correlation.
        assertThat(intervals.toJson().at("/targets/a/pearson").isNull()).isTrue();
        assertThat(Intervals.of(two, predictions, labels, groups).toJson()).isEqualTo(intervals.toJson());
    }

    @Test
    void oneGroupTellsNothing() {
        Corpus corpus = new Corpus();
        for (int i = 0; i < 10; i++) {
            corpus.add(0.1 * i, 0.09 * i, "all");
        }
        assertThat(corpus.intervals(100, 1).of("v", Score.R2).low()).isNaN();
        assertThat(new Corpus().intervals(100, 1).ofMean(Score.R2).high()).isNaN();
    }
}
