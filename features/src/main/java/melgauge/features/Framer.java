package melgauge.features;

import java.io.IOException;
import java.util.Arrays;
import melgauge.features.Framing.PadMode;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a signal that arrives in pieces into overlapping frames, with the padding that centred frames need. It holds one
 * frame, or one block of frames, and a little more, whatever the signal's length, and allocates nothing on the way.
 */
final class Framer implements Extraction {
    private static final int PIECE = 1 << 13;

    private final int frameLength;
    private final int hopLength;
    private final boolean mirrored;
    private final FrameConsumer consumer;
    private final @Nullable Block block;
    /** Samples of padding at either end. */
    private final int pad;

    /** A window on the padded signal: {@code filled} values, of which the first has the index {@code base}. */
    private final float[] buffer;

    private long base;
    private int filled;
    /** Index in the padded signal at which the next frame begins. */
    private long next;

    private long received;
    /** Whether the padding in front is there; a mirrored one waits for the samples that it repeats. */
    private boolean started;

    /** Takes a frame: {@code frameLength} samples of an array, from {@code start} on, valid during the call. */
    @FunctionalInterface
    interface FrameConsumer {
        void accept(float[] samples, int start) throws IOException;
    }

    /**
     * Takes several frames at once.
     *
     * @param frames how many, {@code hopLength} apart
     * @param consumer gets the samples from the beginning of the first to the end of the last
     */
    record Block(int frames, FrameConsumer consumer) {}

    /**
     * @param center whether frame {@code t} is centred on sample {@code t·hopLength} or begins there
     * @param padMode what stands beyond the ends of a signal with centred frames
     */
    Framer(int frameLength, int hopLength, boolean center, PadMode padMode, FrameConsumer consumer) {
        this(frameLength, hopLength, center, padMode, consumer, null);
    }

    /** As above; a block, where there is one, takes the frames as long as there are enough, and the consumer the rest. */
    Framer(
            int frameLength,
            int hopLength,
            boolean center,
            PadMode padMode,
            FrameConsumer consumer,
            @Nullable Block block) {
        this.frameLength = frameLength;
        this.hopLength = hopLength;
        this.mirrored = center && padMode == PadMode.REFLECT;
        this.consumer = consumer;
        this.block = block;
        this.pad = center ? frameLength / 2 : 0;
        int ahead = block == null ? 0 : (block.frames() - 1) * hopLength;
        this.buffer = new float[2 * frameLength + ahead + 2 + PIECE];
        this.filled = pad;
        this.started = !mirrored;
    }

    @Override
    public void add(float[] samples, int offset, int count) throws IOException {
        for (int done = 0; done < count; ) {
            int piece = Math.min(PIECE, count - done);
            makeRoom(piece);
            System.arraycopy(samples, offset + done, buffer, filled, piece);
            filled += piece;
            received += piece;
            done += piece;
            if (!started && received > pad) {
                for (int i = 1; i <= pad; i++) {
                    buffer[pad - i] = buffer[pad + i];
                }
                started = true;
            }
            emit(false);
        }
    }

    /** Drops what neither a frame nor the mirrored end needs any more. */
    private void makeRoom(int count) {
        if (filled + count <= buffer.length) {
            return;
        }
        int unneeded = (int) Math.min(next - base, (long) filled - (pad + 1));
        if (unneeded > 0) {
            System.arraycopy(buffer, unneeded, buffer, 0, filled - unneeded);
            filled -= unneeded;
            base += unneeded;
        }
    }

    private void emit(boolean ended) throws IOException {
        if (!started) {
            return;
        }
        if (block != null) {
            long length = (block.frames() - 1L) * hopLength + frameLength;
            for (; next + length <= base + filled; next += (long) block.frames() * hopLength) {
                block.consumer().accept(buffer, (int) (next - base));
            }
            if (!ended) {
                return; // so that which frames make a block does not depend on the pieces in which samples come
            }
        }
        for (; next + frameLength <= base + filled; next += hopLength) {
            consumer.accept(buffer, (int) (next - base));
        }
    }

    @Override
    public void finish() throws IOException {
        if (received == 0) {
            return;
        }
        if (!started) {
            finishShort();
            return;
        }
        makeRoom(pad);
        for (int i = 0; i < pad; i++) {
            buffer[filled + i] = mirrored ? buffer[filled - 2 - i] : 0f;
        }
        filled += pad;
        emit(true);
    }

    /** A signal that is shorter than its padding is mirrored back and forth, as NumPy does. */
    private void finishShort() throws IOException {
        int length = (int) received;
        float[] signal = Arrays.copyOfRange(buffer, pad, pad + length);
        float[] padded = new float[length + 2 * pad];
        for (int i = 0; i < padded.length; i++) {
            if (length == 1) {
                padded[i] = signal[0];
            } else {
                int period = 2 * (length - 1);
                int phase = Math.floorMod(i - pad, period);
                padded[i] = signal[Math.min(phase, period - phase)];
            }
        }
        for (; next + frameLength <= padded.length; next += hopLength) {
            consumer.accept(padded, (int) next);
        }
    }
}
