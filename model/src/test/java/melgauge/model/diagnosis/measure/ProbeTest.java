package melgauge.model.diagnosis.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import melgauge.features.FrameSource;
import melgauge.features.Spectrogram;
import melgauge.model.task.Example;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class ProbeTest {
    private static final float NAN = Float.NaN;

    /** Statistics of tracks, as four numbers of a normal distribution each. */
    private static List<float[]> statistics(long seed, int tracks) {
        Random random = new Random(seed);
        return IntStream.range(0, tracks)
                .mapToObj(i -> new float[] {
                    (float) random.nextGaussian(),
                    (float) random.nextGaussian(),
                    (float) random.nextGaussian(),
                    (float) random.nextGaussian()
                })
                .toList();
    }

    /** One label for each track, with a little noise. */
    private static List<float[]> labels(List<float[]> statistics, ToDoubleFunction<float[]> rule) {
        Random random = new Random(7);
        return statistics.stream()
                .map(row -> new float[] {(float) (rule.applyAsDouble(row) + 0.05 * random.nextGaussian())})
                .toList();
    }

    private static double linearRule(float[] row) {
        return 0.5 + 0.08 * row[0] - 0.06 * row[2];
    }

    private static double evenRule(float[] row) {
        return 0.3 + 0.1 * row[0] * row[0];
    }

    private static List<String> single(int tracks) {
        return IntStream.range(0, tracks).mapToObj(i -> "track" + i).toList();
    }

    private static Signal measure(List<float[]> statistics, List<float[]> labels, List<String> groups, long seed) {
        return Probe.measure(statistics::get, labels, groups, List.of("quality"), seed);
    }

    private static Signal measure(List<float[]> statistics, List<float[]> labels) {
        return measure(statistics, labels, single(statistics.size()), 1);
    }

    @Test
    void findsALinearSignal() {
        List<float[]> statistics = statistics(1, 150);
        Signal signal = measure(statistics, labels(statistics, ProbeTest::linearRule));
        // The labels' variance is 0.01 from the rule and 0.0025 from noise, so the best r is √0.8 = 0.89.
        assertThat(signal.linear().r()).isBetween(0.82, 0.95);
        assertThat(signal.linear().r2()).isBetween(0.68, 0.9);
        assertThat(signal.linear().p()).isCloseTo(1.0 / 40, within(1e-12));
        assertThat(signal.linear().beyondChance()).isTrue();
        assertThat(signal.linear().highestByChance()).isLessThan(0.4);
        assertThat(signal.kernel().r()).isBetween(0.75, 0.95);
        assertThat(signal.kernel().beyondChance()).isTrue();
        assertThat(signal.alignment().bestShift()).isZero();
        assertThat(signal.alignment().bestR()).isEqualTo(signal.linear().r());
        assertThat(signal.tracks()).isEqualTo(150);
        assertThat(signal.folds()).isEqualTo(5);
    }

    @Test
    void findsWithTheKernelAloneWhatIsNotLinear() {
        List<float[]> statistics = statistics(2, 200);
        Signal signal = measure(statistics, labels(statistics, ProbeTest::evenRule));
        assertThat(signal.kernel().r()).isGreaterThan(0.6);
        assertThat(signal.kernel().beyondChance()).isTrue();
        assertThat(signal.linear().r()).isLessThan(0.2);
        assertThat(signal.linear().p()).isGreaterThan(0.05);
    }

    @Test
    void findsNothingInNoise() {
        List<Signal> signals = IntStream.range(0, 20)
                .mapToObj(seed -> measure(
                        statistics(100 + seed, 60), labels(statistics(200 + seed, 60), row -> 0.5 + 0.1 * row[0])))
                .toList();
        for (ToDoubleFunction<Signal> p : List.<ToDoubleFunction<Signal>>of(
                signal -> signal.linear().p(), signal -> signal.kernel().p())) {
            // One in 20 is expected at or below 0.05; more than 4 have a probability of 0.3 %.
            assertThat(signals.stream().filter(signal -> p.applyAsDouble(signal) <= 0.05))
                    .hasSizeLessThanOrEqualTo(4);
            assertThat(signals.stream().mapToDouble(p).average().orElseThrow()).isBetween(0.3, 0.7);
        }
    }

    @ParameterizedTest(name = "by {0}")
    @ValueSource(ints = {-5, -1, 2, 4})
    void findsByHowManyRowsLabelsHaveSlipped(int shift) {
        List<float[]> statistics = statistics(3, 120);
        List<float[]> labels = labels(statistics, ProbeTest::linearRule);
        List<float[]> slipped = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            float label = labels.get(Math.floorMod(i - shift, 120))[0];
            slipped.add(new float[] {i % 10 == 3 ? NAN : label});
        }
        Signal signal = measure(statistics, slipped);
        assertThat(signal.alignment().bestShift()).isEqualTo(shift);
        assertThat(signal.alignment().bestR()).isGreaterThan(0.8);
        assertThat(signal.alignment().r().get(5 + shift))
                .isEqualTo(signal.alignment().bestR());
        assertThat(signal.alignment().unshiftedR()).isLessThan(0.4);
        assertThat(signal.alignment().highestByChance()).isLessThan(0.4);
        assertThat(signal.linear().r()).isLessThan(0.4);
    }

    /** Tracks of which only the artist decides how they sound, and how they were rated, and these two independently. */
    private static Signal ofArtists(long seed, boolean together) {
        int artists = 30;
        Random random = new Random(seed);
        List<float[]> sounds = statistics(seed + 1000, artists);
        List<float[]> statistics = new ArrayList<>();
        List<float[]> labels = new ArrayList<>();
        List<String> groups = new ArrayList<>();
        for (int artist = 0; artist < artists; artist++) {
            double rating = 0.5 + 0.1 * random.nextGaussian();
            for (int i = 0; i < 6; i++) {
                float[] track = sounds.get(artist).clone();
                for (int j = 0; j < track.length; j++) {
                    track[j] += (float) (0.05 * random.nextGaussian());
                }
                statistics.add(track);
                labels.add(new float[] {(float) (rating + 0.02 * random.nextGaussian())});
                groups.add(together ? "artist" + artist : "track" + groups.size());
            }
        }
        return measure(statistics, labels, groups, 1);
    }

    @Test
    void isNotDeceivedByArtistsWhoseTracksAreAlike() {
        List<Signal> together =
                IntStream.range(0, 20).mapToObj(seed -> ofArtists(seed, true)).toList();
        assertThat(together.stream().filter(signal -> signal.linear().p() <= 0.05))
                .hasSizeLessThanOrEqualTo(4);
        assertThat(together.stream().filter(signal -> signal.kernel().p() <= 0.05))
                .hasSizeLessThanOrEqualTo(4);
        // The same corpus deceives whoever takes tracks for independent.
        Signal torn = ofArtists(0, false);
        assertThat(torn.kernel().r()).isGreaterThan(0.5);
        assertThat(torn.kernel().beyondChance()).isTrue();
    }

    @Test
    void findsASignalWithinGroupsAndWithMissingLabels() {
        List<float[]> statistics = statistics(5, 200);
        List<float[]> one = labels(statistics, ProbeTest::linearRule);
        List<float[]> two = labels(statistics, ProbeTest::evenRule);
        List<float[]> labels = IntStream.range(0, 200)
                .mapToObj(i -> new float[] {
                    i % 3 == 0 ? NAN : one.get(i)[0],
                    i % 7 == 0 ? NAN : two.get(i)[0],
                    i < 15 ? 0.1f * i / 2 : NAN,
                    0.4f
                })
                .toList();
        List<String> groups = IntStream.range(0, 200).mapToObj(i -> "g" + i / 5).toList();
        Signal signal = Probe.measure(statistics::get, labels, groups, List.of("a", "b", "few", "constant"), 1);
        Signal.OfTarget a = signal.targets().get(0);
        Signal.OfTarget b = signal.targets().get(1);
        assertThat(signal.groups()).isEqualTo(40);
        assertThat(signal.targets()).extracting(Signal.OfTarget::labelled).containsExactly(133, 171, 15, 200);
        assertThat(a.linear().beyondChance()).isTrue();
        assertThat(b.linear().beyondChance()).isFalse();
        assertThat(b.kernel().beyondChance()).isTrue();
        assertThat(signal.targets().get(2).linear().known()).isFalse();
        assertThat(signal.targets().get(3).kernel().known()).isFalse();
        assertThat(signal.linear().r()).isCloseTo((a.linear().r() + b.linear().r()) / 2, within(1e-12));
        assertThat(signal.kernel().r2()).isCloseTo((a.kernel().r2() + b.kernel().r2()) / 2, within(1e-12));
    }

    @Test
    void readsTheStatisticsOfTracks() {
        List<float[]> statistics = new ArrayList<>();
        List<Example> examples = new ArrayList<>();
        List<float[]> rows = statistics(6, 40);
        List<float[]> labels = labels(rows, ProbeTest::linearRule);
        for (int i = 0; i < 40; i++) {
            float[] row = rows.get(i);
            float[] deviation = {Math.abs(row[2]), Math.abs(row[3])};
            // Two frames have their mean between them and lie one standard deviation from it.
            float[] frames = {row[0] - deviation[0], row[1] - deviation[1], row[0] + deviation[0], row[1] + deviation[1]
            };
            examples.add(new Example("t" + i, FrameSource.of(new Spectrogram(frames, 2, 2)), labels.get(i)));
            statistics.add(new float[] {row[0], row[1], deviation[0], deviation[1]});
        }
        Signal signal = Probe.measure(examples, single(40), List.of("quality"), 3);
        Signal expected = measure(statistics, labels, single(40), 3);
        assertThat(signal.linear().r()).isCloseTo(expected.linear().r(), within(1e-5));
        assertThat(signal.kernel().r2()).isCloseTo(expected.kernel().r2(), within(1e-5));
    }

    @Test
    void measuresAnEvenSampleOfALargeCorpus() {
        List<float[]> statistics = statistics(8, 4300);
        List<float[]> labels = labels(statistics, ProbeTest::linearRule);
        List<float[]> slipped = IntStream.range(0, 4300)
                .mapToObj(i -> i % 43 == 0 ? new float[] {NAN} : labels.get(Math.floorMod(i - 3, 4300)))
                .toList();
        AtomicInteger asked = new AtomicInteger();
        Signal signal = Probe.measure(
                i -> {
                    asked.incrementAndGet();
                    return statistics.get(i);
                },
                slipped,
                IntStream.range(0, 4300).mapToObj(i -> "g" + i / 10).toList(),
                List.of("quality"),
                1);
        assertThat(asked).hasValue(2000);
        assertThat(signal.tracks()).isEqualTo(2000);
        assertThat(signal.ofTracks()).isEqualTo(4200);
        assertThat(signal.groups()).isEqualTo(430);
        assertThat(signal.alignment().bestShift()).isEqualTo(3);
        assertThat(signal.alignment().bestR()).isGreaterThan(0.8);
    }

    @Test
    void doesNotKnowWithTooFewTracksOrGroups() {
        List<float[]> statistics = statistics(9, 20);
        List<float[]> labels = labels(statistics, ProbeTest::linearRule);
        assertThat(measure(statistics, labels).known()).isTrue();
        assertThat(measure(statistics.subList(1, 20), labels.subList(1, 20)).known())
                .isFalse();
        List<String> one = IntStream.range(0, 20).mapToObj(i -> "artist").toList();
        Signal oneGroup = measure(statistics, labels, one, 1);
        assertThat(oneGroup.known()).isFalse();
        assertThat(oneGroup.alignment().bestR()).isNaN();
        assertThat(oneGroup.alignment().furthest()).isEqualTo(5);
        List<String> two =
                IntStream.range(0, 20).mapToObj(i -> "artist" + i % 2).toList();
        assertThat(measure(statistics, labels, two, 1).folds()).isEqualTo(2);
        assertThat(measure(List.of(), List.of()).known()).isFalse();
        assertThatThrownBy(() -> measure(statistics, labels, one.subList(0, 3), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("20 tracks against 3 groups");
    }

    @Test
    void dealsGroupsAsWholes() {
        List<String> groups = IntStream.range(0, 60).mapToObj(i -> "g" + i % 12).toList();
        int[] dealing = Probe.dealing(groups, new Random(1));
        assertThat(Arrays.stream(dealing).sorted().toArray())
                .containsExactly(IntStream.range(0, 60).toArray());
        Map<String, List<String>> from = IntStream.range(0, 60)
                .boxed()
                .collect(Collectors.groupingBy(
                        groups::get, Collectors.mapping(i -> groups.get(dealing[i]), Collectors.toList())));
        assertThat(from.values()).allSatisfy(group -> assertThat(group).containsOnly(group.get(0)));
        assertThat(from).anySatisfy((to, group) -> assertThat(group).doesNotContain(to));
    }

    @Test
    void dealsLabelsAmongTheTracksThatHaveOneAndEveryOrderAsOften() {
        double[] labels = {1, Double.NaN, 2, Double.NaN, 3};
        Random random = new Random(1);
        Map<List<Double>, Integer> seen = new HashMap<>();
        for (int i = 0; i < 6000; i++) {
            double[] dealt = Probe.deal(labels, Probe.dealing(single(5), random));
            assertThat(dealt[1]).isNaN();
            assertThat(dealt[3]).isNaN();
            seen.merge(List.of(dealt[0], dealt[2], dealt[4]), 1, Integer::sum);
        }
        assertThat(seen).hasSize(6);
        // The standard deviation of each count is 29.
        assertThat(seen.values()).allSatisfy(count -> assertThat(count).isBetween(880, 1120));
    }

    @Test
    void isTheSameAfterARoundTripThroughJson() throws JsonProcessingException {
        List<float[]> statistics = statistics(10, 30);
        ObjectMapper json = new ObjectMapper();
        for (Signal signal : List.of(
                measure(statistics, labels(statistics, ProbeTest::linearRule)), measure(List.of(), List.of()))) {
            assertThat(json.readValue(json.writeValueAsString(signal), Signal.class))
                    .isEqualTo(signal);
        }
    }
}
