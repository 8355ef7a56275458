package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTest {
    private static AuditRow audit(float[] samples, double declared, String warning) {
        SourceInfo source = SourceInfo.of(new Audio(samples, 8000));
        return audit(samples, declared, source.peak(), 1, warning);
    }

    private static AuditRow audit(float[] samples, double declared, double peak, double mixRatio, String warning) {
        SourceInfo source = SourceInfo.of(new Audio(samples, 8000));
        Audit audit = new Audit();
        audit.add(samples, 0, samples.length / 3);
        audit.add(samples, samples.length / 3, samples.length - samples.length / 3);
        return audit.row(
                "a.mp3",
                8000,
                new SourceInfo(
                        "mp3", 44100, 2, source.samples(), declared, peak, source.clippedShare(), mixRatio, warning),
                "00ff");
    }

    private static float[] constant(float value, int length) {
        float[] samples = new float[length];
        for (int i = 0; i < length; i++) {
            samples[i] = i % 2 == 0 ? value : -value;
        }
        return samples;
    }

    @Test
    void measuresLevels() {
        AuditRow row = audit(constant(0.5f, 16000), 2, "");
        assertThat(row.status()).isEqualTo(AuditRow.Status.OK);
        assertThat(row.reason()).isEmpty();
        assertThat(row.peakDb()).isCloseTo(-6.0206, within(1e-3));
        assertThat(row.rmsDb()).isCloseTo(-6.0206, within(1e-3));
        assertThat(row.durationSeconds()).isEqualTo(2);
    }

    @Test
    void suspectsWhatSomebodyShouldLookAt() {
        assertThat(audit(new float[16000], 2, "").reason()).isEqualTo("silent");
        assertThat(audit(constant(0.0005f, 16000), 2, "").reason()).startsWith("almost silent: its peak is -66.0 dB");
        assertThat(audit(constant(1, 16000), 2, "").reason()).startsWith("clipped: 100.00 %");
        assertThat(audit(constant(0.5f, 4000), 0.5, "").reason()).isEqualTo("only 0.50 s long");
        assertThat(audit(constant(0.5f, 80000), 20, "").reason())
                .isEqualTo("truncated: declares 20.0 s and holds 10.0 s");
        assertThat(audit(constant(0.5f, 80000), 5, "").reason()).isEqualTo("declares 5.0 s and holds 10.0 s");
        assertThat(audit(constant(0.5f, 16000), Double.NaN, "3 damaged packets were skipped")
                        .reason())
                .isEqualTo("3 damaged packets were skipped");
        float[] shifted = constant(0.1f, 16000);
        for (int i = 0; i < shifted.length; i++) {
            shifted[i] += 0.2f;
        }
        assertThat(audit(shifted, 2, "").reason()).isEqualTo("has a constant offset of 0.200");
        assertThat(audit(shifted, 2, "").status()).isEqualTo(AuditRow.Status.SUSPECT);
    }

    @Test
    void channelsThatCancelEachOtherAreCancelledAndNotSilent() {
        AuditRow nothing = audit(new float[16000], 2, 0.5, 0, "");
        assertThat(nothing.status()).isEqualTo(AuditRow.Status.SUSPECT);
        assertThat(nothing.reason())
                .isEqualTo("cancelled: its channels are opposite in phase, and their mean has no sound; set"
                        + " features.downmix to left or right");
        assertThat(nothing.peakDb()).isCloseTo(-6.0206, within(1e-3));
        assertThat(nothing.rmsDb()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(audit(constant(0.01f, 16000), 2, 0.5, 0.0005, "").reason())
                .contains("their mean has 33 dB less than it should");
        assertThat(audit(constant(0.05f, 16000), 2, 0.5, 0.011, "").status()).isEqualTo(AuditRow.Status.OK);
    }

    @Test
    void channelsWithoutLevelAreSilentAndNotCancelled() {
        assertThat(audit(constant(0.0001f, 16000), 2, 0.0005, 0, "").reason())
                .isEqualTo("almost silent: its peak is -66.0 dB of full scale");
    }

    /** The channel that is chosen may be empty, and a tone may lie above half of the sampling rate. */
    @Test
    void silenceIsThatOfWhatIsUsed() {
        assertThat(audit(constant(0.0001f, 16000), 2, 0.5, 1, "").reason())
                .isEqualTo(
                        "silent: its peak is -6.0 dB of full scale, but features.downmix and features.sampleRate leave"
                                + " -80.0 dB of it");
    }

    @Test
    void aTrackIsTruncatedIfMoreThanASecondAndATwentiethIsMissing() {
        SourceInfo declares100 = new SourceInfo("mp3", 44100, 2, 1, 100, 1, 0, 1, "");
        assertThat(Audit.isTruncated(declares100, 94.9)).isTrue();
        assertThat(Audit.isTruncated(declares100, 95.1)).isFalse();
        assertThat(Audit.isTruncated(declares100, 110)).isFalse();
        assertThat(Audit.isTruncated(new SourceInfo("mp3", 44100, 2, 1, 2, 1, 0, 1, ""), 1.1))
                .isFalse();
        assertThat(Audit.isTruncated(new SourceInfo("mp3", 44100, 2, 1, Double.NaN, 1, 0, 1, ""), 1))
                .isFalse();
    }

    @Test
    void anAuditGoesOnInAnotherProcess() {
        Audit first = new Audit();
        first.add(new float[] {0, -0.5f, 0.25f}, 1, 1);
        Audit second = new Audit(first.sums());
        second.add(new float[] {0.25f}, 0, 1);
        assertThat(second.sums()).isEqualTo(new Audit.Sums(2, -0.25, 0.3125, 0.5f));
    }

    @Test
    void survivesTheFile(@TempDir Path folder) throws IOException {
        List<AuditRow> rows = List.of(
                audit(constant(0.5f, 16000), 2, ""),
                audit(new float[16000], Double.NaN, ""),
                Audit.rejected("b \"x\",\n.mp3", new Failure(Failure.Code.EMPTY, "is empty (0 bytes)"), ""));
        Path file = folder.resolve("audit.csv");
        AuditCsv.write(file, rows);
        assertThat(Files.readString(file))
                .startsWith(
                        "path,status,reason,durationSeconds,declaredSeconds,sampleRate,channels,codec,peakDb,rmsDb,sha256\n")
                .contains("a.mp3,ok,,2.000,2.000,44100,2,mp3,-6.02,-6.02,00ff\n")
                .contains("a.mp3,suspect,silent,2.000,,44100,2,mp3,-inf,-inf,00ff\n");
        List<AuditRow> read = AuditCsv.read(file);
        assertThat(read).extracting(AuditRow::path).containsExactly("a.mp3", "a.mp3", "b \"x\",\n.mp3");
        assertThat(read.get(1).peakDb()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(read.get(2)).isEqualTo(rows.get(2));
    }

    @Test
    void refusesAnotherTable(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("audit.csv"), "a,b\n1,2\n");
        assertThatThrownBy(() -> AuditCsv.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no audit");
    }

    @Test
    void writesFilesWholeOrNotAtAll(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("x"), "old");
        assertThatThrownBy(() -> AtomicFile.write(file, out -> {
                    out.write(1);
                    throw new IOException("the disk is full");
                }))
                .hasMessageContaining("cannot write " + file)
                .hasMessageContaining("the disk is full");
        assertThat(file).hasContent("old");
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
        byte[] fresh = new byte[100_000];
        Arrays.fill(fresh, (byte) 7);
        AtomicFile.write(file, out -> out.write(fresh));
        assertThat(file).hasBinaryContent(fresh);
    }
}
