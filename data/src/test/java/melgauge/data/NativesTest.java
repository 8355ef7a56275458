package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativesTest {
    @TempDir
    private Path folder;

    @Test
    void theVariableChoosesTheFolder() throws IOException {
        Path named = folder.resolve("a/b");

        assertThat(choose(Map.of("MELGAUGE_NATIVES", named.toString(), "HOME", folder.toString())))
                .isEqualTo(named)
                .isDirectory();
    }

    @Test
    void withoutTheVariableLibrariesAreAmongTheUsersCaches() throws IOException {
        Path caches = folder.resolve("caches");

        assertThat(choose(Map.of("HOME", folder.toString()))).isEqualTo(folder.resolve(".cache/melgauge"));
        assertThat(choose(Map.of("HOME", folder.toString(), "XDG_CACHE_HOME", caches.toString())))
                .isEqualTo(caches.resolve("melgauge"));
        assertThat(choose(Map.of("HOME", folder.toString(), "XDG_CACHE_HOME", "relative")))
                .isEqualTo(folder.resolve(".cache/melgauge"));
        assertThat(Natives.choose(Map.of(), folder.toString(), folder)).isEqualTo(folder.resolve(".cache/melgauge"));
    }

    @Test
    void usersWithoutAHomeHaveAFolderOfTheirOwnInTheTemporaryFolder() throws IOException {
        Path expected = folder.resolve("melgauge-" + Files.getAttribute(folder, "unix:uid"));

        for (String home : List.of("?", folder.resolve("nowhere").toString())) {
            assertThat(Natives.choose(Map.of(), home, folder)).isEqualTo(expected);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(expected)))
                .isEqualTo("rwx------");
        assertThat(folder.resolve("nowhere")).doesNotExist();
        assertThat(Path.of("?")).doesNotExist();
    }

    @Test
    void aFolderInTheTemporaryFolderThatOthersMayWriteIsRefused() throws IOException {
        Path planted = Files.createDirectory(folder.resolve("melgauge-" + Files.getAttribute(folder, "unix:uid")));
        Files.setPosixFilePermissions(planted, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(() -> Natives.choose(Map.of(), "?", folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(planted.toString())
                .hasMessageContaining("rwxrwxrwx")
                .hasMessageContaining("MELGAUGE_NATIVES=DIR");
    }

    @Test
    void aLinkInPlaceOfTheFolderInTheTemporaryFolderIsRefused() throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.createSymbolicLink(folder.resolve("melgauge-" + Files.getAttribute(folder, "unix:uid")), elsewhere);

        assertThatThrownBy(() -> Natives.choose(Map.of(), "?", folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is a link or a file in its place");
    }

    @Test
    void aFolderThatCannotBeMadeIsNamedWithTheVariable() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> choose(Map.of("MELGAUGE_NATIVES", file.toString())))
                .isInstanceOf(IOException.class)
                .hasMessage("native libraries cannot be kept in " + file
                        + ": there is a file in its place; name another" + " folder: MELGAUGE_NATIVES=DIR");
    }

    @Test
    void aDiskWithTooLittleRoomIsNamedWithWhatIsNeeded() throws IOException {
        assertThatThrownBy(() -> Natives.check(folder, Long.MAX_VALUE))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("native libraries cannot be kept in " + folder + ": ")
                .hasMessageContaining(
                        " MiB are left there, and up to " + (Long.MAX_VALUE >> 20) + " MiB more are needed")
                .hasMessageEndingWith("MELGAUGE_NATIVES=DIR");
    }

    @Test
    void aFolderThatIsFineIsLeftAsItWas() throws IOException {
        Natives.check(folder, 1);

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void whatIsUnpackedAlreadyNeedsNoRoom() throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        Path library = folder.resolve("library");
        try (var file = new RandomAccessFile(library.toFile(), "rw")) {
            file.setLength(2 * free); // takes no room, being empty
        }

        Natives.check(folder, free + (free >> 1));

        assertThat(library).exists();
    }

    @Test
    void aLibraryIsUnpackedOnceHoweverManyAskForIt() throws Exception {
        Path source = Files.write(folder.resolve("source"), new byte[1 << 20]);
        String library = "test-" + UUID.randomUUID();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Path>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                calls.add(() -> Natives.unpack(source.toUri().toURL(), library, "lib.so"));
            }
            for (Future<Path> unpacked : threads.invokeAll(calls)) {
                assertThat(unpacked.get())
                        .isEqualTo(Natives.folder().resolve(library).resolve("lib.so"));
                assertThat(unpacked.get()).hasSameBinaryContentAs(source);
            }
            try (Stream<Path> files = Files.list(Natives.folder().resolve(library))) {
                assertThat(files.map(file -> String.valueOf(file.getFileName())))
                        .containsExactlyInAnyOrder("lib.so", "lock");
            }
        } finally {
            threads.shutdown();
            TemporaryFolder.remove(Natives.folder().resolve(library));
        }
    }

    @Test
    void aLibraryThatIsIncompleteIsUnpackedAgain() throws Exception {
        Path source = Files.write(folder.resolve("source"), new byte[1000]);
        String library = "test-" + UUID.randomUUID();
        try {
            Path unpacked = Natives.unpack(source.toUri().toURL(), library, "lib.so");
            Files.write(unpacked, new byte[10]);

            assertThat(Natives.unpack(source.toUri().toURL(), library, "lib.so"))
                    .hasSize(1000);
        } finally {
            TemporaryFolder.remove(Natives.folder().resolve(library));
        }
    }

    @Test
    void aLibraryThatCannotBeLoadedIsExplainedWithTheVariable() {
        Throwable failure = new IllegalStateException(
                new ExceptionInInitializerError(new UnsatisfiedLinkError("No space left on device")));

        assertThat(Natives.explain(failure))
                .hasValueSatisfying(text -> assertThat(text)
                        .startsWith("a native library cannot be loaded from ")
                        .contains(": No space left on device; make room there")
                        .endsWith("MELGAUGE_NATIVES=DIR"));
        assertThat(Natives.explain(new IllegalStateException("a defect"))).isEmpty();
    }

    private Path choose(Map<String, String> environment) throws IOException {
        return Natives.choose(environment, "?", folder);
    }
}
