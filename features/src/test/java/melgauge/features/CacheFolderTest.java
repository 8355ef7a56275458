package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheFolderTest {
    private static final String AUDIO = "ab12" + "0".repeat(60);

    @TempDir
    Path root;

    private final MelSpec spec = Specs.with("nMels", 4);

    @Test
    void findsTheEntriesOfAllSettingsAndTheLeftovers() throws IOException {
        MelSpec other = Specs.with("nMels", 5);
        new FeatureCache(root, spec).put(AUDIO, Specs.counting(10, 4));
        new FeatureCache(root, other).put(AUDIO, Specs.counting(10, 5));
        FeatureCache.Entry unfinished = new FeatureCache(root, spec).create("cd34" + "0".repeat(60));
        CacheFolder folder = new CacheFolder(root);
        assertThat(folder.items())
                .extracting(item -> item.specName() + " " + item.temporary())
                .containsExactlyInAnyOrder(
                        CacheFolder.specName(spec.id()) + " false",
                        CacheFolder.specName(other.id()) + " false",
                        CacheFolder.specName(spec.id()) + " true");
        unfinished.close();
        assertThat(folder.items()).hasSize(2).allSatisfy(item -> {
            assertThat(item.file()).isEqualTo(folder.file(AUDIO, item.specName()));
            assertThat(item.bytes()).isEqualTo(Files.size(item.file()));
        });
    }

    @Test
    void leavesStrangersAlone() throws IOException {
        new FeatureCache(root, spec).put(AUDIO, Specs.counting(10, 4));
        Path entry = new FeatureCache(root, spec).file(AUDIO);
        String name = entry.getFileName().toString();
        Path elsewhere = Files.createDirectories(root.resolve("elsewhere/12"));
        Files.copy(entry, elsewhere.resolve(name));
        Files.copy(entry, root.resolve(name));
        Files.createDirectories(root.resolve("cd/12"));
        Files.copy(entry, root.resolve("cd/12").resolve(name)); // not where its digest belongs
        Files.writeString(entry.resolveSibling("notes.txt"), "mine");
        Files.writeString(entry.resolveSibling(".draft.tmp"), "mine");
        Files.writeString(entry.resolveSibling(name + ".bak"), "mine");
        Files.createDirectory(entry.resolveSibling(name.replace("ab12", "ab13")));
        Files.createSymbolicLink(entry.resolveSibling(name.replace('0', '1')), entry);
        Path outside = Files.createDirectories(root.resolve("outside/ef/12"));
        Files.copy(entry, outside.resolve(name.replace("ab12", "ef12")));
        Files.createSymbolicLink(root.resolve("ef"), outside.getParent());
        assertThat(new CacheFolder(root).items())
                .extracting(CacheFolder.Item::file)
                .containsExactly(entry);
    }

    @Test
    void tellsWhatIsWrongWithAnEntry() throws IOException {
        FeatureCache cache = new FeatureCache(root, spec);
        FeatureCache.Stored stored = cache.put(AUDIO, Specs.counting(10, 4));
        Path file = cache.file(AUDIO);
        byte[] sound = Files.readAllBytes(file);
        assertThat(cache.defect(AUDIO, stored)).isEmpty();
        assertThat(CacheFolder.defect(file, stored)).isEmpty();

        byte[] flipped = sound.clone();
        flipped[sound.length - 1] ^= 1;
        Files.write(file, flipped);
        assertThat(cache.defect(AUDIO, stored).orElseThrow()).contains(file.toString(), "checksum");
        Files.write(file, java.util.Arrays.copyOf(sound, sound.length - 8));
        assertThat(cache.defect(AUDIO, stored).orElseThrow()).contains(file.toString(), "bytes long");
        cache.put(AUDIO, Specs.counting(11, 4));
        assertThat(cache.defect(AUDIO, stored).orElseThrow()).contains("were stored");
        Files.write(file, new byte[300]);
        assertThat(cache.defect(AUDIO, stored).orElseThrow()).contains("is not a .npy file");
        Files.delete(file);
        assertThat(cache.defect(AUDIO, stored).orElseThrow()).contains("is not in the cache");
        assertThat(CacheFolder.defect(file, stored).orElseThrow()).contains("does not exist");
    }
}
