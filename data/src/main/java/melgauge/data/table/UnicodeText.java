package melgauge.data.table;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of a text without its byte order mark, in UTF-8 if the mark announces UTF-16.
 *
 * @param bytes what is left to read
 * @param encoding {@code UTF-16} or {@code a byte order mark} if the text had one, for a sentence; else empty
 */
public record UnicodeText(InputStream bytes, String encoding) {
    private static final byte[] UTF_8_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    /**
     * Looks at the first bytes. A text in UTF-16 is held in memory as a whole.
     *
     * @throws CharacterCodingException if a text that begins as UTF-16 is not UTF-16
     */
    public static UnicodeText of(InputStream in) throws IOException {
        BufferedInputStream bytes = new BufferedInputStream(in);
        bytes.mark(4);
        byte[] start = bytes.readNBytes(4);
        bytes.reset();
        if (Arrays.equals(start, 0, Math.min(start.length, UTF_8_MARK.length), UTF_8_MARK, 0, UTF_8_MARK.length)) {
            bytes.skipNBytes(UTF_8_MARK.length);
            return new UnicodeText(bytes, "a byte order mark");
        }
        // The names in a list may be any bytes, so the mark alone says too little. One of its first two characters is
        // ASCII.
        boolean wide = start.length == 4
                && (start[0] & 0xFF) + (start[1] & 0xFF) == 0xFE + 0xFF
                && (start[2] == 0 || start[3] == 0);
        if (!wide) {
            return new UnicodeText(bytes, "");
        }
        bytes.skipNBytes(2);
        Charset charset = (start[0] & 0xFF) == 0xFF ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
        CharBuffer text = charset.newDecoder().decode(ByteBuffer.wrap(bytes.readAllBytes()));
        return new UnicodeText(new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)), "UTF-16");
    }
}
