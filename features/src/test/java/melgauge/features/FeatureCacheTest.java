package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureCacheTest {
    private static final String AUDIO = "ab12" + "0".repeat(60);

    @TempDir
    Path root;

    @Test
    void namesFilesByAudioAndSpec() {
        MelSpec spec = MelSpec.defaults();
        assertThat(new FeatureCache(root, spec).file(AUDIO))
                .isEqualTo(root.resolve("ab/12/" + AUDIO + "-" + spec.id().substring(0, 16) + ".npy"));
        assertThat(new FeatureCache(root, Specs.with("hopLength", 512)).file(AUDIO))
                .isNotEqualTo(new FeatureCache(root, spec).file(AUDIO));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../../etc/passwd", "AB12", "zz"})
    void refusesWhatIsNoDigest(String name) {
        assertThatThrownBy(() -> new FeatureCache(root, MelSpec.defaults()).file(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("64 lower-case hexadecimal digits");
    }

    @ParameterizedTest
    @ValueSource(strings = {"float16", "float32"})
    void readsBackWhatItStored(String storage) throws IOException {
        FeatureCache cache = new FeatureCache(root, Specs.with("storage", storage, "nMels", 20));
        Spectrogram spectrogram = Specs.random(1500, 20, 3);
        assertThat(cache.contains(AUDIO)).isFalse();
        FeatureCache.Stored stored = cache.put(AUDIO, spectrogram);
        assertThat(cache.contains(AUDIO)).isTrue();

        byte[] bytes = Files.readAllBytes(cache.file(AUDIO));
        CRC32 crc = new CRC32();
        crc.update(bytes, 128, bytes.length - 128);
        assertThat(stored).isEqualTo(new FeatureCache.Stored(1500, bytes.length, crc.getValue()));

        CachedSpectrogram cached = cache.open(AUDIO);
        Spectrogram plain = Npy.read(cache.file(AUDIO));
        assertThat(cached.frames()).isEqualTo(1500);
        assertThat(cached.bands()).isEqualTo(20);
        float[] all = new float[1500 * 20];
        cached.read(0, 1500, all, 0);
        assertThat(all).isEqualTo(plain.values());
        try (StoredSpectrogram pieces = cache.read(AUDIO)) {
            float[] read = new float[1500 * 20];
            pieces.read(0, 700, read, 0);
            pieces.read(700, 800, read, 700 * 20);
            assertThat(read).isEqualTo(all);
        }
        FrameSource revisited = cache.revisit(AUDIO);
        assertThat(revisited.frames()).isEqualTo(1500);
        assertThat(revisited.bands()).isEqualTo(20);
        for (FrameSource source : List.of(cached, revisited)) {
            float[] some = new float[3 + 7 * 20];
            source.read(1001, 7, some, 3);
            assertThat(Arrays.copyOfRange(some, 3, some.length))
                    .isEqualTo(Arrays.copyOfRange(plain.values(), 1001 * 20, 1008 * 20));
            assertThat(Arrays.copyOf(some, 3)).containsOnly(0f);
        }
        if (storage.equals("float32")) {
            assertThat(all).isEqualTo(spectrogram.values());
        }
    }

    @Test
    void namesAFileThatIsGoneWhenItIsVisitedAgain() throws IOException {
        FeatureCache cache = new FeatureCache(root, Specs.with("nMels", 4));
        cache.put(AUDIO, Specs.counting(3, 4));
        FrameSource revisited = cache.revisit(AUDIO);
        Files.delete(cache.file(AUDIO));
        assertThatThrownBy(() -> revisited.read(0, 1, new float[4], 0))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(cache.file(AUDIO) + " cannot be read any more");
    }

    @Test
    void leavesNoTemporaryFile() throws IOException {
        FeatureCache cache = new FeatureCache(root, Specs.with("nMels", 4));
        cache.put(AUDIO, Specs.counting(3, 4));
        cache.put(AUDIO, Specs.counting(5, 4));
        assertThat(cache.open(AUDIO).frames()).isEqualTo(5);
        try (Stream<Path> files = Files.list(cache.file(AUDIO).resolveSibling("."))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void aRefusedValueLeavesNothingBehind() throws IOException {
        FeatureCache cache = new FeatureCache(root, Specs.with("nMels", 1));
        assertThatThrownBy(() -> cache.put(AUDIO, new Spectrogram(new float[] {1e6f}, 1, 1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(cache.file(AUDIO).toString())
                .hasMessageContaining("storage to float32");
        assertThat(cache.contains(AUDIO)).isFalse();
    }

    @Test
    void readsOutsideTheTrackAreRefused() throws IOException {
        FeatureCache cache = new FeatureCache(root, Specs.with("nMels", 4));
        cache.put(AUDIO, Specs.counting(10, 4));
        CachedSpectrogram cached = cache.open(AUDIO);
        FrameSource plain = FrameSource.of(Specs.counting(10, 4));
        for (FrameSource source : new FrameSource[] {cached, plain, cache.read(AUDIO)}) {
            assertThatThrownBy(() -> source.read(8, 3, new float[100], 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> source.read(-1, 3, new float[100], 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> source.read(0, 3, new float[11], 0)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void threadsReadOneEntryAtOnce() throws IOException {
        FeatureCache cache = new FeatureCache(root, Specs.with("nMels", 4));
        Spectrogram spectrogram = Specs.counting(300, 4);
        cache.put(AUDIO, spectrogram);
        CachedSpectrogram cached = cache.open(AUDIO);
        assertThat(IntStream.range(0, 2000).parallel().allMatch(i -> {
                    float[] into = new float[40];
                    int first = i % 290;
                    cached.read(first, 10, into, 0);
                    return into[0] == Half.toFloat(Half.fromFloat(100f * first))
                            && into[37] == Half.toFloat(Half.fromFloat(100f * (first + 9) + 1));
                }))
                .isTrue();
    }

    @Test
    void emptyTracksAreKeptToo() throws IOException {
        FeatureCache cache = new FeatureCache(root, MelSpec.defaults());
        cache.put(AUDIO, new Spectrogram(new float[0], 0, 96));
        assertThat(cache.open(AUDIO).frames()).isZero();
    }

    @Test
    void aMissingEntryAsksForPrepare() {
        assertThatThrownBy(() -> new FeatureCache(root, MelSpec.defaults()).open(AUDIO))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(AUDIO)
                .hasMessageContaining("run prepare");
    }

    @Test
    void damageNamesTheFileAndTheRemedy() throws IOException {
        FeatureCache cache = new FeatureCache(root, Specs.with("nMels", 4));
        Path file = cache.file(AUDIO);
        cache.put(AUDIO, Specs.counting(10, 4));
        byte[] whole = Files.readAllBytes(file);

        assertDamaged(cache, Arrays.copyOf(whole, whole.length - 1));
        assertDamaged(cache, Arrays.copyOf(whole, whole.length + 1));
        assertDamaged(cache, new byte[0]);
        assertDamaged(cache, new byte[whole.length]);
        for (int i = 0; i < 128; i++) { // no single damaged header byte may pass as another matrix
            byte[] damaged = whole.clone();
            damaged[i] ^= 0x01;
            Files.write(file, damaged, StandardOpenOption.TRUNCATE_EXISTING);
            try {
                assertThat(cache.open(AUDIO).frames()).as("byte %d", i).isEqualTo(10);
            } catch (IOException e) {
                assertThat(e).hasMessageContaining(file.toString());
            }
        }
    }

    @Test
    void anEntryWithOtherBandsIsRefused() throws IOException {
        FeatureCache cache = new FeatureCache(root, Specs.with("nMels", 4));
        assertThatThrownBy(() -> cache.put(AUDIO, Specs.counting(10, 5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 bands");
        FeatureCache other = new FeatureCache(root, Specs.with("nMels", 5));
        other.put(AUDIO, Specs.counting(10, 5));
        Files.copy(other.file(AUDIO), cache.file(AUDIO));
        assertThatThrownBy(() -> cache.open(AUDIO))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds 5 bands")
                .hasMessageContaining("4");
    }

    private static void assertDamaged(FeatureCache cache, byte[] bytes) throws IOException {
        Path file = cache.file(AUDIO);
        Files.write(file, bytes);
        assertThatThrownBy(() -> cache.open(AUDIO))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("delete")
                .hasMessageContaining("run prepare again");
    }
}
