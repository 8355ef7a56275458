package melgauge.data;

import java.nio.file.Path;
import melgauge.data.ffmpeg.FfmpegDecoder;

/** Turns an audio file into mono samples. Implementations are safe for use by several threads. */
public interface Decoder {
    /**
     * Decodes a whole file to mono at the given rate. Channels are mixed with equal weights (their mean).
     *
     * @param file an audio file
     * @param sampleRate of the result, in Hz
     * @throws AudioException if the file is missing, unreadable, not audio, or holds no samples; damage behind which
     *     there is still audio is a {@linkplain Decoded#warning() warning} instead
     */
    Decoded decode(Path file, int sampleRate) throws AudioException;

    /** The decoder that the application uses: FFmpeg, in process. */
    static Decoder standard() {
        return new FfmpegDecoder();
    }
}
