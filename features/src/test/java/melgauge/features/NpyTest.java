package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import melgauge.features.Framing.Storage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
    @TempDir
    Path folder;

    private byte[] bytes(Spectrogram spectrogram, Storage storage) throws IOException {
        Path file = folder.resolve("written.npy");
        Npy.write(file, spectrogram, storage);
        return Files.readAllBytes(file);
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("x.npy"), bytes);
    }

    @ParameterizedTest(name = "{0} frames")
    @ValueSource(ints = {0, 1, 7, 3000})
    void readsBackTheFloatsItWrote(int frames) throws IOException {
        Spectrogram written = Specs.random(frames, 5, 1);
        Spectrogram read = Npy.read(file(bytes(written, Storage.FLOAT32)));
        assertThat(read.frames()).isEqualTo(frames);
        assertThat(read.bands()).isEqualTo(5);
        assertThat(read.values()).isEqualTo(written.values());
    }

    @Test
    void readsBackTheNearestHalves() throws IOException {
        Spectrogram written = Specs.random(2000, 7, 2);
        Spectrogram read = Npy.read(file(bytes(written, Storage.FLOAT16)));
        for (int i = 0; i < written.values().length; i++) {
            assertThat(read.values()[i]).isEqualTo(Half.toFloat(Half.fromFloat(written.values()[i])));
        }
    }

    @Test
    void writesTheBytesThatNumpyWrites() throws IOException {
        byte[] numpy = Files.readAllBytes(Specs.reference("numpy_float16.npy"));
        Spectrogram read = Npy.read(Specs.reference("numpy_float16.npy"));
        assertThat(read.frames()).isEqualTo(8);
        assertThat(read.bands()).isEqualTo(3);
        assertThat(read.at(0, 0)).isEqualTo(-2f);
        assertThat(read.at(7, 2)).isEqualTo(2f);
        assertThat(bytes(read, Storage.FLOAT16)).isEqualTo(numpy);
    }

    @Test
    void refusesToStoreWhatOverflowsHalfPrecision() throws IOException {
        Spectrogram loud = new Spectrogram(new float[] {70000f}, 1, 1);
        assertThatThrownBy(() -> bytes(loud, Storage.FLOAT16))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("70000.0 must be at most 65504.0")
                .hasMessageContaining("float32");
        assertThat(Npy.read(file(bytes(loud, Storage.FLOAT32))).values()).containsExactly(70000f);
    }

    @ParameterizedTest(name = "{0} bytes of the file")
    @ValueSource(ints = {0, 5, 9, 60, 128, 147, 149})
    void refusesFilesOfTheWrongLength(int length) throws IOException {
        byte[] whole = bytes(Specs.counting(5, 1), Storage.FLOAT32);
        assertThat(whole).hasSize(148);
        Path file = file(Arrays.copyOf(whole, length));
        assertThatThrownBy(() -> Npy.read(file)).isInstanceOf(IOException.class).hasMessageContaining(file.toString());
    }

    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '"',
            value = {
                "<f4     ~ >f4     ~ type '>f4'",
                "<f4     ~ |O      ~ type '|O'",
                "False   ~ True    ~ ascontiguousarray",
                "(5, 1)  ~ (5,)    ~ 2 dimensions",
                "(5, 1)  ~ (5, 0)  ~ 0 bands",
                "(5, 1)  ~ (-5,1)  ~ shape",
                "'shape' ~ 'shade' ~ header"
            })
    void refusesOtherHeaders(String part, String replacement, String reason) throws IOException {
        byte[] whole = bytes(Specs.counting(5, 1), Storage.FLOAT32);
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        int missing = part.length() - replacement.length();
        String damaged = missing == 0
                ? text.replace(part, replacement)
                : text.replace(part, replacement).replace(", }", ", }" + " ".repeat(missing));
        Path file = file(damaged.getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> Npy.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(reason);
    }

    @Test
    void saysWhichFileIsMissing() {
        Path file = folder.resolve("none.npy");
        assertThatThrownBy(() -> Npy.read(file)).isInstanceOf(IOException.class).hasMessageContaining("none.npy");
    }

    @Test
    void refusesOtherVersionsAndOtherFiles() throws IOException {
        byte[] whole = bytes(Specs.counting(5, 1), Storage.FLOAT32);
        byte[] version2 = whole.clone();
        version2[6] = 2;
        Path file = file(version2);
        assertThatThrownBy(() -> Npy.read(file)).isInstanceOf(IOException.class).hasMessageContaining("version 2.0");
        byte[] other = whole.clone();
        other[1] = 'X';
        Path second = file(other);
        assertThatThrownBy(() -> Npy.read(second))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("NUMPY");
    }
}
