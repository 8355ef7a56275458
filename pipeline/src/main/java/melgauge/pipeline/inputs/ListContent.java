package melgauge.pipeline.inputs;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import melgauge.data.Failure;
import melgauge.data.UsageException;
import melgauge.data.table.UnicodeText;

/**
 * The bytes of a list, without a byte order mark, and in UTF-8 if they are UTF-16. A list that cannot be read is the
 * user's business, and named.
 */
final class ListContent extends FilterInputStream {
    private final String list;
    private final String encoding;

    private ListContent(String list, InputStream in, String encoding) {
        super(in);
        this.list = list;
        this.encoding = encoding;
    }

    /**
     * Opens a list.
     *
     * @throws UsageException if it cannot be read
     */
    static ListContent open(Path list) throws IOException {
        InputStream file;
        try {
            file = Files.newInputStream(list);
        } catch (IOException e) {
            throw unusable(list.toString(), Failure.of(e).reason());
        }
        try {
            return of(list.toString(), file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * A list on standard input.
     *
     * @param raw whether it is from a program that writes no mark, so that what looks like one belongs to a name
     */
    static ListContent standardInput(InputStream in, boolean raw) throws IOException {
        String name = "standard input";
        return raw ? new ListContent(name, new BufferedInputStream(in), "") : of(name, in);
    }

    private static ListContent of(String list, InputStream in) throws IOException {
        try {
            UnicodeText text = UnicodeText.of(in);
            return new ListContent(list, text.bytes(), text.encoding());
        } catch (CharacterCodingException e) {
            throw unusable(list, "it begins like a text in UTF-16, but is none; save it in UTF-8");
        } catch (IOException e) {
            throw unusable(list, Failure.of(e).reason());
        }
    }

    /** {@link UnicodeText#encoding}. */
    String encoding() {
        return encoding;
    }

    @Override
    public int read() {
        try {
            return in.read();
        } catch (IOException e) {
            throw unusable(list, Failure.of(e).reason());
        }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        try {
            return in.read(bytes, offset, length);
        } catch (IOException e) {
            throw unusable(list, Failure.of(e).reason());
        }
    }

    static UsageException unusable(String list, String reason) {
        return new UsageException(list + " cannot be used as a list of tracks: " + reason);
    }
}
