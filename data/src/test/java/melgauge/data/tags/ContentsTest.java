package melgauge.data.tags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import melgauge.data.Decoder;
import melgauge.data.Wav;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a file as it is if a copy with tags is not the same otherwise. */
class ContentsTest {
    @TempDir
    Path folder;

    private static Contents contents(String... parts) throws IOException {
        Contents.Builder builder = new Contents.Builder(Set.of("A"));
        for (String part : parts) {
            builder.part(part.substring(0, part.indexOf('=')), ByteBuffer.wrap(part.getBytes(StandardCharsets.UTF_8)));
        }
        return builder.build();
    }

    @Test
    void namesWhatIsLostChangedOrNew() throws IOException {
        Contents three = contents("its title=x", "its picture=1", "its picture=1");
        assertThat(three.difference(contents("its picture=1", "its title=x", "its picture=1")))
                .as("the order of fields does not matter")
                .isEmpty();
        assertThat(three.difference(contents("its title=x", "its picture=1")))
                .isEqualTo("its picture would be lost or changed");
        assertThat(three.difference(contents("its title=y", "its picture=1", "its picture=1")))
                .isEqualTo("its title would be lost or changed");
        assertThat(contents("a=1").difference(contents("a=1", "b=2"))).isEqualTo("b would appear");
        assertThat(contents("a\n\t" + "x".repeat(200) + "=1").difference(contents()))
                .as("a name from a file")
                .isEqualTo("a??" + "x".repeat(77) + "… would be lost or changed");
    }

    @Test
    void aFieldCountsAsThereOnlyIfItIsThereOnceWithThisValue() {
        Contents.Builder builder = new Contents.Builder(Set.of("A", "B"));
        builder.field("A", "1");
        builder.field("B", "1");
        builder.field("B", "2");
        Contents contents = builder.build();
        assertThat(contents.has(Map.of("A", "1"))).isTrue();
        assertThat(contents.has(Map.of("A", "2"))).isFalse();
        assertThat(contents.has(Map.of("B", "1"))).isFalse();
        assertThat(contents.has(Map.of("A", "1", "C", "1"))).isFalse();
        assertThat(contents.values()).containsExactlyInAnyOrderEntriesOf(Map.of("A", "1", "B", "1"));
    }

    @Test
    void refusesAFileOfTooManyParts() throws IOException {
        Contents.Builder builder = new Contents.Builder(Set.of());
        for (int i = 0; i < 100_000; i++) {
            builder.part("a comment", "0");
        }
        assertThatThrownBy(() -> builder.part("a comment", "0")).hasMessageContaining("has more than 100000 fields");
    }

    @Test
    void oneSampleOrOneSampleMoreIsOtherAudio() throws IOException {
        DoubleUnaryOperator tone = Wav.sine(440, 0.5);
        Path file = Wav.write(folder.resolve("a.wav"), 8000, 16, 5, tone);
        Decoder decoder = Decoder.standard();
        assertThat(SameAudio.of(decoder, file, Wav.write(folder.resolve("b.wav"), 8000, 16, 5, tone)))
                .isTrue();
        DoubleUnaryOperator odd = t -> tone.applyAsDouble(t) + (t == 39_000 / 8000.0 ? 1.0 / 32768 : 0);
        assertThat(SameAudio.of(decoder, file, Wav.write(folder.resolve("c.wav"), 8000, 16, 5, odd)))
                .isFalse();
        assertThat(SameAudio.of(decoder, file, Wav.write(folder.resolve("d.wav"), 8000, 16, 5.000125, tone)))
                .isFalse();
        assertThat(SameAudio.of(decoder, file, Wav.write(folder.resolve("e.wav"), 8000, 16, 5, tone, tone)))
                .as("twice the same channel")
                .isFalse();
    }
}
