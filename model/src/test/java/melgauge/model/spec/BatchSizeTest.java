package melgauge.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import melgauge.data.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchSizeTest {
    private static final long MB = 1_000_000;

    @ParameterizedTest(name = "{0} patches of {1} MB in {2} MB: {3}")
    @CsvSource({
        "100, 15, 8000, 8",
        "240, 15, 8000, 16",
        "479, 15, 8000, 16",
        "480, 15, 8000, 32",
        "100000, 15, 8000, 64",
        "100000, 15, 1000, 32",
        "100000, 15, 480, 16",
        "100000, 15, 479, 8",
        "100000, 15, 120, 8"
    })
    void suitsTheCorpusAndTheMemory(long patches, long patchBytes, long freeBytes, int expected) {
        assertThat(BatchSize.choose(patches, patchBytes * MB, freeBytes * MB)).isEqualTo(expected);
    }

    @Test
    void saysWhatToDoWhereNothingFits() {
        assertThatThrownBy(() -> BatchSize.choose(1000, 15 * MB, 119 * MB))
                .isInstanceOf(UsageException.class)
                .hasMessage("batchSize=auto finds 119 MB of free memory, and 8 patches need 120 MB; take a smaller"
                        + " network.conv or patch.frames, or set batchSize");
    }

    @Test
    void countsTheMapsOfTheDefaultNetwork() {
        // Before and after pooling, each with a gradient; the input twice.
        long maps = 32 * (256 * 96 + 128 * 48)
                + 64 * (128 * 48 + 64 * 24)
                + 128 * (64 * 24 + 32 * 12)
                + 128 * (32 * 12 + 16 * 6)
                + 128 * (16 * 6 + 8 * 3);
        assertThat(NetworkSpec.defaults().trainingBytes(new PatchShape(256, 96)))
                .isEqualTo(4 * 2 * (maps + 256 * 96));
    }
}
