package melgauge.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleUnaryOperator;

/** Writes WAV files for tests, by the format's definition. */
public final class Wav {
    private Wav() {}

    /** A sine of the given frequency and amplitude over time in seconds. */
    public static DoubleUnaryOperator sine(double hertz, double amplitude) {
        return seconds -> amplitude * Math.sin(2 * Math.PI * hertz * seconds);
    }

    /**
     * Writes PCM, one function of time per channel.
     *
     * @param bits 8, 16, 24, or 32 for float
     */
    public static Path write(Path file, int sampleRate, int bits, double seconds, DoubleUnaryOperator... channels)
            throws IOException {
        int frames = (int) Math.round(seconds * sampleRate);
        int frameBytes = channels.length * bits / 8;
        ByteBuffer wav = ByteBuffer.allocate(44 + frames * frameBytes).order(ByteOrder.LITTLE_ENDIAN);
        wav.put(ascii("RIFF"))
                .putInt(36 + frames * frameBytes)
                .put(ascii("WAVEfmt "))
                .putInt(16);
        wav.putShort((short) (bits == 32 ? 3 : 1))
                .putShort((short) channels.length)
                .putInt(sampleRate);
        wav.putInt(sampleRate * frameBytes).putShort((short) frameBytes).putShort((short) bits);
        wav.put(ascii("data")).putInt(frames * frameBytes);
        for (int i = 0; i < frames; i++) {
            for (DoubleUnaryOperator channel : channels) {
                double x = channel.applyAsDouble(i / (double) sampleRate);
                switch (bits) {
                    case 8 -> wav.put((byte) (128 + Math.rint(x * 127)));
                    case 16 -> wav.putShort((short) Math.rint(x * 32767));
                    case 24 -> {
                        int value = (int) Math.rint(x * 8388607);
                        wav.put((byte) value).put((byte) (value >> 8)).put((byte) (value >> 16));
                    }
                    case 32 -> wav.putFloat((float) x);
                    default -> throw new IllegalArgumentException(bits + " bits");
                }
            }
        }
        return Files.write(file, wav.array());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
