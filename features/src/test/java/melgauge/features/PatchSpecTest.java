package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import melgauge.data.UsageException;
import org.junit.jupiter.api.Test;

class PatchSpecTest {
    private final PatchSpec patches = new PatchSpec(10);

    @Test
    void cutsWithoutOverlapAndAlignsTheLastToTheEnd() {
        assertThat(patches.starts(0)).isEmpty();
        assertThat(patches.starts(1)).containsExactly(0);
        assertThat(patches.starts(9)).containsExactly(0);
        assertThat(patches.starts(10)).containsExactly(0);
        assertThat(patches.starts(11)).containsExactly(0, 1);
        assertThat(patches.starts(20)).containsExactly(0, 10);
        assertThat(patches.starts(25)).containsExactly(0, 10, 15);
        assertThat(patches.isShort(9)).isTrue();
        assertThat(patches.isShort(10)).isFalse();
    }

    @Test
    void coversEveryFrameOfAnyLength() {
        for (int length = 1; length < 200; length++) {
            boolean[] covered = new boolean[length];
            int[] starts = patches.starts(length);
            assertThat(starts).hasSize(patches.count(length));
            for (int start : starts) {
                Arrays.fill(covered, start, Math.min(length, start + 10), true);
                assertThat(start).isBetween(0, Math.max(0, length - 10));
            }
            for (boolean frame : covered) {
                assertThat(frame).as("%d frames", length).isTrue();
            }
        }
    }

    @Test
    void countsTheLongestTrackWithoutOverflow() {
        assertThat(patches.count(Integer.MAX_VALUE)).isEqualTo(214748365);
    }

    @Test
    void copiesFromAnyStart() {
        float[] into = new float[2 + 10 * 3];
        patches.cut(FrameSource.of(Specs.counting(25, 3)), 13, into, 2);
        for (int i = 0; i < 30; i++) {
            assertThat(into[2 + i]).isEqualTo(100f * (13 + i / 3) + i % 3);
        }
    }

    @Test
    void repeatsShortTracks() {
        for (int length = 1; length < 10; length++) {
            float[] into = new float[10 * 3 + 1];
            into[30] = -1;
            patches.cut(FrameSource.of(Specs.counting(length, 3)), 0, into, 0);
            for (int i = 0; i < 30; i++) {
                assertThat(into[i]).as("%d frames", length).isEqualTo(100f * (i / 3 % length) + i % 3);
            }
            assertThat(into[30]).isEqualTo(-1f);
        }
    }

    @Test
    void refusesStartsBeyondTheTrackAndEmptyTracks() {
        FrameSource track = FrameSource.of(Specs.counting(25, 3));
        float[] into = new float[30];
        for (int start : new int[] {-1, 16}) {
            assertThatThrownBy(() -> patches.cut(track, start, into, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("start=" + start + " must lie between 0 and 15");
        }
        assertThatThrownBy(() -> patches.cut(FrameSource.of(new Spectrogram(new float[0], 0, 3)), 0, into, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 frames");
    }

    @Test
    void refusesTinyPatches() {
        assertThat(PatchSpec.defaults().frames()).isEqualTo(256);
        assertThat(new PatchSpec(8).frames()).isEqualTo(8);
        assertThatThrownBy(() -> new PatchSpec(7))
                .isInstanceOf(UsageException.class)
                .hasMessage("frames=7 must be at least 8");
    }
}
