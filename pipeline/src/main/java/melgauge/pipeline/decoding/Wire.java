package melgauge.pipeline.decoding;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import melgauge.data.Audit;
import melgauge.data.Failure;
import melgauge.data.SourceInfo;
import melgauge.features.FrameSink;

/**
 * What a process and its worker say to each other. To the worker: its settings, once, as JSON; then one file after the
 * other. From the worker: that it is ready; then for each file any number of frames and signs of progress, and one end, good
 * or bad. Both ends are the same program, so that nothing is versioned.
 */
final class Wire {
    /** Words from the worker. */
    enum Word {
        READY('R'),
        FRAMES('F'),
        PROGRESS('P'),
        DONE('D'),
        FAILED('E');

        private final char letter;

        Word(char letter) {
            this.letter = letter;
        }
    }

    private static final int MOST_TEXT = 1 << 20;

    private Wire() {}

    static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static String readText(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MOST_TEXT) {
            throw new IOException("a text of " + length + " bytes");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    /** As a URI, which keeps the bytes of names that are no text. */
    static void writePath(DataOutputStream out, Path file) throws IOException {
        writeText(out, file.toAbsolutePath().toUri().getRawPath());
    }

    static Path readPath(DataInputStream in) throws IOException {
        return Path.of(URI.create("file://" + readText(in)));
    }

    static void writeWord(DataOutputStream out, Word word) throws IOException {
        out.writeByte(word.letter);
    }

    static Word readWord(DataInputStream in) throws IOException {
        int letter = in.readUnsignedByte();
        for (Word word : Word.values()) {
            if (word.letter == letter) {
                return word;
            }
        }
        throw new IOException("no word begins with " + letter);
    }

    static void writeReading(DataOutputStream out, Reading reading) throws IOException {
        Audit.Sums sums = reading.audit().sums();
        out.writeLong(sums.samples());
        out.writeDouble(sums.sum());
        out.writeDouble(sums.energy());
        out.writeFloat(sums.peak());
        SourceInfo source = reading.source();
        writeText(out, source.codec());
        out.writeInt(source.sampleRate());
        out.writeInt(source.channels());
        out.writeLong(source.samples());
        out.writeDouble(source.declaredSeconds());
        out.writeDouble(source.peak());
        out.writeDouble(source.clippedShare());
        out.writeDouble(source.mixRatio());
        writeText(out, source.warning());
    }

    static Reading readReading(DataInputStream in, int sampleRate) throws IOException {
        Audit audit = new Audit(new Audit.Sums(in.readLong(), in.readDouble(), in.readDouble(), in.readFloat()));
        SourceInfo source = new SourceInfo(
                readText(in),
                in.readInt(),
                in.readInt(),
                in.readLong(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                readText(in));
        return new Reading(audit, source, sampleRate);
    }

    static void writeFailure(DataOutputStream out, Failure failure) throws IOException {
        writeText(out, failure.code().name());
        writeText(out, failure.reason());
    }

    static Failure readFailure(DataInputStream in) throws IOException {
        return new Failure(Failure.Code.valueOf(readText(in)), readText(in));
    }

    /** Gathers frames and sends them a block at a time. */
    static final class FrameWriter implements FrameSink {
        private static final int BLOCK = 64;

        private final DataOutputStream out;
        private final int bands;
        private final ByteBuffer block;
        private int frames;

        FrameWriter(DataOutputStream out, int bands) {
            this.out = out;
            this.bands = bands;
            this.block = ByteBuffer.allocate(BLOCK * bands * Float.BYTES).order(ByteOrder.nativeOrder());
        }

        @Override
        public void accept(float[] frame) throws IOException {
            block.asFloatBuffer().put(frame, 0, bands);
            block.position(block.position() + bands * Float.BYTES);
            if (++frames == BLOCK) {
                send();
            }
        }

        void send() throws IOException {
            if (frames > 0) {
                writeWord(out, Word.FRAMES);
                out.writeInt(frames);
                out.write(block.array(), 0, block.position());
                forget();
            }
        }

        /** Drops what was not sent: the file that it belongs to has failed. */
        void forget() {
            frames = 0;
            block.clear();
        }
    }

    /** Takes blocks of frames and hands them on one by one. */
    static final class FrameReader {
        private final DataInputStream in;
        private final ByteBuffer block;
        private final float[] frame;

        FrameReader(DataInputStream in, int bands) {
            this.in = in;
            this.frame = new float[bands];
            this.block =
                    ByteBuffer.allocate(FrameWriter.BLOCK * bands * Float.BYTES).order(ByteOrder.nativeOrder());
        }

        /** Reads one block, of which nothing is handed on yet. */
        int receive() throws IOException {
            int frames = in.readInt();
            if (frames < 1 || frames > FrameWriter.BLOCK) {
                throw new IOException("a block of " + frames + " frames");
            }
            in.readFully(block.array(), 0, frames * frame.length * Float.BYTES);
            return frames;
        }

        void handOn(int frames, FrameSink sink) throws IOException {
            for (int i = 0; i < frames; i++) {
                block.position(i * frame.length * Float.BYTES);
                block.asFloatBuffer().get(frame);
                sink.accept(frame);
            }
            block.clear();
        }
    }
}
