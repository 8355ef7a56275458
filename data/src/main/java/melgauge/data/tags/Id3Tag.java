package melgauge.data.tags;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import melgauge.data.AudioException;
import melgauge.data.Failure;

/**
 * An ID3v2 tag, by the specifications of versions 2.2.0, 2.3.0 and 2.4.0. Frames are kept as the bytes that they came
 * as and only looked into for the fields that are asked for, so that what is not understood is not lost.
 *
 * @param version 2, 3 or 4
 * @param flags of the header that go on to hold: frames of version 2.4 are unsynchronised, the tag is experimental
 * @param frames in order
 */
record Id3Tag(int version, int flags, List<Frame> frames) {
    static final int HEADER = 10;

    /** Room that a tag gets beside what it holds, so that the next program that edits it need not move the audio. */
    private static final int PADDING = 1024;

    private static final int UNSYNCHRONISED = 0x80;
    private static final int EXTENDED = 0x40;
    private static final int COMPRESSED = 0x40;
    private static final int EXPERIMENTAL = 0x20;
    private static final int FOOTER = 0x10;

    /** Of a frame of version 2.4: its bytes are unsynchronised, and their number before that is in front of them. */
    private static final int FRAME_UNSYNCHRONISED = 0x02;

    private static final int FRAME_LENGTH = 0x01;

    Id3Tag {
        frames = List.copyOf(frames);
    }

    /**
     * A frame.
     *
     * @param id three letters in version 2.2, four later
     * @param bytes with its header
     */
    record Frame(String id, ByteBuffer bytes) {}

    /** A tag without frames, of the version that every player reads. */
    static Id3Tag empty() {
        return new Id3Tag(3, 0, List.of());
    }

    /** The length of a tag that begins at a place, header and footer included; 0 if there is none. */
    static long length(FileBytes file, long at) throws IOException {
        if (!file.has(at, "ID3") || file.size() - at < HEADER) {
            return 0;
        }
        ByteBuffer header = file.read("the ID3 tag", at, HEADER);
        int footer = header.get(3) == 4 && (header.get(5) & FOOTER) != 0 ? HEADER : 0;
        return HEADER + syncsafe(header, 6) + footer;
    }

    /** Reads a tag; what follows it may follow. */
    static Id3Tag read(ByteBuffer bytes) throws AudioException {
        if (bytes.remaining() < HEADER || HEADER + syncsafe(bytes, 6) > bytes.remaining()) {
            throw damaged("it ends before it should");
        }
        int version = bytes.get(3);
        int flags = bytes.get(5);
        if (version < 2 || version > 4 || (version == 2 && (flags & COMPRESSED) != 0)) {
            throw new AudioException(
                    Failure.Code.UNSUPPORTED,
                    "has an ID3 tag of version 2." + version + (version == 2 ? ", compressed" : "")
                            + "; tags are written to those of 2.2 to 2.4");
        }
        ByteBuffer body = bytes.slice(HEADER, (int) syncsafe(bytes, 6));
        if (version < 4 && (flags & UNSYNCHRONISED) != 0) {
            body = synchronised(body);
        }
        if (version > 2 && (flags & EXTENDED) != 0) {
            skipExtendedHeader(version, body);
        }
        int kept = flags & (version == 4 ? UNSYNCHRONISED | EXPERIMENTAL : version == 3 ? EXPERIMENTAL : 0);
        return new Id3Tag(version, kept, frames(version, body));
    }

    /** It restricts and checks the tag as it was, and says nothing that a changed tag must say. */
    private static void skipExtendedHeader(int version, ByteBuffer body) throws AudioException {
        long length = body.remaining() < 4 ? -1 : version == 4 ? syncsafe(body, 0) : 4L + body.getInt(0);
        if (length < 6 || length > body.remaining()) {
            throw damaged("its extended header is " + length + " bytes long");
        }
        body.position((int) length);
    }

    private static List<Frame> frames(int version, ByteBuffer body) throws AudioException {
        int end = body.limit();
        while (end > body.position() && body.get(end - 1) == 0) {
            end--;
        }
        List<Frame> frames = new ArrayList<>();
        // A frame may end with zeros, so that it may seem to reach into the padding.
        while (body.position() < end) {
            int length = frameLength(version, body, end);
            if (length < 0) {
                throw damaged("there is no frame at byte " + (HEADER + body.position()) + ", where one should begin");
            }
            frames.add(new Frame(id(version, body, body.position()), body.slice(body.position(), length)));
            body.position(body.position() + length);
        }
        return frames;
    }

    /**
     * The length of the frame that begins here, header included; −1 if none does. Some programs write sizes in the way of
     * the other version (iTunes plain ones in 2.4): what counts is behind which of the two something sensible follows.
     *
     * @param end where padding may begin, if not later
     */
    private static int frameLength(int version, ByteBuffer body, int end) {
        int at = body.position();
        int header = version == 2 ? 6 : HEADER;
        if (body.remaining() < header || !isId(version, body, at)) {
            return -1;
        }
        if (version == 2) {
            long length = header + (body.getInt(at + 2) & 0xffffffL);
            return isEnd(version, body, end, at + length) ? (int) length : -1;
        }
        long plain = header + (body.getInt(at + 4) & 0xffffffffL);
        long safe = header + syncsafe(body, at + 4);
        long first = version == 4 ? safe : plain;
        long second = version == 4 ? plain : safe;
        return isEnd(version, body, end, at + first)
                ? (int) first
                : isEnd(version, body, end, at + second) ? (int) second : -1;
    }

    /** Whether a frame can end here: another frame follows, or padding to the end of the tag. */
    private static boolean isEnd(int version, ByteBuffer body, int end, long at) {
        return at <= body.limit() && (at >= end || isId(version, body, (int) at));
    }

    private static boolean isId(int version, ByteBuffer body, int at) {
        int length = version == 2 ? 3 : 4;
        if (body.limit() - at < length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            byte b = body.get(at + i);
            // iTunes has written names of three letters into tags whose names have four.
            boolean spare = i == 3 && (b == 0 || b == ' ');
            if (!(b >= 'A' && b <= 'Z') && !(i > 0 && b >= '0' && b <= '9') && !spare) {
                return false;
            }
        }
        return true;
    }

    private static String id(int version, ByteBuffer body, int at) {
        byte[] id = new byte[version == 2 ? 3 : 4];
        body.get(at, id);
        return new String(id, StandardCharsets.US_ASCII).strip().replace("\0", "");
    }

    /** Lists what the tag holds. */
    void list(Contents.Builder into) throws AudioException {
        for (Frame frame : frames) {
            String[] text = userText(frame);
            if (text.length == 2 && into.wants(text[0])) {
                into.field(text[0], text[1]);
            } else {
                into.part("its ID3 field " + frame.id(), frame.bytes());
            }
        }
    }

    /** This tag with fields of text in place of those of the same names. */
    Id3Tag with(Map<String, String> fields) {
        List<Frame> result = new ArrayList<>();
        for (Frame frame : frames) {
            String[] text = userText(frame);
            if (text.length != 2 || !fields.containsKey(text[0])) {
                result.add(frame);
            }
        }
        fields.forEach((name, value) -> result.add(userText(name, value)));
        return new Id3Tag(version, flags, result);
    }

    private Frame userText(String name, String value) {
        return frame(version == 2 ? "TXX" : "TXXX", "\0" + name + "\0" + value);
    }

    /** A frame of ISO 8859-1. */
    private Frame frame(String id, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer frame = ByteBuffer.allocate((version == 2 ? 6 : HEADER) + bytes.length);
        frame.put(id.getBytes(StandardCharsets.US_ASCII));
        switch (version) {
            case 2 -> frame.put((byte) (bytes.length >> 16)).putShort((short) bytes.length);
            case 3 -> frame.putInt(bytes.length).putShort((short) 0);
            default -> frame.putInt(toSyncsafe(bytes.length)).putShort((short) 0);
        }
        return new Frame(id, frame.put(bytes).flip());
    }

    /**
     * What an ID3v1 tag says, as frames. A player that finds an ID3v2 tag looks at no other, so one that is new has to say
     * what the old one said.
     *
     * @param tag its 128 bytes
     */
    static Id3Tag ofVersion1(ByteBuffer tag) {
        Id3Tag empty = empty();
        List<Frame> frames = new ArrayList<>();
        String[] ids = {"TIT2", "TPE1", "TALB", "TYER"};
        int at = 3;
        for (String id : ids) {
            int length = id.equals("TYER") ? 4 : 30;
            String text = version1(tag, at, length);
            at += length;
            if (!text.isEmpty()) {
                frames.add(empty.frame(id, "\0" + text));
            }
        }
        boolean hasTrack = tag.get(125) == 0 && tag.get(126) != 0;
        String comment = version1(tag, at, hasTrack ? 28 : 30);
        if (!comment.isEmpty()) {
            frames.add(empty.frame("COMM", "\0eng\0" + comment));
        }
        if (hasTrack) {
            frames.add(empty.frame("TRCK", "\0" + (tag.get(126) & 0xff)));
        }
        int genre = tag.get(127) & 0xff;
        if (genre < 192) { // the last that anybody has given a meaning
            frames.add(empty.frame("TCON", "\0(" + genre + ")"));
        }
        return new Id3Tag(empty.version(), 0, frames);
    }

    private static String version1(ByteBuffer tag, int at, int length) {
        byte[] bytes = new byte[length];
        tag.get(at, bytes);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        return (end < 0 ? text : text.substring(0, end)).stripTrailing();
    }

    /**
     * The tag as bytes.
     *
     * @param room the length that it should have, if what it holds is not longer
     * @throws AudioException if it would be longer than a tag can be
     */
    ByteBuffer toBytes(long room) throws AudioException {
        long length = HEADER
                + frames.stream().mapToLong(frame -> frame.bytes().remaining()).sum();
        long whole = length <= room ? room : length + PADDING + (length & 1);
        if (whole > FileBytes.MOST) {
            throw new AudioException(
                    Failure.Code.UNSUPPORTED,
                    "its ID3 tag would take " + whole + " bytes; the most is " + FileBytes.MOST);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) whole);
        bytes.put("ID3".getBytes(StandardCharsets.US_ASCII))
                .put((byte) version)
                .put((byte) 0)
                .put((byte) flags)
                .putInt(toSyncsafe((int) whole - HEADER));
        frames.forEach(frame -> bytes.put(frame.bytes().duplicate()));
        return bytes.rewind();
    }

    /** Name and value of a frame of text that a user has named; empty for other frames. */
    private String[] userText(Frame frame) {
        if (!frame.id().equals("TXXX") && !frame.id().equals("TXX")) {
            return new String[0];
        }
        ByteBuffer content = frame.bytes().duplicate();
        int format = version == 2 ? 0 : content.get(9);
        content = content.position(version == 2 ? 6 : HEADER).slice();
        if (version == 4) {
            int rest = format & ~(FRAME_UNSYNCHRONISED | FRAME_LENGTH);
            if ((format & FRAME_LENGTH) != 0 && content.remaining() >= 4) {
                content = content.position(4).slice();
            }
            if ((format & FRAME_UNSYNCHRONISED) != 0 || (flags & UNSYNCHRONISED) != 0) {
                content = synchronised(content);
            }
            format = rest;
        }
        if (format != 0 || content.remaining() < 2) {
            return new String[0]; // compressed, encrypted or in a group: none that this program has written
        }
        String text = text(content);
        int end = text.indexOf('\0');
        return end < 0
                ? new String[0]
                : new String[] {
                    text.substring(0, end),
                    stripByteOrder(text.substring(end + 1).replaceAll("\0+$", ""))
                };
    }

    private static String text(ByteBuffer content) {
        Charset charset = switch (content.get()) {
            case 1 -> StandardCharsets.UTF_16;
            case 2 -> StandardCharsets.UTF_16BE;
            case 3 -> StandardCharsets.UTF_8;
            default -> StandardCharsets.ISO_8859_1;
        };
        return charset.decode(content).toString();
    }

    /** Of UTF-16, each of two texts begins with the mark of its byte order, and a decoder takes the first one away. */
    private static String stripByteOrder(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** Takes out the zeros that were put behind each {@code FF} lest anything looks like the beginning of a frame of audio. */
    private static ByteBuffer synchronised(ByteBuffer bytes) {
        ByteArrayOutputStream result = new ByteArrayOutputStream(bytes.remaining());
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            byte b = bytes.get(i);
            result.write(b);
            if (b == (byte) 0xff && i + 1 < bytes.limit() && bytes.get(i + 1) == 0) {
                i++;
            }
        }
        return ByteBuffer.wrap(result.toByteArray());
    }

    /** A number of 28 bits, seven in a byte. */
    private static long syncsafe(ByteBuffer bytes, int at) {
        return (bytes.get(at) & 0x7fL) << 21
                | (bytes.get(at + 1) & 0x7fL) << 14
                | (bytes.get(at + 2) & 0x7fL) << 7
                | (bytes.get(at + 3) & 0x7fL);
    }

    private static int toSyncsafe(int number) {
        return (number & 0xfe00000) << 3 | (number & 0x1fc000) << 2 | (number & 0x3f80) << 1 | (number & 0x7f);
    }

    private static AudioException damaged(String how) {
        return new AudioException(Failure.Code.DAMAGED, "its ID3 tag is damaged: " + how);
    }
}
