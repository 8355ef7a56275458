package melgauge.pipeline.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import melgauge.data.Failure;
import melgauge.data.PathBytes;
import melgauge.data.UsageException;
import melgauge.pipeline.inputs.Inputs.Input;
import melgauge.pipeline.inputs.Inputs.Options;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InputsTest {
    private static final Options LINES = new Options(false, false);
    private static final Options NUL = new Options(true, false);
    private static final Options ALL = new Options(false, true);

    @TempDir
    Path folder;

    private final List<Input> found = new ArrayList<>();
    private long skipped;
    private List<String> notes = List.of();

    private List<Input> find(Options options, byte[] stdin, Object... arguments) throws IOException {
        found.clear();
        List<String> texts = List.of(arguments).stream().map(Object::toString).toList();
        Inputs.Found sum = Inputs.find(texts, options, new ByteArrayInputStream(stdin), found::add);
        assertThat(sum.inputs()).isEqualTo(found.size());
        skipped = sum.skipped();
        notes = sum.notes();
        return found;
    }

    private List<Input> find(Object... arguments) throws IOException {
        return find(LINES, new byte[0], arguments);
    }

    private List<Input> listed(Options options, String latin1) throws IOException {
        return find(options, bytes(latin1), "-");
    }

    private Path file(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }

    private Path list(String name, String latin1) throws IOException {
        return Files.write(folder.resolve(name), bytes(latin1));
    }

    /** A byte for each character. */
    private static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Failure.@Nullable Code code(Input input) {
        return input.failure() == null ? null : input.failure().code();
    }

    private static String reason(Input input) {
        return input.failure() == null ? "" : input.failure().reason();
    }

    private void pipe(Path file) throws IOException {
        boolean made = false;
        try {
            made = new ProcessBuilder("mkfifo", file.toString()).start().waitFor() == 0;
        } catch (IOException e) {
            // There is no such program.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assumeTrue(made, "no pipe can be made");
    }

    @Nested
    class Folders {
        @Test
        void areSearchedDepthFirstInTheOrderOfNamesAndTheRestIsCounted() throws IOException {
            for (String name :
                    List.of("b/z.mp3", "b/c/x.OPUS", "b.flac", "a.wav", "Z.ogg", "cover.jpg", "b/notes.txt")) {
                file(name);
            }
            assertThat(find(folder))
                    .extracting(Input::path)
                    .containsExactly(
                            folder + "/Z.ogg",
                            folder + "/a.wav",
                            folder + "/b/c/x.OPUS",
                            folder + "/b/z.mp3",
                            folder + "/b.flac");
            assertThat(found).extracting(Input::file).contains(folder.resolve("b/c/x.OPUS"), folder.resolve("a.wav"));
            assertThat(found).extracting(Input::failure).containsOnlyNulls();
            assertThat(skipped).isEqualTo(2);
        }

        @Test
        void areOrderedByBytesNotByLetters() throws IOException {
            // In UTF-8 U+FF5E comes before U+1F3B5, in UTF-16 behind it.
            List<byte[]> names = List.of(
                    bytes("a.mp3"),
                    bytes("\u00c3\u00a9.mp3"),
                    "\uFF5E.mp3".getBytes(StandardCharsets.UTF_8),
                    "\uD83C\uDFB5.mp3".getBytes(StandardCharsets.UTF_8),
                    bytes("\u00ff.mp3"));
            for (int i = names.size() - 1; i >= 0; i--) {
                Files.write(folder.resolve(PathBytes.path(names.get(i))), names.get(i));
            }
            find(folder);
            for (int i = 0; i < names.size(); i++) {
                assertThat(Files.readAllBytes(found.get(i).file())).isEqualTo(names.get(i));
            }
            assertThat(found.get(1).path()).isEqualTo(folder + "/\u00e9.mp3");
            assertThat(found.get(4).path()).isEqualTo(folder + "/\\xFF.mp3");
        }

        @ParameterizedTest
        @CsvSource({
            "Music, Music/a.mp3",
            "Music/, Music/a.mp3",
            "./Music, ./Music/a.mp3",
            "Music/../Music, Music/../Music/a.mp3"
        })
        void giveTheirFilesTheNameThatTheyAreCalledBy(String name, String path) throws IOException {
            file("Music/a.mp3");
            find(folder + "/" + name);
            assertThat(found.get(0).path()).isEqualTo(folder + "/" + path);
            assertThat(Files.isSameFile(found.get(0).file(), folder.resolve("Music/a.mp3")))
                    .isTrue();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "a.mp3",
                    "a.MP3",
                    "a.b.m4a",
                    ".hidden.flac",
                    "a.aifc",
                    "a.rf64",
                    "a.w64",
                    "a.mp+",
                    "a.dsf",
                    "a.weba",
                    "a.3gp",
                    "a .opus",
                    "-rf.wav"
                })
        void takeAudioByItsName(String name) throws IOException {
            file(name);
            assertThat(find(folder)).hasSize(1);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"mp3", "a.mp3.part", "._a.mp3", "a.mkv", "a.avi", "a.", "a.m3u", "a.csv", "a.jpg", "amp3"})
        void skipWhatIsNoAudioByItsNameUnlessAllIsWanted(String name) throws IOException {
            file("x.mp3");
            file(name);
            assertThat(find(folder)).hasSize(1);
            assertThat(skipped).isEqualTo(1);
            assertThat(find(ALL, new byte[0], folder)).hasSize(2);
            assertThat(skipped).isZero();
        }

        @Test
        void areFoldersWhateverTheirNames() throws IOException {
            for (String name : List.of("x.m3u", "x.csv", "x.wav")) {
                file(name + "/a.mp3");
                assertThat(find(folder.resolve(name)))
                        .extracting(Input::path)
                        .containsExactly(folder + "/" + name + "/a.mp3");
            }
            assertThat(find(folder)).hasSize(3).extracting(Input::failure).containsOnlyNulls();
        }

        @Test
        void doNotOpenPipesAndDevices() throws IOException {
            pipe(folder.resolve("pipe.wav"));
            Path device = Files.createSymbolicLink(folder.resolve("device.wav"), Path.of("/dev/zero"));
            pipe(folder.resolve("pipe"));
            assertThat(find(folder)).hasSize(2);
            assertThat(found).extracting(Input::failure).containsOnly(Inputs.NOT_REGULAR);
            assertThat(skipped).isEqualTo(1);
            assertThat(find(ALL, new byte[0], folder))
                    .hasSize(3)
                    .extracting(Input::failure)
                    .containsOnly(Inputs.NOT_REGULAR);
            // JUnit warns of links that lead out of its folder.
            Files.delete(device);
        }

        @Test
        void followLinksToFiles() throws IOException {
            Path track = file("elsewhere/no-ending");
            Path inner = Files.createDirectories(folder.resolve("in"));
            Files.createSymbolicLink(inner.resolve("a.mp3"), track);
            assertThat(find(inner)).containsExactly(new Input(inner + "/a.mp3", inner.resolve("a.mp3"), null));
        }

        @Test
        void giveALinkToNothingItsRowIfItIsAudioByName() throws IOException {
            Files.createSymbolicLink(folder.resolve("gone.mp3"), folder.resolve("nowhere"));
            Files.createSymbolicLink(folder.resolve("gone.txt"), folder.resolve("nowhere"));
            Files.createSymbolicLink(folder.resolve("self"), folder.resolve("self"));
            Files.createSymbolicLink(folder.resolve("self.ogg"), folder.resolve("self.ogg"));
            assertThat(find(folder))
                    .extracting(InputsTest::code)
                    .containsExactly(Failure.Code.MISSING, Failure.Code.UNREADABLE);
            assertThat(found.get(0).file()).isEqualTo(folder.resolve("gone.mp3"));
            assertThat(skipped).isEqualTo(2);
        }

        @Test
        void areVisitedOnceHoweverManyLinksLeadToThem() throws IOException {
            // Without a memory there would be 2^40 ways through these.
            for (int i = 0; i < 40; i++) {
                file(String.format("tree/%02d/%02d.mp3", i, i));
                for (String link : List.of("left", "right")) {
                    Files.createSymbolicLink(
                            folder.resolve(String.format("tree/%02d/%s", i, link)),
                            Path.of(String.format("../%02d", i + 1)));
                }
            }
            Files.createSymbolicLink(folder.resolve("tree/again"), Path.of("."));
            Path tree = folder.resolve("tree");
            assertThat(find(tree)).hasSize(40).extracting(InputsTest::code).containsOnlyNulls();
            assertThat(found.get(1).path()).isEqualTo(tree + "/00/left/01.mp3");
            // All right ones but the two that lead to nothing, the circle, and what the links had reached before.
            assertThat(skipped).isEqualTo(39 + 2 + 1 + 39);
            assertThat(find(tree, tree)).as("once for each argument").hasSize(80);
        }

        @Test
        void thatLieTooDeepGetARow() throws IOException {
            String deep = "d/".repeat(FolderSearch.DEEPEST - 1);
            file(deep + "in.mp3");
            file(deep + "e/out.mp3");
            find(folder);
            assertThat(found).hasSize(2);
            assertThat(found.get(0).path()).isEqualTo(folder + "/" + deep + "e");
            assertThat(code(found.get(0))).isEqualTo(Failure.Code.UNREADABLE);
            assertThat(reason(found.get(0))).contains("256").contains("argument of its own");
            assertThat(found.get(1))
                    .isEqualTo(new Input(folder + "/" + deep + "in.mp3", folder.resolve(deep + "in.mp3"), null));
        }

        @Test
        void thatCannotBeListedGetARowAndTheOthersAreSearched() throws IOException {
            file("a/1.mp3");
            file("b/2.mp3");
            file("b/3.mp3");
            file("c/4.mp3");
            FolderSearch search = new FolderSearch(false, found::add, (listed, names) -> {
                if (listed.endsWith("a")) {
                    throw new AccessDeniedException(listed.toString());
                }
                if (listed.endsWith("b")) {
                    names.add(Path.of("2.mp3"));
                    throw new IOException("Input/output error");
                }
                names.addAll(
                        listed.endsWith("c")
                                ? List.of(Path.of("4.mp3"))
                                : List.of(Path.of("c"), Path.of("b"), Path.of("a")));
            });
            search.search(folder, "x", Files.readAttributes(folder, BasicFileAttributes.class));
            assertThat(found).extracting(Input::path).containsExactly("x/a", "x/b", "x/b/2.mp3", "x/c/4.mp3");
            assertThat(found.get(0).failure())
                    .isEqualTo(new Failure(
                            Failure.Code.UNREADABLE,
                            "is a folder whose files cannot be listed: may not be read (permission denied)"));
            assertThat(reason(found.get(1))).endsWith("cannot be read: Input/output error");
            assertThat(found.get(3).failure()).isNull();
        }

        @Test
        void withoutPermissionGetARow() throws IOException {
            file("open.mp3");
            Path shut = folder.resolve("shut");
            Path hidden = folder.resolve("hidden");
            file("shut/a.mp3");
            file("hidden/sub/a.mp3");
            Files.createSymbolicLink(folder.resolve("link"), hidden.resolve("sub"));
            Files.setPosixFilePermissions(shut, Set.of());
            Files.setPosixFilePermissions(hidden, PosixFilePermissions.fromString("r--------"));
            try {
                assumeTrue(!Files.isReadable(shut), "root may read everything");
                assertThat(find(folder))
                        .extracting(Input::path)
                        .containsExactly(
                                folder + "/hidden/sub", folder + "/link", folder + "/open.mp3", folder + "/shut");
                assertThat(found)
                        .extracting(InputsTest::code)
                        .containsExactly(
                                Failure.Code.UNREADABLE, Failure.Code.UNREADABLE, null, Failure.Code.UNREADABLE);
            } finally {
                Files.setPosixFilePermissions(shut, PosixFilePermissions.fromString("rwx------"));
                Files.setPosixFilePermissions(hidden, PosixFilePermissions.fromString("rwx------"));
            }
        }
    }

    @Nested
    class Playlists {
        @Test
        void giveAnInputForEachEntryAndNoneForCommentsAndEmptyLines() throws IOException {
            Path track = file("sub/a.mp3");
            Path list = list(
                    "p.M3U8",
                    "\u00ef\u00bb\u00bf#EXTM3U\n#EXTINF:1,x\nsub/a.mp3\r\n\r\n  \n/no/such.ogg\nsub\nsub/a.mp3\nsub/../sub/a.mp3");
            find(list);
            assertThat(found)
                    .extracting(Input::path)
                    .containsExactly("sub/a.mp3", "/no/such.ogg", "sub", "sub/a.mp3", "sub/../sub/a.mp3");
            assertThat(found)
                    .extracting(Input::file)
                    .containsExactly(
                            track,
                            Path.of("/no/such.ogg"),
                            folder.resolve("sub"),
                            track,
                            folder.resolve("sub/../sub/a.mp3"));
            assertThat(found)
                    .extracting(InputsTest::code)
                    .containsExactly(null, Failure.Code.MISSING, Failure.Code.NOT_A_FILE, null, null);
            assertThat(reason(found.get(2))).isEqualTo("is a folder, not an audio file");
        }

        @Test
        void beginWithTheirFirstEntryIfTheyHaveNoMark() throws IOException {
            assertThat(find(list("p.m3u", "a"))).extracting(Input::path).containsExactly("a");
            assertThat(find(list("p.m3u", "\u00ef\u00bb\u00bf" + "a")))
                    .extracting(Input::path)
                    .containsExactly("a");
            assertThat(find(list("p.m3u", "\u00ff\u00feabc"))).hasSize(1);
        }

        @Test
        void mayBeInUtf16() throws IOException {
            Path track = file("\u00e9.mp3");
            for (Charset charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
                Path list = Files.write(folder.resolve("p.m3u8"), "\uFEFF#EXTM3U\n\u00e9.mp3\n".getBytes(charset));
                assertThat(find(list)).containsExactly(new Input("\u00e9.mp3", track, null));
            }
        }

        @Test
        void nameTheFileThatIsAlmostIt() throws IOException {
            file("Music/a.mp3");
            find(list("p.m3u", "music\\A.MP3\n"));
            assertThat(reason(found.get(0))).isEqualTo("there is no such file; there is Music/a.mp3");
        }

        @Test
        void mayNameFilesInAnotherUnicodeForm() throws IOException {
            Path track = file("e\u0301.mp3");
            assertThat(find(list("p.m3u", "\u00c3\u00a9.mp3\n"))).containsExactly(new Input("\u00e9.mp3", track, null));
        }

        @Test
        void areNotFollowedIntoOtherLists() throws IOException {
            list("inner.m3u", "a.mp3\nb.mp3\n");
            assertThat(find(list("outer.m3u", "inner.m3u\n")))
                    .containsExactly(new Input("inner.m3u", folder.resolve("inner.m3u"), null));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "http://example.org/a.mp3",
                    "HTTPS://example.org",
                    " rtsp://x/y",
                    "file://server/share/a.mp3",
                    "a+b://x"
                })
        void doNotOpenAddresses(String entry) throws IOException {
            assertThat(find(list("p.m3u", entry + "\n"))).containsExactly(new Input(entry, null, Inputs.ON_A_NETWORK));
            assertThat(reason(found.get(0))).isEqualTo("is an address on a network, not a file");
        }

        @Test
        void takeUrlsOfFilesForFiles() throws IOException {
            Path track = file("a b%20\u00e9.mp3");
            String url = track.toUri().toString().replace("file:///", "file://localhost/");
            assertThat(url).contains("%20").contains("%C3%A9");
            find(list("p.m3u", url + "\nFILE://" + latin1(track) + "\nfile:///no/such%2Fplace\nfile:///a%00b\n"));
            assertThat(found).extracting(Input::file).containsExactly(track, track, Path.of("/no/such/place"), null);
            assertThat(found).extracting(Input::path).startsWith(url).endsWith("file:///a%00b");
            assertThat(found)
                    .extracting(InputsTest::code)
                    .containsExactly(null, null, Failure.Code.MISSING, Failure.Code.MISSING);
        }

        @Test
        void mayWriteRelativeNamesLikeAddressesWhereThereIsNoFileOfTheNameAsWritten() throws IOException {
            Path spaced = file("a b.mp3");
            Path percent = file("100%25.mp3");
            file("100%.mp3");
            find(list("p.m3u", "a%20b.mp3\n100%25.mp3\n"));
            assertThat(found).extracting(Input::file).containsExactly(spaced, percent);
        }

        @Test
        void ofOtherSystemsAreReadWithSlashesWhereThatIsAFile() throws IOException {
            Path track = file("Music/a.mp3");
            Path odd = file("Music\\b.mp3");
            file("Music/b.mp3");
            find(list("p.m3u", "Music\\a.mp3\nMusic\\b.mp3\nMusic\\c.mp3\nC:\\Music\\a.mp3\n"));
            assertThat(found)
                    .extracting(Input::file)
                    .containsExactly(track, odd, folder.resolve("Music\\c.mp3"), folder.resolve("C:\\Music\\a.mp3"));
            assertThat(found).extracting(Input::path).startsWith("Music\\a.mp3", "Music\\b.mp3");
            assertThat(found)
                    .extracting(InputsTest::code)
                    .containsExactly(null, null, Failure.Code.MISSING, Failure.Code.MISSING);
        }

        @Test
        void inLatin1NameFilesInUtf8UnlessThereIsOneOfTheirVeryBytes() throws IOException {
            Path utf8 = file("\u00fcber/caf\u00e9.mp3");
            find(list("p.m3u", "\u00fcber\\caf\u00e9.mp3\n"));
            assertThat(found).containsExactly(new Input("\u00fcber\\caf\u00e9.mp3", utf8, null));
            Path raw = folder.resolve(PathBytes.path(bytes("r\u00e9.mp3")));
            Files.createFile(raw);
            file("r\u00e9.mp3");
            find(list("p.m3u", "r\u00e9.mp3\nr\u00c3\u00a9.mp3\n"));
            assertThat(found)
                    .containsExactly(
                            new Input("r\u00e9.mp3", raw, null),
                            new Input("r\u00e9.mp3", folder.resolve("r\u00e9.mp3"), null));
        }

        @Test
        void mayHaveSpacesAroundTheirEntries() throws IOException {
            Path track = file("a.mp3");
            Path spaced = file(" b.mp3 ");
            file("b.mp3");
            find(list("p.m3u", "  a.mp3\t\n b.mp3 \n"));
            assertThat(found).containsExactly(new Input("  a.mp3\t", track, null), new Input(" b.mp3 ", spaced, null));
        }

        @Test
        void ofThePlsKindAreInTheOrderOfTheirNumbers() throws IOException {
            Path track = file("a=b.mp3");
            find(list(
                    "p.pls",
                    "[playlist]\r\nFile10=ten\r\nTitle1=File3=no\r\nLength1=-1\r\nfile2 = two\r\nFILE1=a=b.mp3\r\n"
                            + "File3=\r\nFile2=again\r\nFilex=no\r\n;File4=no\r\nNumberOfEntries=5\r\nVersion=2"));
            assertThat(found).extracting(Input::path).containsExactly("a=b.mp3", " two", "again", "", "ten");
            assertThat(found.get(0).file()).isEqualTo(track);
            assertThat(found.get(3).file()).isNull();
            assertThat(reason(found.get(3))).isEqualTo("there is no file in line 7 of " + folder.resolve("p.pls"));
        }

        @Test
        void thatAreNoneAreRefused() throws IOException {
            Path none = folder.resolve("none.m3u");
            assertThatThrownBy(() -> find(none))
                    .isInstanceOf(UsageException.class)
                    .hasMessage(none + " cannot be used as a list of tracks: there is no such file");
            Path text = list("p.pls", "a.mp3\n");
            assertThatThrownBy(() -> find(text))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("it is no PLS playlist")
                    .hasMessageContaining("File1=");
            Path utf16 = Files.write(folder.resolve("u.m3u"), bytes("\u00ff\u00feu\0\0\u00dc"));
            assertThatThrownBy(() -> find(utf16))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("begins like a text in UTF-16, but is none");
            Path pipe = folder.resolve("pipe.m3u");
            pipe(pipe);
            assertThatThrownBy(() -> find(pipe))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("is not a regular file");
            assertThatThrownBy(() -> find("http://example.org/a.m3u"))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("an address on a network");
        }

        @Test
        void thatCannotBeReadAreRefusedBeforeAnythingIsFound() throws IOException {
            Path track = file("a.mp3");
            assertThatThrownBy(() -> find(track, folder.resolve("none.m3u"))).isInstanceOf(UsageException.class);
            assertThat(found).isEmpty();
        }

        private String latin1(Path file) {
            return new String(PathBytes.of(file), StandardCharsets.ISO_8859_1);
        }
    }

    @Nested
    class Manifests {
        @Test
        void giveAnInputForEachRow() throws IOException {
            Path track = file("c, d.wav");
            find(
                    list(
                            "m.CSV",
                            "\u00ef\u00bb\u00bf\"valence\", path ,group\r\n1,\"c, d.wav\",x\r\n,no.mp3\r\n\r\n1,\"c, d.wav\",x,more\r\n1\r\n1,,x"));
            assertThat(found).extracting(Input::path).containsExactly("c, d.wav", "no.mp3", "c, d.wav", "", "");
            assertThat(found)
                    .extracting(Input::file)
                    .containsExactly(track, folder.resolve("no.mp3"), track, null, null);
            assertThat(reason(found.get(3))).isEqualTo("there is no file in line 6 of " + folder.resolve("m.CSV"));
            assertThat(reason(found.get(4))).isEqualTo("there is no file in line 7 of " + folder.resolve("m.CSV"));
        }

        @Test
        void nameTheLineOnWhichARowBegins() throws IOException {
            find(list("m.csv", "path,text\n,\"a\nb\r\nc\"\n\n,\"\n\"\n,x\n"));
            assertThat(found)
                    .extracting(InputsTest::reason)
                    .extracting(reason -> reason.replaceAll(".*line (\\d+) of.*", "$1"))
                    .containsExactly("2", "6", "8");
        }

        @Test
        void keepTheBytesOfNames() throws IOException {
            Path raw = folder.resolve(PathBytes.path(bytes("\u00ff\u00fe\n.mp3")));
            Files.createFile(raw);
            assertThat(find(list("m.csv", "path\n\"\u00ff\u00fe\n.mp3\"\n")))
                    .extracting(Input::file)
                    .containsExactly(raw);
        }

        @Test
        void doNotOpenAddressesAndTakeTheSlashesOfOtherSystems() throws IOException {
            Path track = file("sub/a.mp3");
            find(list("m.csv", "path\nhttp://example.org/a.mp3\nsub\\a.mp3\nsub\n"));
            assertThat(found).extracting(Input::file).containsExactly(null, track, folder.resolve("sub"));
            assertThat(found)
                    .extracting(InputsTest::code)
                    .containsExactly(Failure.Code.NOT_A_FILE, null, Failure.Code.NOT_A_FILE);
        }

        @Test
        void withoutAColumnPathAreRefused() throws IOException {
            Path manifest = list("m.csv", "song,caf\u00c3\u00a9\na.mp3\n");
            assertThatThrownBy(() -> find(manifest))
                    .isInstanceOf(UsageException.class)
                    .hasMessageStartingWith(manifest + ":1: there is no column path")
                    .hasMessageEndingWith("; the columns are song, caf\u00e9");
            list("m.csv", "path,x,path\na,b,c\n");
            assertThatThrownBy(() -> find(manifest))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("twice");
            list("m.csv", "");
            assertThatThrownBy(() -> find(manifest))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("is empty");
        }

        @Test
        void areReadHoweverTheyAreWritten() throws IOException {
            Path track = file("\u00e9.mp3");
            Input input = new Input("\u00e9.mp3", track, null);
            assertThat(find(list("m.csv", "sep=;\r\nFile_Name;v\r\n\u00c3\u00a9.mp3;0,5\r\n;\r\n")))
                    .containsExactly(input);
            assertThat(notes)
                    .containsExactly(
                            folder + "/m.csv is read with the line sep=;, CRLF line ends",
                            folder + "/m.csv: column File_Name is read as path");
            assertThat(find(list("m.tsv", "v\tpath\n1\t\u00c3\u00a9.mp3\n"))).containsExactly(input);
            assertThat(find(list("m.jsonl", "{\"file_name\": \"\u00c3\u00a9.mp3\", \"v\": 1}\n{\"v\": 2}\n")))
                    .contains(input)
                    .hasSize(2);
            byte[] utf16 = "\uFEFFpath\tv\n\u00e9.mp3\t1\n".getBytes(StandardCharsets.UTF_16LE);
            assertThat(find(Files.write(folder.resolve("m.csv"), utf16))).containsExactly(input);
            assertThat(notes).containsExactly(folder + "/m.csv is read with tabs between cells, UTF-16");
        }

        @Test
        void thatBreakOffAreRefusedWithTheLine() throws IOException {
            Path manifest = list("m.csv", "path\na.mp3\nb.mp3\n\"c\"d.mp3\ne.mp3\n");
            assertThatThrownBy(() -> find(manifest))
                    .isInstanceOf(UsageException.class)
                    .hasMessageStartingWith(manifest + " is not valid CSV: ")
                    .hasMessageContaining("line: 4");
            assertThat(found).extracting(Input::path).containsExactly("a.mp3", "b.mp3");
            list("m.csv", "path\na.mp3\n\"b.mp3\n");
            assertThatThrownBy(() -> find(manifest))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("3");
        }
    }

    @Nested
    class StandardInput {
        @Test
        void isReadByteForByte() throws IOException {
            listed(LINES, " a.mp3 \r\n\n\r\nb.mp3\n#c.mp3\nMusic\\d.mp3\n\u00ff.mp3");
            assertThat(found)
                    .extracting(Input::path)
                    .containsExactly(" a.mp3 ", "b.mp3", "#c.mp3", "Music\\d.mp3", "\\xFF.mp3");
            assertThat(found.get(0).file()).isEqualTo(Path.of(" a.mp3 "));
            assertThat(found).extracting(InputsTest::code).containsOnly(Failure.Code.MISSING);
            assertThat(listed(LINES, "  \n")).extracting(Input::path).containsExactly("  ");
        }

        @Test
        void mayHaveNulsBetweenNames() throws IOException {
            listed(NUL, "a\nb.mp3\r\0\0http://x\0 \0last");
            assertThat(found).extracting(Input::path).containsExactly("a\nb.mp3\r", "http://x", " ", "last");
            assertThat(found.get(1).failure()).isEqualTo(Inputs.ON_A_NETWORK);
        }

        @Test
        void mayNameWhatIsNoTrackWithoutBeingSearched() throws IOException {
            Path track = file("in/a.mp3");
            Path list = list("l.m3u", "x\n");
            listed(LINES, track + "\n" + track.getParent() + "\n" + list + "\n" + track + "\n");
            assertThat(found).extracting(Input::file).containsExactly(track, track.getParent(), list, track);
            assertThat(found).extracting(InputsTest::code).containsExactly(null, Failure.Code.NOT_A_FILE, null, null);
        }

        @Test
        void hasNoMarkButInText() throws IOException {
            String mark = "\u00ef\u00bb\u00bf";
            assertThat(listed(LINES, mark + "a\n")).extracting(Input::path).containsExactly("a");
            assertThat(listed(NUL, mark + "a\0")).extracting(Input::path).containsExactly("\uFEFFa");
        }

        @Test
        void givesARowToNamesThatNoFileCanHave() throws IOException {
            listed(
                    LINES,
                    "a\0b\n" + "x".repeat(256) + "\n" + "dir/".repeat(1024) + "\n" + "y".repeat(1_000_000) + "\nz");
            assertThat(found).hasSize(5);
            assertThat(found)
                    .extracting(Input::file)
                    .startsWith(null, null, null, null)
                    .endsWith(Path.of("z"));
            assertThat(found).extracting(InputsTest::code).containsOnly(Failure.Code.MISSING);
            assertThat(found.get(0).path()).isEqualTo("a\\x00b");
            assertThat(reason(found.get(0))).contains("NUL");
            assertThat(reason(found.get(1))).contains("255");
            assertThat(reason(found.get(2))).contains("4095");
            assertThat(found.get(3).path()).hasSize(16_384);
        }

        @Test
        void isNotReadAheadOfTheSink() {
            InputStream endless = new InputStream() {
                private final byte[] line = bytes("a.mp3\n");
                private int at;

                @Override
                public int read() {
                    return line[at++ % line.length];
                }

                @Override
                public int read(byte[] buffer, int offset, int length) {
                    for (int i = 0; i < length; i++) {
                        buffer[offset + i] = (byte) read();
                    }
                    return length;
                }
            };
            int[] rows = new int[1];
            assertThatThrownBy(() -> Inputs.find(List.of("-"), LINES, endless, input -> {
                        if (++rows[0] == 100_000) {
                            throw new IOException("enough");
                        }
                    }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("enough");
        }

        @Test
        void canBeReadOnlyOnce() {
            assertThatThrownBy(() -> find(LINES, bytes("a.mp3"), "-", "-"))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("only once");
        }
    }

    @Nested
    class Arguments {
        @Test
        void areInputsInTheirOrderEvenIfTheyAreMissing() throws IOException {
            Path text = file("cover.jpg");
            Path list = list("l.m3u", "in-list.mp3\n");
            find(LINES, bytes("piped.mp3\n"), folder.resolve("none.mp3"), list, "-", text, text);
            assertThat(found)
                    .extracting(Input::path)
                    .containsExactly(
                            folder + "/none.mp3",
                            "in-list.mp3",
                            "piped.mp3",
                            folder + "/cover.jpg",
                            folder + "/cover.jpg");
            assertThat(found.get(0))
                    .isEqualTo(new Input(
                            folder + "/none.mp3",
                            folder.resolve("none.mp3"),
                            new Failure(Failure.Code.MISSING, "there is no such file")));
            assertThat(found.get(3)).isEqualTo(new Input(folder + "/cover.jpg", text, null));
        }

        @Test
        void thatWereNotHandedOnWholeAreAdvisedOn() throws IOException {
            find(folder + "/caf\uFFFD.mp3", "\uD800.mp3");
            assertThat(code(found.get(0))).isEqualTo(Failure.Code.MISSING);
            assertThat(reason(found.get(0))).contains("name its folder").contains("standard input (-)");
            assertThat(found.get(1).file()).isNull();
            assertThat(code(found.get(1))).isEqualTo(Failure.Code.MISSING);
            file("caf\uFFFD.mp3");
            assertThat(find(folder + "/caf\uFFFD.mp3"))
                    .extracting(Input::failure)
                    .containsOnlyNulls();
        }

        @Test
        void thatCanBeNoFileGetARow() throws IOException {
            find("http://example.org/a.mp3", "", "x".repeat(300) + ".mp3", "/dev/null");
            assertThat(found)
                    .extracting(InputsTest::code)
                    .containsExactly(
                            Failure.Code.NOT_A_FILE,
                            Failure.Code.MISSING,
                            Failure.Code.MISSING,
                            Failure.Code.NOT_A_FILE);
            assertThat(reason(found.get(1))).contains("empty");
        }

        @Test
        void withoutAnyInputAreRefused() throws IOException {
            file("a.txt");
            file("b/c.txt");
            assertThatThrownBy(() -> find(folder, folder.resolve("b")))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining(
                            "no audio files in " + folder + ", " + folder.resolve("b") + " (3 other files skipped)")
                    .hasMessageContaining("--all");
            assertThatThrownBy(() -> find("-"))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("standard input");
            Path list = list("l.m3u", "#EXTM3U\n");
            assertThatThrownBy(() -> find(list, list, list, list, list, list, list))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining(" and 2 more");
        }
    }

    @Nested
    class HostileNames {
        private final Random random = new Random(8);

        /** A file of each name, which holds its name. */
        private Set<String> files(Path in, String not) throws IOException {
            Set<String> names = new TreeSet<>(
                    List.of(" ", "  a", "a ", "-", "~", "%00", "a%2Fb", "\\", "\"", "';|&$(x)`", ".,", "..."));
            while (names.size() < 300) {
                StringBuilder name = new StringBuilder();
                int length = 1 + random.nextInt(random.nextInt(10) == 0 ? 255 : 12);
                while (name.length() < length) {
                    char c = (char) (1 + random.nextInt(random.nextBoolean() ? 0x40 : 0xff));
                    if (c != '/') {
                        name.append(c);
                    }
                }
                names.add(name.toString());
            }
            names.removeIf(name -> name.equals(".") || name.equals("..") || name.matches("(?s)" + not));
            assertThat(names).hasSizeGreaterThan(200);
            for (String name : names) {
                Files.write(in.resolve(PathBytes.path(bytes(name))), bytes(name));
            }
            return names;
        }

        private void assertFound(Set<String> names) throws IOException {
            List<String> contents = new ArrayList<>();
            for (Input input : found) {
                assertThat(input.failure()).as(input.path()).isNull();
                Path file = Objects.requireNonNull(input.file());
                String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                assertThat(PathBytes.of(file.getFileName())).isEqualTo(bytes(content));
                contents.add(content);
            }
            assertThat(contents).containsExactlyElementsOf(names);
        }

        @Test
        void areFoundInAFolder() throws IOException {
            Set<String> names = files(folder, "");
            find(ALL, new byte[0], folder);
            assertFound(names);
        }

        @Test
        void areFoundThroughAPlaylistBesideThem() throws IOException {
            // What a line cannot hold, what is a comment, and what is taken for an empty line.
            Set<String> names = files(folder, ".*\n.*|.*\r|#.*|[ \t]*");
            find(list("list.m3u", "#EXTM3U\n" + String.join("\n", names)));
            assertFound(names);
        }

        @Test
        void areFoundThroughAManifest() throws IOException {
            Set<String> names = files(folder, "[ \t]*");
            ByteArrayOutputStream csv = new ByteArrayOutputStream();
            csv.writeBytes(bytes("path,valence\n"));
            names.forEach(name -> csv.writeBytes(bytes("\"" + name.replace("\"", "\"\"") + "\",0.5\n")));
            find(Files.write(folder.resolve("list.csv"), csv.toByteArray()));
            assertFound(names);
        }

        @Test
        void areFoundThroughStandardInput() throws IOException {
            Set<String> names = files(folder, "");
            String start = new String(PathBytes.of(folder), StandardCharsets.ISO_8859_1) + "/";
            listed(NUL, start + String.join("\0" + start, names) + "\0");
            assertFound(names);
            names.removeIf(name -> name.contains("\n") || name.endsWith("\r"));
            listed(LINES, start + String.join("\n" + start, names));
            assertFound(names);
        }
    }
}
