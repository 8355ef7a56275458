package melgauge.data;

import java.nio.file.Path;
import melgauge.data.ffmpeg.FfmpegDecoder;

/** Turns an audio file into mono samples. Implementations are safe for use by several threads. */
public interface Decoder {
    /**
     * Opens an audio file for reading as mono at the given rate.
     *
     * @param file an audio file
     * @param sampleRate of the result, in Hz
     * @param downmix how channels become one
     * @param excerpt the part to decode; what follows it is not read
     * @throws AudioException if the file is missing, unreadable, not audio, or holds no samples in the excerpt; damage
     *     behind which there is still audio is a {@linkplain SourceInfo#warning() warning} instead
     */
    AudioStream open(Path file, int sampleRate, Downmix downmix, Excerpt excerpt) throws AudioException;

    /** Opens an audio file for reading the mean of its channels. */
    default AudioStream open(Path file, int sampleRate, Excerpt excerpt) throws AudioException {
        return open(file, sampleRate, Downmix.MEAN, excerpt);
    }

    /** Decodes a whole file into memory. */
    default Decoded decode(Path file, int sampleRate) throws AudioException {
        return decode(file, sampleRate, Excerpt.WHOLE);
    }

    /** Decodes a part of a file into memory. */
    default Decoded decode(Path file, int sampleRate, Excerpt excerpt) throws AudioException {
        try (AudioStream stream = open(file, sampleRate, excerpt)) {
            Audio audio = stream.readAll();
            return new Decoded(audio, stream.info());
        }
    }

    /** The decoder that the application uses: FFmpeg, in process. */
    static Decoder standard() {
        return new FfmpegDecoder();
    }
}
