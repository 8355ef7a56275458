package melgauge.data.tags;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import melgauge.data.AudioException;
import melgauge.data.Failure;

/**
 * The comments of FLAC and Ogg Vorbis, by the Vorbis I specification, section 5. Kept as the bytes that they came as.
 *
 * @param vendor the program that encoded the file
 * @param comments each {@code NAME=value} in UTF-8; upper and lower case of names are the same
 */
record VorbisComments(ByteBuffer vendor, List<ByteBuffer> comments) {
    VorbisComments {
        comments = List.copyOf(comments);
    }

    /** Of a file that has none. */
    static VorbisComments empty() {
        return new VorbisComments(ByteBuffer.wrap("Melgauge".getBytes(StandardCharsets.US_ASCII)), List.of());
    }

    /** Reads comments; what follows them is left. */
    static VorbisComments read(ByteBuffer bytes) throws AudioException {
        ByteBuffer in = bytes.order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer vendor = text(in);
        long count = number(in);
        List<ByteBuffer> comments = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            comments.add(text(in));
        }
        return new VorbisComments(vendor, comments);
    }

    private static ByteBuffer text(ByteBuffer in) throws AudioException {
        long length = number(in);
        if (length > in.remaining()) {
            throw damaged("a comment of " + length + " bytes is said to follow, and " + in.remaining() + " are left");
        }
        ByteBuffer text = in.slice(in.position(), (int) length);
        in.position(in.position() + (int) length);
        return text;
    }

    private static long number(ByteBuffer in) throws AudioException {
        if (in.remaining() < Integer.BYTES) {
            throw damaged("they end where a length should follow");
        }
        return in.getInt() & 0xffffffffL;
    }

    private static AudioException damaged(String how) {
        return new AudioException(Failure.Code.DAMAGED, "its Vorbis comments are damaged: " + how);
    }

    /** Lists what the comments hold. */
    void list(Contents.Builder into) throws AudioException {
        into.part("the name of its encoder", vendor);
        for (ByteBuffer comment : comments) {
            String name = name(comment);
            if (into.wants(name)) {
                String text = StandardCharsets.UTF_8.decode(comment.duplicate()).toString();
                into.field(name, text.substring(text.indexOf('=') + 1));
            } else {
                into.part("its comment " + name, comment);
            }
        }
    }

    /** In upper case; empty where there is none. */
    private static String name(ByteBuffer comment) {
        String text = StandardCharsets.ISO_8859_1.decode(comment.duplicate()).toString();
        return text.substring(0, Math.max(0, text.indexOf('='))).toUpperCase(Locale.ROOT);
    }

    /** These comments with fields in place of those of the same names. */
    VorbisComments with(Map<String, String> fields) {
        List<ByteBuffer> result = new ArrayList<>(comments);
        result.removeIf(comment -> fields.containsKey(name(comment)));
        fields.forEach(
                (name, value) -> result.add(ByteBuffer.wrap((name + "=" + value).getBytes(StandardCharsets.UTF_8))));
        return new VorbisComments(vendor, result);
    }

    /** The comments as bytes. */
    ByteBuffer toBytes() {
        int length = comments.stream()
                .mapToInt(comment -> Integer.BYTES + comment.remaining())
                .sum();
        ByteBuffer out = ByteBuffer.allocate(2 * Integer.BYTES + vendor.remaining() + length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(vendor.remaining())
                .put(vendor.duplicate())
                .putInt(comments.size());
        comments.forEach(comment -> out.putInt(comment.remaining()).put(comment.duplicate()));
        return out.flip();
    }
}
