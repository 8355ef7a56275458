package melgauge.pipeline.inputs;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import melgauge.data.Failure;
import melgauge.data.UsageException;

/** The bytes of a list, without a byte order mark. A list that cannot be read is the user's business, and named. */
final class ListContent extends FilterInputStream {
    private static final byte[] UTF_8_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final String list;

    private ListContent(String list, InputStream in) {
        super(in);
        this.list = list;
    }

    /**
     * Opens a list.
     *
     * @throws UsageException if it cannot be read, or is in UTF-16
     */
    static ListContent open(Path list) throws IOException {
        InputStream file;
        try {
            file = Files.newInputStream(list);
        } catch (IOException e) {
            throw unusable(list.toString(), Failure.of(e).reason());
        }
        ListContent content = new ListContent(list.toString(), new BufferedInputStream(file));
        try {
            content.skipMark();
        } catch (IOException | RuntimeException e) {
            content.close();
            throw e;
        }
        return content;
    }

    /**
     * A list on standard input.
     *
     * @param raw whether it is from a program that writes no mark, so that what looks like one belongs to a name
     */
    static ListContent standardInput(InputStream in, boolean raw) throws IOException {
        ListContent content = new ListContent("standard input", new BufferedInputStream(in));
        if (!raw) {
            content.skipMark();
        }
        return content;
    }

    private void skipMark() throws IOException {
        in.mark(4);
        byte[] start = readNBytes(4);
        in.reset();
        if (Arrays.equals(start, 0, Math.min(start.length, UTF_8_MARK.length), UTF_8_MARK, 0, UTF_8_MARK.length)) {
            in.skipNBytes(UTF_8_MARK.length);
        } else if (start.length == 4
                && (start[0] & 0xFF) + (start[1] & 0xFF) == 0xFE + 0xFF
                && (start[2] == 0 || start[3] == 0)) {
            throw unusable(list, "it is in UTF-16; save it in UTF-8");
        }
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
