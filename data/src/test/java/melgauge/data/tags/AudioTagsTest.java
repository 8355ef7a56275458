package melgauge.data.tags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import melgauge.data.AudioException;
import melgauge.data.Decoded;
import melgauge.data.Failure;
import melgauge.data.FileStatus;
import melgauge.data.Wav;
import melgauge.data.ffmpeg.FfmpegDecoder;
import org.jaudiotagger.audio.AudioFile;
import org.jaudiotagger.audio.AudioFileIO;
import org.jaudiotagger.tag.FieldKey;
import org.jaudiotagger.tag.Tag;
import org.jaudiotagger.tag.TagField;
import org.jaudiotagger.tag.TagTextField;
import org.jaudiotagger.tag.id3.AbstractID3v2Frame;
import org.jaudiotagger.tag.id3.framebody.FrameBodyTXXX;
import org.jaudiotagger.tag.images.Artwork;
import org.jaudiotagger.tag.images.ArtworkFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AudioTagsTest {
    private static final Path DEMO = Path.of("demo", "audio");

    private static final Map<String, String> FIELDS =
            Map.of("MELGAUGE_VALENCE", "0.123456", "MELGAUGE_MODEL", "0123456789abcdef");

    /** The library writes what it does to stderr; held, since the JDK forgets the level of a logger that nobody holds. */
    private static final Logger LIBRARY = Logger.getLogger("org.jaudiotagger");

    static {
        LIBRARY.setLevel(Level.OFF);
    }

    @TempDir
    Path folder;

    /** A format, and a small file of it. */
    enum Format {
        MP3("mp3"),
        FLAC("flac"),
        OGG("ogg"),
        M4A("m4a"),
        WAV("wav"),
        AIFF("aiff"),
        WMA("wma");

        private final String ending;

        Format(String ending) {
            this.ending = ending;
        }

        Path make(Path file) throws IOException {
            switch (this) {
                case WAV -> Wav.write(file, 16000, 16, 1, Wav.sine(440, 0.5), Wav.sine(550, 0.5));
                case AIFF -> {
                    byte[] samples = new byte[16001 * 2];
                    new Random(1).nextBytes(samples);
                    AudioSystem.write(
                            new AudioInputStream(
                                    new ByteArrayInputStream(samples),
                                    new AudioFormat(16000, 16, 1, true, true),
                                    samples.length / 2),
                            AudioFileFormat.Type.AIFF,
                            file.toFile());
                }
                case WMA -> {
                    try (InputStream in = AudioTagsTest.class.getResourceAsStream("sine.wma")) {
                        Files.copy(Objects.requireNonNull(in), file);
                    }
                }
                default -> {
                    try (Stream<Path> files = Files.list(DEMO)) {
                        Files.copy(
                                files.filter(path -> path.toString().endsWith(ending))
                                        .min(Path::compareTo)
                                        .orElseThrow(),
                                file);
                    }
                }
            }
            return file;
        }
    }

    private Path make(Format format) throws IOException {
        return format.make(folder.resolve("a." + format.ending));
    }

    private static float[] samples(Path file) throws AudioException {
        FfmpegDecoder decoder = new FfmpegDecoder();
        Decoded decoded = decoder.decode(file, 16000);
        return decoder.decode(file, decoded.source().sampleRate()).audio().samples();
    }

    private static byte[] picture() throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB), "png", png);
        return png.toByteArray();
    }

    /** Gives a file what a user may have given it, by a library that reads and writes all of these formats. */
    private static void describe(Path file) throws Exception {
        AudioFile audio = AudioFileIO.read(file.toFile());
        Tag tag = audio.getTagOrCreateAndSetDefault();
        tag.setField(FieldKey.TITLE, "Ærøskøbing 曲");
        tag.setField(FieldKey.ARTIST, "Somebody");
        tag.setField(FieldKey.COMMENT, "first = last");
        Artwork artwork = ArtworkFactory.getNew();
        artwork.setBinaryData(picture());
        artwork.setMimeType("image/png");
        artwork.setDescription("");
        artwork.setPictureType(3);
        tag.setField(artwork);
        audio.commit();
    }

    private List<Path> leftovers() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".tmp")).toList();
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesFieldsThatAnotherLibraryFindsBesideAllOtherTagsAndChangesNoSample(Format format) throws Exception {
        Path file = make(format);
        describe(file);
        float[] before = samples(file);
        int others = AudioFileIO.read(file.toFile()).getTag().getFieldCount();

        assertThat(AudioTags.write(file, FIELDS)).isTrue();

        assertThat(AudioTags.read(file, FIELDS.keySet())).isEqualTo(FIELDS);
        assertThat(samples(file)).hasSizeGreaterThan(10_000).isEqualTo(before);
        Tag tag = AudioFileIO.read(file.toFile()).getTag();
        assertThat(tag.getFirst(FieldKey.TITLE)).isEqualTo("Ærøskøbing 曲");
        assertThat(tag.getFirst(FieldKey.ARTIST)).isEqualTo("Somebody");
        assertThat(tag.getFirst(FieldKey.COMMENT)).isEqualTo("first = last");
        assertThat(tag.getFirstArtwork().getBinaryData()).isEqualTo(picture());
        assertThat(tag.getFieldCount()).isEqualTo(others + FIELDS.size());
        FIELDS.forEach((name, value) -> assertThat(found(tag, name)).as(name).containsExactly(value));
        assertThat(leftovers()).isEmpty();
    }

    /** The values of a field as the other library finds them. */
    private static List<String> found(Tag tag, String name) {
        List<String> values = new ArrayList<>();
        tag.getFields().forEachRemaining(field -> {
            if (field instanceof AbstractID3v2Frame frame && frame.getBody() instanceof FrameBodyTXXX text) {
                if (text.getDescription().equals(name)) {
                    values.add(text.getText());
                }
            } else if (List.of(name, "----:com.apple.iTunes:" + name).contains(field.getId())) {
                values.add(text(field));
            }
        });
        return values;
    }

    private static String text(TagField field) {
        return ((TagTextField) field).getContent();
    }

    @ParameterizedTest
    @EnumSource
    void aSecondWriteChangesNoByteAndOtherValuesTakeThePlaceOfEarlierOnes(Format format) throws Exception {
        Path file = make(format);
        assertThat(AudioTags.write(file, FIELDS)).isTrue();
        byte[] once = Files.readAllBytes(file);
        FileStatus status = FileStatus.of(file);
        assertThat(AudioTags.write(file, FIELDS)).isFalse();
        assertThat(Files.readAllBytes(file)).isEqualTo(once);
        assertThat(FileStatus.of(file)).as("not even written again").isEqualTo(status);

        Map<String, String> others = Map.of("MELGAUGE_VALENCE", "0.654321");
        assertThat(AudioTags.write(file, others)).isTrue();
        assertThat(AudioTags.read(file, FIELDS.keySet()))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("MELGAUGE_VALENCE", "0.654321", "MELGAUGE_MODEL", "0123456789abcdef"));
        assertThat(found(AudioFileIO.read(file.toFile()).getTag(), "MELGAUGE_VALENCE"))
                .containsExactly("0.654321");
        assertThat(Files.size(file)).as("there was room").isBetween(once.length - 64L, once.length + 64L);
    }

    @ParameterizedTest
    @EnumSource
    void thePathThatLeadsToAFileDoesNotMatter(Format format) throws Exception {
        Path file = Files.move(make(format), folder.resolve("ünknown"));
        Path link = Files.createSymbolicLink(folder.resolve("link.txt"), file.getFileName());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_000L));
        assertThat(AudioTags.write(link, FIELDS)).isTrue();
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(Files.isSymbolicLink(file)).isFalse();
        assertThat(AudioTags.read(file, FIELDS.keySet())).isEqualTo(FIELDS);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        assertThat(Files.getLastModifiedTime(file).toMillis()).isGreaterThan(1_000_000_000_000L);
    }

    @Test
    void whatATitleOfTheFirstVersionOfId3SaysIsStillSaid() throws Exception {
        Path file = make(Format.MP3);
        byte[] audio = withoutTag(Files.readAllBytes(file));
        byte[] tag = new byte[128];
        put(tag, 0, "TAG");
        put(tag, 3, "Café");
        put(tag, 33, "Somebody");
        put(tag, 63, "An album of just thirty letters");
        put(tag, 93, "1999");
        put(tag, 97, "a comment");
        tag[126] = 7;
        tag[127] = 17;
        Files.write(file, concat(audio, tag));
        float[] before = samples(file);
        assertThat(AudioTags.write(file, FIELDS)).isTrue();
        byte[] after = Files.readAllBytes(file);
        assertThat(Arrays.copyOfRange(after, after.length - 128, after.length)).isEqualTo(tag);
        assertThat(samples(file)).isEqualTo(before);
        Tag read = AudioFileIO.read(file.toFile()).getTag();
        assertThat(read.getClass().getSimpleName()).isEqualTo("ID3v23Tag");
        assertThat(read.getFirst(FieldKey.TITLE)).isEqualTo("Café");
        assertThat(read.getFirst(FieldKey.ARTIST)).isEqualTo("Somebody");
        assertThat(read.getFirst(FieldKey.ALBUM)).isEqualTo("An album of just thirty letter");
        assertThat(read.getFirst(FieldKey.YEAR)).isEqualTo("1999");
        assertThat(read.getFirst(FieldKey.COMMENT)).isEqualTo("a comment");
        assertThat(read.getFirst(FieldKey.TRACK)).isEqualTo("7");
        assertThat(read.getFirst(FieldKey.GENRE)).isEqualTo("Rock");
    }

    private static void put(byte[] bytes, int at, String text) {
        byte[] letters = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(letters, 0, bytes, at, letters.length);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] withoutTag(byte[] mp3) {
        int length = 10 + (mp3[6] << 21 | mp3[7] << 14 | mp3[8] << 7 | mp3[9]);
        return Arrays.copyOfRange(mp3, length, mp3.length);
    }

    @Test
    void chunksOfWavAndWhatFollowsThemStayByteForByte() throws Exception {
        byte[] wav = Files.readAllBytes(make(Format.WAV));
        byte[] labels = "LIST\22\0\0\0adtllabl\5\0\0\0\1\0\0\0A\0".getBytes(StandardCharsets.ISO_8859_1);
        byte[] chunks = concat(wav, labels);
        chunks[4] = (byte) (chunks[4] + labels.length);
        Path file =
                Files.write(folder.resolve("b.wav"), concat(chunks, new byte[] {'r', 'u', 'b', 'b', 'i', 's', 'h'}));
        assertThat(AudioTags.write(file, FIELDS)).isTrue();
        ByteBuffer after = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int end = 8 + after.getInt(4);
        assertThat(Arrays.copyOfRange(after.array(), 8, chunks.length))
                .isEqualTo(Arrays.copyOfRange(chunks, 8, chunks.length));
        assertThat(Arrays.copyOfRange(after.array(), chunks.length, chunks.length + 4))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("id3 ");
        assertThat(chunks.length + 8 + after.getInt(chunks.length + 4)).isEqualTo(end);
        assertThat(Arrays.copyOfRange(after.array(), end, after.capacity()))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("rubbish");
    }

    @Test
    void aFileWithTwoNamesIsRefusedUnlessThereIsNothingToWrite() throws Exception {
        Path file = make(Format.FLAC);
        Path other = Files.createLink(folder.resolve("other.flac"), file);
        byte[] before = Files.readAllBytes(file);
        assertFailure(file, Failure.Code.UNWRITABLE, "has 2 names (hard links)");
        assertThat(Files.readAllBytes(other)).isEqualTo(before);
        Files.delete(other);
        AudioTags.write(file, FIELDS);
        Files.createLink(other, file);
        assertThat(AudioTags.write(file, FIELDS)).isFalse();
    }

    private static void assertFailure(Path file, Failure.Code code, String words) {
        assertThatThrownBy(() -> AudioTags.write(file, FIELDS))
                .isInstanceOfSatisfying(
                        AudioException.class,
                        e -> assertThat(e.failure().code()).isEqualTo(code))
                .hasMessageContaining(words);
    }

    @Test
    void aFileOrFolderThatIsReadOnlyIsRefused() throws Exception {
        assumeFalse("root".equals(System.getProperty("user.name")), "root may write anything");
        Path file = make(Format.MP3);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        assertFailure(file, Failure.Code.UNWRITABLE, "it is read-only");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assertFailure(file, Failure.Code.UNWRITABLE, "nothing can be written into its folder");
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void saysOfWhatIsNoFileOrHasNoPlaceForTagsWhatItIs() throws Exception {
        assertFailure(folder.resolve("gone.mp3"), Failure.Code.MISSING, "there is no such file");
        assertFailure(folder, Failure.Code.NOT_A_FILE, "is a folder");
        assertFailure(Files.createFile(folder.resolve("empty.mp3")), Failure.Code.EMPTY, "is empty (0 bytes)");
        assertFailure(
                Files.writeString(folder.resolve("text.mp3"), "no music at all, in no way ".repeat(100)),
                Failure.Code.UNSUPPORTED,
                "is in a format whose tags are not written");
        try (Stream<Path> files = Files.list(DEMO)) {
            Path opus = files.filter(file -> file.toString().endsWith(".opus"))
                    .findFirst()
                    .orElseThrow();
            assertFailure(opus, Failure.Code.UNSUPPORTED, "is Ogg Opus; tags are written to MP3, FLAC");
        }
        assertFailure(edited(Format.M4A, "soun", "vide"), Failure.Code.UNSUPPORTED, "is a film");
        assertFailure(edited(Format.M4A, "stco", "XXco"), Failure.Code.NO_AUDIO, "holds no audio");
    }

    private Path edited(Format format, String what, String into) throws IOException {
        Path file = folder.resolve("edited." + format.ending);
        Files.deleteIfExists(file);
        String content = Files.readString(format.make(file), StandardCharsets.ISO_8859_1);
        assertThat(content).contains(what);
        return Files.writeString(file, content.replace(what, into), StandardCharsets.ISO_8859_1);
    }

    @Test
    void aTagThatSaysItIsHugeIsNotReadIntoMemory() throws Exception {
        Path file = folder.resolve("huge.mp3");
        int size = 100 << 20;
        byte[] audio = withoutTag(Files.readAllBytes(make(Format.MP3)));
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(new byte[] {'I', 'D', '3', 3, 0, 0, 0, 0, 0, 0});
            out.seek(6);
            for (int shift = 21; shift >= 0; shift -= 7) {
                out.write(size >> shift & 0x7f);
            }
            out.seek(10L + size);
            out.write(audio);
        }
        assertFailure(file, Failure.Code.UNSUPPORTED, "the ID3 tag takes 104857610 bytes");
        assertFailure(
                Files.write(
                        folder.resolve("lie.flac"),
                        new byte[] {'f', 'L', 'a', 'C', (byte) 0x80, (byte) 0xff, (byte) 0xff, (byte) 0xff}),
                Failure.Code.DAMAGED,
                "it says that it takes 16777215 bytes");
    }

    @Test
    void aLaterWriteRemovesWhatAKilledOneLeft() throws Exception {
        Path file = make(Format.OGG);
        Path leftover = Files.createFile(folder.resolve(".a.ogg.00000000-0000-0000-0000-000000000000.tmp"));
        Path foreign = Files.createFile(folder.resolve(".b.ogg.00000000-0000-0000-0000-000000000000.tmp"));
        AudioTags.write(file, FIELDS);
        assertThat(leftovers()).containsExactly(foreign).doesNotContain(leftover);
    }

    @Test
    void manyThreadsMayWriteOneFileUnderAllItsNames() throws Exception {
        Path file = make(Format.MP3);
        Path link = Files.createSymbolicLink(folder.resolve("link.mp3"), file);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            Callable<Boolean> direct = () -> AudioTags.write(file, FIELDS);
            Callable<Boolean> linked = () -> AudioTags.write(link, FIELDS);
            int written = 0;
            for (Future<Boolean> result : threads.invokeAll(IntStream.range(0, 16)
                    .mapToObj(i -> i % 2 == 0 ? direct : linked)
                    .toList())) {
                written += result.get() ? 1 : 0;
            }
            assertThat(written).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
        assertThat(AudioTags.read(file, FIELDS.keySet())).isEqualTo(FIELDS);
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void namesAndValuesThatNotEveryFormatHoldsAreRefused() throws Exception {
        Path file = make(Format.MP3);
        for (String name : List.of("lower", "A=B", "", "Ä")) {
            assertThatThrownBy(() -> AudioTags.write(file, Map.of(name, "1")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must have a name of A-Z");
        }
        for (String value : List.of("", "a\nb", "ä", "\0")) {
            assertThatThrownBy(() -> AudioTags.write(file, Map.of("A", value)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must be printable ASCII");
        }
    }

    @ParameterizedTest
    @CsvSource({"MP3, 60", "FLAC, 30", "OGG, 60", "M4A, 60", "WAV, 30", "AIFF, 30", "WMA, 40"})
    void whateverIsWrongWithAFileItIsWrittenWithoutLossOrLeftAsItWas(Format format, int mutations) throws Exception {
        Path file = make(format);
        describe(file);
        byte[] sound = Files.readAllBytes(file);
        Random random = new Random(mutations);
        for (int i = 0; i < mutations; i++) {
            byte[] broken = mutate(sound, random);
            Files.write(file, broken);
            Throwable failure = catchThrowable(() -> AudioTags.write(file, FIELDS));
            if (failure == null) {
                float[] after = samples(file);
                Files.write(folder.resolve("broken"), broken);
                Path original = Files.move(
                        folder.resolve("broken"),
                        folder.resolve("original." + format.ending),
                        StandardCopyOption.REPLACE_EXISTING);
                assertThat(after).as("mutation " + i).isEqualTo(samples(original));
            } else {
                assertThat(failure).as("mutation " + i).isInstanceOf(AudioException.class);
                assertThat(Files.readAllBytes(file)).as("mutation " + i).isEqualTo(broken);
            }
            assertThat(leftovers()).isEmpty();
        }
    }

    /** Cuts a file off, or changes a few bytes, mostly near its beginning or its end, where tags are. */
    private static byte[] mutate(byte[] sound, Random random) {
        if (random.nextInt(5) == 0) {
            return Arrays.copyOf(sound, random.nextInt(sound.length));
        }
        byte[] broken = sound.clone();
        int region = Math.min(sound.length, random.nextBoolean() ? 200 : 4000);
        int from = random.nextInt(4) == 0 ? sound.length - region : 0;
        for (int count = 1 + random.nextInt(4); count > 0; count--) {
            byte[] odd = {0, 1, 0x7f, (byte) 0x80, (byte) 0xff, (byte) random.nextInt()};
            broken[from + random.nextInt(region)] = odd[random.nextInt(odd.length)];
        }
        return broken;
    }

    @Test
    void readsNoFieldsOfAFileThatHasNone() throws Exception {
        assertThatCode(() -> AudioTags.read(make(Format.WAV), Set.of("A"))).doesNotThrowAnyException();
        assertThat(AudioTags.read(folder.resolve("a.wav"), Set.of("A"))).isEmpty();
    }
}
