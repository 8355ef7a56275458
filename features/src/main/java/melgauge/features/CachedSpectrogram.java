package melgauge.features;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.MappedByteBuffer;
import java.nio.ShortBuffer;
import java.util.Objects;
import melgauge.features.MelSpec.Storage;

/**
 * A spectrogram in a memory-mapped file: opening it costs a header, reading it the pages touched, which the operating
 * system keeps or drops as it has room. Any number of threads can read at once.
 *
 * <p>There is nothing to close: the mapping is released when the object is collected. Linux allows a process 65,530
 * mappings by default: hold the entries of a huge corpus only while they are read. It stays valid if the file is
 * replaced or deleted meanwhile. A file that somebody shortens in place makes reads fail with {@link InternalError}; the
 * cache never does that.
 */
public final class CachedSpectrogram implements FrameSource {
    private static final int CHUNK = 4096;

    private final Npy.Header header;
    private final ByteBuffer data;

    CachedSpectrogram(Npy.Header header, MappedByteBuffer file) {
        this.header = header;
        this.data = file.slice(header.dataOffset(), file.capacity() - header.dataOffset())
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public int frames() {
        return header.rows();
    }

    @Override
    public int bands() {
        return header.columns();
    }

    @Override
    public void read(int firstFrame, int count, float[] into, int offset) {
        Objects.checkFromIndexSize(firstFrame, count, frames());
        int first = firstFrame * bands();
        int total = count * bands();
        Objects.checkFromIndexSize(offset, total, into.length);
        if (header.storage() == Storage.FLOAT16) {
            decode(data.asShortBuffer(), first, total, into, offset);
        } else {
            FloatBuffer floats = data.asFloatBuffer();
            floats.get(first, into, offset, total);
        }
    }

    private static void decode(ShortBuffer halves, int first, int total, float[] into, int offset) {
        short[] chunk = new short[Math.min(CHUNK, total)];
        for (int done = 0; done < total; done += chunk.length) {
            int count = Math.min(chunk.length, total - done);
            halves.get(first + done, chunk, 0, count);
            for (int i = 0; i < count; i++) {
                into[offset + done + i] = Half.toFloat(chunk[i]);
            }
        }
    }
}
