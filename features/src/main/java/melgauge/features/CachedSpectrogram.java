package melgauge.features;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.MappedByteBuffer;
import java.util.Objects;
import melgauge.features.Framing.Storage;

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
            Half.toFloats(data.asShortBuffer(), first, total, into, offset);
        } else {
            FloatBuffer floats = data.asFloatBuffer();
            floats.get(first, into, offset, total);
        }
    }
}
