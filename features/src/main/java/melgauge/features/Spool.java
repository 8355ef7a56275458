package melgauge.features;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import melgauge.data.TemporaryFolder;

/**
 * Keeps the frames of a track until its end, for what can be computed only when all of it is known. They wait in a file
 * of the process's temporary folder, which has no name any more once it is closed, so that memory does not grow with the
 * track. For one thread.
 */
final class Spool implements FrameSink, AutoCloseable {
    private final int bands;
    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer buffer;

    Spool(int bands) {
        this.bands = bands;
        this.buffer = ByteBuffer.allocateDirect(Math.max(1 << 16, Float.BYTES * bands))
                .order(ByteOrder.nativeOrder());
        try {
            file = Files.createTempFile(TemporaryFolder.ofProcess(), "", ".frames");
            channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep frames: " + e.getMessage(), e);
        }
    }

    @Override
    public void accept(float[] frame) throws IOException {
        if (buffer.remaining() < Float.BYTES * bands) {
            flush();
        }
        buffer.asFloatBuffer().put(frame, 0, bands);
        buffer.position(buffer.position() + Float.BYTES * bands);
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    /** Hands all frames on, in order, once nothing more is added. */
    void replay(FrameSink sink) throws IOException {
        flush();
        channel.position(0);
        float[] frame = new float[bands];
        buffer.limit(0);
        while (true) {
            if (buffer.remaining() < Float.BYTES * bands) {
                buffer.compact();
                int read = channel.read(buffer);
                buffer.flip();
                if (read < 0) {
                    return;
                }
                continue;
            }
            buffer.asFloatBuffer().get(frame);
            buffer.position(buffer.position() + Float.BYTES * bands);
            sink.accept(frame);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + file, e);
        }
    }
}
