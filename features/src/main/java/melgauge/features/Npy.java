package melgauge.features;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import melgauge.data.AtomicFile;
import melgauge.features.Framing.Storage;

/**
 * NumPy's {@code .npy} files, version 1.0: matrices of little-endian {@code <f2} or {@code <f4}, C order. The format is
 * NEP 1 of the NumPy project: a magic, a version, the length of a header, and the header, a Python dictionary padded
 * with blanks so that the numbers start at a multiple of 64 bytes.
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    /** Magic, two bytes of version, two of length. */
    private static final int PREFIX = 10;

    private static final int ALIGNMENT = 64;
    private static final Pattern DICTIONARY = Pattern.compile("\\{\\s*'descr':\\s*'([^']*)',\\s*'fortran_order':\\s*"
            + "(True|False),\\s*'shape':\\s*\\(([^()]*)\\),?\\s*\\}\\s*");
    private static final Pattern SHAPE = Pattern.compile("\\s*(\\d+)\\s*,\\s*(\\d+)\\s*,?\\s*");

    private Npy() {}

    /**
     * What a file says about its numbers.
     *
     * @param storage their format
     * @param rows the first dimension, at least 0
     * @param columns the second dimension, at least 1
     * @param dataOffset the byte at which the numbers start
     */
    public record Header(Storage storage, int rows, int columns, int dataOffset) {
        /** The length of a file with this header, in bytes. */
        public long fileLength() {
            return dataOffset + (long) rows * columns * storage.bytes();
        }
    }

    /**
     * Writes a matrix row by row; how many rows there are need not be known before the end. Half floats are rounded to
     * the nearest. For one thread.
     */
    public static final class Writer implements FrameSink {
        private final FileChannel channel;
        private final Storage storage;
        private final int columns;
        private final ByteBuffer buffer;
        private final short[] halves;
        private final CRC32 crc = new CRC32();
        private int rows;

        /** Begins a file at the position 0 of {@code channel}, which stays open. */
        public Writer(FileChannel channel, Storage storage, int columns) throws IOException {
            this.channel = channel;
            this.storage = storage;
            this.columns = columns;
            this.buffer = ByteBuffer.allocate(Math.max(1 << 16, storage.bytes() * columns))
                    .order(ByteOrder.LITTLE_ENDIAN);
            this.halves = new short[columns];
            channel.position(header(storage, 0, columns).length);
        }

        /** @throws IOException if the channel does, or a finite value is too large for the storage */
        @Override
        public void accept(float[] row) throws IOException {
            if (buffer.remaining() < storage.bytes() * columns) {
                flush();
            }
            if (storage == Storage.FLOAT16) {
                for (int i = 0; i < columns; i++) {
                    halves[i] = half(row[i]);
                }
                buffer.asShortBuffer().put(halves);
            } else {
                buffer.asFloatBuffer().put(row, 0, columns);
            }
            buffer.position(buffer.position() + storage.bytes() * columns);
            rows = Math.addExact(rows, 1);
        }

        private void flush() throws IOException {
            buffer.flip();
            crc.update(buffer.array(), 0, buffer.limit());
            writeAll(buffer);
            buffer.clear();
        }

        /** Completes the file: only now its header is written. */
        public void finish() throws IOException {
            flush();
            channel.position(0);
            writeAll(ByteBuffer.wrap(header(storage, rows, columns)));
        }

        private void writeAll(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        /** Rows so far. */
        public int rows() {
            return rows;
        }

        /** CRC-32 of the numbers, once the file is complete. */
        public long checksum() {
            return crc.getValue();
        }
    }

    /** Writes a spectrogram as {@code [frames, bands]}, atomically; see {@link Writer}. */
    public static void write(Path file, Spectrogram spectrogram, Storage storage) throws IOException {
        try (AtomicFile.Draft draft = AtomicFile.Draft.of(file)) {
            Writer writer = new Writer(draft.channel(), storage, spectrogram.bands());
            spectrogram.forEach(writer);
            writer.finish();
            draft.publish();
        }
    }

    /**
     * Reads and checks the header, and that the file is exactly as long as the header says.
     *
     * @throws IOException with a sentence that starts with the file, if it is missing or anything but a file that
     *     {@link #write} could have written
     */
    public static Header readHeader(Path file) throws IOException {
        Header header;
        try (InputStream in = Files.newInputStream(file)) {
            header = readHeader(in, file);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " does not exist", e);
        } catch (EOFException e) {
            throw new IOException(file + " ends within its header", e);
        }
        long length = Files.size(file);
        if (length != header.fileLength()) {
            throw new IOException(
                    file + " is " + length + " bytes long, but its header asks for " + header.fileLength());
        }
        return header;
    }

    /** Reads a whole file. See {@link #readHeader} for what it throws. */
    public static Spectrogram read(Path file) throws IOException {
        Header header = readHeader(file);
        if ((long) header.rows() * header.columns() > Integer.MAX_VALUE - 8) {
            throw new IOException(file + " has the shape (" + header.rows() + ", " + header.columns()
                    + "), which is no spectrogram in memory");
        }
        float[] values = new float[header.rows() * header.columns()];
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(header.dataOffset());
            byte[] bytes = new byte[1 << 14];
            ByteBuffer chunk = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < values.length; ) {
                long left = (long) (values.length - i) * header.storage().bytes();
                int count = in.readNBytes(bytes, 0, (int) Math.min(bytes.length, left));
                if (count % header.storage().bytes() != 0 || count == 0) {
                    throw new IOException(file + " was cut while it was read");
                }
                for (chunk.position(0).limit(count); chunk.hasRemaining(); i++) {
                    values[i] = header.storage() == Storage.FLOAT16 ? Half.toFloat(chunk.getShort()) : chunk.getFloat();
                }
            }
        }
        return new Spectrogram(values, header.rows(), header.columns());
    }

    /**
     * CRC-32 of the numbers in a file: of all that follows its header.
     *
     * @throws IOException naming the file, if it ends before the last of them
     */
    public static long checksum(Path file, Header header) throws IOException {
        CRC32 crc = new CRC32();
        byte[] bytes = new byte[1 << 16];
        long left = header.fileLength() - header.dataOffset();
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(header.dataOffset());
            while (left > 0) {
                int count = in.readNBytes(bytes, 0, (int) Math.min(bytes.length, left));
                if (count == 0) {
                    throw new IOException(file + " was cut while it was read");
                }
                crc.update(bytes, 0, count);
                left -= count;
            }
        }
        return crc.getValue();
    }

    private static short half(float value) throws IOException {
        short half = Half.fromFloat(value);
        if ((half & 0x7c00) == 0x7c00 && Float.isFinite(value)) {
            throw new IOException("the value " + value + " must be at most " + Half.MAX_VALUE
                    + " to be stored as float16; set storage to float32 or compression to log10");
        }
        return half;
    }

    /** Of one length whatever the numbers in it: 128 bytes. */
    private static byte[] header(Storage storage, int rows, int columns) {
        String dictionary = "{'descr': '" + storage.descr() + "', 'fortran_order': False, 'shape': (" + rows + ", "
                + columns + "), }";
        int length = (PREFIX + dictionary.length() + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
        return ByteBuffer.allocate(length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) (length - PREFIX))
                .put((dictionary + " ".repeat(length - PREFIX - dictionary.length() - 1) + "\n")
                        .getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    private static Header readHeader(InputStream in, Path file) throws IOException {
        byte[] prefix = readFully(in, PREFIX);
        for (int i = 0; i < MAGIC.length; i++) {
            if (prefix[i] != MAGIC[i]) {
                throw new IOException(file + " is not a .npy file: it does not start with \\x93NUMPY");
            }
        }
        if (prefix[6] != 1 || prefix[7] != 0) {
            throw new IOException(file + " is a .npy file of version " + prefix[6] + "." + prefix[7]
                    + ", only 1.0 is read; save it with numpy.lib.format.write_array(…, version=(1, 0))");
        }
        int length = Short.toUnsignedInt(
                ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getShort(8));
        String text = new String(readFully(in, length), StandardCharsets.ISO_8859_1);
        Matcher dictionary = DICTIONARY.matcher(text);
        if (!dictionary.matches()) {
            throw new IOException(file + " has a header that is not NumPy's: " + text.strip());
        }
        Storage storage = storage(dictionary.group(1), file);
        if (dictionary.group(2).equals("True")) {
            throw new IOException(file + " is stored column by column (fortran_order: True); save it with"
                    + " numpy.ascontiguousarray");
        }
        Matcher shape = SHAPE.matcher(dictionary.group(3));
        if (!shape.matches()) {
            throw new IOException(
                    file + " has the shape (" + dictionary.group(3) + "); it must have 2 dimensions, [frames, bands]");
        }
        int bands = dimension(shape.group(2), file);
        if (bands < 1) {
            throw new IOException(file + " has 0 bands; it must have at least 1");
        }
        return new Header(storage, dimension(shape.group(1), file), bands, PREFIX + length);
    }

    private static Storage storage(String descr, Path file) throws IOException {
        return switch (descr) {
            case "<f2" -> Storage.FLOAT16;
            case "<f4" -> Storage.FLOAT32;
            default ->
                throw new IOException(
                        file + " holds numbers of type '" + descr + "', only '<f2' and '<f4' are read; save it as one");
        };
    }

    private static int dimension(String digits, Path file) throws IOException {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            throw new IOException(file + " has a dimension of " + digits + ", the limit is " + Integer.MAX_VALUE, e);
        }
    }

    private static byte[] readFully(InputStream in, int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException();
        }
        return bytes;
    }
}
