package melgauge.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import melgauge.features.FrameSource;
import melgauge.features.Gain;
import melgauge.features.MelSpec;
import melgauge.features.NoNormalizer;
import melgauge.features.PatchSpec;
import melgauge.features.Spectrogram;
import melgauge.model.engine.Batch;
import melgauge.model.spec.Augment;
import melgauge.model.spec.Balance;
import melgauge.model.spec.BatchNormStatistics;
import melgauge.model.spec.HoldOut;
import melgauge.model.spec.Loss;
import melgauge.model.spec.OnCollapse;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.Sampling;
import melgauge.model.spec.Schedule;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PatchFeedTest {
    private static final int FRAMES = 8;
    private static final int BANDS = 5;
    private static final PatchSpec PATCH = new PatchSpec(FRAMES);

    /** Tracks of 20 to 40 frames whose values tell the track and the frame, and whose label tells the track. */
    private static List<Example> tracks(int count) {
        List<Example> tracks = new ArrayList<>();
        for (int track = 0; track < count; track++) {
            int frames = 20 + track % 21;
            float[] values = new float[frames * BANDS];
            for (int i = 0; i < values.length; i++) {
                int frame = i / BANDS;
                values[i] = 1 + 100 * track + frame;
            }
            tracks.add(new Example(
                    "track" + track, FrameSource.of(new Spectrogram(values, frames, BANDS)), new float[] {track / 100f
                    }));
        }
        return tracks;
    }

    private static TrainSpec spec(Sampling sampling, Balance balance, Augment augment) {
        return new TrainSpec(
                10,
                8,
                0.01,
                0,
                Schedule.CONSTANT,
                Optimizer.ADAM,
                0,
                0,
                Loss.MSE,
                sampling,
                balance,
                augment,
                0,
                BatchNormStatistics.RUNNING,
                0,
                OnCollapse.STOP,
                1,
                HoldOut.SAME);
    }

    private static TrainSpec plain(Sampling sampling) {
        return spec(sampling, Balance.NONE, Augment.none());
    }

    private static PatchFeed feed(TrainSpec spec, int tracks) {
        return new PatchFeed(tracks(tracks), spec, PATCH, new NoNormalizer(BANDS), Gain.of(MelSpec.defaults()), 7);
    }

    /** A copy of what a batch holds. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Copy(float[] patches, float[] labels, float[] weights, int count) {
        private int size() {
            return patches.length / count;
        }

        private float[] patch(int i) {
            return Arrays.copyOfRange(patches, i * size(), (i + 1) * size());
        }
    }

    private static List<Copy> batches(PatchFeed feed, int epoch, int first) {
        PatchFeed.Batches batches = feed.epoch(epoch, first);
        List<Copy> copies = new ArrayList<>();
        for (int step = first; step < batches.steps(); step++) {
            Batch batch = batches.next();
            copies.add(new Copy(
                    Arrays.copyOf(batch.patches(), batch.count() * FRAMES * BANDS),
                    Arrays.copyOf(batch.labels(), batch.count()),
                    batch.weights() == null ? new float[0] : Arrays.copyOf(batch.weights(), batch.count()),
                    batch.count()));
        }
        assertThatThrownBy(batches::next).isInstanceOf(IllegalStateException.class);
        return copies;
    }

    private static List<float[]> patches(List<Copy> batches) {
        List<float[]> patches = new ArrayList<>();
        for (Copy batch : batches) {
            for (int i = 0; i < batch.count; i++) {
                patches.add(batch.patch(i));
            }
        }
        return patches;
    }

    @Test
    void showsEveryTrackOnceAnEpochAtAPlaceThatChanges() {
        try (PatchFeed feed = feed(plain(Sampling.RANDOM), 43)) {
            assertThat(feed.patchesPerEpoch()).isEqualTo(43);
            List<Set<Integer>> starts = new ArrayList<>();
            for (int epoch = 1; epoch <= 30; epoch++) {
                Set<Integer> seen = new HashSet<>();
                for (Copy batch : batches(feed, epoch, 0)) {
                    assertThat(batch.count).isBetween(7, 8);
                    for (int i = 0; i < batch.count; i++) {
                        float[] patch = batch.patch(i);
                        int track = (int) (patch[0] - 1) / 100;
                        assertThat(batch.labels[i]).isEqualTo(track / 100f);
                        assertThat(seen.add(track)).as("track %d again", track).isTrue();
                        int start = (int) (patch[0] - 1) % 100;
                        assertThat(start).isBetween(0, 20 + track % 21 - FRAMES);
                        for (int k = 0; k < patch.length; k++) {
                            int frame = k / BANDS;
                            assertThat(patch[k]).isEqualTo(patch[0] + frame);
                        }
                        while (starts.size() <= track) {
                            starts.add(new HashSet<>());
                        }
                        starts.get(track).add(start);
                    }
                }
                assertThat(seen).hasSize(43);
            }
            assertThat(starts).allSatisfy(places -> assertThat(places).hasSizeGreaterThan(6));
        }
    }

    @Test
    void showsEveryPatchOfEveryTrackIfAsked() {
        try (PatchFeed feed = feed(plain(Sampling.ALL), 9)) {
            List<Float> expected = new ArrayList<>();
            for (Example track : tracks(9)) {
                for (int start : PATCH.starts(track.frames().frames())) {
                    float[] patch = new float[FRAMES * BANDS];
                    PATCH.cut(track.frames(), start, patch, 0);
                    expected.add(patch[0]);
                }
            }
            assertThat(feed.patchesPerEpoch()).isEqualTo(expected.size());
            List<Float> first = new ArrayList<>();
            patches(batches(feed, 3, 0)).forEach(patch -> first.add(patch[0]));
            assertThat(first).containsExactlyInAnyOrderElementsOf(expected).isNotEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void doesTheSameFromAnyStepOn(Sampling sampling) {
        TrainSpec spec = spec(sampling, Balance.SQRT, new Augment(1, 3, 1, 2, 0.2, 1, 3, 0.4));
        try (PatchFeed feed = feed(spec, 43);
                PatchFeed again = feed(spec, 43)) {
            List<Copy> whole = batches(feed, 4, 0);
            assertThat(batches(again, 2, 1).get(0).patches).isNotEqualTo(whole.get(1).patches);
            for (int first : new int[] {0, 1, whole.size() - 1}) {
                List<Copy> rest = batches(again, 4, first);
                assertThat(rest).hasSize(whole.size() - first);
                for (int step = first; step < whole.size(); step++) {
                    Copy expected = whole.get(step);
                    assertThat(rest.get(step - first).patches).containsExactly(expected.patches);
                    assertThat(rest.get(step - first).labels).containsExactly(expected.labels);
                    assertThat(rest.get(step - first).weights).containsExactly(expected.weights);
                }
            }
        }
    }

    @Test
    void hidesStretchesOfFramesAndBands() {
        try (PatchFeed feed = feed(spec(Sampling.RANDOM, Balance.NONE, new Augment(1, 4, 1, 3, 0, 0, 0, 0)), 200)) {
            Set<Integer> lengths = new HashSet<>();
            Set<Integer> widths = new HashSet<>();
            for (float[] patch : patches(batches(feed, 1, 0))) {
                boolean[] frameHidden = new boolean[FRAMES];
                boolean[] bandHidden = new boolean[BANDS];
                Arrays.fill(frameHidden, true);
                Arrays.fill(bandHidden, true);
                for (int k = 0; k < patch.length; k++) {
                    if (patch[k] != 0) {
                        frameHidden[k / BANDS] = false;
                        bandHidden[k % BANDS] = false;
                    }
                }
                for (int k = 0; k < patch.length; k++) {
                    assertThat(patch[k] == 0).isEqualTo(frameHidden[k / BANDS] || bandHidden[k % BANDS]);
                }
                lengths.add(stretch(frameHidden));
                widths.add(stretch(bandHidden));
            }
            assertThat(lengths).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
            assertThat(widths).containsExactlyInAnyOrder(0, 1, 2, 3);
        }
    }

    private static int stretch(boolean[] hidden) {
        int first = 0;
        while (first < hidden.length && !hidden[first]) {
            first++;
        }
        int end = first;
        while (end < hidden.length && hidden[end]) {
            end++;
        }
        for (int i = end; i < hidden.length; i++) {
            assertThat(hidden[i]).as("one stretch only").isFalse();
        }
        return end - first;
    }

    @Test
    void mixesPatchesAndLabelsInTheSameShares() {
        try (PatchFeed feed = feed(spec(Sampling.RANDOM, Balance.NONE, new Augment(0, 1, 0, 1, 0, 0, 0, 0.5)), 48)) {
            int mixed = 0;
            double sum = 0;
            for (Copy batch : batches(feed, 1, 0)) {
                for (int i = 0; i < batch.count; i++) {
                    float[] patch = batch.patch(i);
                    // 1 + 100 · track + frame, mixed, has the mixed track within a frame's 32 steps.
                    double track = 100 * batch.labels[i];
                    assertThat((double) patch[0]).isBetween(1 + 100 * track - 0.01, 33 + 100 * track + 0.01);
                    mixed += Math.abs(track - Math.rint(track)) > 1e-3 ? 1 : 0;
                    sum += track;
                }
            }
            assertThat(mixed).isGreaterThan(24);
            // Each example is mixed into exactly one other with shares of its own: the mean hardly moves.
            assertThat(sum / 48).isCloseTo(23.5, within(3.0));
        }
    }

    @Test
    void changesTheLoudnessOfEachPatchByAGainOfItsOwn() {
        float[] loud = new float[20 * BANDS];
        Arrays.fill(loud, 4);
        List<Example> tracks = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            tracks.add(new Example(
                    "track" + i, FrameSource.of(new Spectrogram(loud.clone(), 20, BANDS)), new float[] {0.5f}));
        }
        TrainSpec spec = spec(Sampling.RANDOM, Balance.NONE, new Augment(0, 1, 0, 1, 0, 0, 6, 0));
        try (PatchFeed feed =
                new PatchFeed(tracks, spec, PATCH, new NoNormalizer(BANDS), Gain.of(MelSpec.defaults()), 7)) {
            double lowest = 9;
            double highest = 0;
            for (float[] patch : patches(batches(feed, 1, 0))) {
                for (float value : patch) {
                    assertThat(value).as("one gain for a patch").isEqualTo(patch[0]);
                }
                lowest = Math.min(lowest, patch[0]);
                highest = Math.max(highest, patch[0]);
            }
            // 6 dB are 0.6 of log10(1 + p) where p is large.
            assertThat(lowest).isBetween(3.39, 3.6);
            assertThat(highest).isBetween(4.3, 4.61);
        }
    }

    @Test
    void stretchesPatchesInTime() {
        // Frames count upwards, so a stretched patch counts in other steps.
        try (PatchFeed feed = feed(spec(Sampling.RANDOM, Balance.NONE, new Augment(0, 1, 0, 1, 0.25, 0, 0, 0)), 84)) {
            double fastest = 0;
            double slowest = 9;
            for (Copy batch : batches(feed, 1, 0)) {
                for (int i = 0; i < batch.count; i++) {
                    float[] patch = batch.patch(i);
                    double step = patch[BANDS] - patch[0];
                    int track = Math.round(100 * batch.labels[i]);
                    for (int k = 0; k < patch.length; k++) {
                        assertThat((double) patch[k])
                                .isCloseTo(patch[0] + step * Math.floorDiv(k, BANDS), within(2e-3));
                        assertThat(patch[k]).isBetween(1f + 100 * track, 100f * track + 20 + track % 21);
                    }
                    fastest = Math.max(fastest, step);
                    slowest = Math.min(slowest, step);
                }
            }
            assertThat(fastest).isBetween(1.15, 1.251);
            assertThat(slowest).isBetween(0.749, 0.85);
        }
    }

    @Test
    void movesPatchesAlongTheBandsByWholeOnes() {
        // Every value is its band: moved up by s, band b has b - s.
        List<Example> tracks = new ArrayList<>();
        for (int track = 0; track < 64; track++) {
            float[] values = new float[20 * BANDS];
            for (int i = 0; i < values.length; i++) {
                values[i] = i % BANDS;
            }
            tracks.add(new Example(
                    "track" + track, FrameSource.of(new Spectrogram(values, 20, BANDS)), new float[] {0.5f}));
        }
        TrainSpec spec = spec(Sampling.RANDOM, Balance.NONE, new Augment(0, 1, 0, 1, 0, 2, 0, 0));
        try (PatchFeed feed = new PatchFeed(tracks, spec, PATCH, new NoNormalizer(BANDS), null, 7)) {
            Set<Integer> shifts = new TreeSet<>();
            for (float[] patch : patches(batches(feed, 1, 0))) {
                int shift = 2 - Math.round(patch[2]);
                for (int k = 0; k < patch.length; k++) {
                    assertThat(patch[k]).isEqualTo(Math.max(0, Math.min(BANDS - 1, k % BANDS - shift)));
                }
                shifts.add(shift);
            }
            assertThat(shifts).containsExactly(-2, -1, 0, 1, 2);
        }
    }

    @Test
    void weighsTheLabelsOfEachTrack() {
        List<float[]> expected =
                Balance.INVERSE.weights(tracks(43).stream().map(Example::labels).toList());
        try (PatchFeed feed = feed(spec(Sampling.RANDOM, Balance.INVERSE, Augment.none()), 43)) {
            for (Copy batch : batches(feed, 1, 0)) {
                for (int i = 0; i < batch.count; i++) {
                    assertThat(batch.weights[i]).isEqualTo(expected.get(Math.round(100 * batch.labels[i]))[0]);
                }
            }
        }
    }

    @Test
    void passesOnWhatGoesWrongWhileATrackIsRead() {
        FrameSource broken = new FrameSource() {
            @Override
            public int frames() {
                return 20;
            }

            @Override
            public int bands() {
                return BANDS;
            }

            @Override
            public void read(int firstFrame, int count, float[] into, int offset) {
                throw new IllegalStateException("track.npy was cut while it was read");
            }
        };
        List<Example> tracks = List.of(new Example("a", broken, new float[1]), new Example("b", broken, new float[1]));
        try (PatchFeed feed = new PatchFeed(tracks, plain(Sampling.RANDOM), PATCH, new NoNormalizer(BANDS), null, 1)) {
            PatchFeed.Batches batches = feed.epoch(1, 0);
            assertThatThrownBy(batches::next).hasMessage("track.npy was cut while it was read");
        }
    }
}
