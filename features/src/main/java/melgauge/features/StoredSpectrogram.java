package melgauge.features;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Objects;
import melgauge.features.Framing.Storage;

/**
 * A spectrogram in a file that is read piece by piece: for one pass over many tracks, of which nothing should stay in
 * memory. {@link CachedSpectrogram} is for reading here and there, again and again. For one thread; to be closed.
 */
public final class StoredSpectrogram implements FrameSource, AutoCloseable {
    private final Path file;
    private final Npy.Header header;
    private final FileChannel channel;
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    StoredSpectrogram(Path file, Npy.Header header) throws IOException {
        this.file = file;
        this.header = header;
        this.channel = FileChannel.open(file);
    }

    @Override
    public int frames() {
        return header.rows();
    }

    @Override
    public int bands() {
        return header.columns();
    }

    /** @throws UncheckedIOException naming the file, if it can no longer be read */
    @Override
    public void read(int firstFrame, int count, float[] into, int offset) {
        Objects.checkFromIndexSize(firstFrame, count, frames());
        int total = count * bands();
        Objects.checkFromIndexSize(offset, total, into.length);
        int bytes = header.storage().bytes();
        if (buffer.capacity() < total * bytes) {
            buffer = ByteBuffer.allocate(total * bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
        buffer.clear().limit(total * bytes);
        try {
            long position = header.dataOffset() + (long) firstFrame * bands() * bytes;
            while (buffer.hasRemaining()) {
                int read = channel.read(buffer, position + buffer.position());
                if (read < 0) {
                    throw new EOFException(file + " was cut while it was read");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(String.valueOf(e.getMessage()), e);
        }
        buffer.flip();
        if (header.storage() == Storage.FLOAT16) {
            Half.toFloats(buffer.asShortBuffer(), 0, total, into, offset);
        } else {
            buffer.asFloatBuffer().get(into, offset, total);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
