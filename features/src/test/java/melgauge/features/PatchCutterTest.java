package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PatchCutterTest {
    private static final int BANDS = 3;

    @Test
    void cutsAStreamAsPatchSpecCutsAWholeTrack() throws IOException {
        Random random = new Random(1);
        for (int patchFrames : new int[] {8, 9, 16}) {
            PatchSpec spec = new PatchSpec(patchFrames);
            for (int frames = 0; frames <= 5 * patchFrames; frames++) {
                float[] values = new float[frames * BANDS];
                for (int i = 0; i < values.length; i++) {
                    values[i] = random.nextFloat();
                }
                FrameSource track = FrameSource.of(new Spectrogram(values, frames, BANDS));
                List<float[]> expected = new ArrayList<>();
                for (int start : spec.starts(frames)) {
                    float[] patch = new float[patchFrames * BANDS];
                    spec.cut(track, start, patch, 0);
                    expected.add(patch);
                }
                List<float[]> patches = new ArrayList<>();
                PatchCutter cutter = new PatchCutter(spec, BANDS, () -> dirty(patchFrames * BANDS), patch -> {
                    patches.add(patch.clone());
                    Arrays.fill(patch, Float.NaN); // its new owner may do that
                });
                float[] frame = new float[BANDS];
                for (int i = 0; i < frames; i++) {
                    track.read(i, 1, frame, 0);
                    cutter.accept(frame);
                }
                cutter.finish();
                assertThat(patches.toArray(new float[0][]))
                        .as("%d frames in patches of %d", frames, patchFrames)
                        .isDeepEqualTo(expected.toArray(new float[0][]));
                assertThat(cutter.frames()).isEqualTo(frames);
                assertThat(cutter.patches()).isEqualTo(expected.size());
            }
        }
    }

    private static float[] dirty(int length) {
        float[] array = new float[length];
        Arrays.fill(array, -1);
        return array;
    }

    @Test
    void statisticsOfAStreamAreThoseOfTheWholeTrackToTheLastBit() {
        Random random = new Random(2);
        for (int frames : new int[] {1, 2, 255, 256, 257, 1000}) {
            float[] values = new float[frames * BANDS];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (100 + random.nextGaussian());
            }
            TrackStatistics.Builder builder = new TrackStatistics.Builder(BANDS);
            for (int i = 0; i < frames; i++) {
                float[] frame = new float[BANDS];
                System.arraycopy(values, i * BANDS, frame, 0, BANDS);
                builder.accept(frame);
            }
            assertThat(builder.finish())
                    .containsExactly(TrackStatistics.of(FrameSource.of(new Spectrogram(values, frames, BANDS))));
        }
    }
}
