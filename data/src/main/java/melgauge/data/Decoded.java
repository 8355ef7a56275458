package melgauge.data;

/**
 * What a decoder made of a file.
 *
 * @param audio mono, at the rate that was asked for
 * @param codec the codec's short name, such as {@code mp3} or {@code vorbis}
 * @param sampleRate the file's own rate in Hz
 * @param channels the file's own channel count
 * @param declaredSeconds the duration that the container claims; NaN where it claims none
 * @param warning what was wrong with the file although it could be decoded, as a sentence; empty if nothing
 */
public record Decoded(
        Audio audio, String codec, int sampleRate, int channels, double declaredSeconds, String warning) {}
