package melgauge.data.tags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import melgauge.data.AudioException;
import org.jaudiotagger.tag.id3.AbstractID3v2Frame;
import org.jaudiotagger.tag.id3.AbstractID3v2Tag;
import org.jaudiotagger.tag.id3.ID3v22Tag;
import org.jaudiotagger.tag.id3.ID3v23Tag;
import org.jaudiotagger.tag.id3.ID3v24Tag;
import org.jaudiotagger.tag.id3.framebody.FrameBodyTXXX;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tags are put together byte by byte as id3.org says; what comes out is read by another library. */
class Id3TagTest {
    /** Held, since the JDK forgets the level of a logger that nobody holds. */
    private static final Logger LIBRARY = Logger.getLogger("org.jaudiotagger");

    static {
        LIBRARY.setLevel(Level.OFF);
    }

    private static byte[] bytes(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof Integer b) {
                out.write(b);
            } else if (part instanceof byte[] all) {
                out.writeBytes(all);
            } else {
                out.writeBytes(part.toString().getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return out.toByteArray();
    }

    private static byte[] plain(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    private static byte[] syncsafe(int number) {
        return bytes(number >> 21 & 0x7f, number >> 14 & 0x7f, number >> 7 & 0x7f, number & 0x7f);
    }

    private static byte[] tag(int version, int flags, byte[] body) {
        return bytes("ID3", version, 0, flags, syncsafe(body.length), body);
    }

    private static byte[] frame(int version, String id, byte[] content) {
        byte[] size = version == 4 ? syncsafe(content.length) : plain(content.length);
        return version == 2
                ? bytes(id, new byte[] {size[1], size[2], size[3]}, content)
                : bytes(id, size, 0, 0, content);
    }

    private static byte[] written(Id3Tag tag) throws AudioException {
        ByteBuffer bytes = tag.toBytes(0);
        byte[] all = new byte[bytes.remaining()];
        bytes.get(all);
        return all;
    }

    private static Id3Tag read(byte[] tag) throws AudioException {
        return Id3Tag.read(ByteBuffer.wrap(tag));
    }

    private static Map<String, String> fields(Id3Tag tag) throws AudioException {
        Contents.Builder contents = new Contents.Builder(Set.of("NAME", "OTHER"));
        tag.list(contents);
        return contents.build().values();
    }

    /** The fields of text that users have named, as another library finds them. */
    private static Map<String, String> found(byte[] tag) throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(tag);
        AbstractID3v2Tag read = switch (tag[3]) {
            case 2 -> new ID3v22Tag(bytes, "");
            case 3 -> new ID3v23Tag(bytes, "");
            default -> new ID3v24Tag(bytes, "");
        };
        Map<String, String> texts = new TreeMap<>();
        read.getFields().forEachRemaining(field -> {
            if (((AbstractID3v2Frame) field).getBody() instanceof FrameBodyTXXX text) {
                texts.put(text.getDescription(), text.getText());
            }
        });
        return texts;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void writesFieldsOfEachVersionAndKeepsAllOtherFramesByteForByte(int version) throws Exception {
        String[] ids = version == 2
                ? new String[] {"TT2", "XYZ", "TXX", "TXX"}
                : new String[] {"TIT2", "XYZW", "TXXX", "TXXX"};
        byte[] title = frame(version, ids[0], bytes(1, 0xff, 0xfe, "a", 0, 0, 1));
        byte[] unknown = frame(version, ids[1], bytes(1, 0xff, 0, 3, new byte[300], 7));
        byte[] kept = frame(version, ids[2], bytes(0, "OTHER", 0, "stays"));
        byte[] replaced = frame(version, ids[3], bytes(0, "NAME", 0, "old"));
        Id3Tag tag = read(tag(version, 0, bytes(title, replaced, unknown, kept, new byte[40])));
        assertThat(fields(tag)).containsExactlyInAnyOrderEntriesOf(Map.of("NAME", "old", "OTHER", "stays"));

        byte[] after = written(tag.with(Map.of("NAME", "new and longer")));
        assertThat(found(after)).containsExactlyInAnyOrderEntriesOf(Map.of("NAME", "new and longer", "OTHER", "stays"));
        assertThat(new String(after, 10, title.length + unknown.length + kept.length, StandardCharsets.ISO_8859_1))
                .isEqualTo(new String(bytes(title, unknown, kept), StandardCharsets.ISO_8859_1));
        assertThat(fields(read(after))).containsEntry("NAME", "new and longer");
    }

    @Test
    void readsTextInEachEncoding() throws Exception {
        byte[] latin = frame(4, "TXXX", bytes(0, "NAME", 0, "é"));
        byte[] utf16 = frame(4, "TXXX", bytes(1, "NAME\0é".getBytes(StandardCharsets.UTF_16)));
        byte[] little = frame(
                4,
                "TXXX",
                bytes(
                        1,
                        0xff,
                        0xfe,
                        "NAME\0".getBytes(StandardCharsets.UTF_16LE),
                        0xff,
                        0xfe,
                        "é\0".getBytes(StandardCharsets.UTF_16LE)));
        byte[] utf16be = frame(4, "TXXX", bytes(2, "NAME\0é".getBytes(StandardCharsets.UTF_16BE)));
        byte[] utf8 = frame(4, "TXXX", bytes(3, "NAME\0é".getBytes(StandardCharsets.UTF_8)));
        for (byte[] frame : new byte[][] {latin, utf16, little, utf16be, utf8}) {
            assertThat(fields(read(tag(4, 0, frame)))).containsExactly(Map.entry("NAME", "é"));
        }
    }

    @Test
    void undoesUnsynchronisationOfWholeTagsAndOfFrames() throws Exception {
        byte[] name = "NAME\0".getBytes(StandardCharsets.UTF_16LE);
        byte[] value = "ä".getBytes(StandardCharsets.UTF_16LE);
        byte[] plain = bytes(1, 0xff, 0xfe, name, 0xff, 0xfe, value);
        byte[] unsynchronised = bytes(1, 0xff, 0, 0xfe, name, 0xff, 0, 0xfe, value);

        Id3Tag earlier = read(tag(3, 0x80, bytes("TXXX", plain(plain.length), 0, 0, unsynchronised)));
        assertThat(fields(earlier)).containsExactly(Map.entry("NAME", "ä"));
        assertThat(found(written(earlier))).containsExactly(Map.entry("NAME", "ä"));

        byte[] frame = bytes("TXXX", syncsafe(unsynchronised.length + 4), 0, 3, syncsafe(plain.length), unsynchronised);
        Id3Tag later = read(tag(4, 0x80, frame));
        assertThat(fields(later)).containsExactly(Map.entry("NAME", "ä"));
        assertThat(found(written(later.with(Map.of("OTHER", "x")))))
                .containsExactlyInAnyOrderEntriesOf(Map.of("NAME", "ä", "OTHER", "x"));
    }

    @Test
    void readsTagsOfProgramsThatWriteSizesInTheWayOfTheOtherVersion() throws Exception {
        byte[] picture = bytes(0, "image/png", 0, 3, 0, new byte[500]);
        byte[] title = frame(4, "TXXX", bytes(0, "NAME", 0, "x"));
        assertThat(fields(read(tag(4, 0, bytes("APIC", plain(picture.length), 0, 0, picture, title)))))
                .containsEntry("NAME", "x");
        byte[] title3 = frame(3, "TXXX", bytes(0, "NAME", 0, "x"));
        assertThat(fields(read(tag(3, 0, bytes("APIC", syncsafe(picture.length), 0, 0, picture, title3)))))
                .containsEntry("NAME", "x");
    }

    @Test
    void leavesOutAnExtendedHeaderSinceItsSumWouldBeWrong() throws Exception {
        byte[] title = frame(3, "TXXX", bytes(0, "NAME", 0, "x"));
        Id3Tag tag = read(tag(3, 0x40, bytes(plain(10), 0x80, 0, plain(0), plain(1234), title)));
        assertThat(fields(tag)).containsEntry("NAME", "x");
        assertThat(written(tag)[5]).isZero();
        Id3Tag later = read(tag(4, 0x40, bytes(syncsafe(6), 1, 0, frame(4, "TXXX", bytes(0, "NAME", 0, "x")))));
        assertThat(fields(later)).containsEntry("NAME", "x");
    }

    @Test
    void takesTheRoomThatThereIs() throws Exception {
        Id3Tag tag = read(tag(3, 0, bytes(frame(3, "TIT2", bytes(0, "title")), new byte[100])));
        assertThat(tag.with(Map.of("NAME", "x")).toBytes(126).remaining()).isEqualTo(126);
        assertThat(tag.with(Map.of("NAME", "x".repeat(100))).toBytes(126).remaining())
                .as("and some more for the next time")
                .isGreaterThan(126 + 100);
    }

    @Test
    void saysWhereATagIsDamaged() {
        byte[] good = frame(3, "TIT2", bytes(0, "title"));
        assertThatThrownBy(() -> read(tag(3, 0, bytes(good, "rubbish of some length"))))
                .hasMessage("its ID3 tag is damaged: there is no frame at byte 10, where one should begin");
        assertThatThrownBy(() -> read(tag(3, 0, bytes(good, new byte[20], 1, 0))))
                .hasMessage("its ID3 tag is damaged: there is no frame at byte 10, where one should begin");
        assertThatThrownBy(() -> read(tag(3, 0x40, bytes(plain(1 << 30), good))))
                .hasMessageContaining("its extended header is 1073741828 bytes long");
        assertThatThrownBy(() -> read(tag(5, 0, good))).hasMessageContaining("has an ID3 tag of version 2.5");
        assertThatThrownBy(() -> read(tag(2, 0x40, good))).hasMessageContaining("version 2.2, compressed");
    }
}
