package melgauge.data;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The names of files as the bytes that they are. To Linux a name is any bytes but {@code /} and NUL; Java's strings lose
 * those that the locale's encoding cannot express, in the C locale all but ASCII. A {@link Path} keeps them, and lets
 * them in and out unchanged only as a {@code file:} URI, whose percent signs stand for bytes.
 */
public final class PathBytes {
    private static final String ROOT = "file:///";
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private PathBytes() {}

    /** The bytes of a path, relative or absolute as it is. */
    public static byte[] of(Path path) {
        String text = path.toString();
        // The usual case, and it spares the look-up that toUri makes.
        if (text.chars().allMatch(c -> c < 0x80)) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }
        byte[] bytes = absolute(path);
        return path.isAbsolute() ? bytes : withoutParent(bytes, absolute(Path.of("")));
    }

    /**
     * The path with these bytes, relative or absolute as they are.
     *
     * @throws InvalidPathException if they hold a NUL
     */
    public static Path path(byte[] bytes) {
        if (isPlain(bytes)) {
            return Path.of(new String(bytes, StandardCharsets.US_ASCII));
        }
        StringBuilder uri = new StringBuilder(ROOT);
        for (byte b : bytes) {
            if (b == 0) {
                throw new InvalidPathException(shown(bytes), "a name cannot hold a NUL byte");
            }
            if (b == '/') {
                uri.append('/');
            } else {
                HEX.toHexDigits(uri.append('%'), b);
            }
        }
        Path path = Path.of(URI.create(uri.toString()));
        if (bytes.length > 0 && bytes[0] == '/') {
            return path;
        }
        // Not relativize, which would resolve the names .. and so change what a path through links means.
        return path.getNameCount() == 0 ? Path.of("") : path.subpath(0, path.getNameCount());
    }

    /** The usual case, which every locale can express. */
    private static boolean isPlain(byte[] bytes) {
        for (byte b : bytes) {
            if (b <= 0) {
                return false;
            }
        }
        return true;
    }

    /** A path as text for outputs: {@link #shown(byte[])} of its bytes. */
    public static String shown(Path path) {
        return shown(of(path));
    }

    /** The bytes of a name as text for outputs: as UTF-8, with {@code \xFF} for each byte that is none. */
    public static String shown(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        StringBuilder text = new StringBuilder(bytes.length);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            text.append(out.flip());
            out.clear();
            if (!result.isError()) {
                return text.toString();
            }
            for (int i = 0; i < result.length(); i++) {
                HEX.toHexDigits(text.append("\\x"), in.get());
            }
        }
    }

    private static byte[] absolute(Path path) {
        String uri = path.toAbsolutePath().toUri().getRawPath();
        byte[] bytes = new byte[uri.length()];
        int length = 0;
        for (int i = 0; i < uri.length(); i++) {
            char c = uri.charAt(i);
            if (c == '%') {
                bytes[length++] = (byte) Integer.parseInt(uri, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[length++] = (byte) c;
            }
        }
        // What a URI of a folder ends with.
        boolean slash = length > 1 && bytes[length - 1] == '/';
        return Arrays.copyOf(bytes, slash ? length - 1 : length);
    }

    private static byte[] withoutParent(byte[] path, byte[] parent) {
        int slash = parent[parent.length - 1] == '/' ? 0 : 1;
        return Arrays.copyOfRange(path, Math.min(path.length, parent.length + slash), path.length);
    }
}
